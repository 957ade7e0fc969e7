import { hash } from 'node:crypto'
import { type Event, type Labels, type Link, readInstant, safeLink } from '#shared/event.ts'
import type { Adapter, DoorName, RawRequest, Reading, SourceKind, VendorAnswer } from '../port.ts'
import { cut, isRecord, readJson, textOf } from './json.ts'
import { memberLimits } from './labels.ts'
import { severityOf } from './severity.ts'

/** PagerDuty's own limit on a body. */
const maxBytes = 512 * 1024
const dedupKeyLength = 255
const summaryLength = 1024
const severities = ['critical', 'error', 'warning', 'info']
const actions = { trigger: 'firing', acknowledge: 'acknowledged', resolve: 'resolved' } as const

/**
 * PagerDuty Events API v2, `POST /v2/enqueue`: one event a request, 202 with its `dedup_key`, 400 with every fault found.
 * Source: developer.pagerduty.com/docs/send-alert-event
 */
function readEvent(request: RawRequest): Reading {
  const json = readJson(request.body)
  if ('reason' in json) return invalid([json.reason])
  const body = json.value
  if (!isRecord(body)) return invalid(['the body must be a JSON object'])
  const faults: string[] = []
  const action = body.event_action
  const status =
    typeof action === 'string' && Object.hasOwn(actions, action) ? actions[action as keyof typeof actions] : null
  if (status === null) faults.push("'event_action' is invalid (must be one of trigger, acknowledge, resolve)")
  const given = body.dedup_key
  if (given !== undefined && given !== null && typeof given !== 'string') faults.push("'dedup_key' must be a string")
  else if (typeof given === 'string' && given.length > dedupKeyLength)
    faults.push(`'dedup_key' is longer than ${dedupKeyLength} characters`)
  else if (!given && status !== null && status !== 'firing') faults.push("'dedup_key' is missing or blank")
  const payload = isRecord(body.payload) ? body.payload : {}
  if (status === 'firing') {
    if (!isRecord(body.payload)) faults.push("'payload' is missing or no object")
    else checkPayload(payload, faults)
  }
  const details = readDetails(payload.custom_details, faults)
  let saidAt: number | null = null
  try {
    saidAt = readInstant(payload.timestamp)
  } catch (error) {
    faults.push(`'payload.timestamp' is invalid: ${(error as Error).message}`)
  }
  const labels = readLabelsOf(payload, faults)
  if (faults.length > 0 || status === null) return invalid(faults)
  // Absent, one is made from what was sent and when, so that reading the same entry again makes the same one.
  const dedupKey =
    typeof given === 'string' && given !== ''
      ? given
      : hash('sha256', Buffer.concat([request.body, Buffer.from(`\n${request.receivedAt}`)])).slice(0, 32)
  const severityRaw = typeof payload.severity === 'string' ? payload.severity : ''
  const summary = typeof payload.summary === 'string' ? payload.summary : ''
  const event: Event = {
    kind: 'alert',
    status,
    dedupKey,
    family: 'keyed',
    severity: severityOf(severityRaw),
    severityRaw,
    title: summary === '' ? dedupKey : cut(summary, 300),
    description: summary.length > 300 ? summary : '',
    startsAt: saidAt ?? request.receivedAt,
    endsAt: status === 'resolved' ? (saidAt ?? request.receivedAt) : null,
    expiresAt: null,
    timesOut: false,
    service: details.service ?? null,
    labels,
    annotations:
      typeof body.client === 'string' && body.client !== '' ? { ...details, client: cut(body.client, 300) } : details,
    links: readLinks(body),
    groupKey: labels.group ?? null,
  }
  const answer: VendorAnswer = {
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: dedupKey },
  }
  return { events: [event], unreadable: [], answer, keep: true }
}

/**
 * PagerDuty change events, `POST /v2/change/enqueue`: something was done, nothing is wrong.
 * Source: developer.pagerduty.com/docs/send-change-event
 */
