import type { Clock } from '#shared/clocks.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import { answeringAt, type Rota, type SwapBoard } from '../../duty/index.ts'
import type { Reader, Store, StoredSetting } from '../../store/port.ts'
import { makeAddresses } from './addresses.ts'
import type { BookParts, Rows } from './book.ts'
import { type ComposeParts, compose } from './compose.ts'
import { makeDesk } from './desk.ts'
import { makeActing } from './links/acting.ts'
import { linkKeyRow, makeLinks, readLinkKey } from './links/links.ts'
import { makeOutbox, type Outbox } from './outbox.ts'
import type { NotifyDesk, Senders } from './port.ts'

export type { NotifyDesk } from './port.ts'

export interface NotifyParts {
  /** Settings as they were read at the start. */
  initial: readonly StoredSetting[]
  clock: Clock
  read: Reader
  lease: Store['lease']
  /** Names this process among several on one store. */
  node: string
  access: Pick<Access, 'people' | 'nameOf' | 'actorName'>
  policy(): Policy
  rota: Rota
  /** Shifts that are offered. */
  swaps: SwapBoard
  room: Pick<CommandRoom, 'command' | 'record' | 'sees'>
  /** The newest state, where it is in memory. */
  incident(id: string): Incident | undefined
  /** Facts about telling, through the one write path. */
  note: BookParts['note']
  /** Settings alone. */
  keep(change: Partial<Rows>): Promise<void>
  senders: Senders
  /** Name of whoever something is offered to. */
  targetName(to: string): string
  baseUrl(): string
  random(bytes: number): Uint8Array
  newId(): string
  signal(ms: number): AbortSignal
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
}

/** Whoever is told what: the outbox that a poll drives, and the desk that the doors offer. */
export interface Notify extends Pick<Outbox, 'open' | 'step' | 'close' | 'figures'> {
  desk: NotifyDesk
  /** These facts are durable. */
  heard(facts: readonly RecordedFact[]): void
}

/** @throws UxbridgeError `store-corrupt` that names a row that cannot be read */
export async function openNotify(parts: NotifyParts): Promise<Notify> {
  const { initial, clock, read, access, policy, senders, baseUrl, log } = parts
  const kept = readLinkKey(initial)
  const key = kept ?? parts.random(32)
  // Links that are out there must work after a restart.
  if (kept === null) await parts.keep({ put: [linkKeyRow(key)] })
  const links = makeLinks(key, clock)
  const keep = ({ put, remove = [] }: Partial<Rows>) => parts.keep({ put: put ?? [], remove })
  const addresses = makeAddresses({
    ...{ initial, senders, log, people: access.people },
    record: parts.room.record,
    keep,
  })
  const composing: ComposeParts = {
    names: { person: access.nameOf, actor: access.actorName, target: parts.targetName },
    baseUrl,
    zoneOf: (person) => (addresses.hasChosen(person) ? addresses.preferences(person).zone : null),
    linkTo: (claims, messageKey) => `${baseUrl()}/act#${links.tokenFor(claims, messageKey)}`,
    isRestricted,
    epochOf: access.people.epochOf,
    mayRespond: access.people.mayRespond,
  }
  const outbox = makeOutbox(
    {
      ...{ clock, read, addresses, senders, log, keep, incident: parts.incident, note: parts.note },
      ...{ swaps: parts.swaps, lease: parts.lease, node: parts.node },
      nameOf: access.nameOf,
      sees(person, incidentId) {
        const { id, roles } = access.people.get(person) ?? { id: person, roles: [] }
        return parts.room.sees({ id: `person:${id}`, personId: id, roles }, incidentId)
      },
      commanders: () =>
        answeringAt({
          ...{ policy: policy(), rota: parts.rota, at: clock.now() },
          ...{ mayRespond: access.people.mayRespond, commanders: access.people.commanders },
        }).commanders(),
      policy: () => policy().notify,
      // Spreads what failed together: chance is enough, secrecy is not asked.
      jitter: () => (parts.random(1)[0] ?? 0) / 256,
      compose: (all, messageKey, at) => compose(all, messageKey, at, composing),
      signal: parts.signal,
    },
    initial,
  )
  const desk = makeDesk({
    ...{ clock, addresses, outbox, senders, baseUrl, people: access.people, nameOf: access.nameOf },
    ...{ newId: parts.newId, signal: parts.signal },
  })
  const acting = makeActing({
    ...{ links, clock, read, room: parts.room, incident: parts.incident, isRestricted },
    person: access.people.get,
    epochOf: access.people.epochOf,
    nameOf: access.nameOf,
  })
  return {
    desk: { ...desk, ...acting },
    heard(facts) {
      const newest = facts.at(-1)
      if (newest !== undefined) outbox.heard(newest.seq)
    },
    open: outbox.open,
    step: outbox.step,
    close: outbox.close,
    figures: outbox.figures,
  }
}
