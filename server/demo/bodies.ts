import { createHash } from 'node:crypto'
import { fingerprint } from '#shared/alert.ts'

/** What a sender knows of one condition; the bodies below say it in each sender's own way. Instants are epoch ms. */
export interface Condition {
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  startsAt: number
  /** Null while it lasts. */
  endedAt: number | null
  generatorUrl: string
}

/** Prometheus writes milliseconds only when there are any; we always do, which every reader takes. */
const iso = (at: number): string => new Date(at).toISOString()

/**
 * Body of `POST /api/v2/alerts` as Prometheus sends it: a firing alert carries an end in the future, by which it
 * promises to have told it again.
 * @param repeatBy epoch ms of that promise
 */
export function prometheusBody(conditions: readonly Condition[], repeatBy: number): string {
  return JSON.stringify(
    conditions.map((condition) => ({
      annotations: condition.annotations,
      endsAt: iso(condition.endedAt ?? repeatBy),
      startsAt: iso(condition.startsAt),
      generatorURL: condition.generatorUrl,
      labels: condition.labels,
    })),
  )
}

const unset = '0001-01-01T00:00:00Z'

/** Body of Alertmanager's webhook, version 4, for one group of alerts. */
export function webhookBody(conditions: readonly Condition[], groupBy: string): string {
  const shared = (of: 'labels' | 'annotations'): Record<string, string> =>
    Object.fromEntries(
      Object.entries(conditions[0]?.[of] ?? {}).filter(([name, value]) =>
        conditions.every((condition) => condition[of][name] === value),
      ),
    )
  const group = conditions[0]?.labels[groupBy] ?? ''
  return JSON.stringify({
    receiver: 'uxbridge',
    status: conditions.some((condition) => condition.endedAt === null) ? 'firing' : 'resolved',
    alerts: conditions.map((condition) => ({
      status: condition.endedAt === null ? 'firing' : 'resolved',
      labels: condition.labels,
      annotations: condition.annotations,
      startsAt: iso(condition.startsAt),
      endsAt: condition.endedAt === null ? unset : iso(condition.endedAt),
      generatorURL: condition.generatorUrl,
      fingerprint: fingerprint(condition.labels),
    })),
    groupLabels: { [groupBy]: group },
    commonLabels: shared('labels'),
    commonAnnotations: shared('annotations'),
    externalURL: 'http://alertmanager.example:9093',
    version: '4',
    groupKey: `{}:{${groupBy}="${group}"}`,
    truncatedAlerts: 0,
  })
}

const pagerDutySeverities = new Set(['critical', 'error', 'warning', 'info'])

/** Body of PagerDuty's Events API v2, as an application's own integration sends it. */
export function pagerDutyBody(condition: Condition, routingKey: string): string {
  const { severity = 'warning', alertname = 'alert', service = '', instance = '' } = condition.labels
  return JSON.stringify({
    routing_key: routingKey,
    event_action: condition.endedAt === null ? 'trigger' : 'resolve',
    dedup_key: createHash('sha256').update(fingerprint(condition.labels)).digest('hex'),
    payload: {
      summary: condition.annotations.summary ?? alertname,
      source: instance || service || 'unknown',
      severity: pagerDutySeverities.has(severity) ? severity : 'error',
      timestamp: iso(condition.startsAt),
      component: service,
      class: alertname,
      custom_details: { ...condition.labels, description: condition.annotations.description ?? '' },
    },
    client: 'Orders back office',
    client_url: condition.generatorUrl,
  })
}
