import { type Actor, can } from '#shared/access.ts'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Context } from '#shared/incident/context.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Duty } from '#shared/incident/paging.ts'
import type { Incident } from '#shared/incident/state.ts'
import { clockRulesOf } from '#shared/legal/policy.ts'
import type { Decision, Outcome } from '#shared/outcome.ts'
import { type Policy, tierPolicyOf } from '#shared/policy.ts'
import type { OccurrenceAfter } from '#shared/recurrence.ts'
import { answeringAt } from '../duty/index.ts'
import { noRota, type Rota } from '../duty/port.ts'
import type { AuditEntry, Intention, Store } from '../store/port.ts'
import { withClocks } from './acting/clocks.ts'
import { dutyAt } from './acting/escalation.ts'
import { withRestricted } from './acting/restricted.ts'
import { makeSetBack, type SetBack } from './acting/set-back.ts'
import type { KnownReader } from './requests.ts'
import type { World } from './world.ts'

/** What became durable, in order: what the picture shows. */
export interface Durable {
  facts: readonly RecordedFact[]
  /** Every incident of these facts, as it was right after them. */
  incidents: ReadonlyMap<string, Incident>
  /** Incidents whose alerts were heard of again without a fact. */
  touched: ReadonlySet<string>
  /** When the event or command that led to it reached us; null for what time itself did. */
  receivedAt: number | null
  /** Counts of each request, for rates and the ledger line. */
  intakes: readonly Intake[]
  /** Of events that changed something or were held back, and of alerts that were judged again. */
  decisions: readonly Decision[]
}

/** What became of the events of one request. */
export interface Intake {
  sourceId: string
  at: number
  /** Its members, counted before the filter saw them: what the sum of `counts` is checked against. */
  accepted: number
  counts: Partial<Record<Outcome, number>>
  /** Read once more: nothing was heard of the source. */
  again?: boolean
}

/** Who may be named in a command. Answered by the access room. */
export interface People {
  exists(personId: string): boolean
  /** Active, and with a role that responds. */
  mayRespond(personId: string): boolean
  /** Active, and with a role that speaks. Left out: whoever responds. */
  maySpeak?(personId: string): boolean
  /** Active people with the role commander. Left out: there is none. */
  commanders?(): readonly string[]
}

export interface RoomParts {
  store: Store
  clock: Clock
  people: People
  /** A fresh UUID. */
  newId: () => string
  /** Who is on call; without, nobody ever is. */
  rota?: Rota
  /** Reads iCalendar rules; without, nothing comes again. */
  occurrences?: OccurrenceAfter
  /** What a source is called, for titles; without, its id stands there. */
  sourceName?: (sourceId: string) => string
  /** How requests of this source that this adapter read are read today; null when one of the two is gone. */
  readerOf: (sourceId: string, adapterId: string) => KnownReader | null
  /** Made by `restoreWorld`; called again after a failed commit. */
  restore: () => Promise<World>
  onDurable: (durable: Durable) => void
  /** After memory was made again from the store: everything shown must be made again too. */
  onRestored: () => void
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
  /** Names this process among several on one store; without, it is alone, and asks for no leases. */
  node?: string
  limits?: { backlogBytes: number; backlogIntentions: number }
}

