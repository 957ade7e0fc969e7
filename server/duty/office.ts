import { hourMs } from '#shared/clocks.ts'
import { layerName, type Rotation } from '#shared/duty/roster.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { OccurrenceAfter } from '#shared/recurrence.ts'
import type { DutyBooks } from './kept.ts'
import type { Asker } from './port.ts'
import type { RotaParts, WholeRota } from './reckoning/rota.ts'

/** What every desk of this room works with. */
export interface Office {
  rota: WholeRota
  books: DutyBooks
  policy: RotaParts['policy']
  now(): number
  /** The same for a change that takes effect: later than all before it, also where the clock was set back. */
  stamp(): number
  /** An opaque id: 72 random bits. */
  newId(): string
  nameOf(personId: string): string
  actorName(actorId: string): string
  /** Known and not disabled. */
  isActive(personId: string): boolean
  mayRespond(personId: string): boolean
  byEmail(email: string): { id: string } | undefined
  /** 256 random bits for an address that cannot be guessed, base64url. */
  newToken(): string
  /** Epoch ms since which the policy is active; 0 where nobody noted it. */
  policySince(): number
  /** Ms of a clock that is never set, for what must not take long. */
  elapsed(): number
  /** Reads iCalendar rules. */
  occurrences: OccurrenceAfter
}

const dayMs = 24 * hourMs
/** What was changed is kept so long after it is over. */
const keptMs = 400 * dayMs
const longestMs = 92 * dayMs
const farthestMs = 366 * dayMs
/** Overrides and swaps that are kept, each: more is a slip of a script. */
const most = 20_000

/** Refuses one field of a form. */
export function wrong(path: string, message: string, what = 'This cannot be done'): UxbridgeError {
  return new UxbridgeError('fields-invalid', `${what}: ${path} ${message}.`, { fields: [{ path, message }] })
}

/** @throws UxbridgeError `fields-invalid` */
export function rotationOf(office: Office, id: string, path = 'rotation'): Rotation {
  const found = office.rota.roster(id)?.rotation
  if (found === undefined) throw wrong(path, `"${id}" is no rotation of the policy`)
  return found
}

/** @throws UxbridgeError `fields-invalid` */
export function requireLayer(rotation: Rotation, layer: string, path = 'layer'): void {
  const names = rotation.layers.map(layerName)
  if (!names.includes(layer)) throw wrong(path, `"${layer}" is no layer of this rotation; there is ${names.join(', ')}`)
}

/** @throws UxbridgeError `fields-invalid` */
export function requireStretch(office: Office, { from, to }: { from: number; to: number }, path = ''): void {
  if (to <= from) throw wrong(`${path}to`, 'must be after from')
  if (to <= office.now()) throw wrong(`${path}to`, 'is past; what was is not changed')
  if (to - from > longestMs)
    throw wrong(`${path}to`, 'must be at most 92 days after from; what lasts longer belongs into the policy')
  if (from > office.now() + farthestMs) throw wrong(`${path}from`, 'must be within a year from now')
}

/** Actor id of whoever is meant: of a token that acts as a person, the person. */
export const authorOf = ({ by, personId }: Asker): string => (personId === null ? by : `person:${personId}`)

/** The person who asks. @throws UxbridgeError `not-allowed` for a machine */
export function personOf({ personId }: Asker): string {
  if (personId === null) throw new UxbridgeError('not-allowed', 'Only a person can do this; this token is a machine’s.')
  return personId
}

export function requireRoom({ books }: Office): void {
  if (books.overrides.size < most && books.swaps.size < most) return
  throw wrong('rotation', `has no room: there are ${most} changes already. Remove overrides that are not needed`)
}

/** What was over long ago goes with the next change. */
export function bygone({ books, now }: Office): { kind: 'duty-override' | 'duty-swap'; id: string }[] {
  const before = now() - keptMs
  const old = <K extends 'duty-override' | 'duty-swap'>(kind: K, all: Iterable<{ id: string; doc: { to: number } }>) =>
    Array.from(all).flatMap(({ id, doc }) => (doc.to < before ? [{ kind, id }] : []))
  return [...old('duty-override', books.overrides.values()), ...old('duty-swap', books.swaps.values())].slice(0, 200)
}
