import { isUtf8 } from 'node:buffer'
import type { Event, EventStatus } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind, VendorAnswer } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord, readJson, textOf } from './json.ts'
import { keyedEvent, keyOf, nameOf, readEach, timeOf, unreadableBody, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { readMember } from './simple.ts'

const origin = 'webhook-request-origin'
const rate = 'webhook-request-rate'
/** Kept is kept; there is nothing to say. */
const accepted: VendorAnswer = { status: 204 }
const known = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'data']
/** The last word of a type that tells of an end: `com.example.alert.resolved`. */
const endings = ['resolved', 'closed', 'ended', 'ok', 'recovered', 'fixed', 'cleared']
const beginnings = ['fired', 'firing', 'opened', 'open', 'triggered', 'created', 'raised', 'active', 'started']

/**
 * CloudEvents 1.0 over HTTP: structured, batched and binary. An event whose data has our own simple shape (`title` or
 * `summary`, with `severity` or `status`) is an alert; any other tells of no condition and is recorded as a log. The
 * condition is its `key`, else source, subject and type without its last word, which tells of a beginning or an end.
 * Source: github.com/cloudevents/spec, cloudevents/bindings/http-protocol-binding.md and formats/json-format.md
 */
function readCloudEvents(request: RawRequest): Reading {
  const mediaType = request.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const binary = request.headers['ce-specversion'] !== undefined
  if (mediaType.startsWith('application/cloudevents') && !/^application\/cloudevents(-batch)?\+json$/.test(mediaType))
    return unsupported(mediaType)
  if (binary && !mediaType.startsWith('application/cloudevents')) return readBinary(request, mediaType)
  const json = readJson(request.body)
  if ('reason' in json) return unreadableBody(json.reason)
  const { value } = json
  // Some senders call a structured event plain JSON; what it is stands in it.
  const isEnvelope = (each: unknown) => isRecord(each) && each.specversion !== undefined
  if (
    !mediaType.startsWith('application/cloudevents') &&
    !(Array.isArray(value) ? value.some(isEnvelope) : isEnvelope(value))
  )
    return unsupported(mediaType)
  const members = Array.isArray(value) ? value : [value]
  return readEach(members, (member) => readEvent(member, dataIn(member), request.receivedAt), accepted)
}

/** 415, and nothing kept: it is no CloudEvent in a format that is read here. */
function unsupported(mediaType: string): Reading {
  const answer = houseRefusal(
    415,
    `Media type "${mediaType.slice(0, 80)}" is not read here. Send application/cloudevents+json, application/cloudevents-batch+json, or binary mode with ce-specversion.`,
  )
  return { events: [], unreadable: [], answer, keep: false }
}

/** Attributes in `ce-` headers, percent-encoded; the body is the data. */
function readBinary({ headers, body, receivedAt }: RawRequest, mediaType: string): Reading {
  const attributes: [string, string][] = []
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith('ce-')) attributes.push([name.slice(3), unescaped(value)])
  const isJson = mediaType === '' || /[/+]json$/.test(mediaType)
  const json = isJson && body.length > 0 ? readJson(body) : null
  if (json !== null && 'reason' in json && mediaType !== '') return unreadableBody(json.reason)
  const isText = mediaType.startsWith('text/') || /[/+]xml$/.test(mediaType)
  const data = json !== null && 'value' in json ? json.value : isText ? Buffer.from(body).toString('utf8') : undefined
  const member = Object.fromEntries(attributes)
  return readEach([member], (each) => readEvent(each, data, receivedAt), accepted)
}

/** Source: http-protocol-binding.md 3.1.3.2: quotes are taken off, then every `%XX` becomes its byte. */
function unescaped(raw: string): string {
  const bare = /^"(.*)"$/s.exec(raw)?.[1]?.replace(/\\(.)/g, '$1') ?? raw
  const bytes = bare.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const decoded = Buffer.from(bytes, 'latin1')
  // Some senders do not encode; then it is Latin-1, as headers are.
  return isUtf8(decoded) ? decoded.toString('utf8') : bytes
}

/** Bytes in base64 are opened where they are said to be JSON. */
function dataIn({ data, data_base64: packed, datacontenttype }: Record<string, unknown>): unknown {
  if (typeof packed !== 'string') return data
  if (!/[/+]json\b/.test(wordOf(datacontenttype) ?? '')) return undefined
  const json = readJson(Buffer.from(packed, 'base64'))
  return 'value' in json ? json.value : undefined
}