/** What all acts of the room share: the newest state, and the one place that makes changes durable. */
export interface Core {
  parts: RoomParts
  world: World
  policy: Policy
  open: boolean
  /** Deadlines that were asked of the store, until when (epoch ms) they are not asked again. */
  asked: Map<string, number>
  /** When it was last looked whether somebody is on call by now for what no step of its escalation meant anybody. */
  lookedAgainAt: number
  /** When memory was last made from the store. */
  restoredAt: number
  /** What the clock that was set back means for steps of escalations. */
  setBack: SetBack
  /**
   * Why nothing may be changed now: the store takes no writes, or it takes them again and memory, which is ahead of it, is
   * still being made again. Null when all is well.
   */
  halted(): Error | null
  /** Set while memory is made again: what kept the store from writing. */
  mending: Error | null
  /** @throws UxbridgeError `store-full`, `not-ready` */
  requireWritable(): void
  /** What `decide` may know. `to` is the target of an offer; `speaking`: of a role for which it is enough to speak. */
  context(actor: Actor, to: string | null, speaking?: boolean): Context
  /** Who is on duty now. @param me who asks; null: the house itself */
  duty(me: string | null): Duty
  /** Who answers for its service now. */
  onCall(incident: Incident): readonly string[]
  audit(by: string, at: number, entry: Omit<AuditEntry, 'seq' | 'at' | 'by'>): AuditEntry
  /** The one place where anything becomes durable and is then shown. Memory has changed already when this is called. */
  append(intention: Intention, shown?: Partial<Omit<Durable, 'facts' | 'incidents' | 'decisions'>>): Promise<void>
}

const nothing: ReadonlySet<string> = new Set()

export function makeCore(parts: RoomParts, world: World, policy: Policy): Core {
  const core: Core = {
    parts,
    world,
    policy,
    open: true,
    asked: new Map(),
    lookedAgainAt: 0,
    restoredAt: parts.clock.now(),
    setBack: makeSetBack(),
    mending: null,
    halted: () => parts.store.failure() ?? core.mending,
    requireWritable() {
      const failure = core.halted()
      if (failure !== null) throw failure
      if (!core.open) throw new UxbridgeError('not-ready', 'The server is stopping. Try again in a few seconds.')
    },
    context(actor, to, speaking = false) {
      return {
        now: parts.clock.now(),
        by: actor.personId === null ? actor.id : `person:${actor.personId}`,
        commander: can(actor, 'incident.command'),
        eligible:
          to === null ? [] : peopleOf(to).filter((id) => (speaking ? maySpeak(id) : parts.people.mayRespond(id))),
        offerLimitMs: (tier) => tierPolicyOf(core.policy, tier).offer_expires_after,
        nextUpdateMs: (tier) => tierPolicyOf(core.policy, tier).update_every,
        duty: core.duty(actor.personId),
        clockRules: clockRulesOf(core.policy.clocks),
      }
    },
    duty: (me) => dutyAt({ ...answeringNow(), me }),
    onCall: ({ team }) => answeringAt(answeringNow()).peopleOf('on-call', team),
    audit: (by, at, entry) => ({ seq: ++core.world.auditSeq, at, by, ...entry }),
    async append(intention, shown = {}) {
      // The store takes writes before memory is made again; what was decided on the old one must not reach it.
      if (core.mending !== null) throw core.mending
      const facts = intention.facts ?? []
      // Taken before the wait: by the time this is durable, memory may be further.
      const incidents = new Map<string, Incident>()
      for (const { incidentId } of facts) {
        const incident = core.world.incidents.get(incidentId)
        if (incident !== undefined) incidents.set(incidentId, incident)
      }
      await parts.store.commit(withClocks(withRestricted(core, intention), incidents))
      parts.onDurable({
        touched: nothing,
        receivedAt: null,
        intakes: [],
        ...shown,
        facts,
        incidents,
        decisions: intention.decisions ?? [],
      })
    },
  }

  const answeringNow = () => ({
    policy: core.policy,
    rota: parts.rota ?? noRota,
    mayRespond: (person: string) => parts.people.mayRespond(person),
    commanders: () => parts.people.commanders?.() ?? [],
    at: parts.clock.now(),
  })
  const maySpeak = (id: string) => parts.people.maySpeak?.(id) ?? parts.people.mayRespond(id)

  function peopleOf(to: string): readonly string[] {
    if (!to.startsWith('team:')) return [to]
    return core.policy.teams.find((team) => `team:${team.id}` === to)?.members ?? []
  }
  return core
}
