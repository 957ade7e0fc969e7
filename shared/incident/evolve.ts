import { unreachable } from '../errors.ts'
import { evolveEvidence } from '../evidence.ts'
import { type FactOf, isHuman, type RecordedFact } from './facts.ts'
import { evolveClocks } from './legal-clocks.ts'
import { askedAfter, pagingAfter } from './paging.ts'
import { evolveRoles } from './roles.ts'
import { type Hop, type Incident, isOpen } from './state.ts'
import { evolveTasks } from './tasks.ts'

/**
 * The incident after one more fact. The one reducer, on server and client.
 * Rule I1: pure and total, so that folding the same facts always gives the same incident.
 * @throws TypeError when the stream does not begin with `declared`, or skips a version
 */
export function evolve(incident: Incident | null, fact: RecordedFact): Incident {
  if (incident === null) {
    if (fact.type !== 'declared') throw new TypeError(`a stream begins with "declared", not "${fact.type}"`)
    return declared(fact)
  }
  if (fact.version !== incident.version + 1)
    throw new TypeError(`${incident.id} is at version ${incident.version}; fact ${fact.version} does not follow`)
  const next = apply(incident, fact)
  const human = isHuman(fact)
  const byOwner = human && next.owner !== null && fact.by === `person:${next.owner}`
  return {
    ...next,
    version: fact.version,
    seq: fact.seq,
    revision: incident.revision + (human ? 1 : 0),
    provisional: incident.provisional && !human,
    ...(byOwner ? { ownerHeardAt: fact.at, silence: null } : {}),
  }
}

function declared(fact: FactOf<'declared'> & RecordedFact): Incident {
  const human = isHuman(fact)
  return {
    id: fact.incidentId,
    title: fact.title,
    service: fact.service,
    team: fact.team,
    severity: fact.severity,
    declaredBy: fact.by,
    declaredAt: fact.at,
    declaredSeq: fact.seq,
    phase: 'triage',
    tier: fact.tier,
    flags: fact.flags,
    drill: fact.drill,
    provisional: fact.provisional,
    owner: null,
    offer: null,
    offerRevision: 0,
    chain: [hop(null, fact.at, 'declared')],
    handovers: 0,
    declines: 0,
    expiries: 0,
    unownedMs: 0,
    reliefAskedBy: null,
    assistants: [],
    brief: null,
    nextUpdateDueAt: null,
    lastUpdate: null,
    ownerHeardAt: null,
    silence: null,
    resolvedAt: null,
    alerts: { firing: 0, total: 0 },
    revision: human ? 1 : 0,
    version: fact.version,
    seq: fact.seq,
  }
}

