import { verify } from 'node:crypto'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { type Event, readInstant } from '#shared/event.ts'
import type { Proving, RawRequest, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord, readJson } from './json.ts'
import { keyedEvent, keyOf, nameOf, readOne, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { readMessage } from './sns-messages.ts'

/** SNS repeats a message for an hour at most (its default policy), with the time and signature of the first try. */
const oldestMs = hourMs
const aheadMs = 5 * minuteMs
const rawDelivery = 'x-amz-sns-rawdelivery'
/** What is signed, in this order: name, line feed, value, line feed. A notification without a subject has none. */
const signedFields: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
}
const digests: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' }

/** The bytes that SNS signs; null for a message that lacks one of the fields. */
export function canonicalText(body: Readonly<Record<string, unknown>>): string | null {
  const { Type: type } = body
  const fields = typeof type === 'string' && Object.hasOwn(signedFields, type) ? signedFields[type] : undefined
  if (fields === undefined) return null
  let text = ''
  for (const field of fields) {
    const value = body[field]
    if (field === 'Subject' && (value === undefined || value === null)) continue
    if (typeof value !== 'string') return null
    text += `${field}\n${value}\n`
  }
  return text
}

/**
 * Rule S8: besides the key in its address a message of SNS carries Amazon's signature: RSA over the canonical text with
 * SHA-1 (version 1) or SHA-256 (version 2), under a certificate from a host of SNS, at most an hour old, and from a topic
 * that the source takes.
 * Source: docs.aws.amazon.com/sns, "Verifying the signatures of Amazon SNS messages".
 */
async function prove(request: RawRequest, { outside, topics }: Proving): Promise<string | null> {
  if (request.headers[rawDelivery] === 'true')
    return 'Raw message delivery is on, so nothing is signed. Switch it off for this subscription.'
  const body = envelopeOf(request)
  const text = body === null ? null : canonicalText(body)
  if (body === null || text === null) return 'The body is no message of Amazon SNS.'
  const { TopicArn, SignatureVersion, Signature, SigningCertURL, Timestamp } = body
  if (topics !== null && !topics.includes(String(TopicArn)))
    return 'The message is from a topic that this source does not take. Add the ARN of the topic to the source.'
  const version = String(SignatureVersion)
  const digest = Object.hasOwn(digests, version) ? digests[version] : undefined
  if (digest === undefined || typeof Signature !== 'string' || typeof SigningCertURL !== 'string')
    return 'The message is not signed in version 1 or 2.'
  const late = untimely(Timestamp, request.receivedAt)
  if (late !== null) return late
  const key = await outside.certificateKey(SigningCertURL)
  if (key === null) return 'The address of the signing certificate is not one of Amazon SNS.'
  return verify(digest, Buffer.from(text), key, Buffer.from(Signature, 'base64'))
    ? null
    : 'The signature does not fit the message.'
}

