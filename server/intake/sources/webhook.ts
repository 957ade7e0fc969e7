import { type Event, type EventStatus, readInstant, type Unreadable } from '#shared/event.ts'
import type { RawRequest, Reading, VendorAnswer } from '../port.ts'
import { readAlertsArray } from './alerts-v2.ts'
import { cut, isRecord, readJson } from './json.ts'
import { Fault, type LabelSet, linksOf, memberLimits, readAnnotations, readLabels, titleOf } from './labels.ts'
import { severityOf } from './severity.ts'

const accepted: VendorAnswer = { status: 200 }

/** What a relative of Alertmanager says besides, in the alert or around it. */
export type Refinement = (event: Event, raw: Record<string, unknown>, body: Record<string, unknown>) => Event
const asItIs: Refinement = (event) => event

/**
 * Alertmanager's webhook, version 4; an array as `POST /api/v2/alerts` takes is read here too. Each alert has its own
 * `status`; `endsAt` of year 1 means not ended. A firing one never expires: Alertmanager says itself when it ends.
 * @param refine adds to each alert what a relative says besides; it must not throw
 * Source: prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function readWebhook(request: RawRequest, refine: Refinement = asItIs): Reading {
  const json = readJson(request.body)
  if ('reason' in json) return whole(json.reason)
  const body = json.value
  if (Array.isArray(body)) {
    const reading = readAlertsArray(body, request.receivedAt)
    return { ...reading, answer: answerTo(reading.unreadable) }
  }
  if (!isRecord(body) || !Array.isArray(body.alerts))
    return whole('expected an object with an array "alerts", as Alertmanager’s webhook sends it')
  const members: readonly unknown[] = body.alerts
  const groupKey = groupKeyOf(body)
  const events: Event[] = []
  const unreadable: Unreadable[] = []
  const count = Math.min(members.length, memberLimits.members)
  for (let index = 0; index < count; index++) {
    const read = readAlert(members[index], body.status, groupKey, request.receivedAt)
    if (read instanceof Fault) unreadable.push({ index, reason: read.reason })
    // An alert that was read is a record.
    else events.push(refine(read, members[index] as Record<string, unknown>, body))
  }
  if (members.length > count)
    unreadable.push({
      index: count,
      reason: `more than ${count} alerts in one request; ${members.length - count} were not read`,
    })
  const answer = answerTo(unreadable)
  // Nothing vanishes unseen: what the sender itself left out stands in lost property, though the request was right.
  const left = body.truncatedAlerts
  if (typeof left === 'number' && left > 0)
    unreadable.push({
      index: members.length,
      reason: `the sender left out ${left} alerts (truncatedAlerts); raise max_alerts of its receiver`,
    })
  return { events, unreadable, answer, keep: events.length + unreadable.length > 0 }
}

/**
 * The group that the sender made. A route without `group_by` puts everything into one; that says nothing about what
 * belongs together, so it is none here.
 */
function groupKeyOf({ groupKey, groupLabels }: Record<string, unknown>): string | null {
  if (typeof groupKey !== 'string' || groupKey === '') return null
  if (isRecord(groupLabels) && Object.keys(groupLabels).length === 0) return null
  return cut(groupKey, 1024)
}

function readAlert(raw: unknown, groupStatus: unknown, groupKey: string | null, receivedAt: number): Event | Fault {
  if (!isRecord(raw)) return new Fault('type', '', 'an alert must be an object')
  let set = readLabels(raw.labels)
  if (set instanceof Fault) {
    const byFingerprint = unlabelled(raw)
    if (byFingerprint === null) return set
    set = byFingerprint
  }
  const annotations = readAnnotations(raw.annotations)
  if (annotations instanceof Fault) return annotations
  let startsAt: number | null
  let endsAt: number | null
  try {
    startsAt = readInstant(raw.startsAt)
    endsAt = readInstant(raw.endsAt)
  } catch (error) {
    return new Fault('type', 'startsAt', (error as Error).message)
  }
  const said = raw.status ?? groupStatus
  let status: EventStatus
  if (said === 'firing' || said === 'resolved') status = said
  else if (said === undefined) status = endsAt !== null && endsAt <= receivedAt ? 'resolved' : 'firing'
  else return new Fault('invalid', 'status', 'status must be "firing" or "resolved"')
  const { labels, key } = set
  const severityRaw = labels.severity ?? ''
  const resolved = status === 'resolved'
  return {
    kind: 'alert',
    status,
    dedupKey: key,
    family: 'alertmanager',
    severity: severityOf(severityRaw),
    severityRaw,
    title: titleOf(labels, annotations),
    description: annotations.description ?? annotations.message ?? '',
    startsAt: startsAt ?? endsAt ?? receivedAt,
    endsAt: resolved ? (endsAt ?? receivedAt) : null,
    expiresAt: null,
    timesOut: false,
    service: labels.service ?? null,
    labels,
    annotations,
    links: linksOf(raw.generatorURL, annotations),
    groupKey,
  }
}

/** An alert without labels still has an identity when it carries the sender's fingerprint of them. */
function unlabelled(raw: Record<string, unknown>): LabelSet | null {
  const { labels, fingerprint } = raw
  const absent = labels === undefined || labels === null || (isRecord(labels) && Object.keys(labels).length === 0)
  if (!absent || typeof fingerprint !== 'string' || !/^[0-9a-f]{16}$/.test(fingerprint)) return null
  return { labels: {}, key: `fingerprint ${fingerprint}` }
}

function whole(reason: string): Reading {
  return {
    events: [],
    unreadable: [{ index: 0, reason }],
    answer: {
      status: 400,
      body: { code: 'body-malformed', message: `${reason[0]?.toUpperCase()}${reason.slice(1)}.` },
    },
    keep: true,
  }
}

function answerTo(unreadable: readonly Unreadable[]): VendorAnswer {
  if (unreadable.length === 0) return accepted
  const fields = unreadable.slice(0, 20).map(({ index, reason }) => ({ path: `alerts.${index}`, message: reason }))
  const message = `${unreadable.length} of the alerts could not be read; the others were kept. The first: ${fields[0]?.path}: ${fields[0]?.message}`
  return { status: 422, body: { code: 'fields-invalid', message, details: { fields } } }
}
