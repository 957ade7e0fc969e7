import { hourMs } from '#shared/clocks.ts'
import type { Event, Severity } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { keyedEvent, keyOf, partOf, readOne, timeOf, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'

/** Falco never says that something ended; after so long without a repeat it counts as over. */
const quietMs = hourMs

/** Falco's priorities are syslog's. */
const priorities: Readonly<Record<string, Severity>> = {
  emergency: 'critical',
  alert: 'critical',
  critical: 'critical',
  error: 'high',
  warning: 'medium',
  notice: 'low',
  informational: 'info',
  debug: 'info',
}

/** Fields that say where and what; process numbers and times would make every detection a condition of its own. */
const telling = ['k8s.ns.name', 'k8s.pod.name', 'container.id', 'proc.name', 'user.name', 'fd.name'] as const

/**
 * Falco's http_output, and what falcosidekick passes on. `uuid` is new for each detection, so the condition is known by
 * its rule, its host and the telling ones of its fields. Source: falco.org/docs/concepts/outputs/channels
 */
function readFalco(request: RawRequest): Reading {
  return readOne(request, (body) => readDetection(body, request.receivedAt))
}

function readDetection(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const rule = wordOf(body.rule)
  if (rule === null) return new Fault('required', 'rule', 'rule is missing; set json_output: true in falco.yaml')
  const fields = partOf(body, 'output_fields')
  const priority = wordOf(body.priority) ?? ''
  const output = wordOf(body.output) ?? ''
  const host = wordOf(body.hostname)
  // A connection's name holds a port of the moment.
  const told = telling.map((name) => wordOf(fields[name])).map((value) => (value?.includes('->') ? null : value))
  const tags = Array.isArray(body.tags) ? body.tags.filter((tag) => typeof tag === 'string') : []
  const where = wordOf(fields['k8s.pod.name']) ?? wordOf(fields['container.name']) ?? host
  return keyedEvent(
    {
      // falcosidekick's own test, and Falco's figures about itself.
      kind: rule === 'Test rule' ? 'test' : rule === 'Falco internal: metrics snapshot' ? 'log' : 'alert',
      status: 'firing',
      key: keyOf(rule, host, body.source, ...told),
      severity: Object.hasOwn(priorities, priority.toLowerCase())
        ? (priorities[priority.toLowerCase()] ?? 'medium')
        : 'medium',
      severityRaw: priority,
      title: where === null ? rule : `${rule} on ${where}`,
      description: output,
      startsAt: timeOf(body.time),
      expiresAt: receivedAt + quietMs,
      labels: {
        alertname: rule,
        security: 'true',
        priority,
        source: body.source,
        instance: host,
        namespace: fields['k8s.ns.name'],
        pod: fields['k8s.pod.name'],
        container: wordOf(fields['container.name']) ?? fields['container.id'],
        image: fields['container.image.repository'],
        process: fields['proc.name'],
        tags: tags.join(','),
      },
      annotations: { ...fields, uuid: body.uuid },
    },
    receivedAt,
  )
}

export const falco: SourceKind = {
  kind: 'falco',
  title: 'Falco',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'falco/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: readFalco,
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"output":"A test from the page of this source","priority":"Notice","rule":"Test event","hostname":"example","output_fields":{}}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'falco.yaml: Falco itself. It can set no header, so the key stands in the address',
      language: 'yaml',
      text: `json_output: true
json_include_output_property: true
json_include_tags_property: true
http_output:
  enabled: true
  url: ${baseUrl}/intake/${sourceId}/${key}
`,
    },
    {
      title: 'Or falcosidekick: config.yaml',
      language: 'yaml',
      text: `webhook:
  address: ${baseUrl}/intake/${sourceId}
  method: POST
  customHeaders:
    Authorization: Bearer ${key}
  minimumpriority: notice
`,
    },
  ],
}