function apply(incident: Incident, fact: RecordedFact): Incident {
  switch (fact.type) {
    case 'declared':
      throw new TypeError(`${incident.id} was declared already`)
    case 'alerts-attached': {
      const { firing, total } = incident.alerts
      const count = fact.alerts.length
      // An alert that fires again was counted when it first joined.
      return { ...incident, alerts: { firing: firing + count, total: total + (fact.rule === 'refired' ? 0 : count) } }
    }
    case 'alerts-resolved': {
      const { firing, total } = incident.alerts
      return { ...incident, alerts: { firing: Math.max(0, firing - fact.alerts.length), total } }
    }
    case 'claimed':
      return transfer(incident, holderOf(fact.by), fact.at, { began: 'claimed' })
    case 'offered':
      return {
        ...incident,
        offer: {
          from: incident.owner,
          to: fact.to,
          eligible: fact.eligible,
          offeredAt: fact.offeredAt,
          deadlineAt: fact.deadlineAt,
          revision: fact.revision,
          brief: fact.brief,
          changed: [],
        },
        offerRevision: fact.revision,
        brief: fact.brief,
        reliefAskedBy: null,
      }
    case 'offer-reissued':
      return {
        ...incident,
        offer: incident.offer && {
          ...incident.offer,
          deadlineAt: fact.deadlineAt,
          revision: fact.revision,
          brief: fact.brief,
          changed: [...incident.offer.changed, fact.changed],
        },
        offerRevision: fact.revision,
      }
    case 'offer-withdrawn':
      return { ...incident, offer: null }
    case 'offer-declined': {
      const decliner = holderOf(fact.by)
      const offer =
        fact.closed || incident.offer === null
          ? null
          : { ...incident.offer, eligible: incident.offer.eligible.filter((id) => id !== decliner) }
      return { ...incident, offer, declines: incident.declines + 1 }
    }
    case 'offer-expired': {
      // Rule E2: what nobody owns goes to its next step at once.
      const { paging } = incident
      const hurried = paging === undefined || paging.nextAt === null ? {} : { paging: { ...paging, nextAt: fact.at } }
      return { ...incident, ...hurried, offer: null, expiries: incident.expiries + 1 }
    }
    case 'accepted':
      return transfer(incident, holderOf(fact.by), fact.at, {
        began: 'accepted',
        readBack: fact.readBack,
        brief: incident.offer?.brief ?? null,
      })
    case 'relief-asked':
      return { ...incident, reliefAskedBy: holderOf(fact.by) }
    case 'taken-over':
      return transfer(incident, holderOf(fact.by), fact.at, { began: 'taken-over', reason: fact.reason })
    case 'released':
      return transfer(incident, null, fact.at, { began: 'released', reason: fact.reason })
    case 'escalated':
    case 'assisted': {
      const person = fact.person
      if (person === null || incident.assistants.includes(person)) return incident
      return { ...incident, assistants: [...incident.assistants, person] }
    }
    case 'seen':
      return { ...incident, seenBy: [...(incident.seenBy ?? []), holderOf(fact.by)] }
    case 'confirmed':
      return { ...incident, silence: null }
    case 'owner-asked':
      return { ...incident, silence: { askedAt: fact.at, toldAt: null } }
    case 'owner-silent':
      return { ...incident, silence: { askedAt: incident.silence?.askedAt ?? fact.at, toldAt: fact.at } }
    case 'brief-revised':
      return { ...incident, brief: fact.brief }
    case 'classified': {
      const next = { ...incident, tier: fact.tier }
      // What can wait at one tier may not at another: asked again.
      return incident.paging?.quiet ? without(next, 'paging') : next
    }
    case 'dismissed':
      return settle({ ...incident, phase: 'dismissed' }, fact.at)
    case 'phase-set': {
      const next = { ...incident, phase: fact.phase }
      return isOpen(incident.phase) && !isOpen(fact.phase) ? settle(next, fact.at) : next
    }
    case 'reopened':
      return {
        ...transfer({ ...incident, phase: fact.phase, resolvedAt: null }, null, fact.at, {
          began: 'reopened',
          reason: fact.reason,
        }),
        nextUpdateDueAt: null,
      }
    case 'noted':
      return incident
    case 'updated':
      return {
        ...without(incident, 'updateLate'),
        nextUpdateDueAt: fact.nextDueAt,
        lastUpdate: { text: fact.text, at: fact.at, by: fact.by },
      }
    case 'flagged': {
      const others = incident.flags.filter((flag) => flag !== fact.flag)
      const flagged = { ...incident, flags: fact.on ? [...others, fact.flag] : others }
      if (fact.flag !== 'restricted') return flagged
      return fact.on && isHuman(fact)
        ? { ...flagged, restrictedBy: fact.by.slice('person:'.length) }
        : without(flagged, 'restrictedBy')
    }
    case 'paged':
      return { ...incident, ...askedAfter(incident, fact), paging: pagingAfter(incident, fact) }
    case 'notified':
      return incident
    case 'update-late':
      return { ...incident, updateLate: true }
    case 'relief-prepared': {
      const { rotation, endsAt, to } = fact
      return { ...incident, shiftEnd: { rotation, endsAt, to, toldAt: null } }
    }
    case 'shift-ended':
      return { ...incident, shiftEnd: incident.shiftEnd && { ...incident.shiftEnd, toldAt: fact.at } }
    case 'role-taken':
    case 'role-offered':
    case 'role-accepted':
    case 'role-offer-ended':
    case 'role-taken-over':
    case 'role-released':
      return { ...incident, roles: evolveRoles(incident.roles, fact) }
    case 'evidence-added':
    case 'evidence-withdrawn':
    case 'evidence-destroyed':
      return { ...incident, evidence: evolveEvidence(incident.evidence, fact) }
    case 'clock-started':
    case 'clock-corrected':
    case 'clock-stopped':
    case 'clock-resumed':
    case 'clock-near':
    case 'clock-breached':
    case 'clock-carried':
    case 'clock-gone':
      return { ...incident, clocks: evolveClocks(incident.clocks, fact) }
    case 'task-added':
    case 'task-set':
      return { ...incident, tasks: evolveTasks(incident.tasks, fact) }
    case 'merged': {
      const { into, phase, owner } = fact
      const settled = settle({ ...incident, phase: 'merged', owner: null }, fact.at)
      return { ...settled, merged: { into, phase, owner } }
    }
    case 'unmerged': {
      const how = { began: 'unmerged' as const, reason: fact.reason }
      const { merged: _, ...rest } = incident
      return transfer({ ...rest, phase: fact.phase, resolvedAt: null }, fact.owner, fact.at, how)
    }
    case 'alerts-moved-out': {
      const { firing, total } = incident.alerts
      return {
        ...incident,
        alerts: { firing: Math.max(0, firing - fact.firing), total: Math.max(0, total - fact.total) },
      }
    }
    case 'alerts-moved-in': {
      const { firing, total } = incident.alerts
      return { ...incident, alerts: { firing: firing + fact.firing, total: total + fact.total } }
    }
    case 'identified': {
      const { title, service, team, severity, tier } = fact
      const next = { ...incident, title, service, team, severity, tier }
      // Rule E1: what could wait may be graver than was thought, and another team has not been told.
      const isNews = team !== incident.team || (incident.paging?.quiet === true && tier !== incident.tier)
      return isNews ? without(next, 'paging') : next
    }
    default:
      return unreachable(fact)
  }
}

