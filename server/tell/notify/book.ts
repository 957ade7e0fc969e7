import type { FactOf } from '#shared/incident/facts.ts'
import type { SwapsTold } from '#shared/notify/swap.ts'
import type { NotifyOutcome } from '#shared/notify/view.ts'
import type { SettingRow, StoredSetting } from '../../store/port.ts'
import { isForgotten, type Lane } from './pacing.ts'
import {
  type Cursor,
  cursorRow,
  type Delivery,
  laneOf,
  messageRow,
  type OfSwap,
  type Pending,
  type Recent,
  readRows,
  recentRow,
  swapsRow,
  waitingRow,
} from './rows.ts'

/** What became of telling, for the incident's own record. */
export interface Note {
  incidentId: string
  delivery: Omit<FactOf<'notified'>, 'type' | 'at' | 'by'>
}

/** What is to become durable together: nothing of it is seen before it is. */
export interface Change {
  /** Journal position up to which everything is planned. */
  seq?: number
  heldBack?: number
  wait?: readonly Delivery[]
  unwait?: readonly string[]
  put?: readonly Pending[]
  remove?: readonly string[]
  lanes?: readonly (readonly [string, Lane])[]
  notes?: readonly Note[]
  /** Those that are no facts: told to nobody, and why. */
  dropped?: readonly { delivery: Delivery; why: string }[]
  /** What became of those that are of no incident. */
  ofSwaps?: readonly { delivery: OfSwap; outcome: NotifyOutcome; detail: string }[]
  /** What is told of swaps after this. */
  swaps?: SwapsTold
}

export interface BookParts {
  /** Settings with the notes as facts of their incidents, through the one write path: durable together. */
  note(notes: readonly Note[], change: Rows): Promise<void>
  keep(change: Rows): Promise<void>
  /** Names this process among several on one store. */
  node?: string
  /** Whether figures that others read may have it. */
  isCounted(of: { incidentId: string | null }): boolean
}
export interface Rows {
  put: readonly SettingRow[]
  remove: readonly { kind: string; id: string }[]
}

const recentKept = 100

/**
 * The outbox, in memory as it is on disk. Rule N6: a change is written first and seen after, so that a crash at any point
 * finds either what was before or what came of it.
 */
export class Book {
  readonly waiting = new Map<string, Delivery>()
  readonly messages = new Map<string, Pending>()
  readonly lanes = new Map<string, Lane>()
  readonly counts: Record<NotifyOutcome, number> = {
    delivered: 0,
    failed: 0,
    'given-up': 0,
    dropped: 0,
    'held-back': 0,
  }
  recent: readonly Recent[] = []
  /** Null: nobody looked at swaps yet. */
  swaps: SwapsTold | null
  cursor: Cursor | null
  readonly #parts: BookParts

  /** @throws UxbridgeError `store-corrupt` */
  constructor(parts: BookParts, initial: readonly StoredSetting[]) {
    this.#parts = parts
    const { cursor, waiting, messages, recent, swaps } = readRows(initial)
    this.cursor = cursor
    this.swaps = swaps
    this.recent = recent
    for (const delivery of waiting) this.waiting.set(delivery.key, delivery)
    for (const message of messages) this.messages.set(message.key, message)
    for (const [lane, lastAt, streak] of cursor?.lanes ?? []) this.lanes.set(lane, { lastAt, streak })
  }

  /** Deliveries that wait, by address. */
  byLane(): Map<string, Delivery[]> {
    const lanes = new Map<string, Delivery[]>()
    for (const delivery of this.waiting.values()) {
      const lane = laneOf(delivery.to, delivery.channel)
      const others = lanes.get(lane)
      if (others === undefined) lanes.set(lane, [delivery])
      else others.push(delivery)
    }
    return lanes
  }

