import type { SmtpConfig } from '../../../config.ts'
import type { Senders } from '../port.ts'
import { type BookParts, makeChannelBook } from './book.ts'
import { makeChannelDesk } from './desk.ts'
import { makeOutgoing, type Outgoing } from './outgoing.ts'
import type { ChannelDesk } from './port.ts'
import { pushKeysRow, readPushKeys, rowKinds } from './rows.ts'
import { makeSenders } from './senders.ts'
import { makeMail } from './ways/email.ts'
import type { Ways } from './ways/kind.ts'
import { newPushKeys } from './ways/web-push.ts'

export { channelUse, unknownChannelsIn } from './named.ts'
export type * from './port.ts'

export interface ChannelsParts extends BookParts {
  /** So many unpredictable bytes. */
  random(bytes: number): Uint8Array
  smtp: SmtpConfig | null
  publicUrl: string | null
  /** Where people reach us, without a slash at the end. */
  baseUrl(): string
  /** Another one, in tests. */
  outgoing?: Outgoing
}

/** The ways out: the desk where administrators set up shared ones, and what sends. */
export interface Channels {
  desk: ChannelDesk
  senders: Senders
  /** Writes what became of messages. Called about once a minute and at the end. */
  flush(): Promise<void>
  /** Ends the connections that are kept open. */
  close(): void
}

/**
 * Reads the shared channels, and makes the keys for web push where there are none yet.
 * @throws UxbridgeError `store-corrupt` that names a row that cannot be read
 */
export async function openChannels(parts: ChannelsParts): Promise<Channels> {
  const { initial, clock, random, keep, smtp, publicUrl, baseUrl } = parts
  const book = makeChannelBook(parts)
  const mail = smtp === null ? null : makeMail({ smtp })
  const ways: Ways = { outgoing: parts.outgoing ?? makeOutgoing({ clock }), mail, clock }
  const kept = initial.find(({ kind }) => kind === rowKinds.pushKeys)
  const pushKeys = kept === undefined ? newPushKeys() : readPushKeys(kept)
  // Browsers subscribe with them, so other keys would end every subscription.
  if (kept === undefined) await keep({ put: [pushKeysRow(pushKeys, clock.now())] })
  return {
    desk: makeChannelDesk({ book, ways, clock, random, baseUrl }),
    senders: makeSenders({ book, ways, clock, pushKeys, contact: contactOf(publicUrl, smtp) }),
    flush: book.flush,
    close: () => mail?.close(),
  }
}

function contactOf(publicUrl: string | null, smtp: SmtpConfig | null): string {
  if (publicUrl?.startsWith('https:') === true) return publicUrl
  return `mailto:${smtp?.from.address ?? 'nobody@uxbridge.invalid'}`
}
