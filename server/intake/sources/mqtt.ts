import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { SettingField } from '#shared/source.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { cut, isRecord, readJson } from './json.ts'
import { keyedEvent, readEach, unreadableBody } from './keyed.ts'
import { readMapped, readUnmapped } from './mapped.ts'
import { clientIdOf, listenMqtt } from './mqtt-listener.ts'
import { type Envelope, readMember } from './simple.ts'
import { isText } from './syslog-message.ts'

/** What a broker says of a message besides its payload, as it is logged with it. */
const reads = ['mqtt-topic', 'mqtt-retained', 'mqtt-cut'] as const
const usualEnds = ['online', 'ok', 'up', 'resolved', 'recovered']

/**
 * One message of a broker. A JSON object or array is read by the mapping that the source names, else in our own simple shape;
 * any other text is an alert about its topic, which ends with one of the words of `endTexts`. Rule B1: without a key
 * of its own, a message is about its topic. An empty payload only clears what a broker retained, and says nothing.
 */
function readMessage(request: RawRequest): Reading {
  const { body, headers, settings, receivedAt } = request
  const topic = headers['mqtt-topic'] ?? ''
  const whole = headers['mqtt-cut']
  if (whole !== undefined)
    return unreadableBody(`the payload has ${whole} bytes; ${body.length} are the most, and only they were kept`)
  const text = Buffer.from(body).toString('utf8').trim()
  if (text === '') return { events: [], unreadable: [], answer: { status: 200 }, keep: false }
  if (!isText(text)) return unreadableBody('the payload is neither JSON nor text')
  const quietFor = settings.quietFor === undefined ? null : Number(settings.quietFor)
  const expiresAt = quietFor === null ? null : receivedAt + quietFor
  const reading = readStructured(request, topic, text) ?? {
    events: [alertOf(topic, text, endWords(settings.endTexts), receivedAt)],
    unreadable: [],
    answer: { status: 200 },
    keep: true,
  }
  const retained = headers['mqtt-retained'] !== undefined
  const events = reading.events.map((event) => ({
    ...event,
    annotations: retained
      ? { ...event.annotations, retained: 'Retained by the broker: it may be old.' }
      : event.annotations,
    expiresAt: event.status === 'resolved' ? null : (event.expiresAt ?? expiresAt),
  }))
  return { ...reading, events }
}

/** @returns null for a payload that is no object and no array: it says its thing in words */
function readStructured(request: RawRequest, topic: string, text: string): Reading | null {
  if (!text.startsWith('{') && !text.startsWith('[')) return null
  const json = readJson(request.body)
  if ('reason' in json) return text.startsWith('{') ? unreadableBody(json.reason) : null
  const about: Envelope = { at: null, status: 'firing', key: topic, labels: { topic } }
  const { mapping, settings, receivedAt } = request
  if (mapping === null) return readUnmapped(String(settings.mapping ?? ''))
  if (mapping !== undefined) return readMapped(request, mapping, about)
  const { value } = json
  const members = isRecord(value) && Array.isArray(value.events) ? value.events : Array.isArray(value) ? value : [value]
  // Several members of one message are not all about the same.
  const envelope = members.length === 1 ? about : { ...about, key: null }
  return readEach(members, (member) => readMember(member, envelope, receivedAt))
}

function alertOf(topic: string, text: string, ends: readonly string[], receivedAt: number) {
  const ended = ends.includes(text.toLowerCase())
  return keyedEvent(
    {
      status: ended ? 'resolved' : 'firing',
      key: topic,
      severity: 'medium',
      title: topic === '' ? text : `${topic}: ${/^.*/.exec(text)?.[0]}`,
      description: cut(text, 4000),
      labels: { topic, alertname: topic },
    },
    receivedAt,
  )
}

function endWords(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map((word) => String(word).trim().toLowerCase()) : usualEnds
}