function hop(holder: string | null, from: number, began: Hop['began'], extra: Partial<Hop> = {}): Hop {
  return { holder, from, to: null, began, readBack: null, reason: null, brief: null, ...extra }
}

function holderOf(by: string): string {
  return by.slice(by.indexOf(':') + 1)
}

/** Ends the running stretch of the chain at `at`; an unowned one joins the sum while the incident is open. */
function endStretch(incident: Incident, at: number): Pick<Incident, 'chain' | 'unownedMs'> {
  const last = incident.chain.at(-1)
  if (last === undefined || last.to !== null) return { chain: incident.chain, unownedMs: incident.unownedMs }
  const chain = [...incident.chain.slice(0, -1), { ...last, to: Math.max(at, last.from) }]
  const unownedMs = incident.unownedMs + (last.holder === null ? Math.max(0, at - last.from) : 0)
  return { chain, unownedMs }
}

function transfer(
  incident: Incident,
  to: string | null,
  at: number,
  how: { began: Hop['began'] } & Partial<Hop>,
): Incident {
  const { chain, unownedMs } = endStretch(incident, at)
  const { began, ...extra } = how
  // Rule I2: hand-overs are accepted or forced transfers from one holder to another.
  const handover = (began === 'accepted' || began === 'taken-over') && incident.owner !== null
  return {
    ...without(incident, 'paging', 'shiftEnd', 'seenBy'),
    owner: to,
    offer: null,
    chain: [...chain, hop(to, at, began, extra)],
    unownedMs,
    handovers: incident.handovers + (handover ? 1 : 0),
    reliefAskedBy: null,
    assistants: to === null ? incident.assistants : incident.assistants.filter((id) => id !== to),
    ownerHeardAt: to === null ? null : at,
    silence: null,
  }
}

/** Without what is only there while it holds, so that a state that never had it is the same. */
function without<K extends 'paging' | 'shiftEnd' | 'updateLate' | 'seenBy' | 'restrictedBy'>(
  incident: Incident,
  ...keys: readonly K[]
): Incident {
  if (keys.every((key) => incident[key] === undefined)) return incident
  const next = { ...incident }
  for (const key of keys) delete next[key]
  return next
}

/** Work has ended: the chain stops growing, nothing is due. */
function settle(incident: Incident, at: number): Incident {
  return {
    ...without(incident, 'paging', 'shiftEnd', 'updateLate'),
    ...endStretch(incident, at),
    offer: null,
    resolvedAt: at,
    silence: null,
    nextUpdateDueAt: null,
    reliefAskedBy: null,
  }
}

/** The incident that these facts tell, in order. @returns null for no facts */
export function fold(facts: Iterable<RecordedFact>): Incident | null {
  let incident: Incident | null = null
  for (const fact of facts) incident = evolve(incident, fact)
  return incident
}
