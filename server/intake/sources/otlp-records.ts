import type { Event } from '#shared/event.ts'
import { cut, isLongInteger, isRecord, textOf } from './json.ts'
import { keyedEvent, keyOf, wordOf } from './keyed.ts'
import { Fault, memberLimits } from './labels.ts'
import { masked, wordsIn } from './masked.ts'
import type { LogBatch, LogGroup } from './otlp-protobuf.ts'

type Attributes = ReadonlyMap<string, unknown>

/** Lowest severity numbers of OTLP's six ranges, by their names. */
export const rangeStarts = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const
const rangeNames = Object.keys(rangeStarts).map((name) => name.toUpperCase())
const highest = 24

/** What loggers call their levels, for records without a number. Source: OTel logs data model, appendix B. */
const levelWords: readonly [RegExp, number][] = [
  [/^(fatal|critical|crit|emerg(ency)?|alert|panic)/i, rangeStarts.fatal],
  [/^(err(or)?|severe)/i, rangeStarts.error],
  [/^warn(ing)?/i, rangeStarts.warn],
]

/** What a source's settings say of its logs. */
export interface Threshold {
  /** Lowest severity number that is an alert. */
  alertFrom: number
  /** An alert ends when it was not repeated for so long, in ms; null: as long as the policy says. */
  quietAfter: number | null
}

/** The parts of an OTLP/JSON body. Lists that are something else stand as a fault where their records would. */
export function groupsInJson(value: unknown): LogBatch | { reason: string } {
  if (!isRecord(value)) return { reason: 'the body must be a JSON object' }
  const all = value.resourceLogs ?? []
  if (!Array.isArray(all)) return { reason: 'resourceLogs must be a list' }
  const batch: LogBatch = { groups: [], more: 0 }
  let left: number = memberLimits.members
  const add = (group: LogGroup) => {
    const taken = group.records.slice(0, Math.max(0, left))
    left -= taken.length
    batch.more += group.records.length - taken.length
    if (taken.length > 0) batch.groups.push({ ...group, records: taken })
  }
  const wrong = (what: string) => add({ resource: null, scope: null, records: [new Fault('type', '', what)] })
  for (const logs of all) {
    if (!isRecord(logs)) wrong('an entry of resourceLogs must be an object')
    else if (!Array.isArray(logs.scopeLogs ?? [])) wrong('scopeLogs must be a list')
    else
      for (const scoped of (logs.scopeLogs ?? []) as unknown[]) {
        if (!isRecord(scoped)) wrong('an entry of scopeLogs must be an object')
        else if (!Array.isArray(scoped.logRecords ?? [])) wrong('logRecords must be a list')
        else add({ resource: logs.resource, scope: scoped.scope, records: (scoped.logRecords ?? []) as unknown[] })
      }
  }
  return batch
}

/** Of a resource's attributes so many characters are kept with each of its records, of which there may be thousands. */
const resourceKept = 8192

/** What a resource says, and how much of it stands with each record. */
interface ResourceRead {
  attributes: Attributes
  shown: Readonly<Record<string, string>>
}

/** What the records of a group share. */
export interface Common {
  resource: ResourceRead
  scope: string | null
}

/** Reads what the records of each group share. Groups of one resource read it once: there may be thousands of them. */
export function commonReader(): (group: LogGroup) => Common | Fault {
  let last: unknown
  let read: ResourceRead | Fault = noResource
  return ({ resource, scope }) => {
    if (resource !== last) {
      last = resource
      read = readResource(resource)
    }
    return read instanceof Fault ? read : { resource: read, scope: isRecord(scope) ? wordOf(scope.name) : null }
  }
}

function readResource(resource: unknown): ResourceRead | Fault {
  if (resource instanceof Fault) return new Fault('type', 'resource', `of its resource ${resource.reason}`)
  const attributes = isRecord(resource) ? attributesOf(resource.attributes) : noAttributes
  if (attributes instanceof Fault) return new Fault('type', 'resource', `of its resource ${attributes.reason}`)
  const shown: [string, string][] = []
  let left = resourceKept
  for (const [name, value] of attributes) {
    if (value === null || value === '') continue
    const text = cut(textOf(value), left)
    left -= name.length + text.length
    if (left < 0 || shown.length === memberLimits.annotations) break
    shown.push([name, text])
  }
  return { attributes, shown: Object.fromEntries(shown) }
}

