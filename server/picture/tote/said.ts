import { z } from 'zod'
import { readinessStates, type Said } from '#shared/readiness.ts'
import type { Doer } from '../../access/port.ts'
import type { SettingsChange } from '../../command/port.ts'
import { corruptSetting, type SettingRow, type StoredSetting } from '../../store/port.ts'

const kind = 'readiness'
const instant = z.number().int()
const docSchema = z.strictObject({
  state: z.enum(readinessStates),
  at: instant,
  by: z.string(),
  readyAt: instant.nullable(),
  until: instant,
})
const personalSchema = z.strictObject({ note: z.string() })

export interface Words extends Said {
  /** Of the person whom it is about; gone when they are erased. */
  note: string | null
}

/** What people said of how ready they are, or commanders said of them: settings, so that it outlives a restart. */
export interface SaidBook {
  get(person: string): Words | undefined
  people(): Iterable<string>
  /** Durable and audited when it resolves. @throws UxbridgeError `store-full`, `not-ready` */
  say(who: Doer, person: string, words: Words): Promise<void>
  /** The same. Nothing is written where nothing was said. */
  unsay(who: Doer, person: string): Promise<void>
  /** What counts no more: it ended, or an act showed otherwise. */
  forget(people: readonly string[]): Promise<void>
}

export interface SaidParts {
  /** Settings of all kinds, or of this. */
  initial: readonly StoredSetting[]
  record(change: SettingsChange): Promise<void>
  keep(change: { remove: readonly { kind: string; id: string }[] }): Promise<void>
}

export function makeSaidBook({ initial, record, keep }: SaidParts): SaidBook {
  const book = new Map<string, Words>()
  for (const row of initial) if (row.kind === kind) book.set(row.id, wordsOf(row))
  let last: Promise<unknown> = Promise.resolve()
  /** One after another, so that of two words the later is the one that is kept and shown. */
  const next = (run: () => Promise<void>): Promise<void> => {
    const answer = last.then(run)
    // Whoever asked hears of a failure; the next goes on whatever became of this one.
    last = answer.catch(() => undefined)
    return answer
  }
  const entry = ({ by, address }: Doer, action: string, subject: string) =>
    ({ by, address, action, subject, outcome: 'done' }) as const

  return {
    get: (person) => book.get(person),
    people: () => book.keys(),
    say: (who, person, words) =>
      next(async () => {
        const { state, until } = words
        const audit = entry(who, 'readiness.say', person)
        await record({ ...audit, detail: { state, until }, put: [rowOf(person, words)] })
        book.set(person, words)
      }),
    unsay: (who, person) =>
      next(async () => {
        if (!book.has(person)) return
        await record({ ...entry(who, 'readiness.unsay', person), remove: [{ kind, id: person }] })
        book.delete(person)
      }),
    forget: (people) =>
      next(async () => {
        const gone = people.filter((person) => book.has(person))
        if (gone.length === 0) return
        await keep({ remove: gone.map((id) => ({ kind, id })) })
        for (const person of gone) book.delete(person)
      }),
  }
}

function rowOf(person: string, { note, state, at, by, readyAt, until }: Words): SettingRow {
  const personal = note === null ? null : { personId: person, value: { note } }
  return { kind, id: person, doc: { state, at, by, readyAt, until }, personal }
}

/** @throws UxbridgeError `store-corrupt` that names the row */
function wordsOf({ id, doc, personal }: StoredSetting): Words {
  const said = docSchema.safeParse(doc)
  const own = personalSchema.nullable().safeParse(personal ?? null)
  const error = said.error ?? own.error
  if (said.data === undefined || error !== undefined) throw corruptSetting(kind, id, error)
  return { ...said.data, note: own.data?.note ?? null }
}
