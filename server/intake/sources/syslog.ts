import { isIP } from 'node:net'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Event, Severity, Unreadable } from '#shared/event.ts'
import type { SettingField, Settings } from '#shared/source.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { keyedEvent, keyOf } from './keyed.ts'
import { masked, wordsIn } from './masked.ts'
import { bodyOf, messagesIn, type Received } from './syslog-framing.ts'
import { listenSyslog, transports } from './syslog-listener.ts'
import { facilityWords, readSyslog, severityWords } from './syslog-message.ts'

const severities: readonly Severity[] = ['critical', 'critical', 'critical', 'high', 'medium', 'low', 'info', 'info']

/** What a message stands for where nothing was set. */
const usual = { alertFrom: 'crit', quietFor: 15 * minuteMs }

/**
 * Messages that were taken in together. Each is a log, which is recorded and no more. Rule Y5: one at least as severe as
 * `alertFrom` is an alert, the same one for the same host, program and words whatever numbers and names stand in them; it
 * ends when `quietFor` has passed without it.
 */
function readMessages({ body, settings, receivedAt }: RawRequest): Reading {
  const { messages, broken } = messagesIn(body)
  const events: Event[] = []
  const unreadable: Unreadable[] = []
  for (const [index, message] of messages.entries()) {
    const read = readMessage(message, settings, receivedAt)
    if (typeof read === 'string') unreadable.push({ index, reason: read })
    else events.push(read)
  }
  if (broken !== null) unreadable.push({ index: messages.length, reason: broken })
  return { events, unreadable, answer: { status: 200 }, keep: events.length + unreadable.length > 0 }
}

/** @returns why it cannot be read, in words, or the event */
function readMessage({ bytes, peer, cut }: Received, settings: Settings, receivedAt: number): Event | string {
  const message = readSyslog(bytes, receivedAt)
  if ('reason' in message) return message.reason
  const { severity, app, procId, msgId, text } = message
  const host = message.host === '' ? peer : message.host
  const words = wordsIn(text).trim()
  const isAlert = severity <= severityWords.indexOf((settings.alertFrom ?? usual.alertFrom) as never)
  const quietForMs = Number(settings.quietFor ?? usual.quietFor)
  const first = words === '' ? 'a message without words' : (/^.*/.exec(words)?.[0] ?? words)
  return keyedEvent(
    {
      kind: isAlert ? 'alert' : 'log',
      status: 'firing',
      key: keyOf(host, app, msgId, masked(words)),
      severity: severities[severity] ?? 'info',
      severityRaw: severityWords[severity],
      title: app === '' ? first : `${app}: ${first}`,
      description: text,
      startsAt: message.at,
      expiresAt: isAlert ? receivedAt + quietForMs : null,
      labels: {
        alertname: app === '' ? 'syslog' : app,
        host,
        instance: host,
        app,
        facility: facilityWords[message.facility],
        msgid: msgId,
      },
      annotations: {
        pid: procId,
        from: peer === host ? '' : peer,
        ...(cut ? { cut: 'The message was longer than 64 KiB; the rest was not kept.' } : {}),
        ...message.data,
      },
    },
    receivedAt,
  )
}

const isAddress = (text: string) => isIP(text) !== 0
const addressPattern = '[0-9a-fA-F.:]{2,45}'

const fields: readonly SettingField[] = [
  {
    name: 'port',
    label: 'Port',
    help: 'Where it listens; below 1024 a server needs special rights. Without: nowhere.',
    type: 'number',
    min: 1,
    max: 65_535,
  },
  {
    name: 'transport',
    label: 'Over',
    help: 'UDP loses messages when anything on the way is busy; TCP loses few; TLS is TCP that nobody reads on the way.',
    type: 'choice',
    options: Object.entries(transports).map(([value, { label }]) => ({ value, label })),
    default: 'udp+tcp',
  },
  {
    name: 'address',
    label: 'Address of this machine',
    help: 'Syslog knows no keys: whoever reaches the address may send. 0.0.0.0 or :: are all addresses.',
    type: 'text',
    pattern: addressPattern,
    patternSays: 'must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0',
    default: '127.0.0.1',
  },
  {
    name: 'allowed',
    label: 'Senders',
    help: 'Addresses or networks that may send; what others send is not taken in, and counted. Without: any.',
    type: 'list',
    max: 200,
    example: '192.0.2.0/24',
    pattern: `${addressPattern}(?:/\\d{1,3})?`,
    patternSays: 'must be an IP address or a network, such as 192.0.2.7 or 192.0.2.0/24',
  },
  {
    name: 'certificateFile',
    label: 'Certificate file',
    help: 'For TLS: path on this machine of the certificate and those above it (PEM). Read again when it changes.',
    type: 'text',
    example: '/etc/uxbridge/syslog.crt',
  },
  {
    name: 'keyFile',
    label: 'Key file',
    help: 'For TLS: path of the certificate’s private key (PEM).',
    type: 'text',
    example: '/etc/uxbridge/syslog.key',
  },
  {
    name: 'clientAuthorityFile',
    label: 'Authority of the senders',
    help: 'For TLS: path of the certificate (PEM) that must have signed those of the senders. Without: senders need none.',
    type: 'text',
    example: '/etc/uxbridge/senders-ca.crt',
  },
  {
    name: 'alertFrom',
    label: 'Alert from',
    help: 'Messages at least this severe are alerts; all others are only recorded.',
    type: 'choice',
    options: [
      ...severityWords.slice(0, 6).map((value, number) => ({ value, label: `${value} (${number})` })),
      { value: 'never', label: 'never: record all' },
    ],
    default: usual.alertFrom,
  },
  {
    name: 'quietFor',
    label: 'Over when quiet for',
    help: 'Logs never say that something is over: an alert ends when its message has not come for so long.',
    type: 'duration',
    min: minuteMs,
    max: 24 * hourMs,
    default: usual.quietFor,
  },
]

