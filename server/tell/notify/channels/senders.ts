import { DeliveryFailed, type Message, type Sender, type Senders } from '../port.ts'
import { type ChannelBook, pausedFailure } from './book.ts'
import { readyOf } from './desk.ts'
import type { ChannelRecord } from './rows.ts'
import type { Ways } from './ways/kind.ts'
import { kindOf } from './ways/kinds.ts'
import { type NtfyAddress, partsOfTopic, publish, usualServer } from './ways/ntfy.ts'
import { type PushKeys, push } from './ways/web-push.ts'
import { tellable } from './ways/words.ts'

export interface SendersParts {
  book: ChannelBook
  ways: Ways
  clock: { now(): number }
  pushKeys: PushKeys
  /** Whom a push service may write to about us: `https:` or `mailto:`. */
  contact: string
}

/** The ways out, for whoever decides what is told to whom. Every message passes `tellable` here, whoever made it. */
export function makeSenders({ book, ways, clock, pushKeys, contact }: SendersParts): Senders {
  const { mail, outgoing } = ways

  async function toShared(id: string, message: Message, signal: AbortSignal): Promise<void> {
    // As it is now: it may have been changed, paused or removed while the message waited.
    const record = book.get(id)
    const kind = record === undefined ? undefined : kindOf(record.kind)
    if (record === undefined || kind === undefined)
      throw new DeliveryFailed('Not sent: this channel was removed.', { retry: false })
    if (record.paused !== null) throw pausedFailure()
    const began = clock.now()
    try {
      await kind.deliver(ways, readyOf(record, began), tellable(message, true), signal)
    } catch (error) {
      if (error instanceof DeliveryFailed) await book.failed(id, error)
      throw error
    }
    await book.delivered(id, Math.max(0, clock.now() - began))
  }

  /** Topics of people are on the server of the first ntfy channel, under what administrators set for it. */
  function ownServer(): { server: string; token: string | null; inside: boolean } {
    const first = ntfyChannels(book).sort((a, b) => a.createdAt - b.createdAt)[0]
    const server = partsOfTopic(String(first?.settings.topic ?? ''))?.server
    if (first === undefined || server === undefined) return { server: usualServer, token: null, inside: false }
    const { token, inside } = first.settings
    return { server, token: token === undefined ? null : String(token), inside: inside === true }
  }

  function addressOf(topic: string): NtfyAddress {
    const own = ownServer()
    const parts = partsOfTopic(topic)
    if (parts === null || !topic.includes('/')) return { ...own, topic: `${own.server}${topic}` }
    // A person names this server, so what administrators allow of it is what they allowed for a channel there.
    const same = parts.server === own.server
    return { topic, token: same ? own.token : null, inside: same && own.inside }
  }

  const sender = (kind: Sender['kind'], send: Sender['send']): Sender => ({ kind, send })
  return {
    senderFor(channelId) {
      const record = book.get(channelId)
      if (record === undefined) return null
      return sender(record.kind, (message, signal) => toShared(channelId, message, signal))
    },
    nameOf: (channelId) => book.get(channelId)?.name ?? channelId,
    email(address) {
      if (mail === null) return null
      return sender(
        'email',
        async (message, signal) => void (await mail.send(address, tellable(message, false), signal)),
      )
    },
    webPush: (subscription) =>
      sender('web-push', async (message, signal) => {
        await push({ outgoing, keys: pushKeys, contact }, subscription, tellable(message, false), signal)
      }),
    ntfy: (topic) =>
      sender('ntfy', async (message, signal) => {
        const address = addressOf(topic)
        // Rule W3: what no token guards is read by whoever knows its name, so no link that acts goes there.
        await publish(outgoing, address, tellable(message, address.token === null), signal)
      }),
    ntfyServer: () => ownServer().server,
    pushKey: pushKeys.publicKey,
  }
}

function ntfyChannels(book: ChannelBook): ChannelRecord[] {
  return book.all().filter(({ kind }) => kind === 'ntfy')
}