function readChange(request: RawRequest): Reading {
  const json = readJson(request.body)
  if ('reason' in json) return invalid([json.reason])
  const body = json.value
  if (!isRecord(body)) return invalid(['the body must be a JSON object'])
  const faults: string[] = []
  const payload = isRecord(body.payload) ? body.payload : {}
  const { summary, source } = payload
  if (!isRecord(body.payload)) faults.push("'payload' is missing or no object")
  else checkSummary(summary, faults)
  const details = readDetails(payload.custom_details, faults)
  const labels = readLabelsOf({ source, component: payload.component }, faults)
  let saidAt: number | null = null
  try {
    saidAt = readInstant(payload.timestamp)
  } catch (error) {
    faults.push(`'payload.timestamp' is invalid: ${(error as Error).message}`)
  }
  if (faults.length > 0 || typeof summary !== 'string') return invalid(faults)
  const event: Event = {
    kind: 'change',
    status: 'firing',
    dedupKey: hash('sha256', Buffer.concat([request.body, Buffer.from(`\n${request.receivedAt}`)])).slice(0, 32),
    family: 'keyed',
    severity: 'info',
    severityRaw: 'info',
    title: cut(summary, 300),
    description: summary.length > 300 ? summary : '',
    startsAt: saidAt ?? request.receivedAt,
    endsAt: null,
    expiresAt: null,
    timesOut: false,
    service: details.service ?? null,
    labels,
    annotations: details,
    links: readLinks(body),
    groupKey: null,
  }
  const answer = { status: 202, body: { status: 'success', message: 'Change event processed' } }
  return { events: [event], unreadable: [], answer, keep: true }
}

function checkSummary(summary: unknown, faults: string[]): void {
  if (typeof summary !== 'string' || summary.trim() === '') faults.push("'payload.summary' is missing or blank")
  else if (summary.length > summaryLength) faults.push(`'payload.summary' is longer than ${summaryLength} characters`)
}

function checkPayload(payload: Record<string, unknown>, faults: string[]): void {
  const { summary, source, severity } = payload
  checkSummary(summary, faults)
  if (typeof source !== 'string' || source.trim() === '') faults.push("'payload.source' is missing or blank")
  if (typeof severity !== 'string' || !severities.includes(severity))
    faults.push(`'payload.severity' is invalid (must be one of ${severities.join(', ')})`)
}

function readLabelsOf(payload: Record<string, unknown>, faults: string[]): Labels {
  const labels: Record<string, string> = {}
  for (const name of ['source', 'component', 'group', 'class'] as const) {
    const value = payload[name]
    if (value === undefined || value === null || value === '') continue
    if (typeof value !== 'string') faults.push(`'payload.${name}' must be a string`)
    else if (value.length > memberLimits.labelValueLength)
      faults.push(`'payload.${name}' is longer than ${memberLimits.labelValueLength} characters`)
    else labels[name] = value
  }
  return labels
}

/** Details become annotations: texts as they are, everything else as JSON with every digit of long integers kept. */
function readDetails(raw: unknown, faults: string[]): Record<string, string> {
  if (raw === undefined || raw === null || raw === '') return {}
  if (!isRecord(raw)) return { details: cut(textOf(raw), memberLimits.annotationLength) }
  const entries = Object.entries(raw)
  if (entries.length > memberLimits.annotations)
    faults.push(`'payload.custom_details' has more than ${memberLimits.annotations} fields`)
  const kept: [string, string][] = []
  for (const [name, value] of entries.slice(0, memberLimits.annotations)) {
    const text = textOf(value)
    if (name.length > memberLimits.labelNameLength)
      faults.push(`a name in 'payload.custom_details' is longer than ${memberLimits.labelNameLength} characters`)
    else if (text.length > memberLimits.annotationLength)
      faults.push(`'payload.custom_details.${name}' is longer than ${memberLimits.annotationLength} characters`)
    else if (name !== '' && name !== '__proto__') kept.push([name, text])
  }
  return Object.fromEntries(kept)
}

