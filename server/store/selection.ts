import { type Incident, isOpen } from '#shared/incident/state.ts'
import type { IncidentFilter } from './port.ts'

/** Whether an incident belongs on the page that `filter` describes; `declaredSeq` is the seq of its first fact. */
export function isSelected(incident: Incident, declaredSeq: number, filter: IncidentFilter): boolean {
  return (
    (filter.open === undefined || isOpen(incident.phase) === filter.open) &&
    (filter.phase === undefined || filter.phase.includes(incident.phase)) &&
    (filter.tier === undefined || filter.tier.includes(incident.tier)) &&
    (filter.owner === undefined || incident.owner === filter.owner) &&
    (filter.service === undefined || incident.service === filter.service) &&
    (filter.beforeSeq === undefined || declaredSeq < filter.beforeSeq)
  )
}
