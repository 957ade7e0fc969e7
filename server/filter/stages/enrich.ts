import { hostOf } from '#shared/catalogue.ts'
import type { FilterState } from '../memory/state.ts'
import type { Case, Stage } from '../stage.ts'

/** Says what the alert belongs to: its service and team by policy. Rules of later stages see `at.labels`. */
export const enrich: Stage = {
  name: 'enrich',
  judge(at, state) {
    describe(at, state)
    if (at.tracked !== null) at.tracked.alert.service = at.service
    return null
  },
}

/** Fills in what the policy says of the event. */
export function describe(at: Case, state: FilterState): void {
  const { event } = at
  const { id, team } = state.services.of(event)
  at.service = id
  at.team = team
  // `severity` is always ours here; the sender's own word is kept on the alert.
  const labels: Record<string, string> = { ...event.labels, severity: at.severity }
  if (at.service !== null) labels.service = at.service
  if (event.groupKey !== null) labels.group = event.groupKey
  if (labels.host === undefined) {
    const host = hostOf(labels)
    if (host !== '') labels.host = host
  }
  at.labels = labels
}
