import { z } from 'zod'
import { notificationReasonSchema } from '../duty/escalation.ts'
import { tierSchema } from '../incident/state.ts'
import { settingFieldSchema, settingsSchema } from '../source.ts'

/** Ways out that many read: administrators set them up, and policies name them as `channel:<id>`. */
export const sharedChannelKinds = ['email', 'ntfy', 'slack', 'webhook'] as const
export const sharedChannelKindSchema = z.enum(sharedChannelKinds)
export type SharedChannelKind = (typeof sharedChannelKinds)[number]

/** Facts name a personal channel by its kind and a shared one by its id, so no id may be the name of a kind. */
const reservedIds: readonly string[] = [...sharedChannelKinds, 'web-push']

/** Id of a shared channel, chosen once, as policies write it after `channel:`. */
export const channelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
    error: 'write small letters, digits and hyphens, at most 40, such as ops-chat',
  })
  .refine((id) => !reservedIds.includes(id), { error: `must not be one of ${reservedIds.join(', ')}` })

/** A name as an id; empty where nothing of it can stand in one. */
export function channelIdOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '')
}

/**
 * One e-mail address, without a name: what can stand in an envelope and cannot become a second header or address.
 * Source: RFC 5321, section 4.5.3.1 (lengths).
 */
export const mailAddressSchema = z
  .string()
  .max(254)
  .regex(/^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u, {
    error: 'write one e-mail address, such as ana@example.org',
  })

/** Where ntfy publishes: a topic of https://ntfy.sh, or the whole address of a topic elsewhere. */
export const ntfyTopicSchema = z
  .string()
  .max(300)
  .regex(/^(https?:\/\/[^\s/?#@]+(\/[^\s?#@]+)*\/)?[-_A-Za-z0-9]{1,64}$/, {
    error: 'write a topic (letters, digits, _ and -, at most 64), or its whole address: https://ntfy.example.org/topic',
  })

const base64url = z.string().regex(/^[-_A-Za-z0-9]+=*$/, { error: 'must be base64url' })

/** `PushSubscription.toJSON()` of a browser. Source: W3C Push API; RFC 8291, section 2 (65 bytes and 16 bytes). */
export const pushAddressSchema = z.object({
  endpoint: z.url({ protocol: /^https$/ }).max(2000),
  keys: z.object({ p256dh: base64url.length(87), auth: base64url.min(22).max(24) }),
})

/** What a service worker is given to show. */
export const pushPayloadSchema = z.strictObject({
  title: z.string(),
  body: z.string(),
  link: z.string().describe('Opened by a tap'),
  /** A later notification of the same tag replaces the one before. */
  tag: z.string(),
  at: z.number().int().describe('Epoch ms at which it was decided'),
  urgent: z.boolean().describe('Stays until it is dismissed: tier 1, or not classified yet'),
  drill: z.boolean(),
  actions: z
    .array(z.strictObject({ label: z.string(), url: z.string() }))
    .max(2)
    .describe('Pages that ask before they act'),
})
export type PushPayload = z.output<typeof pushPayloadSchema>

const when = z.iso.datetime({ precision: 3 })

/** Body of an outgoing webhook, signed by Standard Webhooks. */
export const webhookBodySchema = z
  .strictObject({
    type: z.enum(['notification', 'test']),
    timestamp: when.describe('When it was decided that it be sent; the same when it is sent again'),
    data: z.strictObject({
      key: z
        .string()
        .describe('The same as the header webhook-id: what was taken once can be dropped when it comes again'),
      title: z.string(),
      drill: z.boolean().describe('Of an exercise: nothing of it is real'),
      link: z.string(),
      incidents: z.array(
        z.strictObject({
          id: z.string(),
          title: z.string().nullable().describe('Null: restricted, nothing but its number is told'),
          service: z.string().nullable(),
          tier: tierSchema.nullable().describe('Null: not classified, or restricted'),
          owner: z.string().nullable().describe('Null: nobody, or not told'),
          openedAt: when.nullable(),
          reason: notificationReasonSchema.nullable().describe('Null: restricted'),
          text: z.string().describe('One sentence for people'),
          link: z.string(),
        }),
      ),
      more: z.number().int().describe('Incidents left out because there are too many'),
    }),
  })
  .describe('Sent with the headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks')
export type WebhookBody = z.output<typeof webhookBodySchema>

/** What an outgoing webhook looks like. */
export const webhookExample: WebhookBody = {
  type: 'notification',
  timestamp: '2026-03-02T03:00:12.480Z',
  data: {
    key: 'n_6kq2v3',
    title: 'INC-1042 Payments fail in eu-west',
    drill: false,
    link: 'https://uxbridge.example.org/incident/INC-1042',
    incidents: [
      {
        id: 'INC-1042',
        title: 'Payments fail in eu-west',
        service: 'payments',
        tier: 1,
        owner: null,
        openedAt: '2026-03-02T02:55:04.120Z',
        reason: 'escalated',
        text: 'Nobody has claimed it for 5 min.',
        link: 'https://uxbridge.example.org/incident/INC-1042',
      },
    ],
    more: 0,
  },
}

/** A kind of shared channel, as it is offered. */
export const channelKindSchema = z.strictObject({
  kind: sharedChannelKindSchema,
  title: z.string(),
  says: z.string().describe('One sentence: what it does and what it needs'),
  settings: z.array(settingFieldSchema),
  signs: z.boolean().describe('With a secret of ours, shown once'),
  ready: z.string().nullable().describe('What is to be set up first; null: nothing'),
})
export type ChannelKindView = z.output<typeof channelKindSchema>

/** A shared channel, as administrators see it. */
export const channelViewSchema = z.strictObject({
  id: channelIdSchema,
  kind: sharedChannelKindSchema,
  name: z.string(),
  createdAt: when,
  settings: settingsSchema.describe('Without those that are secret'),
  secretSettings: z.array(z.string()).describe('Names of the secret ones that are set'),
  signing: z
    .strictObject({
      setAt: when,
      oldEndsAt: when.nullable().describe('Until then what is sent is signed with the one before too'),
    })
    .nullable()
    .describe('Null: this kind does not sign'),
  paused: z
    .strictObject({ at: when, by: z.string(), why: z.string().describe('Empty: nothing was said') })
    .nullable()
    .describe('Null: it sends'),
  deliveries: z.strictObject({
    delivered: z.number().int(),
    failed: z.number().int(),
    inARow: z.number().int().describe('Failures since the last delivery'),
    lastAt: when.nullable(),
    tookMs: z.number().nullable().describe('The last one that arrived'),
    lastFailure: z.strictObject({ at: when, says: z.string(), answered: z.string().nullable() }).nullable(),
  }),
  namedBy: z.array(z.string()).describe('Escalation policies with a step that names it'),
})
export type ChannelView = z.output<typeof channelViewSchema>

/** What GET /api/channels answers. */
export const channelListSchema = z.strictObject({
  channels: z.array(channelViewSchema),
  kinds: z.array(channelKindSchema),
  unknown: z
    .array(z.strictObject({ id: z.string(), namedBy: z.array(z.string()) }))
    .describe('Named by the active policy, and there is no such channel: nobody is told by those steps'),
})

/** What became of a test message. */
export const channelTestSchema = z.strictObject({
  ok: z.boolean(),
  answered: z.string().nullable().describe('What the other side answered, as a number; null: it did not'),
  tookMs: z.number(),
  says: z.string(),
})
export type ChannelTest = z.output<typeof channelTestSchema>
