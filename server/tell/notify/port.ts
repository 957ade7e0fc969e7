import type { NotificationReason } from '#shared/duty/escalation.ts'
import type { RoleName } from '#shared/incident/roles.ts'
import type { Tier } from '#shared/incident/state.ts'
import type { Preferences } from '#shared/notify/preferences.ts'
import type {
  ActAnswer,
  ActLook,
  LinkAction,
  MyNotify,
  PersonalKind,
  PushSubscription,
  ReachView,
  TestAnswer,
} from '#shared/notify/view.ts'
import type { Doer, Identity } from '../../access/port.ts'

/** Ways out of the house. The first two reach one person; `ntfy` reaches whoever it is configured for. */
export const channelKinds = ['email', 'web-push', 'ntfy', 'slack', 'webhook'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** An incident as a message names it. A restricted one is its number alone: `title` and all that is told of it is null. */
export interface Named {
  id: string
  title: string | null
  service: string | null
  tier: Tier | null
  /** Why this one is in the message; null of a restricted one, where that is not told. */
  reason: NotificationReason | null
  /** One sentence for people: what happened and what is asked of them. */
  text: string
  /** Deep link to its page. */
  link: string
  /** Epoch ms since when it is open, where the message says it. */
  openedAt?: number | null
  /** Name of its owner; null: nobody. Left out where the message does not say it, as of a restricted one. */
  owner?: string | null
  /** Of no incident: a shift that is offered, or the answer to that. `id` is `Shift`. */
  shift?: true
  /** Single-use signed links that ask before they act; empty in shared channels. */
  actions: readonly { label: string; url: string }[]
}

/** One message: a storm is one with many incidents, the most urgent first. */
export interface Message {
  /** Idempotency key: a message that is sent again after a crash carries the same one. */
  key: string
  /** Epoch ms at which it was decided that it be sent. */
  at: number
  /** Subject or heading, at most 120 characters. */
  title: string
  incidents: readonly Named[]
  /** Incidents left out because there are too many, by number. */
  more: number
  /** Of an exercise: says so first. */
  drill: boolean
  link: string
}

/** Why a message did not arrive. `gone`: this address never will (an unsubscribed browser), so it is forgotten. */
export class DeliveryFailed extends Error {
  readonly retry: boolean
  readonly gone: boolean
  /** As the other side asked, in ms. */
  readonly retryAfterMs: number | null
  /** What the other side answered, as a number: `503`, `SMTP 451`. Null: it did not. */
  readonly answered: string | null
  constructor(
    message: string,
    how: { retry: boolean; gone?: boolean; retryAfterMs?: number | null; answered?: string | null },
  ) {
    super(message)
    this.name = 'DeliveryFailed'
    this.retry = how.retry
    this.gone = how.gone ?? false
    this.retryAfterMs = how.retryAfterMs ?? null
    this.answered = how.answered ?? null
  }
}

/** One way out, made ready for one address. A new kind is a file that makes this and a line in the list. */
export interface Sender {
  kind: ChannelKind
  /** Resolves when the other side has taken it. @throws DeliveryFailed in words that hold no secret and no address */
  send(message: Message, signal: AbortSignal): Promise<void>
}

/** A browser that a person subscribed, as its `PushSubscription.toJSON()` says. It names a person's device: personal data. */
export interface PushAddress {
  endpoint: string
  keys: { p256dh: string; auth: string }
}

/** The ways out, each made ready for an address. None of these throws: what is wrong with an address is said by `send`. */
export interface Senders {
  /** Of a shared channel; null where there is none of that id. One that is paused fails, not to be retried. */
  senderFor(channelId: string): Sender | null
  /** Name of a shared channel; of one that is gone, its id. */
  nameOf(channelId: string): string
  /** Null while no mail server is set (SMTP_URL). */
  email(address: string): Sender | null
  /** Its failure is `gone` where the browser has unsubscribed. */
  webPush(subscription: PushAddress): Sender
  /** @param topic a bare topic is one of `ntfyServer`; else the whole address, `https://ntfy.example.org/topic` */
  ntfy(topic: string): Sender
  /** Where bare topics are, with a slash at the end: the server of the first shared ntfy channel, else https://ntfy.sh/ */
  ntfyServer(): string
  /** With which browsers subscribe: the VAPID public key, base64url (`applicationServerKey`). The same for ever. */
  pushKey: string
}

/** Where people can be reached, and how they want to be. Asked when something is planned and again when it is sent. */
export interface Addresses {
  preferences(personId: string): Preferences
  /** Ways of this person that lead somewhere now, whatever they prefer. */
  kinds(personId: string): PersonalKind[]
  /** Null: that way leads nowhere any more. */
  sender(personId: string, kind: PersonalKind): Sender | null
  /** Known and not disabled. */
  isActive(personId: string): boolean
  /** Whether anybody at all can be reached. */
  anybody(): boolean
}

/** What a link is bound to. Whoever changes one letter of it has no link. */
export interface LinkClaims {
  person: string
  incidentId: string
  action: LinkAction
  /** Of the offer that is accepted; 0 otherwise. */
  revision: number
  /** The role whose offer is accepted; null: ownership, or no acceptance. */
  role: RoleName | null
  /** How often everything that the person had open was ended when it was made (rule AL5). */
  epoch: number
  /** Epoch ms: from then on it does nothing. */
  expiresAt: number
  /** Its own name: it works once. */
  id: string
}

/** How one is told, and what is done by a link: what the doors offer. */
export interface NotifyDesk {
  mine(personId: string): MyNotify
  /** @throws UxbridgeError `fields-invalid` */
  choose(who: Doer, personId: string, preferences: Preferences): Promise<MyNotify>
  /** Sends one now. Its failure is an answer. @throws UxbridgeError `too-many-tries` */
  test(personId: string, kind: PersonalKind): Promise<TestAnswer>
  pushKey(): string
  /** @returns in how many browsers the person is subscribed now. @throws UxbridgeError `fields-invalid` */
  subscribe(who: Doer, personId: string, subscription: PushSubscription): Promise<number>
  unsubscribe(who: Doer, personId: string, endpoint: string): Promise<number>
  reach(): ReachView
  /** Shows what a link would do, and does nothing. @throws UxbridgeError `link-spent`, `link-not-yours`, `too-many-tries` */
  look(token: string, by: { identity: Identity | null; address: string | null }): Promise<ActLook>
  /** Does it, as the person it was made for. @throws UxbridgeError the same, and what the command is refused with */
  act(
    token: string,
    readBack: string | undefined,
    by: { identity: Identity | null; address: string | null },
  ): Promise<ActAnswer>
}
