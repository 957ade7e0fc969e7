import { hourMs } from '#shared/clocks.ts'
import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { formField } from './form.ts'
import { keyedEvent, keyOf, partOf, plainLink, readOne, timeOf, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'

/** Kuma warns of a certificate at 21, 14 and 7 days and never says that it was renewed. */
const certificateMs = 8 * 24 * hourMs

/**
 * Uptime Kuma's webhook: `{ heartbeat, monitor, msg }` as JSON, or in the field `data` of a form. Times without offset
 * are UTC. Source: github.com/louislam/uptime-kuma, server/notification-providers/webhook.js
 */
function readKuma(request: RawRequest): Reading {
  return readOne({ ...request, body: bodyOf(request) }, (body) => {
    const message = wordOf(body.msg) ?? ''
    if (body.heartbeat == null && body.monitor == null) return readMessage(message, request.receivedAt)
    return readBeat(partOf(body, 'heartbeat'), partOf(body, 'monitor'), message, request.receivedAt)
  })
}

/** The JSON in a form, or the body as it is. */
function bodyOf({ body, contentType }: RawRequest): Uint8Array {
  const [, quoted, bare] = /^multipart\/form-data;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  if (boundary !== undefined) {
    // Bytes as Latin-1, so that nothing is changed on the way.
    const text = Buffer.from(body).toString('latin1')
    for (const part of text.split(`--${boundary}`)) {
      const head = part.indexOf('\r\n\r\n')
      if (head !== -1 && /\bname="?data"?/i.test(part.slice(0, head)))
        return Buffer.from(part.slice(head + 4).replace(/\r\n$/, ''), 'latin1')
    }
  }
  if (contentType.toLowerCase().startsWith('application/x-www-form-urlencoded')) return formField(body, 'data')
  return body
}

function readBeat(
  heartbeat: Record<string, unknown>,
  monitor: Record<string, unknown>,
  message: string,
  receivedAt: number,
): Event | Fault {
  const id = wordOf(monitor.id) ?? wordOf(heartbeat.monitorID) ?? wordOf(heartbeat.monitor_id)
  if (id === null) return new Fault('required', 'monitor.id', 'monitor.id is missing')
  const { status } = heartbeat
  // 0 down, 1 up, 2 pending (a retry runs), 3 maintenance.
  if (typeof status !== 'number' || ![0, 1, 2, 3].includes(status))
    return new Fault('invalid', 'heartbeat.status', 'heartbeat.status must be 0, 1, 2 or 3')
  const name = wordOf(monitor.name) ?? `Monitor ${id}`
  const at = timeOf(heartbeat.time)
  const address = plainLink(monitor.url, 'Monitored address')
  return keyedEvent(
    {
      kind: status <= 1 ? 'alert' : 'log',
      status: status === 1 ? 'resolved' : 'firing',
      key: keyOf('monitor', id),
      severity: status === 0 ? 'high' : 'info',
      title: `${name} is ${['down', 'up again', 'being retried', 'in maintenance'][status]}`,
      description: wordOf(heartbeat.msg) ?? message,
      startsAt: at,
      endsAt: at,
      labels: {
        ...tagsOf(monitor.tags),
        alertname: 'MonitorDown',
        monitor: name,
        type: monitor.type,
        instance: wordOf(monitor.hostname) ?? (address === null ? null : new URL(address.href).host),
        port: monitor.port,
      },
      annotations: { parent: monitor.pathName, description: monitor.description, ping: heartbeat.ping },
      service: tagsOf(monitor.tags).service ?? null,
      links: [address],
    },
    receivedAt,
  )
}

/** Tags have a name and, where somebody gave one, a value. */
function tagsOf(raw: unknown): Record<string, string> {
  const tags: [string, string][] = []
  for (const tag of Array.isArray(raw) ? raw.slice(0, 50) : []) {
    const name = tag === null || typeof tag !== 'object' ? null : wordOf(tag.name)
    if (name !== null) tags.push([name, wordOf(tag.value) ?? 'true'])
  }
  return Object.fromEntries(tags)
}

/** Without monitor: the button "Test", or a warning of a certificate, `[name][address] … will expire in N days`. */
function readMessage(message: string, receivedAt: number): Event | Fault {
  if (message === '') return new Fault('required', 'msg', 'neither a monitor nor a message')
  const [, name, address] = /^\[([^\]]*)\]\s*\[([^\]]*)\].*\bexpires?\b/s.exec(message) ?? []
  if (name === undefined)
    return keyedEvent({ kind: 'test', status: 'firing', key: 'message', severity: 'info', title: message }, receivedAt)
  return keyedEvent(
    {
      status: 'firing',
      key: keyOf('certificate', name, address),
      severity: 'medium',
      title: message,
      expiresAt: receivedAt + certificateMs,
      labels: { alertname: 'CertificateExpires', monitor: name },
      links: [plainLink(address, 'Monitored address')],
    },
    receivedAt,
  )
}

export const uptimeKuma: SourceKind = {
  kind: 'uptime-kuma',
  title: 'Uptime Kuma',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'uptime-kuma/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: readKuma,
      refuse: houseRefusal,
    },
  ],
  sample: { body: '{"heartbeat":null,"monitor":null,"msg":"A test from the page of this source"}' },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'Settings > Notifications > Setup Notification, type Webhook',
      language: 'yaml',
      text: `Post URL: ${baseUrl}/intake/${sourceId}
Request Body: Preset - application/json
# switch on "Additional Headers" and paste:
Additional Headers: '{"Authorization": "Bearer ${key}"}'
# "Default enabled" lets new monitors tell Uxbridge too. "Test" sends an event of kind test.
`,
    },
  ],
}
