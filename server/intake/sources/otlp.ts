import { hourMs, secondMs } from '#shared/clocks.ts'
import type { Event, Unreadable } from '#shared/event.ts'
import type { Adapter, DoorName, RawRequest, Reading, SourceKind, VendorAnswer } from '../port.ts'
import { readJson } from './json.ts'
import { Fault, memberLimits } from './labels.ts'
import { decodeLogs, encodeResponse, encodeStatus } from './otlp-protobuf.ts'
import { commonReader, groupsInJson, rangeStarts, readRecord, type Threshold } from './otlp-records.ts'

const protobufTypes = ['application/x-protobuf', 'application/protobuf']
const namedFaults = 10

/**
 * OTLP/HTTP logs, `POST /v1/logs`, in JSON and in binary protobuf; answered in the encoding of the request. Records that
 * cannot be read are counted in `partialSuccess` with what is wrong; only a body whose records cannot be told apart is 400.
 * Source: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP"
 */
function readLogs(request: RawRequest): Reading {
  const { body, contentType, receivedAt } = request
  const json = isProtobuf(contentType) ? null : readJson(body)
  const batch = json === null ? decodeLogs(body) : 'reason' in json ? json : groupsInJson(json.value)
  if ('reason' in batch) {
    const unreadable = [{ index: 0, reason: batch.reason }]
    return { events: [], unreadable, answer: otlpRefusal(400, batch.reason, contentType), keep: true }
  }
  const threshold = thresholdIn(request)
  const events: Event[] = []
  const unreadable: Unreadable[] = []
  const commonOf = commonReader()
  let index = 0
  for (const group of batch.groups) {
    const common = commonOf(group)
    for (const packed of group.records) {
      const record = group.unpack === undefined ? packed : group.unpack(packed)
      const read = common instanceof Fault ? common : readRecord(record, common, threshold, receivedAt)
      if (read instanceof Fault) unreadable.push({ index, reason: read.reason })
      else events.push(read)
      index++
    }
  }
  const faulty = unreadable.length
  if (batch.more > 0)
    unreadable.push({
      index,
      reason: `more than ${memberLimits.members} log records in one request; ${batch.more} were not read`,
    })
  return {
    events,
    unreadable,
    answer: exported(faulty + batch.more, unreadable, contentType),
    keep: events.length + unreadable.length > 0,
  }
}

function thresholdIn({ settings }: RawRequest): Threshold {
  const { alertFrom, quietAfter } = settings
  const isRange = typeof alertFrom === 'string' && Object.hasOwn(rangeStarts, alertFrom)
  const from = isRange ? rangeStarts[alertFrom as keyof typeof rangeStarts] : rangeStarts.fatal
  return {
    alertFrom: alertFrom === 'never' ? Number.POSITIVE_INFINITY : from,
    quietAfter: typeof quietAfter === 'number' ? quietAfter : null,
  }
}

function isProtobuf(contentType = ''): boolean {
  return protobufTypes.includes(contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '')
}

function exported(rejected: number, faults: readonly Unreadable[], contentType: string): VendorAnswer {
  const named = faults.slice(0, namedFaults).map(({ index, reason }) => `log record ${index}: ${reason}`)
  if (faults.length > named.length) named.push(`and ${faults.length - named.length} more`)
  const errorMessage = named.join('; ')
  if (isProtobuf(contentType)) return inProtobuf(200, contentType, encodeResponse(rejected, errorMessage))
  // proto3's JSON has 64-bit integers as text.
  const partialSuccess = { rejectedLogRecords: String(rejected), errorMessage }
  return { status: 200, body: rejected === 0 ? {} : { partialSuccess } }
}

/** Codes of google.rpc for the statuses that a sender may meet. */
const rpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
}

