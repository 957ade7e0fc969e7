import type { Clock } from '#shared/clocks.ts'
import type { OccurrenceAfter } from '#shared/recurrence.ts'
import type { Access } from '../access/port.ts'
import type { CommandRoom } from '../command/port.ts'
import type { StoredSetting } from '../store/port.ts'
import { makeFeeds } from './feeds.ts'
import { makeImports } from './imports.ts'
import { DutyBooks } from './kept.ts'
import type { Office } from './office.ts'
import { makeOverrides } from './overrides.ts'
import type { DutyDesk, Rota, SwapBoard } from './port.ts'
import { makeRota, type RotaParts } from './reckoning/rota.ts'
import { makeSwapBoard, makeSwaps } from './swaps.ts'
import { makeViews } from './views.ts'

export { type Answering, type AnsweringParts, answeringAt, escalationOf } from './answering.ts'
export type * from './port.ts'

export interface DutyParts extends Pick<RotaParts, 'policy'> {
  /** Settings as they are kept; those of other rooms are passed over. */
  initial: readonly StoredSetting[]
  record: CommandRoom['record']
  access: Pick<Access, 'nameOf' | 'actorName'> & { people: Pick<Access['people'], 'get' | 'byEmail' | 'mayRespond'> }
  clock: Clock
  /** So many unpredictable bytes. */
  random: (bytes: number) => Uint8Array
  /** Epoch ms since which the policy is active; 0 where nobody noted it. */
  policySince(): number
  occurrences: OccurrenceAfter
}

/** Who is on duty when. @throws UxbridgeError `store-corrupt` that names a setting that cannot be read */
export function makeDuty(parts: DutyParts): { rota: Rota; duty: DutyDesk; swaps: SwapBoard } {
  const { access, policy, policySince, occurrences } = parts
  const books = new DutyBooks(parts.initial, parts.record)
  const mayRespond = (personId: string) => access.people.mayRespond(personId)
  const rota = makeRota({
    policy,
    mayRespond,
    changes: () => books.changes(),
    imported: () => books.imported(),
  })
  const text = (bytes: number) => Buffer.from(parts.random(bytes)).toString('base64url')
  const office: Office = {
    ...{ rota, books, policy, policySince, occurrences, mayRespond },
    now: () => parts.clock.now(),
    stamp: () => Math.max(parts.clock.now(), (books.changes().at(-1)?.at ?? 0) + 1),
    elapsed: () => performance.now(),
    newId: () => `d_${text(9)}`,
    newToken: () => text(32),
    nameOf: access.nameOf,
    actorName: access.actorName,
    isActive: (personId) => access.people.get(personId)?.disabled === false,
    byEmail: (email) => access.people.byEmail(email),
  }
  const duty: DutyDesk = {
    ...makeViews(office),
    ...makeOverrides(office),
    ...makeSwaps(office),
    ...makeFeeds(office),
    ...makeImports(office),
  }
  return { rota, duty, swaps: makeSwapBoard(office) }
}
