import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { epochSeconds, keyedEvent, keyOf, unreadableBody } from './keyed.ts'
import { Fault } from './labels.ts'
import { childrenOf, readXml, textIn, type XmlElement } from './xml.ts'

/** What an event is about, by its bit. Source: Monit 5.33, src/event.h. */
const subjects: Readonly<Record<number, string>> = {
  1: 'Checksum',
  2: 'Resource limit',
  4: 'Timeout',
  8: 'Timestamp',
  16: 'Size',
  32: 'Connection',
  64: 'Permission',
  128: 'UID',
  256: 'GID',
  512: 'Does not exist',
  1024: 'Invalid type',
  2048: 'Data access',
  4096: 'Execution',
  8192: 'Filesystem flags',
  16384: 'Ping',
  32768: 'Content',
  65536: 'Monit instance',
  131072: 'Action',
  262144: 'PID',
  524288: 'PPID',
  1048576: 'Heartbeat',
  2097152: 'Status',
  4194304: 'Uptime',
  8388608: 'Link',
  16777216: 'Speed',
  33554432: 'Saturation',
  67108864: 'Download bytes',
  134217728: 'Upload bytes',
  268435456: 'Download packets',
  536870912: 'Upload packets',
  1073741824: 'Exists',
}
const instance = 0x10000
const action = 0x20000
/** What somebody did to a service, or what befell it once: these have no end. */
const once = new Set([instance, action, 0x40000, 0x80000])
const failed = 1
const changed = 2
/** Monit sends each event in a report of its own. */
const mostEvents = 1000
const kinds = ['filesystem', 'directory', 'file', 'process', 'remote host', 'system', 'fifo', 'program', 'network']

/**
 * Monit's report to a collector (`set mmonit`), XML. Each cycle's report of values says nothing that is kept; the
 * `<event>` in it does. State 0 and 3 end what 1 and 2 began.
 * Source: Monit 5.33, src/event.h, src/event.c and src/xml.c.
 */
function readReport(request: RawRequest): Reading {
  const xml = readXml(request.body)
  if ('reason' in xml) return unreadableBody(xml.reason)
  const { root } = xml
  if (root.name !== 'monit') return unreadableBody('expected the element monit')
  const server = childrenOf(root, 'server')[0]
  const host = (server && textIn(server, 'localhostname')) || textIn(root, 'localhostname')
  const monitId = root.attributes.id || (server && textIn(server, 'id')) || host
  const events: Event[] = []
  const unreadable: Reading['unreadable'][number][] = []
  const members = childrenOf(root, 'event')
  const reporter: Reporter = { host, monitId, platform: platformOf(root) }
  for (const [index, member] of members.slice(0, mostEvents).entries()) {
    const read = readEvent(member, reporter, request.receivedAt)
    if (read instanceof Fault) unreadable.push({ index, reason: read.reason })
    else events.push(read)
  }
  if (members.length > mostEvents)
    unreadable.push({
      index: mostEvents,
      reason: `more than ${mostEvents} events in one report; ${members.length - mostEvents} were not read`,
    })
  const reason = unreadable[0]?.reason
  const answer =
    reason === undefined ? { status: 200 } : houseRefusal(422, `${reason[0]?.toUpperCase()}${reason.slice(1)}.`)
  return { events, unreadable, answer, keep: members.length > 0 }
}

interface Reporter {
  host: string
  monitId: string
  platform: string
}

