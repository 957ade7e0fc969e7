import { z } from 'zod'
import { swapStates } from '#shared/duty/view.ts'
import type { Doer } from '../access/port.ts'
import type { SettingsChange } from '../command/port.ts'
import { corruptSetting, type SettingRow, type StoredSetting } from '../store/port.ts'
import type { Holiday } from './reckoning/rota.ts'
import type { Change } from './reckoning/shifts.ts'

const instant = z.number().int()
const id = z.string().min(1)
const stretch = { rotation: id, layer: id, from: instant, to: instant }

/**
 * What this room keeps in the settings, by kind. Plain parts hold ids only; what people wrote is encrypted under the key of
 * whoever wrote it first, and gone when they are erased.
 */
const kinds = {
  'duty-override': {
    doc: z.strictObject({
      ...stretch,
      layer: id.nullable(),
      person: id,
      at: instant,
      /** Actor id of whoever made it. */
      by: id,
      imported: z.boolean(),
    }),
    personal: z.strictObject({ reason: z.string() }),
  },
  'duty-swap': {
    doc: z.strictObject({
      ...stretch,
      person: id,
      offeredTo: id,
      inReturn: z.strictObject(stretch).nullable(),
      at: instant,
      /** An open one whose beginning has passed is expired; nothing needs to note it. */
      state: z.enum(swapStates),
      declinedBy: z.array(id),
      endedAt: instant.nullable(),
      /** Person who accepted, or who declined last. */
      endedBy: id.nullable(),
    }),
    personal: z.strictObject({ reason: z.string(), answer: z.string().nullable() }),
  },
  'duty-feed': {
    doc: z.strictObject({
      /** `person:<id>` or `team:<id>`. */
      of: id,
      /** Whose it is: it ends with them. */
      personId: id,
      digest: id,
      createdAt: instant,
      renewedAt: instant.nullable(),
    }),
    personal: z.null(),
  },
  /** Days imported into a calendar of the policy, by the calendar's id. */
  'duty-calendar': {
    doc: z.strictObject({
      days: z.array(z.strictObject({ date: z.string(), until: z.string(), name: z.string().nullable() })),
      at: instant,
      by: id,
    }),
    personal: z.null(),
  },
} as const
type Kind = keyof typeof kinds
export const dutyKinds = Object.keys(kinds) as Kind[]

export interface Kept<K extends Kind> {
  id: string
  doc: z.output<(typeof kinds)[K]['doc']>
  personal: z.output<(typeof kinds)[K]['personal']> | null
}
export type KeptOverride = Kept<'duty-override'>
export type KeptSwap = Kept<'duty-swap'>
export type KeptFeed = Kept<'duty-feed'>
type AnyKept = { [K in Kind]: { kind: K } & Kept<K> }[Kind]

/** What a change is to do. */
export interface Plan<T> {
  action: string
  subject: string
  detail?: Record<string, unknown>
  reason?: string | undefined
  put?: readonly AnyKept[]
  remove?: readonly { kind: Kind; id: string }[]
  result: T
}

/** Whose key encrypts what was written. Null: a machine's words stand in the audit alone. */
function writerOf(record: AnyKept): string | null {
  if (record.kind === 'duty-swap') return record.doc.person
  if (record.kind !== 'duty-override') return null
  return record.doc.by.startsWith('person:') ? record.doc.by.slice('person:'.length) : null
}

function toRow(record: AnyKept): SettingRow {
  const { kind, id, doc, personal } = record
  const personId = writerOf(record)
  return { kind, id, doc, personal: personId === null || personal === null ? null : { personId, value: personal } }
}

/** @throws UxbridgeError `store-corrupt` that names the row */
function fromRow(row: StoredSetting): AnyKept | null {
  if (!(dutyKinds as string[]).includes(row.kind)) return null
  const kind = row.kind as Kind
  const doc = kinds[kind].doc.safeParse(row.doc)
  const personal = kinds[kind].personal.nullable().safeParse(row.personal)
  const error = doc.error ?? personal.error
  if (error !== undefined) throw corruptSetting(kind, row.id, error)
  return { kind, id: row.id, doc: doc.data, personal: personal.data } as AnyKept
}

