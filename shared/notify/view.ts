import { z } from 'zod'
import { notificationReasonSchema } from '../duty/escalation.ts'
import { briefSchema } from '../incident/brief.ts'
import { roleNameSchema } from '../incident/roles.ts'
import { tierSchema } from '../incident/state.ts'
import { preferencesSchema } from './preferences.ts'

/** Ways to reach one person; the others are shared by many. */
export const personalKinds = ['email', 'web-push', 'ntfy'] as const
export const personalKindSchema = z.enum(personalKinds)
export type PersonalKind = (typeof personalKinds)[number]

const instant = z.iso.datetime({ precision: 3 })

/** How a way to one person stands. */
export const wayViewSchema = z.strictObject({
  kind: personalKindSchema,
  /** Whether something sent this way now has somewhere to go. */
  ready: z.boolean(),
  /** What is missing and who can mend it; null where nothing is. */
  why: z.string().nullable(),
  /** Where it goes, as its owner may see it: an address, a topic, `2 browsers`. Null: nowhere yet. */
  to: z.string().nullable(),
})
export type WayView = z.output<typeof wayViewSchema>

/** Answer of `GET` and `PUT /api/notify/preferences`. */
export const myNotifySchema = z.strictObject({
  preferences: preferencesSchema,
  /** Of nobody’s choice yet: the defaults. */
  usual: z.boolean(),
  ways: z.array(wayViewSchema),
})
export type MyNotify = z.output<typeof myNotifySchema>

/** Body of `POST /api/notify/test`. */
export const testSendSchema = z.strictObject({ channel: personalKindSchema })
/** What became of it, in words. */
export const testAnswerSchema = z.strictObject({ delivered: z.boolean(), detail: z.string() })
export type TestAnswer = z.output<typeof testAnswerSchema>

/** Answer of `GET /api/notify/push-key`: the public VAPID key, base64url of the 65 bytes, as `PushManager.subscribe` takes it. */
export const pushKeySchema = z.strictObject({ key: z.string() })

const base64url = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+=*$/, 'write it as the browser gives it: base64url')

/** Body of `POST /api/notify/push`: a `PushSubscription` as `toJSON()` gives it; what else it holds is dropped. */
export const pushSubscriptionSchema = z.object({
  endpoint: z.url({ protocol: /^https$/ }).max(2000),
  keys: z.object({ p256dh: base64url(80, 100), auth: base64url(16, 40) }),
})
export type PushSubscription = z.output<typeof pushSubscriptionSchema>
/** Body of `DELETE /api/notify/push`. */
export const pushEndpointSchema = z.strictObject({ endpoint: z.url().max(2000) })
/** Answer of both: in how many browsers this person is subscribed now. */
export const pushAnswerSchema = z.strictObject({ browsers: z.number().int() })

/** What became of something that was to be told. */
export const outcomeSchema = z.enum(['delivered', 'failed', 'given-up', 'dropped', 'held-back'])
export type NotifyOutcome = z.output<typeof outcomeSchema>

const party = z.strictObject({ id: z.string(), name: z.string() })

/** Answer of `GET /api/notify/reach`: whom a page would reach now, and what the outbox does. */
export const reachViewSchema = z.strictObject({
  people: z.array(
    z.strictObject({
      person: party,
      /** Those by which a message would arrive at once now. */
      now: z.array(personalKindSchema),
      /** Those that have an address at all. */
      set: z.array(personalKindSchema),
      /** Tier 1 or an offer would reach them now. */
      urgent: z.boolean(),
    }),
  ),
  waiting: z.number().int(),
  sending: z.number().int(),
  /** Of exercises: counted, never sent. */
  heldBack: z.number().int(),
  /** Newest first. */
  recent: z.array(
    z.strictObject({
      at: instant,
      incidentId: z.string().nullable().describe('Null: of a shift that is offered'),
      reason: notificationReasonSchema,
      person: party.nullable(),
      channel: z.string(),
      outcome: outcomeSchema,
      detail: z.string(),
    }),
  ),
})
export type ReachView = z.output<typeof reachViewSchema>

/** What a link of a message does. */
export const linkActions = ['claim', 'accept', 'acknowledge'] as const
export const linkActionSchema = z.enum(linkActions)
export type LinkAction = (typeof linkActions)[number]

/**
 * Body of `POST /api/act/look`: shows, does nothing. The token stands after `#` in the address, which reaches no log. One that was
 * cut short is taken, too: whoever reads it says that it is not whole.
 */
export const actTokenSchema = z.strictObject({ token: z.string().max(600) })
/** Body of `POST /api/act`: does it. */
export const actSchema = actTokenSchema.extend({
  readBack: z.string().trim().min(1).max(280).optional().describe('For an acceptance: the situation in own words'),
})

/** What a link would do, for its page. */
export const actLookSchema = z.strictObject({
  action: linkActionSchema,
  /** Whose link it is. */
  person: z.string(),
  incident: z.strictObject({
    id: z.string(),
    title: z.string().nullable(),
    service: z.string().nullable(),
    tier: tierSchema.nullable(),
    phase: z.string().nullable(),
    owner: z.string().nullable(),
    openedAt: instant.nullable(),
  }),
  numberOnly: z.boolean().describe('Restricted, and nobody is signed in: its number is all that is told'),
  /** Of an acceptance: what is to be read first, and until when it stands. */
  offer: z
    .strictObject({
      from: z.string().nullable(),
      deadline: instant,
      brief: briefSchema,
      names: z.record(z.string(), z.string()).describe('Of the people the brief names, by id'),
    })
    .nullable(),
  /** Of an acceptance of a role. */
  role: z
    .strictObject({
      role: roleNameSchema,
      from: z.string().nullable().describe('Who has it; null: nobody'),
      deadline: instant,
      note: z.string(),
    })
    .nullable(),
  /** Whether they own it: then acknowledging is a sign of life. */
  owns: z.boolean(),
  expiresAt: instant,
  /** Why pressing it would come to nothing, in words that say what to do; null: it would work now. */
  refused: z.string().nullable(),
})
export type ActLook = z.output<typeof actLookSchema>

/** What it came to. */
export const actAnswerSchema = z.strictObject({ incidentId: z.string(), did: z.string() })
export type ActAnswer = z.output<typeof actAnswerSchema>