/**
 * One log record. Below the threshold it is a log and recorded. From the threshold on it is an alert that ends by silence:
 * the same event, exception, or message about another thing (numbers and names masked) of one service is one condition.
 * Source: opentelemetry.io/docs/specs/otel/logs/data-model and semantic conventions (resource, exceptions)
 */
export function readRecord(
  record: unknown,
  { resource: { attributes: resource, shown }, scope }: Common,
  { alertFrom, quietAfter }: Threshold,
  receivedAt: number,
): Event | Fault {
  if (record instanceof Fault) return record
  if (!isRecord(record)) return new Fault('type', '', 'a log record must be an object')
  const attributes = attributesOf(record.attributes)
  if (attributes instanceof Fault) return attributes
  const body = plainValue(record.body, 'body')
  if (body instanceof Fault) return body
  const word = (name: string) => wordOf(attributes.get(name)) ?? wordOf(resource.get(name))
  const number = severityNumberOf(record)
  const severityRaw = wordOf(record.severityText) ?? nameOf(number)
  const eventName = wordOf(record.eventName) ?? wordOf(attributes.get('event.name'))
  const exception = wordOf(attributes.get('exception.type'))
  const exceptionMessage = wordOf(attributes.get('exception.message'))
  const words = (wordsOf(body) || exceptionMessage) ?? ''
  const service = serviceOf(resource)
  const environment = word('deployment.environment.name') ?? word('deployment.environment')
  const isAlert = number >= alertFrom
  const place = [word('service.namespace'), service, environment]
  const event = keyedEvent(
    {
      kind: isAlert ? 'alert' : 'log',
      status: 'firing',
      // The text counts only where no name says what happened; of what is only recorded nobody asks for the key.
      key: keyOf('log', ...(isAlert ? [...place, eventName, exception, eventName ?? masked(words)] : [])),
      severity: number >= 21 ? 'critical' : number >= 17 ? 'high' : number >= 13 ? 'medium' : 'info',
      severityRaw,
      title: titleOf(eventName, exception, words),
      description: words,
      startsAt: instantOf(record.timeUnixNano) ?? instantOf(record.observedTimeUnixNano),
      expiresAt: isAlert && quietAfter !== null ? receivedAt + quietAfter : null,
      service,
      labels: {
        alertname: eventName ?? exception,
        environment,
        host: word('host.name'),
        instance: word('service.instance.id') ?? word('host.name'),
        cluster: word('k8s.cluster.name'),
        namespace: word('k8s.namespace.name') ?? word('service.namespace'),
        pod: word('k8s.pod.name'),
        container: word('k8s.container.name') ?? word('container.name'),
        region: word('cloud.region'),
        logger: scope,
        exception,
        level: severityRaw,
      },
      annotations: {
        trace_id: idOf(record.traceId, 32),
        span_id: idOf(record.spanId, 16),
        ...shown,
        ...Object.fromEntries(attributes),
      },
    },
    receivedAt,
  )
  return { ...event, timesOut: isAlert && quietAfter === null }
}

const noAttributes: Attributes = new Map()
const noResource: ResourceRead = { attributes: noAttributes, shown: {} }

/** Of one name the last value counts. An attribute without a name says nothing. */
function attributesOf(raw: unknown): Attributes | Fault {
  if (raw === undefined || raw === null) return noAttributes
  if (!Array.isArray(raw)) return new Fault('type', 'attributes', 'attributes must be a list of {key, value}')
  const found = new Map<string, unknown>()
  for (const pair of raw as unknown[]) {
    if (!isRecord(pair)) return new Fault('type', 'attributes', 'an attribute must be an object of key and value')
    const value = plainValue(pair.value, 'the value of an attribute')
    if (value instanceof Fault) return value
    if (typeof pair.key === 'string' && pair.key !== '') found.set(pair.key, value)
  }
  return found
}