/**
 * What people changed in the rota, in memory. Rule RO6: changes are planned one after another on what is durable, so that of two
 * who accept one swap one is told of the other; they are written together with their entry in the audit, and only then seen.
 */
export class DutyBooks {
  readonly overrides = new Map<string, KeptOverride>()
  readonly swaps = new Map<string, KeptSwap>()
  readonly feeds = new Map<string, KeptFeed>()
  readonly calendars = new Map<string, Kept<'duty-calendar'>>()
  /** Grows with every change that is durable. */
  revision = 0
  readonly #record: (change: SettingsChange) => Promise<void>
  #last: Promise<unknown> = Promise.resolve()
  #changes: readonly Change[] | null = null
  #imported: ReadonlyMap<string, readonly Holiday[]> | null = null

  constructor(rows: readonly StoredSetting[], record: (change: SettingsChange) => Promise<void>) {
    this.#record = record
    for (const row of rows) {
      const record = fromRow(row)
      if (record !== null) this.#bookOf(record.kind).set(record.id, record)
    }
  }

  /** @param plan looks at the books and says what to write; null: nothing is to do. What it throws is the answer. */
  change<T>(who: Doer, plan: () => Plan<T> | { result: T }): Promise<T> {
    const answer = this.#last.then(async () => {
      const planned = plan()
      if (!('action' in planned)) return planned.result
      const { action, subject, detail, reason, put = [], remove = [], result } = planned
      await this.#record({
        ...{ by: who.by, action, subject, outcome: 'done', address: who.address },
        ...(detail === undefined ? {} : { detail }),
        ...(reason === undefined ? {} : { reason }),
        put: put.map(toRow),
        remove,
      })
      for (const record of put) this.#bookOf(record.kind).set(record.id, record)
      for (const { kind, id } of remove) this.#bookOf(kind).delete(id)
      this.#changes = null
      this.#imported = null
      this.revision++
      return result
    })
    // The next change waits for this one, whatever became of it; who asked for it hears of its failure.
    this.#last = answer.catch(() => undefined)
    return answer
  }

  /** What was changed, in the order in which it took effect; the same list until something is changed again. */
  changes(): readonly Change[] {
    this.#changes ??= [
      ...Array.from(this.overrides.values(), ({ id, doc }): Change => {
        const { rotation, layer, person, from, to, at, imported } = doc
        return { id, by: imported ? 'calendar' : 'override', rotation, layer, person, insteadOf: null, from, to, at }
      }),
      ...Array.from(this.swaps.values()).flatMap(({ id, doc }): Change[] => {
        const { person, endedBy, endedAt, inReturn, state } = doc
        if (state !== 'accepted' || endedBy === null || endedAt === null) return []
        const { rotation, layer, from, to } = doc
        const given = { id, by: 'swap' as const, at: endedAt }
        const there: Change = { ...given, rotation, layer, from, to, person: endedBy, insteadOf: person }
        return inReturn === null ? [there] : [there, { ...given, ...inReturn, person, insteadOf: endedBy }]
      }),
    ].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    return this.#changes
  }

  /** Days imported, by calendar; the same map until something is changed again. */
  imported(): ReadonlyMap<string, readonly Holiday[]> {
    this.#imported ??= new Map(Array.from(this.calendars.values(), ({ id, doc }) => [id, doc.days]))
    return this.#imported
  }

  #bookOf(kind: Kind): Map<string, unknown> {
    const books = {
      'duty-override': this.overrides,
      'duty-swap': this.swaps,
      'duty-feed': this.feeds,
      'duty-calendar': this.calendars,
    }
    return books[kind]
  }
}
