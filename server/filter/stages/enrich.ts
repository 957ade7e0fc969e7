import type { Labels } from '#shared/event.ts'
import { labelOf } from '#shared/matchers.ts'
import type { Stage } from '../stage.ts'

/** Says what the alert belongs to: its service and team by policy. Rules of later stages see `at.labels`. */
export const enrich: Stage = {
  name: 'enrich',
  judge(at, state) {
    const { event, tracked } = at
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
    if (tracked !== null) tracked.alert.service = at.service
    return null
  },
}

/** The machine: by the label that says so, else the address that was asked for metrics, without its port. A URL is no machine. */
function hostOf(labels: Labels): string {
  const named = labelOf(labels, 'node') || labelOf(labels, 'hostname')
  if (named !== '') return named
  return /^(\[[0-9a-fA-F:]+\]|[^:/\s]+)(:\d+)?$/.exec(labelOf(labels, 'instance'))?.[1] ?? ''
}
