import type { NotificationReason } from '../duty/escalation.ts'
import type { FactType, RecordedFact } from '../incident/facts.ts'
import { type Incident, isOpen } from '../incident/state.ts'
import type { Intent, Matter } from './intent.ts'
import type { Announcement } from './policy.ts'
import { gradeOf } from './preferences.ts'

/** What of the world the plan needs besides the fact. */
export interface PlanContext {
  /** As it is now. */
  incident: Incident
  /** The fact before this one in the journal, where it is of the same incident; else null. */
  before: RecordedFact | null
  /** Who commands in this house. */
  commanders: readonly string[]
  announce: readonly Announcement[]
}

/** Facts that somebody may have to be told of: the rest is not even read. */
export const toldTypes = [
  'declared',
  'offered',
  'offer-reissued',
  'offer-expired',
  'owner-asked',
  'owner-silent',
  'relief-asked',
  'relief-prepared',
  'shift-ended',
  'escalated',
  'assisted',
  'update-late',
  'clock-near',
  'clock-breached',
  'task-added',
  'task-set',
  'role-offered',
  'paged',
  'classified',
  'updated',
  'phase-set',
] as const satisfies readonly FactType[]

/**
 * Who is to be told what because of this fact? Rule N1: it follows from the fact alone and from who commands, so that it is
 * planned the same way again after a crash. Rule N2: nobody is told of what they did themselves.
 */
export function plan(fact: RecordedFact, context: PlanContext): Intent[] {
  const { incident, before, commanders } = context
  const intents: Intent[] = []
  const base = { seq: fact.seq, incidentId: fact.incidentId, at: fact.at }
  const tell = (people: Iterable<string | null>, reason: NotificationReason, matter: Matter) => {
    for (const person of new Set(people)) {
      if (person === null || fact.by === `person:${person}`) continue
      if (intents.some(({ to }) => 'person' in to && to.person === person)) continue
      intents.push({ ...base, to: { person }, reason, matter })
    }
  }
  const post = (channels: Iterable<string>, reason: NotificationReason, matter: Matter) => {
    for (const channel of new Set(channels)) intents.push({ ...base, to: { channel }, reason, matter })
  }
  const announce = (on: Announcement['on'][number], reason: NotificationReason, matter: Matter) =>
    post(
      context.announce.filter((one) => one.on.includes(on) && covers(one, incident)).map(({ channel }) => channel),
      reason,
      matter,
    )
  /** Whoever leads this one, else all who may. */
  const lead = incident.roles?.commander?.holder
  const command = lead === undefined || lead === null ? commanders : [lead]

  switch (fact.type) {
    case 'paged': {
      // Nobody: it can wait, and is told when it no longer can.
      if (fact.quietUntil !== null) break
      const ofExpiry =
        before?.type === 'offer-expired' && before.incidentId === fact.incidentId && before.owner !== null
      const matter: Matter = { code: ofExpiry ? 'offer-unanswered' : 'unowned' }
      // The giver and the commanders hear of it by the expiry itself.
      const told = ofExpiry ? new Set([before.owner, ...command]) : new Set<string | null>()
      tell(
        fact.people.filter((id) => !told.has(id)),
        fact.reason,
        matter,
      )
      post(fact.channels, fact.reason, matter)
      break
    }
    case 'offered': {
      const { to, revision, deadlineAt } = fact
      const from = fact.by.startsWith('person:') ? fact.by.slice('person:'.length) : null
      tell(fact.eligible, 'offered', { code: 'offered', from, to, revision, deadlineAt, again: false })
      break
    }
    case 'offer-reissued': {
      const { offer } = incident
      // Answered, ended or issued once more since: that fact says it.
      if (offer === null || offer.revision !== fact.revision) break
      const { from, to, eligible } = offer
      const { revision, deadlineAt } = fact
      tell(eligible, 'offered', { code: 'offered', from, to, revision, deadlineAt, again: true })
      break
    }
    case 'offer-expired':
      tell([fact.owner, ...command], 'expired', { code: 'offer-expired', to: fact.to, owner: fact.owner })
      break
    case 'owner-asked':
      tell([fact.owner], 'reminder', { code: 'owner-asked' })
      break
    case 'owner-silent':
      tell(
        command.filter((id) => id !== fact.owner),
        'escalated',
        { code: 'owner-silent', owner: fact.owner },
      )
      break
    case 'shift-ended':
      tell(
        command.filter((id) => id !== fact.owner),
        'escalated',
        { code: 'shift-ended', owner: fact.owner, endsAt: fact.endsAt },
      )
      break
    case 'relief-asked':
      tell([incident.owner, ...command], 'escalated', {
        code: 'relief-asked',
        by: fact.by.slice(fact.by.indexOf(':') + 1),
      })
      break
    case 'relief-prepared':
      tell([fact.owner], 'reminder', { code: 'relief-prepared', to: [...fact.to], endsAt: fact.endsAt })
      break
    case 'escalated':
      tell(fact.person === null ? command : [fact.person], 'escalated', { code: 'escalated', by: fact.by })
      break
    case 'assisted':
      tell([fact.person], 'escalated', { code: 'assist', by: fact.by })
      break
    case 'update-late':
      tell([incident.roles?.communications?.holder ?? incident.owner], 'reminder', {
        code: 'update-late',
        dueAt: fact.dueAt,
      })
      break
    case 'clock-near':
    case 'clock-breached': {
      const { clock, deadline, dueAt } = fact
      const passed = fact.type === 'clock-breached'
      const starter = incident.clocks?.find(({ id }) => id === clock)?.by ?? ''
      const who = starter.startsWith('person:') ? starter.slice('person:'.length) : null
      tell([who, incident.owner, ...command], passed ? 'escalated' : 'new', {
        ...{ code: 'clock', clock, deadline, dueAt, passed },
      })
      break
    }
    case 'task-added':
      tell([fact.person], 'new', { code: 'task', task: fact.task, by: fact.by })
      break
    case 'task-set':
      if (fact.state === 'open' && fact.changed.includes('person'))
        tell([fact.person], 'new', { code: 'task', task: fact.task, by: fact.by })
      break
    case 'role-offered': {
      const { role, revision, deadlineAt, by } = fact
      tell(fact.eligible, 'offered', { code: 'role-offered', role, by, revision, deadlineAt })
      break
    }
    case 'declared':
      announce('opened', 'new', { code: 'opened' })
      break
    case 'classified':
      announce('tier', 'new', { code: 'graded', tier: fact.tier, from: fact.from })
      break
    case 'updated':
      announce('update', 'new', { code: 'updated', at: fact.at })
      break
    case 'phase-set':
      if (isOpen(fact.from) && !isOpen(fact.phase)) announce('resolved', 'new', { code: 'resolved' })
      break
    default:
      break
  }
  return intents
}

/** Whether the rule is about such an incident; a list that is not there means all. */
function covers({ tiers, teams, services }: Announcement, incident: Incident): boolean {
  return (
    (tiers === undefined || tiers.includes(gradeOf(incident.tier))) &&
    (teams === undefined || (incident.team !== null && teams.includes(incident.team))) &&
    (services === undefined || (incident.service !== null && services.includes(incident.service)))
  )
}