function untimely(timestamp: unknown, now: number): string | null {
  let at: number | null = null
  try {
    at = readInstant(timestamp)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  if (at === null) return 'The message has no time.'
  if (now - at > oldestMs) return 'The message is more than an hour old.'
  return at - now > aheadMs ? 'The message is of the future. Look at our clock.' : null
}

/** Confirms the subscription that a proven message asks for: until then SNS sends nothing else. */
async function follow(request: RawRequest, { outside }: Proving): Promise<string | null> {
  const body = envelopeOf(request)
  if (body?.Type !== 'SubscriptionConfirmation') return null
  const visited = await outside.confirm(String(body.SubscribeURL), String(body.TopicArn))
  return visited ? null : 'The address that would confirm the subscription is not one of Amazon SNS.'
}

/** SNS says `text/plain` of its JSON. */
function envelopeOf({ body }: RawRequest): Record<string, unknown> | null {
  const json = readJson(body)
  return 'value' in json && isRecord(json.value) ? json.value : null
}

function readEnvelope(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const topic = wordOf(body.TopicArn)
  if (topic === null) return new Fault('required', 'TopicArn', 'TopicArn is missing: this is no message of Amazon SNS')
  const name = topic.slice(topic.lastIndexOf(':') + 1)
  switch (body.Type) {
    case 'Notification':
      return named(
        readMessage(
          { topic, subject: wordOf(body.Subject), message: wordOf(body.Message) ?? '', sentAt: body.Timestamp },
          receivedAt,
        ),
        wordOf(body.MessageId),
      )
    case 'SubscriptionConfirmation':
    case 'UnsubscribeConfirmation': {
      const title =
        body.Type === 'SubscriptionConfirmation'
          ? `Subscribed to topic ${name}`
          : `No longer subscribed to topic ${name}`
      const told = { kind: 'log', status: 'firing', severity: 'info', severityRaw: 'info' } as const
      return keyedEvent({ ...told, key: keyOf('subscription', topic), title, labels: { topic } }, receivedAt)
    }
    default:
      return new Fault(
        'invalid',
        'Type',
        'Type is none of Notification, SubscriptionConfirmation, UnsubscribeConfirmation',
      )
  }
}

/** SNS delivers at least once: the same message has the same id. */
function named(event: Event | Fault, messageId: string | null): Event | Fault {
  return event instanceof Fault || messageId === null ? event : { ...event, deliveryId: nameOf(messageId) }
}

export const sns: SourceKind = {
  kind: 'sns',
  title: 'Amazon SNS (CloudWatch, EventBridge, GuardDuty)',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  settings: [
    {
      name: 'topics',
      label: 'Topics',
      help: 'Only these are taken, by their full name (ARN). Without: any topic whose subscription has this source’s key.',
      type: 'list',
      max: 50,
      example: 'arn:aws:sns:eu-west-1:123456789012:alarms',
      pattern: 'arn:[a-z0-9-]+:sns:[a-z0-9-]+:\\d{12}:[A-Za-z0-9_.-]{1,256}',
      patternSays: 'a topic’s ARN looks like arn:aws:sns:eu-west-1:123456789012:alarms',
    },
  ],
  adapters: [
    {
      id: 'sns/intake',
      door: 'intake',
      // SNS's own limit on a message is 256 KB; as text in a text it may be twice that.
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      reads: [rawDelivery],
      prove,
      follow,
      parse: (request) => readOne(request, (body) => readEnvelope(body, request.receivedAt)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    contentType: 'text/plain',
    body: '{"Type":"Notification","MessageId":"test","TopicArn":"arn:aws:sns:eu-west-1:000000000000:example","Message":"{\\"AlarmName\\":\\"A test from the page of this source\\",\\"NewStateValue\\":\\"ALARM\\",\\"Region\\":\\"EU (Ireland)\\",\\"AlarmArn\\":\\"arn:aws:cloudwatch:eu-west-1:000000000000:alarm:test\\"}"}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'A subscription that tells Uxbridge (AWS CLI); it is confirmed by itself within seconds',
      language: 'shell',
      text: `# In the console instead: SNS > your topic > Create subscription. Protocol HTTPS,
#   Endpoint ${baseUrl}/intake/${sourceId}/${key}   Enable raw message delivery: no.
# SNS can send no header of ours, so the key stands in the address: keep it as you keep a password.
aws sns subscribe --topic-arn <topic ARN> --protocol https \\
  --notification-endpoint ${baseUrl}/intake/${sourceId}/${key}
# Signatures with SHA-256 instead of SHA-1:
aws sns set-topic-attributes --topic-arn <topic ARN> --attribute-name SignatureVersion --attribute-value 2
# CloudWatch: name the topic in the alarm's actions for ALARM and for OK. EventBridge: a rule with the topic as its
# target, without input transformer, for example for {"source": ["aws.guardduty"]}.
`,
    },
  ],
}
