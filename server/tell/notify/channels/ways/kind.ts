import type { SharedChannelKind } from '#shared/notify/channels.ts'
import type { SettingFault, SettingField, Settings, SettingValue } from '#shared/source.ts'
import type { Message } from '../../port.ts'
import type { Outgoing } from '../outgoing.ts'
import type { Mail } from './email.ts'

/** What all ways out go through. */
export interface Ways {
  outgoing: Outgoing
  /** Null while no mail server is set. */
  mail: Mail | null
  clock: { now(): number }
}

/** A shared channel, ready to send: all its settings, and what it signs with. */
export interface Ready {
  settings: Settings
  /** Newest first: one, or two while one is rotated out. */
  signingSecrets: readonly string[]
}

/** A kind of shared channel: one file makes this, and it is one line in the list. */
export interface SharedKind {
  kind: SharedChannelKind
  title: string
  /** One sentence: what it does and what it needs. */
  says: string
  settings: readonly SettingField[]
  /** What it sends is signed with a secret of ours. */
  signs: boolean
  /** What is wrong with settings that are each right by themselves. */
  faultsOf?(settings: Settings): SettingFault[]
  /** What the house lacks for it, in words; null: nothing. */
  missing?(ways: Ways): string | null
  /** @returns what the other side answered, as a number. @throws DeliveryFailed */
  deliver(ways: Ways, channel: Ready, message: Message, signal: AbortSignal): Promise<string>
}

/** An address for requests, as administrators give it. */
export function faultsOfUrl(url: SettingValue | undefined): SettingFault[] {
  const fault = (message: string) => [{ path: 'url', message }]
  const read = URL.canParse(String(url)) ? new URL(String(url)) : null
  if (read === null || !['http:', 'https:'].includes(read.protocol)) return fault('must begin with https:// or http://')
  if (read.username !== '' || read.password !== '') return fault('must not have a user in it; nothing of that is sent')
  if (read.hash !== '') return fault('must not have a # in it; nothing after that is sent')
  return []
}