  /** Whether another way of the same fact to the same person waits or is under way. */
  hasOther(delivery: Delivery): boolean {
    const isOther = (one: Delivery) => one.key !== delivery.key && isSameTelling(one, delivery)
    for (const one of this.waiting.values()) if (isOther(one)) return true
    for (const { deliveries } of this.messages.values()) if (deliveries.some(isOther)) return true
    return false
  }

  /** @param now epoch ms @param withinMs the first window of the policy */
  async change(change: Change, now: number, withinMs: number): Promise<void> {
    const { wait = [], unwait = [], put = [], remove = [], lanes = [], notes = [], dropped = [], ofSwaps = [] } = change
    const remembered = new Map(this.lanes)
    for (const [name, lane] of lanes) remembered.set(name, lane)
    for (const [name, lane] of remembered) if (isForgotten(lane, now, withinMs)) remembered.delete(name)
    const cursor: Cursor = {
      seq: change.seq ?? this.cursor?.seq ?? 0,
      heldBack: (this.cursor?.heldBack ?? 0) + (change.heldBack ?? 0),
      lanes: [...remembered].map(([name, { lastAt, streak }]) => [name, lastAt, streak]),
      ...(this.#parts.node === undefined ? {} : { node: this.#parts.node }),
    }
    const came = [
      ...notes.map(({ incidentId, delivery }): Recent => {
        const { reason, person, channel, outcome, detail } = delivery
        return { at: now, incidentId, reason, person, channel, outcome, detail }
      }),
      ...dropped.map(({ delivery, why }): Recent => {
        const { incidentId, reason, to, channel } = delivery
        const person = 'person' in to ? to.person : null
        return { at: now, incidentId, reason, person, channel, outcome: 'dropped', detail: why }
      }),
      ...ofSwaps.map(({ delivery, outcome, detail }): Recent => {
        const { incidentId, reason, to, channel } = delivery
        return { at: now, incidentId, reason, person: to.person, channel, outcome, detail }
      }),
    ]
    // Detail of a note holds no address and no secret (port.ts), but it may hold a name, which is sealed where it is a fact.
    const kept = came
      .map((one) => (one.channel === 'none' && one.outcome === 'given-up' ? { ...one, detail: '' } : one))
      .reverse()
    const recent = came.length === 0 ? this.recent : [...kept, ...this.recent].slice(0, recentKept)
    const rows: Rows = {
      put: [
        cursorRow(cursor),
        ...wait.map(waitingRow),
        ...put.map(messageRow),
        ...(came.length === 0 ? [] : [recentRow(recent)]),
        ...(change.swaps === undefined ? [] : [swapsRow(change.swaps)]),
      ],
      remove: [
        ...unwait.map((id) => ({ kind: 'notify-waiting', id })),
        ...remove.map((id) => ({ kind: 'notify-message', id })),
      ],
    }
    if (notes.length > 0) await this.#parts.note(notes, rows)
    else await this.#parts.keep(rows)

    this.cursor = cursor
    this.recent = recent
    this.swaps = change.swaps ?? this.swaps
    this.lanes.clear()
    for (const [name, lane] of remembered) this.lanes.set(name, lane)
    for (const key of unwait) this.waiting.delete(key)
    for (const delivery of wait) this.waiting.set(delivery.key, delivery)
    for (const key of remove) this.messages.delete(key)
    for (const message of put) this.messages.set(message.key, message)
    for (const note of notes) if (this.#parts.isCounted(note)) this.counts[note.delivery.outcome]++
    for (const { outcome } of ofSwaps) this.counts[outcome]++
    this.counts.dropped += dropped.filter(({ delivery }) => this.#parts.isCounted(delivery)).length
    this.counts['held-back'] += change.heldBack ?? 0
  }
}

/** The same thing told to the same person, by whatever way. */
export function isSameTelling(a: Delivery, b: Delivery): boolean {
  return whatOf(a) === whatOf(b) && 'person' in a.to && 'person' in b.to && a.to.person === b.to.person
}

const whatOf = (one: Delivery) => (one.incidentId === null ? `${one.matter.code} ${one.matter.swap}` : one.seq)
