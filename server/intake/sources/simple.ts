import { type Event, type EventKind, type EventStatus, type Link, type Severity, safeLink } from '#shared/event.ts'
import type { RawRequest, Reading } from '../port.ts'
import { isRecord, readJson, textOf } from './json.ts'
import { keyedEvent, keyOf, readEach, timeOf, unreadableBody, wordOf } from './keyed.ts'
import { Fault, memberLimits, readAnnotations, readLabels } from './labels.ts'
import { severityOf } from './severity.ts'

const statuses: readonly EventStatus[] = ['firing', 'acknowledged', 'resolved']
const kinds: readonly EventKind[] = ['alert', 'change', 'heartbeat', 'log', 'test']
const texts = ['title', 'description', 'key', 'service', 'environment', 'group', 'severity'] as const

/** What the envelope says, for members that do not say it themselves. */
export interface Envelope {
  /** Epoch ms. */
  at: number | null
  status: EventStatus
  key: string | null
  labels: Readonly<Record<string, unknown>>
}

/**
 * Our own shape, for senders that can be told what to send:
 * `{ title, status: firing|acknowledged|resolved, severity?, key?, service?, environment?, description?, startsAt?,
 * endsAt?, labels?, annotations?, links?: [{ href, text? }], group?, kind?: alert|change|heartbeat|log|test }`,
 * one, an array of them, or `{ events: [...] }`. Without `key` the condition is known by title, service, environment and
 * labels. Standard Webhooks' envelope `{ type, timestamp, data }` may stand around each.
 */
export function readSimple(request: RawRequest): Reading {
  const json = readJson(request.body)
  if ('reason' in json) return unreadableBody(json.reason)
  const { value } = json
  const members = isRecord(value) && Array.isArray(value.events) ? value.events : Array.isArray(value) ? value : [value]
  return readEach(members, (member) => {
    const enclosed = member.title === undefined && isRecord(member.data)
    const at = enclosed ? timeOf(member.timestamp) : null
    const type = enclosed ? wordOf(member.type) : null
    const envelope: Envelope = { at, status: 'firing', key: null, labels: type === null ? {} : { type } }
    return readMember(enclosed ? (member.data as Record<string, unknown>) : member, envelope, request.receivedAt)
  })
}

/** Reads one member of our own shape. */
export function readMember(
  member: Readonly<Record<string, unknown>>,
  envelope: Envelope,
  receivedAt: number,
): Event | Fault {
  for (const name of texts) {
    const value = member[name]
    if (value !== undefined && value !== null && wordOf(value) === null && value !== '')
      return new Fault('type', name, `"${name}" must be a text`)
  }
  const title = wordOf(member.title) ?? wordOf(member.summary)
  if (title === null) return new Fault('required', 'title', '"title" is missing or empty')
  const status = oneOf(statuses, member.status, envelope.status)
  if (status === null) return new Fault('invalid', 'status', `"status" must be one of ${statuses.join(', ')}`)
  const kind = oneOf(kinds, member.kind, 'alert')
  if (kind === null) return new Fault('invalid', 'kind', `"kind" must be one of ${kinds.join(', ')}`)
  const labels = labelsOf(member.labels)
  if (labels instanceof Fault) return labels
  const annotations = readAnnotations(member.annotations)
  if (annotations instanceof Fault) return annotations
  const service = wordOf(member.service) ?? labels.service ?? null
  const environment = wordOf(member.environment) ?? labels.environment ?? null
  const severityRaw = wordOf(member.severity) ?? labels.severity ?? ''
  const severity: Severity = severityOf(severityRaw)
  const startsAt = timeOf(member.startsAt, envelope.at === null ? null : new Date(envelope.at).toISOString())
  return keyedEvent(
    {
      kind,
      status,
      key:
        wordOf(member.key) ??
        envelope.key ??
        keyOf(title, service, environment, ...Object.entries(labels).sort(byName).flat()),
      severity,
      severityRaw,
      title,
      description: wordOf(member.description) ?? '',
      startsAt,
      endsAt: timeOf(member.endsAt) ?? envelope.at,
      service,
      labels: { ...envelope.labels, ...labels, service, environment },
      annotations,
      links: linksOf(member.links),
      groupKey: wordOf(member.group),
    },
    receivedAt,
  )
}

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)

/** Labels may be absent. Numbers and truth values count as their text: a shell script writes them without quotes. */
function labelsOf(raw: unknown): Readonly<Record<string, string>> | Fault {
  if (raw === undefined || raw === null) return {}
  if (!isRecord(raw)) return new Fault('type', 'labels', '"labels" must be an object')
  const spelt = Object.fromEntries(
    Object.entries(raw)
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => [name, typeof value === 'object' ? value : textOf(value)]),
  )
  if (Object.keys(spelt).length === 0) return {}
  // Two places are kept for service and environment.
  if (Object.keys(spelt).length > memberLimits.labels - 2)
    return new Fault('invalid', 'labels', `more than ${memberLimits.labels - 2} labels`)
  const set = readLabels(spelt)
  return set instanceof Fault ? set : set.labels
}

function linksOf(raw: unknown): (Link | null)[] {
  if (!Array.isArray(raw)) return []
  return raw.slice(0, 100).map((link) => (isRecord(link) ? safeLink(link.href, wordOf(link.text) ?? 'Link') : null))
}

function oneOf<T extends string>(known: readonly T[], given: unknown, fallback: T): T | null {
  if (given === undefined || given === null || given === '') return fallback
  return known.find((word) => word === given) ?? null
}