/** Source and id name the delivery. Source: cloudevents/spec.md, "id": a second one with both the same may be taken as a duplicate. */
function readEvent(attributes: Record<string, unknown>, data: unknown, receivedAt: number): Event | Fault {
  const event = eventIn(attributes, data, receivedAt)
  return event instanceof Fault ? event : { ...event, deliveryId: nameOf(keyOf(attributes.source, attributes.id)) }
}

function eventIn(attributes: Record<string, unknown>, data: unknown, receivedAt: number): Event | Fault {
  if (wordOf(attributes.specversion) !== '1.0') return new Fault('invalid', 'specversion', 'specversion must be "1.0"')
  for (const name of ['id', 'source', 'type'])
    if (wordOf(attributes[name]) === null) return new Fault('required', name, `${name} is missing or empty`)
  const { source, subject } = attributes
  const type = wordOf(attributes.type) ?? ''
  const last = type.slice(type.lastIndexOf('.') + 1).toLowerCase()
  const isEnd = endings.includes(last)
  const stem = isEnd || beginnings.includes(last) ? type.slice(0, -last.length) : type
  const key = keyOf(source, subject, stem)
  const extensions = Object.entries(attributes).filter(([name]) => !known.includes(name) && name !== 'data_base64')
  const labels = { ...Object.fromEntries(extensions), source, subject, type }
  const at = timeOf(attributes.time)
  if (isRecord(data) && tellsOfCondition(data)) {
    const status: EventStatus = isEnd ? 'resolved' : 'firing'
    return readMember({ severity: attributes.severitytext, ...data }, { at, status, key, labels }, receivedAt)
  }
  return keyedEvent(
    {
      kind: 'log',
      status: 'firing',
      key,
      severity: 'info',
      title: `${type}${wordOf(subject) === null ? '' : `: ${wordOf(subject)}`}`,
      description: data === undefined || data === null ? '' : textOf(data),
      startsAt: at,
      labels,
    },
    receivedAt,
  )
}

function tellsOfCondition(data: Record<string, unknown>): boolean {
  const isNamed = wordOf(data.title) !== null || wordOf(data.summary) !== null
  return isNamed && (wordOf(data.severity) !== null || wordOf(data.status) !== null)
}

/**
 * The sender asks whether it may send here. Whoever has the key may, as fast as the source's own limit allows. The
 * callback that it may offer is not called: an address from a request is never fetched.
 * Source: github.com/cloudevents/spec, cloudevents/http-webhook.md, 4 "Abuse protection"
 */
function handshake(headers: Readonly<Record<string, string>>): VendorAnswer {
  const asks = headers[origin]
  const allow = { allow: 'POST, OPTIONS' }
  if (asks === undefined) return { status: 204, headers: allow }
  const allowed = { ...allow, 'webhook-allowed-origin': asks.replace(/[^\x21-\x7e]/g, ''), 'webhook-allowed-rate': '*' }
  return { status: 200, headers: allowed }
}

export const cloudevents: SourceKind = {
  kind: 'cloudevents',
  title: 'CloudEvents',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'cloudevents/intake',
      door: 'intake',
      maxBytes: 4 * 1024 * 1024,
      // A binary event has the media type of its data; what is not read is answered 415 after a look at it.
      mediaTypes: null,
      reads: ['ce-*', origin, rate],
      handshake,
      parse: readCloudEvents,
      refuse: houseRefusal,
    },
  ],
  sample: {
    contentType: 'application/cloudevents+json',
    body: '{"specversion":"1.0","id":"test","source":"/uxbridge/test","type":"com.example.alert.fired","data":{"title":"A test from the page of this source","severity":"warning"}}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'An event in binary mode, by hand; with ce-type …alert.resolved it ends',
      language: 'shell',
      text: `curl -sS ${baseUrl}/intake/${sourceId} -H 'Authorization: Bearer ${key}' \\
  -H 'ce-specversion: 1.0' -H "ce-id: $(date +%s%N)" -H 'ce-source: /monitors/checkout' \\
  -H 'ce-type: com.example.alert.fired' -H 'Content-Type: application/json' \\
  -d '{"title":"Checkout answers with errors","severity":"critical","service":"checkout"}'
`,
    },
    {
      title: 'Senders that can set no header, such as Azure Event Grid: the key stands in the address',
      language: 'shell',
      text: `az eventgrid event-subscription create --name uxbridge \\
  --source-resource-id "$TOPIC_ID" --event-delivery-schema cloudeventschemav1_0 \\
  --endpoint '${baseUrl}/intake/${sourceId}/${key}'
`,
    },
  ],
}