const fields: readonly SettingField[] = [
  {
    name: 'broker',
    label: 'Broker',
    help: 'Where messages are fetched from; mqtts is TLS, its certificate is checked. Without: nothing is fetched.',
    type: 'text',
    example: 'mqtts://broker.example:8883',
    pattern: 'mqtts?://(?:[A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+\\])(?::\\d{1,5})?/?',
    patternSays: 'must be mqtt://host:port or mqtts://host:port; name and password have places of their own',
  },
  {
    name: 'topics',
    label: 'Topics',
    help: 'What is subscribed to; + stands for one level, # at the end for all below.',
    type: 'list',
    max: 100,
    example: 'alerts/#',
    pattern: '(?:(?:[^+#/\\0]*|[+])/)*(?:[^+#/\\0]*|[+]|#)',
    patternSays: 'must be a topic; + may stand for a whole level, # for all below at the end',
  },
  {
    name: 'qos',
    label: 'Delivery',
    help: 'At least once: the broker keeps each message until it is durable here, also while this server is down.',
    type: 'choice',
    options: [
      { value: '1', label: 'at least once (QoS 1)' },
      { value: '0', label: 'at most once (QoS 0)' },
    ],
    default: '1',
  },
  {
    name: 'clientId',
    label: 'Client id',
    help: 'Under which the broker keeps what comes while we are away; nobody else may use it. Without: made of the id of this source.',
    type: 'text',
    maxLength: 128,
  },
  {
    name: 'username',
    label: 'User name',
    help: 'As the broker knows us. Without: nobody.',
    type: 'text',
    maxLength: 256,
  },
  { name: 'password', label: 'Password', help: 'That of the user name.', type: 'secret' },
  {
    name: 'authorityFile',
    label: 'Authority of the broker',
    help: 'For mqtts: path on this machine of the certificate (PEM) that signed the broker’s. Without: those that everybody trusts.',
    type: 'text',
    example: '/etc/uxbridge/broker-ca.crt',
  },
  {
    name: 'certificateFile',
    label: 'Certificate file',
    help: 'For mqtts: path of our own certificate (PEM), for brokers that ask for one.',
    type: 'text',
    example: '/etc/uxbridge/mqtt.crt',
  },
  {
    name: 'keyFile',
    label: 'Key file',
    help: 'For mqtts: path of the private key (PEM) of our certificate.',
    type: 'text',
    example: '/etc/uxbridge/mqtt.key',
  },
  {
    name: 'mapping',
    label: 'Mapping',
    help: 'Name of one under `mappings` in the policy, for senders with a JSON shape of their own. Without: our simple shape.',
    type: 'text',
    maxLength: 80,
  },
  {
    name: 'endTexts',
    label: 'Words for: it is over',
    help: `A payload that is one of these, in any case, ends the alert about its topic. Without: ${usualEnds.join(', ')}.`,
    type: 'list',
    max: 50,
    example: 'Online',
  },
  {
    name: 'quietFor',
    label: 'Over when quiet for',
    help: 'What a message tells ends when nothing more came about it for so long. Without: only when its sender says so.',
    type: 'duration',
    min: minuteMs,
    max: 31 * 24 * hourMs,
  },
]

export const mqtt: SourceKind = {
  kind: 'mqtt',
  title: 'MQTT (subscription at a broker)',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  settings: fields,
  listen: listenMqtt,
  adapters: [
    {
      id: 'mqtt/listener',
      door: 'listener',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      reads,
      uses: ['mapping', 'endTexts', 'quietFor'],
      parse: readMessage,
      refuse: houseRefusal,
    },
  ],
  sample: {
    door: 'listener',
    contentType: '',
    headers: { 'mqtt-topic': 'test/uxbridge' },
    body: '{"title":"A test from the page of this source","status":"firing","severity":"warning"}',
  },
  connect({ baseUrl, sourceId, settings }) {
    const broker = String(settings.broker ?? '')
    const url = URL.canParse(broker) ? new URL(broker) : null
    const topics = Array.isArray(settings.topics) ? (settings.topics as readonly string[]) : []
    const note =
      url === null || topics.length === 0
        ? '# This source fetches nothing yet: set its broker and topics on its page.\n'
        : ''
    const topic = (topics[0] ?? 'alerts/#').replaceAll('#', 'checkout').replaceAll('+', 'checkout')
    const host = url === null ? '<broker>' : url.hostname.replace(/^\[|\]$/g, '')
    const secure = url?.protocol === 'mqtts:'
    const port = url === null || url.port === '' ? (secure ? '8883' : '1883') : url.port
    const as = settings.username === undefined ? '' : ` -u '${settings.username}' -P '<password>'`
    const to = `mosquitto_pub -h '${host}' -p ${port}${secure ? ' --tls-use-os-certs' : ''}${as} -q 1`
    const clientId = clientIdOf(sourceId, settings)
    return [
      {
        title: 'Firing and over, by hand, in our simple shape',
        language: 'shell',
        text: `${note}# Without a "key", a message is about its topic.
${to} -t '${topic}' -m '{"title":"Checkout answers with errors","severity":"critical","service":"checkout"}'
${to} -t '${topic}' -m '{"title":"Checkout answers with errors","status":"resolved"}'
`,
      },
      {
        title: 'Tasmota, Home Assistant and other things that say when they go',
        language: 'text',
        text: `${note}# Their last will is a word under a topic: anything that is not under "Words for: it is over" (Online, …)
# is an alert, and Online ends it. Subscribe here to, for example:
#   tele/+/LWT              Tasmota: Online, Offline
#   homeassistant/status    Home Assistant: online, offline
#   zigbee2mqtt/+/availability
`,
      },
      {
        title: 'Home Assistant: an automation that tells us',
        language: 'yaml',
        text: `${note}alias: Water under the sink
triggers:
  - { trigger: state, entity_id: binary_sensor.sink_leak, not_from: [unknown, unavailable] }
actions:
  - action: mqtt.publish
    data:
      topic: ${topic}
      qos: 1
      payload: >-
        {"title": "Water under the sink", "severity": "high",
         "status": "{{ 'firing' if trigger.to_state.state == 'on' else 'resolved' }}"}
`,
      },
      {
        title: 'mosquitto: what comes while Uxbridge is away',
        language: 'text',
        text: `# /etc/mosquitto/conf.d/uxbridge.conf, for the subscriber "${clientId}" of ${baseUrl}.
# Mosquitto keeps 1000 messages for each client that is away, and drops the rest: let it keep more.
max_queued_messages 100000
persistence true
# It needs to read its topics, and nothing else (acl_file):
#   user ${String(settings.username ?? 'uxbridge')}
${topics.length === 0 ? '#   topic read alerts/#' : topics.map((each) => `#   topic read ${each}`).join('\n')}
`,
      },
    ]
  },
}
