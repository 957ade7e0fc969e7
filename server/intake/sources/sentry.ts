import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { cut } from './json.ts'
import { epochSeconds, keyedEvent, keyOf, partOf, plainLink, readOne, timeOf, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { severityOf } from './severity.ts'
import { hmacSha256, isHexOf, mismatched, unsigned } from './signatures.ts'

const resource = 'sentry-hook-resource'
const timestamp = 'sentry-hook-timestamp'
const signature = 'sentry-hook-signature'

/**
 * Webhooks of a Sentry integration. An issue is one condition: an alert rule or its creation begins it, and only its
 * resolving or archiving in Sentry ends it. A metric alert ends by itself. Errors, comments and installations tell of no
 * condition and are recorded as logs. Source: docs.sentry.io/organization/integrations/integration-platform/webhooks
 */
function readSentry(request: RawRequest): Reading {
  const { headers, receivedAt } = request
  const name = headers[resource] ?? ''
  const sentAt = epochSeconds(headers[timestamp]) ?? receivedAt
  return readOne(request, (body) => {
    if (!/^[a-z0-9_.-]{1,64}$/.test(name))
      return new Fault('required', resource, 'the header Sentry-Hook-Resource is missing')
    const data = partOf(body, 'data')
    const action = wordOf(body.action) ?? ''
    const found =
      name === 'event_alert'
        ? readRuleAlert(partOf(data, 'event'), data, receivedAt)
        : name === 'issue'
          ? readIssue(partOf(data, 'issue'), action, sentAt, receivedAt)
          : name === 'metric_alert'
            ? readMetric(partOf(data, 'metric_alert'), data, action, sentAt, receivedAt)
            : null
    return found ?? readOther(name, action, data, receivedAt)
  })
}

/** An issue alert rule matched an event of an issue. */
function readRuleAlert(
  event: Record<string, unknown>,
  data: Record<string, unknown>,
  receivedAt: number,
): Event | Fault {
  const tags = tagsOf(event.tags)
  const issue = wordOf(event.issue_id) ?? /\/issues\/(\d+)/.exec(wordOf(event.issue_url) ?? '')?.[1]
  if (issue === undefined) return new Fault('required', 'issue_id', 'data.event.issue_id is missing')
  const level = wordOf(event.level) ?? ''
  const project = /\/projects\/[^/]+\/([^/]+)\//.exec(wordOf(event.url) ?? '')?.[1] ?? wordOf(event.project)
  const rule = wordOf(data.triggered_rule) ?? wordOf(partOf(data, 'issue_alert').title)
  return keyedEvent(
    {
      // What the rule's "Send Test Notification" sends is marked as a sample.
      kind: tags.get('sample_event') === 'yes' ? 'test' : 'alert',
      status: 'firing',
      key: keyOf('issue', issue),
      severity: severityOf(level),
      severityRaw: level,
      title: wordOf(event.title) ?? 'Sentry issue without a title',
      description: wordOf(event.culprit) ?? '',
      startsAt: timeOf(event.datetime) ?? epochSeconds(event.timestamp),
      service: project,
      labels: {
        alertname: rule,
        project,
        level,
        issue,
        environment: wordOf(event.environment) ?? tags.get('environment'),
        release: wordOf(event.release) ?? tags.get('release'),
        platform: event.platform,
        transaction: tags.get('transaction'),
        instance: wordOf(event.server_name) ?? tags.get('server_name'),
      },
      annotations: { location: event.location, event: event.event_id },
      links: [plainLink(event.web_url, 'Issue')],
    },
    receivedAt,
  )
}

const ofIssue = {
  created: 'firing',
  unresolved: 'firing',
  assigned: 'acknowledged',
  resolved: 'resolved',
  archived: 'resolved',
  ignored: 'resolved',
} as const

function readIssue(
  issue: Record<string, unknown>,
  action: string,
  sentAt: number,
  receivedAt: number,
): Event | Fault | null {
  const id = wordOf(issue.id)
  if (id === null) return new Fault('required', 'id', 'data.issue.id is missing')
  const status = Object.hasOwn(ofIssue, action) ? ofIssue[action as keyof typeof ofIssue] : null
  if (status === null) return null
  const level = wordOf(issue.level) ?? ''
  const project = wordOf(partOf(issue, 'project').slug)
  return keyedEvent(
    {
      status,
      key: keyOf('issue', id),
      severity: severityOf(level),
      severityRaw: level,
      title: wordOf(issue.title) ?? 'Sentry issue without a title',
      description: wordOf(issue.culprit) ?? '',
      // One that comes back begins now, not when it was first seen.
      startsAt: action === 'created' ? timeOf(issue.firstSeen) : sentAt,
      endsAt: sentAt,
      service: project,
      labels: {
        project,
        level,
        issue: id,
        short_id: issue.shortId,
        platform: issue.platform,
        substatus: issue.substatus,
      },
      annotations: { count: issue.count, users: issue.userCount, assigned: action === 'assigned' ? 'yes' : null },
      links: [plainLink(issue.web_url, 'Issue'), plainLink(issue.permalink, 'Issue')],
    },
    receivedAt,
  )
}

function readMetric(
  metric: Record<string, unknown>,
  data: Record<string, unknown>,
  action: string,
  sentAt: number,
  receivedAt: number,
): Event | Fault | null {
  const id = wordOf(metric.id)
  if (id === null) return new Fault('required', 'id', 'data.metric_alert.id is missing')
  if (!['open', 'critical', 'warning', 'resolved'].includes(action)) return null
  const rule = partOf(metric, 'alert_rule')
  const projects = Array.isArray(metric.projects) ? metric.projects.filter((slug) => typeof slug === 'string') : []
  const project = projects[0] ?? null
  const isOver = action === 'resolved'
  return keyedEvent(
    {
      status: isOver ? 'resolved' : 'firing',
      key: keyOf('metric', id),
      severity: severityOf(action),
      severityRaw: isOver || action === 'open' ? '' : action,
      title: wordOf(data.description_title) ?? wordOf(rule.name) ?? wordOf(metric.title) ?? 'Sentry metric alert',
      description: wordOf(data.description_text) ?? '',
      startsAt: timeOf(metric.date_started, metric.date_detected, metric.date_created),
      endsAt: timeOf(metric.date_closed) ?? sentAt,
      service: project,
      labels: { alertname: rule.name, project, environment: rule.environment, aggregate: rule.aggregate },
      annotations: { query: rule.query, projects: projects.length > 1 ? cut(projects.join(', '), 1000) : null },
      links: [plainLink(data.web_url, 'Alert')],
      groupKey: wordOf(rule.id),
    },
    receivedAt,
  )
}

function readOther(name: string, action: string, data: Record<string, unknown>, receivedAt: number): Event {
  const about = partOf(data, name.split('.')[0] ?? name)
  const project = wordOf(data.project_slug)
  const words = [name.replaceAll('_', ' '), cut(action.replaceAll('_', ' '), 64)].filter((word) => word !== '')
  const title = wordOf(about.title)
  return keyedEvent(
    {
      kind: 'log',
      status: 'firing',
      key: keyOf('event', name, action, project),
      severity: 'info',
      title: `Sentry: ${words.join(' ')}${title === null ? '' : `: ${title}`}`,
      service: project,
      labels: { resource: name, action, project },
      links: [plainLink(about.web_url, 'Event')],
    },
    receivedAt,
  )
}

/** Sentry's tags are pairs; the last of a name counts. */
function tagsOf(raw: unknown): Map<string, string> {
  const pairs = Array.isArray(raw) ? raw : []
  return new Map(
    pairs.flatMap((pair: unknown): [string, string][] =>
      Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string' ? [[pair[0], pair[1]]] : [],
    ),
  )
}

/**
 * Hex HMAC-SHA256 of the body with the integration's client secret. The timestamp header stands beside the signature,
 * not under it, so it proves nothing. Source: docs.sentry.io, integration platform, webhooks, Sentry-Hook-Signature.
 */
function verify({ headers, body }: RawRequest, secret: string): string | null {
  const given = headers[signature]
  if (given === undefined) return unsigned
  return isHexOf(given, hmacSha256(secret, body)) ? null : mismatched
}

export const sentry: SourceKind = {
  kind: 'sentry',
  title: 'Sentry',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  signs: 'theirs',
  adapters: [
    {
      id: 'sentry/intake',
      door: 'intake',
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: null,
      reads: [resource, timestamp, signature],
      verify,
      parse: readSentry,
      refuse: houseRefusal,
    },
  ],
  sample: {
    headers: { [resource]: 'issue' },
    body: '{"action":"created","data":{"issue":{"id":"1","shortId":"TEST-1","title":"A test from the page of this source","level":"error","status":"unresolved","project":{"name":"Example","slug":"example"}}}}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'Settings > Developer Settings > Create New Integration > Internal Integration',
      language: 'yaml',
      text: `Webhook URL: ${baseUrl}/intake/${sourceId}
Alert Rule Action: enabled
Permissions: { Issue & Event: Read }
Webhooks: [issue]
# After saving: copy the Client Secret of the integration and set it as the signing secret of this source.
# Then add "Send a notification via Uxbridge" to the alert rules that matter.
`,
    },
    {
      title: 'Until the client secret is set here: the address with the key in it',
      language: 'yaml',
      text: `Webhook URL: ${baseUrl}/intake/${sourceId}/${key}
`,
    },
  ],
}
