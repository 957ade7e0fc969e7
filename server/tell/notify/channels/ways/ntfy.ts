import { ntfyTopicSchema } from '#shared/notify/channels.ts'
import { DeliveryFailed, type Message } from '../../port.ts'
import { type Outgoing, requireTaken } from '../outgoing.ts'
import type { SharedKind } from './kind.ts'
import { clip, headingOf, plainOf, urgencyOf } from './words.ts'

export const usualServer = 'https://ntfy.sh/'

/** 5 rings through "do not disturb" where the phone lets it. Source: docs.ntfy.sh/publish, "Message priority". */
const priorities = { 1: 5, 2: 4, 3: 3 } as const

/** Longest message in bytes; a longer one becomes a file. Source: docs.ntfy.sh/publish, "Limitations". */
const longestMessage = 4096

export interface NtfyAddress {
  /** A topic of https://ntfy.sh, or the whole address of a topic elsewhere. */
  topic: string
  token: string | null
  inside: boolean
}

/** The server and the topic in it; null for what is no topic. */
export function partsOfTopic(topic: string): { server: string; topic: string } | null {
  if (!ntfyTopicSchema.safeParse(topic).success) return null
  const end = topic.lastIndexOf('/') + 1
  return { server: end === 0 ? usualServer : topic.slice(0, end), topic: topic.slice(end) }
}

/** @returns what the server answered. @throws DeliveryFailed */
export async function publish(
  outgoing: Outgoing,
  { topic: address, token, inside }: NtfyAddress,
  message: Message,
  signal: AbortSignal,
): Promise<string> {
  const parts = partsOfTopic(address)
  if (parts === null) throw new DeliveryFailed('Not sent: what is to be its topic is none of ntfy.', { retry: false })
  const answer = await outgoing.post({
    url: parts.server,
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(noteOf(parts.topic, message)),
    inside,
    signal,
  })
  requireTaken(answer)
  return String(answer.status)
}

/** The message as ntfy's JSON. Source: docs.ntfy.sh/publish, "Publish as JSON". */
export function noteOf(topic: string, message: Message) {
  const [only, ...others] = message.incidents
  const single = only !== undefined && others.length === 0
  const urgency = urgencyOf(message)
  const actions = single
    ? [...only.actions.map(({ label, url }) => ({ label, url })), { label: 'Open', url: only.link }]
    : [{ label: 'Open the board', url: message.link }]
  return {
    topic,
    title: headingOf(message, 120),
    message: fitted(plainOf(message)),
    priority: message.incidents.length === 0 ? 3 : priorities[urgency],
    tags: message.drill ? ['construction', 'exercise'] : urgency === 1 ? ['rotating_light'] : ['bell'],
    click: single ? only.link : message.link,
    // Pages that ask before they act: a view opens one, nothing is sent by the phone.
    actions: actions.slice(0, 3).map((action) => ({ action: 'view' as const, ...action, clear: true })),
  }
}

function fitted(text: string): string {
  let words = text
  while (Buffer.byteLength(words) > longestMessage)
    words = clip(words, words.length - Math.ceil((Buffer.byteLength(words) - longestMessage) / 3))
  return words
}

export const ntfyKind: SharedKind = {
  kind: 'ntfy',
  title: 'ntfy topic',
  says: 'Publishes to a topic of ntfy, which phones subscribe to. Whoever knows the topic can read it.',
  signs: false,
  settings: [
    {
      name: 'topic',
      label: 'Topic',
      help: 'A topic of https://ntfy.sh, or the whole address of a topic on another server.',
      type: 'text',
      example: 'https://ntfy.example.org/ops',
      maxLength: 300,
      required: true,
    },
    {
      name: 'token',
      label: 'Access token',
      help: 'Where the topic is protected: tk_… of a user who may publish to it.',
      type: 'secret',
    },
  ],
  faultsOf: ({ topic, token }) => {
    const read = ntfyTopicSchema.safeParse(topic)
    const faults = read.success ? [] : [{ path: 'topic', message: read.error.issues[0]?.message ?? '' }]
    return token === undefined || /^[\x21-\x7e]+$/.test(String(token))
      ? faults
      : [...faults, { path: 'token', message: 'has characters that no token has; copy it again' }]
  },
  deliver: ({ outgoing }, { settings }, message, signal) =>
    publish(
      outgoing,
      {
        topic: String(settings.topic),
        token: settings.token === undefined ? null : String(settings.token),
        inside: settings.inside === true,
      },
      message,
      signal,
    ),
}