export const syslog: SourceKind = {
  kind: 'syslog',
  title: 'Syslog (UDP, TCP, TLS)',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  settings: fields,
  listen: listenSyslog,
  adapters: [
    {
      id: 'syslog/listener',
      door: 'listener',
      maxBytes: 8 * 1024 * 1024,
      mediaTypes: null,
      uses: ['alertFrom', 'quietFor'],
      parse: readMessages,
      refuse: houseRefusal,
    },
  ],
  sample: {
    door: 'listener',
    contentType: '',
    body: bodyOf([
      { peer: '192.0.2.1', cut: false, bytes: Buffer.from('<10>test: A test from the page of this source') },
    ]).toString(),
  },
  connect({ baseUrl, settings }) {
    const { hostname } = new URL(baseUrl)
    // Nobody else reaches a loopback address; what listens everywhere is reached by its name.
    const bound = String(settings.address ?? '')
    const everywhere = bound === '' || bound === '0.0.0.0' || bound === '::' || !isAddress(bound)
    const host = everywhere ? hostname : bound
    const port = settings.port ?? '<port>'
    const transport = String(settings.transport ?? 'udp+tcp')
    const tcp = transport !== 'udp'
    const note =
      settings.port === undefined
        ? '# This source listens nowhere yet: set its port on its page, and write it here.\n'
        : ''
    const queue = `queue.type="LinkedList" queue.filename="uxbridge" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"`
    const secured =
      transport === 'tls'
        ? `\n       StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="${hostname}"`
        : ''
    const driver =
      transport === 'tls' ? `global(DefaultNetstreamDriverCAFile="/etc/ssl/certs/ca-certificates.crt")\n` : ''
    const logger = transport === 'udp' ? '--udp' : '--tcp --octet-count'
    return [
      {
        title: 'rsyslog: /etc/rsyslog.d/60-uxbridge.conf',
        language: 'text',
        text: `${note}# What cannot be sent waits on its disk. Syslog has no acknowledgement: what was on its way when a
# connection broke may be lost${tcp ? '' : ', and over UDP anything may be'}. omrelp, which has one, is not spoken here.
${driver}*.warning
action(type="omfwd" target="${host}" port="${port}" protocol="${tcp ? 'tcp' : 'udp'}"
       template="RSYSLOG_SyslogProtocol23Format"${tcp ? ' TCP_Framing="octet-counted"' : ''}${secured}
       action.resumeRetryCount="-1" action.resumeInterval="5" action.resumeIntervalMax="60"
       ${queue})
`,
      },
      {
        title: 'syslog-ng: /etc/syslog-ng/conf.d/uxbridge.conf',
        language: 'text',
        text: `${note}destination d_uxbridge {
  syslog("${host}" port(${port}) transport("${transport === 'tls' ? 'tls' : tcp ? 'tcp' : 'udp'}")${
    transport === 'tls' ? ' tls(ca-dir("/etc/ssl/certs"))' : ''
  }
    disk-buffer(reliable(yes) capacity-bytes(1073741824)));
};
log { source(s_src); destination(d_uxbridge); };
`,
      },
      {
        title: 'A first message, by hand',
        language: transport === 'tls' ? 'text' : 'shell',
        text:
          transport === 'tls'
            ? `${note}printf '<10>1 - - first-light - - - The first message\\n' | openssl s_client -quiet -no_ign_eof -connect ${host}:${port}\n`
            : `${note}logger ${logger} --server '${host}' --port '${port}' --tag first-light --priority user.crit 'The first message'\n`,
      },
      {
        title: 'Node: winston-syslog, which ends no message over TCP unless it is told to',
        language: 'text',
        text: `${note}new Syslog({ host: '${host}', port: ${port}, protocol: '${transport === 'tls' ? 'tls4' : tcp ? 'tcp4' : 'udp4'}', type: '5424', app_name: 'my-app', eol: '\\n' })\n`,
      },
    ]
  },
}