/** An AnyValue as plain JSON: 64-bit integers that a number would round stay text, bytes stay base64. @returns or a Fault */
function plainValue(raw: unknown, what: string): unknown {
  if (raw === undefined || raw === null) return null
  const wrong = () => new Fault('type', '', `${what} must be one such as {"stringValue": "…"}`)
  if (!isRecord(raw)) return wrong()
  const [kind, value] = Object.entries(raw).find(([name, value]) => kinds.has(name) && value !== null) ?? [null, null]
  switch (kind) {
    case null:
      return Object.keys(raw).some((name) => !kinds.has(name)) ? wrong() : null
    case 'arrayValue': {
      const values = isRecord(value) ? (value.values ?? []) : null
      if (!Array.isArray(values)) return wrong()
      const items = values.map((item: unknown) => plainValue(item, what))
      return items.find((item) => item instanceof Fault) ?? items
    }
    case 'kvlistValue': {
      const pairs = isRecord(value) ? attributesOf(value.values) : wrong()
      return pairs instanceof Fault ? pairs : Object.fromEntries(pairs)
    }
    case 'intValue':
      return isLongInteger(value) ? textOf(value) : (integerOf(value) ?? wrong())
    case 'doubleValue':
      return typeof value === 'number' || (typeof value === 'string' && doubles.test(value)) ? value : wrong()
    case 'boolValue':
      return typeof value === 'boolean' ? value : wrong()
    default:
      return typeof value === 'string' ? value : wrong()
  }
}
const kinds = new Set([
  ...['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
])
const doubles = /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/

function integerOf(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isInteger(value) ? value : null
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return null
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** The number, or the one that its text stands for; 0 where neither says anything. */
function severityNumberOf({ severityNumber: raw, severityText }: Record<string, unknown>): number {
  const named = typeof raw === 'string' ? /^(?:SEVERITY_NUMBER_)?([A-Z]+)([234]?)$/.exec(raw) : null
  const range = named === null ? -1 : rangeNames.indexOf(named[1] ?? '')
  const number = range >= 0 ? range * 4 + Number(named?.[2] || 1) : Number(integerOf(raw) ?? 0)
  if (number >= 1 && number <= highest) return number
  const text = wordOf(severityText)?.trim() ?? ''
  return levelWords.find(([words]) => words.test(text))?.[1] ?? 0
}

function nameOf(number: number): string {
  if (number === 0) return ''
  const place = (number - 1) % 4
  return `${rangeNames[Math.floor((number - 1) / 4)]}${place === 0 ? '' : place + 1}`
}

/** SDKs call a service that has no name `unknown_service`; that is no service that things belong to. */
function serviceOf(resource: Attributes): string | null {
  const name = wordOf(resource.get('service.name'))
  return name === null || /^unknown_service(:|$)/.test(name) ? null : name
}

function wordsOf(body: unknown): string {
  if (typeof body === 'string') return wordsIn(body)
  if (body === null) return ''
  return (isRecord(body) ? (wordOf(body.message) ?? wordOf(body.msg)) : null) ?? textOf(body)
}

function titleOf(eventName: string | null, exception: string | null, words: string): string {
  const line = words.trimStart().split('\n', 1)[0] ?? ''
  const name = eventName ?? (exception !== null && !line.includes(exception) ? exception : null)
  if (name === null) return line === '' ? 'Log record without a body' : line
  return line === '' ? name : cut(`${name}: ${line}`, 300)
}

/** Epoch nanoseconds, as number, digits, or an integer kept digit for digit. @returns epoch ms; null when absent or absurd */
function instantOf(raw: unknown): number | null {
  const digits = typeof raw === 'string' ? raw : raw === undefined || raw === null ? '' : textOf(raw)
  if (!/^\d{1,20}$/.test(digits)) return null
  const at = Number(BigInt(digits) / 1_000_000n)
  return at > 0 && at <= 8.64e15 ? at : null
}

/** A trace's or span's id in hex; all zeros are none. */
function idOf(raw: unknown, length: number): string | null {
  if (typeof raw !== 'string' || raw.length !== length) return null
  return /^[0-9a-f]+$/i.test(raw) && !/^0+$/.test(raw) ? raw.toLowerCase() : null
}
