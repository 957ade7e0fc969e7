import { hash } from 'node:crypto'
import webPush from 'web-push'
import { hourMs, secondMs } from '#shared/clocks.ts'
import { type PushPayload, pushAddressSchema } from '#shared/notify/channels.ts'
import { DeliveryFailed, type Message, type PushAddress } from '../../port.ts'
import { type Outgoing, requireTaken } from '../outgoing.ts'
import { clip, detailsOf, headingOf, isTest, moreOf, nameOf, oneLine, plainOf, urgencyOf } from './words.ts'

/** Keys by which push services know this house (VAPID, RFC 8292), base64url. */
export interface PushKeys {
  publicKey: string
  privateKey: string
}

export const newPushKeys = (): PushKeys => webPush.generateVAPIDKeys()

/**
 * Longest payload in bytes: push services take 4096 with encryption (RFC 8030, section 7.2), which adds 103.
 * Less is left for those that count otherwise.
 */
const longestPayload = 3000

/** How long a page is worth waking somebody who was out of reach: by then others were asked. */
const ttlMs = { 1: hourMs, 2: 4 * hourMs, 3: 12 * hourMs } as const
const urgencies = { 1: 'high', 2: 'high', 3: 'normal' } as const

export interface PushParts {
  outgoing: Outgoing
  keys: PushKeys
  /** Whom a push service may write to about us: `https:` or `mailto:` (RFC 8292, section 2.1). */
  contact: string
}

/** @returns what the push service answered. @throws DeliveryFailed; `gone` where the browser has unsubscribed */
export async function push(
  { outgoing, keys, contact }: PushParts,
  subscription: PushAddress,
  message: Message,
  signal: AbortSignal,
): Promise<string> {
  const address = pushAddressSchema.safeParse(subscription)
  if (!address.success)
    throw new DeliveryFailed('Not sent: this subscription of a browser cannot be read; subscribe again.', {
      retry: false,
      gone: true,
    })
  const urgency = urgencyOf(message)
  const { endpoint, headers, body } = sealed(() =>
    webPush.generateRequestDetails(address.data, JSON.stringify(payloadOf(message)), {
      vapidDetails: { subject: contact, ...keys },
      contentEncoding: 'aes128gcm',
      TTL: ttlMs[urgency] / secondMs,
      urgency: urgencies[urgency],
      topic: topicOf(message),
    }),
  )
  const answer = await outgoing.post({
    url: endpoint,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: body ?? '',
    // A browser names this address, not an administrator.
    inside: false,
    signal,
  })
  requireTaken(answer, { gone: [404, 410] })
  return String(answer.status)
}

/** A key of the right length may still be no point of the curve. */
function sealed<T>(work: () => T): T {
  try {
    return work()
  } catch {
    throw new DeliveryFailed('Not sent: this browser’s key cannot be used to encrypt; subscribe again.', {
      retry: false,
      gone: true,
    })
  }
}

/** What is shown, made to fit: the first incidents and their links, and as many words as there is room for. */
export function payloadOf(message: Message): PushPayload {
  const [only, ...others] = message.incidents
  const single = only !== undefined && others.length === 0
  const lines = single
    ? [clip(oneLine(only.text), 300), detailsOf(only, message.at).join(' · ')]
    : [
        isTest(message) ? plainOf(message) : '',
        ...message.incidents.slice(0, 5).map((named) => clip(nameOf(named), 90)),
        restOf(message),
      ]
  const payload: PushPayload = {
    title: headingOf(message, 120),
    body: lines.filter((line) => line !== '').join('\n'),
    link: single ? only.link : message.link,
    tag: tagOf(message),
    at: message.at,
    urgent: urgencyOf(message) === 1,
    drill: message.drill,
    actions: single ? only.actions.slice(0, 2).map(({ label, url }) => ({ label, url })) : [],
  }
  let over = lengthOf(payload) - longestPayload
  // Links are as long as they are; what is left out of the words stands on the page.
  while (over > 0 && payload.body !== '') {
    payload.body =
      payload.body.length <= 1 ? '' : clip(payload.body, Math.max(1, payload.body.length - Math.ceil(over / 3)))
    over = lengthOf(payload) - longestPayload
  }
  return over > 0 ? { ...payload, actions: [] } : payload
}

const lengthOf = (payload: PushPayload): number => Buffer.byteLength(JSON.stringify(payload))

function restOf(message: Message): string {
  return moreOf({ ...message, more: message.more + Math.max(0, message.incidents.length - 5) })
}

/** What is newer of one incident stands in the place of the older; a storm stands by itself. */
function tagOf({ incidents, key, more }: Message): string {
  const [only, ...others] = incidents
  return only !== undefined && only.shift !== true && others.length === 0 && more === 0 ? only.id : key
}

/** The same for messages that the push service still holds: at most 32 characters of base64url, telling nothing. */
const topicOf = (message: Message): string => hash('sha256', `topic ${tagOf(message)}`, 'base64url').slice(0, 32)
