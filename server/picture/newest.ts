import type { Alert } from '#shared/alert.ts'

/**
 * The newest `limit` alerts by start, those that fire before those that ended. Cheap for very many: called for each frame
 * of an incident that is in a storm, so only the few that are shown are sorted as objects.
 */
export function newestAlerts(alerts: readonly Alert[], limit: number): Alert[] {
  const firing = newest(
    alerts.filter(({ status }) => status === 'firing'),
    limit,
  )
  if (firing.length >= limit) return firing
  const ended = alerts.filter(({ status }) => status !== 'firing')
  return [...firing, ...newest(ended, limit - firing.length)]
}

function newest(alerts: readonly Alert[], limit: number): Alert[] {
  let from = Number.NEGATIVE_INFINITY
  if (alerts.length > limit)
    from = Float64Array.from(alerts, ({ startsAt }) => startsAt).sort()[alerts.length - limit] ?? 0
  return alerts
    .filter(({ startsAt }) => startsAt >= from)
    .sort((a, b) => b.startsAt - a.startsAt)
    .slice(0, limit)
}