function readEvent(member: XmlElement, { host, monitId, platform }: Reporter, receivedAt: number): Event | Fault {
  const service = textIn(member, 'service')
  if (service === '') return new Fault('required', 'event.service', 'event.service is missing')
  const id = numberIn(member, 'id')
  const state = numberIn(member, 'state')
  if (id === null || state === null) return new Fault('invalid', 'event', 'event.id or event.state is no number')
  const message = textIn(member, 'message')
  const seconds = numberIn(member, 'collected_sec')
  const at = seconds === null ? null : epochSeconds(seconds + (numberIn(member, 'collected_usec') ?? 0) / 1e6)
  const firing = state === failed || state === changed
  const subject = subjects[id] ?? `Event ${id}`
  const place = service === host || host === '' ? service : `${service} on ${host}`
  return keyedEvent(
    {
      kind: once.has(id) ? 'change' : 'alert',
      status: firing ? 'firing' : 'resolved',
      key: keyOf(monitId, service, id, measureIn(message)),
      severity: 'medium',
      title: message === '' ? `${subject} of ${place}` : `${place}: ${message}`,
      description: message,
      startsAt: at,
      endsAt: at,
      labels: {
        alertname: subject,
        host,
        instance: host,
        check: service,
        type: kinds[numberIn(member, 'type') ?? -1],
        platform,
      },
    },
    receivedAt,
  )
}

/**
 * Which of a service's conditions of one id it is: only the words tell CPU from memory, and one port from another. What
 * stands before a value, or before "test failed" and its kin, is the same in both messages but for a few, which are made
 * the same here. Two limits on one measure in one unit cannot be told apart. Source: Monit 5.33, src/validate.c.
 */
function measureIn(message: string): string {
  const words = message.slice(0, 300)
  const place = /^(?:failed protocol test \[[^\]]*\] at|connection succeeded to) (.+?)(?: --|$)/.exec(words)?.[1]
  if (place !== undefined) return place
  const stem = measured.exec(words)?.[1]?.replace(/ +/g, ' ')
  if (stem === undefined) return ''
  const unit = /[\d.]% matches|\d%\]$/.test(words) ? ' %' : words.includes('operations/s') ? ' operations' : ''
  return (Object.hasOwn(alike, stem) ? alike[stem] : stem) + unit
}

/** The value, with `of` or `count` before it, ends the name of what was measured. */
const measured =
  /^(?:\d+ )?([a-z][\w/() ]*?)(?: of| count)? (?:-?\d.* (?:matches|doesn't match|succeeded)|(?:check|test) (?:succeeded|failed)|for .+ failed --|detected)/i

/** Names that a failure and its end do not share. */
const alike: Readonly<Record<string, string>> = {
  filedescriptors: 'filedescriptors usage',
  'certificate expiry in': 'certificate',
  'certificate valid days': 'certificate',
  zombie: '',
}

function platformOf(root: XmlElement): string {
  const platform = childrenOf(root, 'platform')[0]
  return platform === undefined ? '' : textIn(platform, 'name')
}

function numberIn(element: XmlElement, name: string): number | null {
  const text = textIn(element, name)
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

export const monit: SourceKind = {
  kind: 'monit',
  title: 'Monit',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'monit/intake',
      door: 'intake',
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: null,
      parse: readReport,
      refuse: houseRefusal,
    },
  ],
  sample: {
    contentType: 'text/xml',
    body: '<monit id="test"><server><localhostname>example</localhostname></server><event><service>test</service><type>3</type><id>512</id><state>1</state><message>A test from the page of this source</message></event></monit>',
  },
  connect: ({ baseUrl, key, sourceId }) => {
    const url = new URL(`${baseUrl}/intake/${sourceId}`)
    url.username = 'monit'
    url.password = key
    return [
      {
        title: '/etc/monit/conf.d/uxbridge: Uxbridge as its collector',
        language: 'shell',
        text: `# Events wait here while Uxbridge cannot be reached. Without credentials: the password of Monit's own
# web interface is nobody's business.
set eventqueue basedir /var/lib/monit/events slots 1000
set mmonit ${url.href} with timeout 10 seconds and register without credentials
# Then: monit -t && monit reload
`,
      },
      {
        title: 'A first report, by hand',
        language: 'shell',
        text: `curl -sS ${baseUrl}/intake/${sourceId} -u monit:${key} -H 'Content-Type: text/xml' -d '<monit id="first-light"><server><localhostname>web-1</localhostname></server><event><service>nginx</service><type>3</type><id>512</id><state>1</state><message>process is not running</message></event></monit>'
`,
      },
    ]
  },
}