/** A `google.rpc.Status`, in the encoding of the request. */
export function otlpRefusal(status: number, message: string, contentType?: string): VendorAnswer {
  const code = rpcCodes[status] ?? 13
  if (contentType === undefined || !isProtobuf(contentType)) return { status, body: { code, message } }
  return inProtobuf(status, contentType, encodeStatus(code, message))
}

function inProtobuf(status: number, contentType: string, body: Uint8Array): VendorAnswer {
  const type = contentType.split(';', 1)[0]?.trim() ?? ''
  return { status, headers: { 'content-type': type }, body }
}

const door = (name: DoorName): Adapter => ({
  id: `otlp/${name}`,
  door: name,
  maxBytes: 8 * 1024 * 1024,
  mediaTypes: ['application/json', ...protobufTypes],
  uses: ['alertFrom', 'quietAfter'],
  parse: readLogs,
  refuse: otlpRefusal,
})

export const otlp: SourceKind = {
  kind: 'otlp',
  title: 'OpenTelemetry logs (OTLP)',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  settings: [
    {
      name: 'alertFrom',
      label: 'An alert is a log of level',
      help: 'Logs of this level and above are alerts, the same message of one service being one; those below are recorded.',
      type: 'choice',
      options: [
        { value: 'fatal', label: 'FATAL' },
        { value: 'error', label: 'ERROR and above' },
        { value: 'warn', label: 'WARN and above' },
        { value: 'never', label: 'none: record them all' },
      ],
      default: 'fatal',
    },
    {
      name: 'quietAfter',
      label: 'Such an alert ends when quiet for',
      help: 'A log never says that things are well again. Without: the resolve_timeout of the policy.',
      type: 'duration',
      min: 30 * secondMs,
      max: 24 * hourMs,
    },
  ],
  adapters: [door('otlp-logs'), door('intake')],
  sample: {
    door: 'otlp-logs',
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
          scopeLogs: [{ logRecords: [{ severityNumber: 21, body: { stringValue: 'Test: no payment goes through' } }] }],
        },
      ],
    }),
  },
  connect: ({ baseUrl, key, sourceId, settings }) => [
    {
      title: 'OpenTelemetry Collector: an exporter, with what is below WARN left out before it is sent',
      language: 'yaml',
      text: `exporters:
  otlphttp/uxbridge:
    logs_endpoint: ${baseUrl}/v1/logs
    headers: { Authorization: 'Bearer ${key}' }
processors:
  filter/uxbridge:
    logs: { log_record: ['severity_number < SEVERITY_NUMBER_WARN'] }
  # A request may hold 10,000 records and 8 MiB.
  batch/uxbridge: { send_batch_size: 1000, send_batch_max_size: 1000 }
service:
  pipelines:
    logs/uxbridge:
      receivers: [otlp]
      processors: [filter/uxbridge, batch/uxbridge]
      exporters: [otlphttp/uxbridge]
`,
    },
    {
      title: 'A program with an OpenTelemetry SDK: its environment',
      language: 'yaml',
      text: `environment:
  OTEL_LOGS_EXPORTER: otlp
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: http/protobuf
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: ${baseUrl}/v1/logs
  # %20 is the space: values are percent-encoded here.
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: Authorization=Bearer%20${key}
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: gzip
  # Where headers cannot be set, the key may stand in the address: ${baseUrl}/intake/${sourceId}/${key}
`,
    },
    {
      title: `A log by hand; ${levelWords(settings.alertFrom)}`,
      language: 'shell',
      text: `curl -sS ${baseUrl}/v1/logs -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{
  "resourceLogs": [{ "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "checkout" } }] },
    "scopeLogs": [{ "logRecords": [{ "severityNumber": 21, "severityText": "FATAL",
      "body": { "stringValue": "No payment goes through" } }] }] }] }'
`,
    },
  ],
}

function levelWords(alertFrom: unknown): string {
  return alertFrom === 'never'
    ? 'it is recorded'
    : `from 21 (FATAL) on it is an alert${alertFrom === 'error' || alertFrom === 'warn' ? ', here below that too' : ''}`
}