function readLinks(body: Record<string, unknown>): Link[] {
  const links: Link[] = []
  const keep = (href: unknown, text: unknown, fallback: string) => {
    const link = safeLink(href, typeof text === 'string' && text !== '' ? cut(text, 300) : fallback)
    if (link !== null && links.length < 20) links.push(link)
  }
  keep(body.client_url, body.client, 'Source')
  for (const link of Array.isArray(body.links) ? body.links : []) if (isRecord(link)) keep(link.href, link.text, 'Link')
  for (const image of Array.isArray(body.images) ? body.images : [])
    if (isRecord(image)) keep(image.href ?? image.src, image.alt, 'Image')
  return links
}

function invalid(errors: string[]): Reading {
  const answer = { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } }
  return { events: [], unreadable: [{ index: 0, reason: errors.join('; ') }], answer, keep: true }
}

/** The error body of PagerDuty's Events API. */
export function pagerdutyRefusal(status: number, message: string): VendorAnswer {
  const word = status === 429 ? 'throttle exceeded' : status >= 500 ? 'unavailable' : 'invalid event'
  return { status, body: { status: word, message, errors: [message] } }
}

const namedKey = /"routing_key"\s*:\s*"([^"\\]{1,64})"/g
/** A body names its key once; its details may show some more. */
const mostNamed = 20

/**
 * The routing key in a body that was not authenticated yet; null when there is none to be found. Only a body that names a
 * key we know is parsed: half a megabyte of anybody's costs a look at it and no more.
 */
export function routingKeyIn(body: Uint8Array, isKnown: (key: string) => boolean): string | null {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  const named = text.matchAll(namedKey).take(mostNamed).toArray()
  const keys = named.map(([, key = '']) => key)
  if (!keys.some(isKnown)) return keys[0] ?? null
  const json = readJson(body)
  if ('reason' in json || !isRecord(json.value)) return null
  const key = json.value.routing_key
  return typeof key === 'string' ? key : null
}

const door = (name: DoorName, parse: Adapter['parse']): Adapter => ({
  id: `pagerduty/${name}`,
  door: name,
  maxBytes,
  mediaTypes: null,
  parse,
  refuse: pagerdutyRefusal,
})

export const pagerduty: SourceKind = {
  kind: 'pagerduty',
  title: 'PagerDuty Events v2',
  defaultGroup: 'source',
  keyFormat: 'routing-key',
  adapters: [door('pagerduty-enqueue', readEvent), door('intake', readEvent), door('pagerduty-change', readChange)],
  sample: {
    door: 'pagerduty-enqueue',
    body: '{"routing_key":"00000000000000000000000000000000","event_action":"trigger","dedup_key":"test","payload":{"summary":"A test from the page of this source","source":"Uxbridge","severity":"warning"}}',
  },
  connect: ({ baseUrl, key }) => [
    {
      title: 'alertmanager.yml: a PagerDuty receiver that tells Uxbridge',
      language: 'yaml',
      text: `receivers:
  - name: uxbridge
    pagerduty_configs:
      - url: ${baseUrl}/v2/enqueue
        routing_key: ${key}
`,
    },
    {
      title: 'A change, from a pipeline',
      language: 'shell',
      text: `curl -sS ${baseUrl}/v2/change/enqueue -H 'Content-Type: application/json' \\
  -d '{"routing_key":"${key}","payload":{"summary":"Deployed checkout 4.2","source":"ci","custom_details":{"service":"checkout"}}}'
`,
    },
    {
      title: 'A first event, by hand',
      language: 'shell',
      text: `curl -sS ${baseUrl}/v2/enqueue -H 'Content-Type: application/json' \\
  -d '{"routing_key":"${key}","event_action":"trigger","dedup_key":"first-light","payload":{"summary":"Checkout answers with errors","source":"web-1","severity":"critical"}}'
`,
    },
  ],
}
