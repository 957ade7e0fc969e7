import type { Deadline } from '../clocks.ts'
import { clockDeadlines } from './legal-clocks.ts'
import { meantNobody, reliefBeforeMs } from './paging.ts'
import { openRoleOffers } from './roles.ts'
import { type Incident, isOpen, type Tier } from './state.ts'

export interface SilenceLimits {
  /** How long an owner may give no command before being asked. Null: never. */
  askAfterMs: (tier: Tier | null) => number | null
  /** How long the question may stand before the commander is told. */
  tellAfterMs: number
  /** When the shift ends that the person is in; null: off shift. Left out: nobody has shifts. */
  shiftEndOf?: (person: string) => number | null
}

/**
 * What is due for this incident, from its own state alone: nothing is kept besides the facts, so a restart
 * forgets no deadline, and a handled one is gone because its fact changed the state.
 */
export function deadlinesOf(incident: Incident, limits: SilenceLimits): Deadline[] {
  // Rule CK5: these run on in whatever has ended.
  const due: Deadline[] = clockDeadlines(incident)
  if (!isOpen(incident.phase)) return due
  if (incident.offer !== null)
    due.push({ kind: 'offer-expires', incidentId: incident.id, at: incident.offer.deadlineAt })
  if (incident.owner !== null && incident.ownerHeardAt !== null) {
    const askAfterMs = limits.askAfterMs(incident.tier)
    if (incident.silence === null && askAfterMs !== null)
      due.push({ kind: 'owner-silent-ask', incidentId: incident.id, at: incident.ownerHeardAt + askAfterMs })
    if (incident.silence !== null && incident.silence.toldAt === null)
      due.push({
        kind: 'owner-silent-tell',
        incidentId: incident.id,
        at: incident.silence.askedAt + limits.tellAfterMs,
      })
  }
  const { id: incidentId } = incident
  for (const { offer } of openRoleOffers(incident))
    due.push({ kind: 'role-offer-expires', incidentId, at: offer.deadlineAt })
  if (incident.owner === null) {
    // Rule E1: told at once, and then step by step.
    const { paging } = incident
    const at =
      paging === undefined ? (incident.chain.at(-1)?.from ?? 0) : meantNobody(paging) ? paging.at : paging.nextAt
    if (at !== null) due.push({ kind: 'page', incidentId, at })
  } else {
    const endsAt = limits.shiftEndOf?.(incident.owner) ?? null
    if (endsAt !== null && incident.shiftEnd?.endsAt !== endsAt)
      due.push({ kind: 'relief-prepares', incidentId, at: endsAt - reliefBeforeMs })
    const isLonger = incident.shiftEnd !== undefined && endsAt !== null && endsAt > incident.shiftEnd.endsAt
    if (incident.shiftEnd !== undefined && incident.shiftEnd.toldAt === null && !isLonger)
      due.push({ kind: 'shift-ends', incidentId, at: incident.shiftEnd.endsAt })
  }
  if (incident.nextUpdateDueAt !== null && incident.updateLate !== true)
    due.push({ kind: 'update-late', incidentId, at: incident.nextUpdateDueAt })
  return due
}
