import { z } from 'zod'
import { notificationReasonSchema } from '../duty/escalation.ts'
import { roleNameSchema } from '../incident/roles.ts'
import { tierSchema } from '../incident/state.ts'

const instant = z.number().int()
const person = z.string().min(1)

/**
 * What somebody is told, by ids and numbers alone: names and words are filled in when it is sent, so that nothing about
 * people is kept twice and nothing is told that has changed since.
 */
export const matterSchema = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('unowned') }),
  z.strictObject({ code: z.literal('offer-unanswered') }),
  z.strictObject({
    code: z.literal('offered'),
    from: person.nullable(),
    to: z.string(),
    revision: z.number().int(),
    deadlineAt: instant,
    again: z.boolean(),
  }),
  z.strictObject({ code: z.literal('offer-expired'), to: z.string(), owner: person.nullable() }),
  z.strictObject({ code: z.literal('owner-asked') }),
  z.strictObject({ code: z.literal('owner-silent'), owner: person }),
  z.strictObject({ code: z.literal('shift-ended'), owner: person, endsAt: instant }),
  z.strictObject({ code: z.literal('relief-asked'), by: person }),
  z.strictObject({ code: z.literal('relief-prepared'), to: z.array(person), endsAt: instant }),
  z.strictObject({ code: z.literal('escalated'), by: z.string() }),
  z.strictObject({ code: z.literal('assist'), by: z.string() }),
  z.strictObject({ code: z.literal('update-late'), dueAt: instant }),
  z.strictObject({
    code: z.literal('clock'),
    clock: z.string(),
    deadline: z.string(),
    dueAt: instant,
    passed: z.boolean(),
  }),
  z.strictObject({ code: z.literal('task'), task: z.number().int(), by: z.string() }),
  z.strictObject({
    code: z.literal('role-offered'),
    role: roleNameSchema,
    by: z.string(),
    revision: z.number().int(),
    deadlineAt: instant,
  }),
  z.strictObject({ code: z.literal('unreached'), person, channel: z.string() }),
  z.strictObject({ code: z.literal('opened') }),
  z.strictObject({ code: z.literal('graded'), tier: tierSchema, from: tierSchema.nullable() }),
  z.strictObject({ code: z.literal('updated'), at: instant }),
  z.strictObject({ code: z.literal('resolved') }),
])
export type Matter = z.output<typeof matterSchema>

/** Whoever is told: one person, or a channel that many share. */
export const recipientSchema = z.union([z.strictObject({ person }), z.strictObject({ channel: z.string().min(1) })])
export type Recipient = z.output<typeof recipientSchema>

/** Somebody is to be told of something. `seq` is that of the fact it follows from; with the recipient it is its identity. */
export const intentSchema = z.strictObject({
  seq: z.number().int(),
  incidentId: z.string(),
  to: recipientSchema,
  reason: notificationReasonSchema,
  matter: matterSchema,
  /** Epoch ms of the fact. */
  at: instant,
})
export type Intent = z.output<typeof intentSchema>

/** What cannot wait: an offer runs out, and Tier 1 is Tier 1. Neither quiet hours nor a full window hold it back. */
export function isUrgent(matter: Matter, tier: 1 | 2 | 3 | null): boolean {
  return tier === 1 || matter.code === 'offered' || matter.code === 'role-offered'
}
