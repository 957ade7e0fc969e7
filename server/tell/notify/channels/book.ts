import type { Doer } from '../../../access/port.ts'
import type { SettingsChange } from '../../../command/port.ts'
import type { SettingRow, StoredSetting } from '../../../store/port.ts'
import { DeliveryFailed } from '../port.ts'
import {
  type ChannelRecord,
  channelRow,
  type Deliveries,
  deliveriesRow,
  noDeliveries,
  readChannel,
  readDeliveries,
  rowKinds,
} from './rows.ts'

export interface BookParts {
  initial: readonly StoredSetting[]
  clock: { now(): number }
  /** Makes a change durable with its entry in the audit. */
  record(change: SettingsChange): Promise<void>
  /** Makes rows durable without one: what became of messages is no deed. */
  keep(change: { put: readonly SettingRow[] }): Promise<void>
}

/** What is written, and what the audit says of it. */
export interface Planned<T> {
  action: string
  subject: string
  detail?: Record<string, unknown>
  put?: ChannelRecord
  remove?: string
  /** Nothing is to be done after all, and nothing is said of it. */
  idle?: boolean
  result: T
}

/** All shared channels, in memory, and what became of what was sent to them. */
export interface ChannelBook {
  all(): ChannelRecord[]
  get(id: string): ChannelRecord | undefined
  deliveries(id: string): Deliveries
  /** Changes are made one after another; only what is durable is seen. */
  change<T>(who: Doer, plan: () => Planned<T>): Promise<T>
  delivered(id: string, tookMs: number): Promise<void>
  /** Rule W5: a channel that says it is gone is paused, durably and in the audit, and says so wherever it is shown. */
  failed(id: string, failure: DeliveryFailed): Promise<void>
  /** Writes what became of messages since the last time. */
  flush(): Promise<void>
}

const doer: Doer = { by: 'system:notify', address: null }

/** @throws UxbridgeError `store-corrupt` that names a row that cannot be read */
export function makeChannelBook({ initial, clock, record, keep }: BookParts): ChannelBook {
  const channels = new Map<string, ChannelRecord>()
  const deliveries = new Map<string, Deliveries>()
  const unwritten = new Set<string>()
  for (const row of initial) {
    if (row.kind === rowKinds.channel) channels.set(row.id, readChannel(row))
    if (row.kind === rowKinds.deliveries) deliveries.set(row.id, readDeliveries(row))
  }
  let last: Promise<unknown> = Promise.resolve()

  function change<T>(who: Doer, plan: () => Planned<T>): Promise<T> {
    const answer = last.then(async () => {
      const { action, subject, detail, put, remove, idle = false, result } = plan()
      if (idle) return result
      const outcome = 'done' as const
      await record({
        ...{ by: who.by, address: who.address, action, subject, outcome },
        ...(detail === undefined ? {} : { detail }),
        put: put === undefined ? [] : [channelRow(put)],
        remove: remove === undefined ? [] : Object.values(rowKinds).map((kind) => ({ kind, id: remove })),
      })
      if (put !== undefined) {
        // What is told of a channel is not told of a later one with its id.
        if (!channels.has(put.id)) deliveries.delete(put.id)
        channels.set(put.id, put)
      }
      if (remove !== undefined) {
        channels.delete(remove)
        deliveries.delete(remove)
        unwritten.delete(remove)
      }
      return result
    })
    last = answer.catch(() => undefined)
    return answer
  }

  function note(id: string, next: Partial<Deliveries>): void {
    if (!channels.has(id)) return
    deliveries.set(id, { ...(deliveries.get(id) ?? noDeliveries), ...next })
    unwritten.add(id)
  }
  const deliveriesOf = (id: string) => deliveries.get(id) ?? noDeliveries

  async function flush(): Promise<void> {
    const rows = [...unwritten].map((id) => deliveriesRow(id, deliveriesOf(id)))
    if (rows.length === 0) return
    unwritten.clear()
    try {
      await keep({ put: rows })
    } catch (error) {
      for (const { id } of rows) unwritten.add(id)
      throw error
    }
  }
  /** That a channel begins to fail, or works again, outlives a crash; where it cannot be written now it is written later. */
  const turned = () => flush().catch(() => undefined)

  return {
    all: () => [...channels.values()],
    get: (id) => channels.get(id),
    deliveries: deliveriesOf,
    change,
    async delivered(id, tookMs) {
      const before = deliveriesOf(id)
      note(id, { delivered: before.delivered + 1, inARow: 0, lastAt: clock.now(), tookMs })
      if (before.lastAt === null || before.inARow > 0) await turned()
    },
    async failed(id, failure) {
      const { failed, inARow } = deliveriesOf(id)
      const lastFailure = { at: clock.now(), says: failure.message, answered: failure.answered }
      note(id, { failed: failed + 1, inARow: inARow + 1, lastFailure })
      if (inARow === 0) await turned()
      if (!failure.gone || (channels.get(id)?.paused ?? null) !== null) return
      await change(doer, () => {
        const channel = channels.get(id)
        // Somebody was faster, and what they did stands.
        const action = 'channel.pause'
        if (channel === undefined || channel.paused !== null)
          return { action, subject: id, idle: true, result: undefined }
        const paused = { at: clock.now(), by: doer.by, why: failure.message }
        const detail = { answered: failure.answered }
        return { action, subject: id, detail, put: { ...channel, paused }, result: undefined }
      })
    },
    flush,
  }
}

/** What `send` refuses of a channel that is paused. */
export const pausedFailure = (): DeliveryFailed =>
  new DeliveryFailed('Not sent: this channel is paused. Administrators can let it send again.', { retry: false })
