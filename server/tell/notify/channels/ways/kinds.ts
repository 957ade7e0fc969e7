import type { SharedChannelKind } from '#shared/notify/channels.ts'
import type { SettingField } from '#shared/source.ts'
import { emailKind } from './email.ts'
import type { SharedKind } from './kind.ts'
import { ntfyKind } from './ntfy.ts'
import { slackKind } from './slack.ts'
import { webhookKind } from './webhook.ts'

/** THE list of kinds of shared channel, in the order in which they are offered. */
export const kinds: readonly SharedKind[] = [slackKind, webhookKind, emailKind, ntfyKind]

/** Only who administers the house can say that its own network may be asked. */
const inside: SettingField = {
  name: 'inside',
  label: 'It may be on this machine or in our own network',
  help: 'Without: addresses that are not on the Internet are refused, whatever a name leads to.',
  type: 'flag',
}

export const kindOf = (kind: SharedChannelKind): SharedKind | undefined => kinds.find((known) => known.kind === kind)

/** What can be set for a kind: its own settings, and whether it may be inside, where it is reached over HTTP. */
export const fieldsOf = (known: SharedKind): readonly SettingField[] =>
  known.kind === 'email' ? known.settings : [...known.settings, inside]
