import type { Deadline } from '../clocks.ts'
import { type Incident, isOpen, type Tier } from './state.ts'

export interface SilenceLimits {
  /** How long an owner may give no command before being asked. Null: never. */
  askAfterMs: (tier: Tier | null) => number | null
  /** How long the question may stand before the commander is told. */
  tellAfterMs: number
}

/**
 * What is due for this incident, from its own state alone: nothing is kept besides the facts, so a restart
 * forgets no deadline, and a handled one is gone because its fact changed the state.
 */
export function deadlinesOf(incident: Incident, limits: SilenceLimits): Deadline[] {
  const due: Deadline[] = []
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
  return due
}
