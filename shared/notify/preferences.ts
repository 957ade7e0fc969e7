import { z } from 'zod'
import { type Tier, tierSchema } from '../incident/state.ts'

/** A tier, or `unclassified`. */
export const gradeSchema = z.union([tierSchema, z.literal('unclassified')])
export type Grade = z.output<typeof gradeSchema>
export const grades: readonly Grade[] = [1, 'unclassified', 2, 3]
export const gradeOf = (tier: Tier | null): Grade => tier ?? 'unclassified'

const rule = z.strictObject({
  on: z.boolean(),
  tiers: z.array(gradeSchema).max(4).describe('Of which tiers something comes this way; what is offered comes anyway'),
})

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as 22:00')

/** When one wants to be left alone. Times are of the wall clock in `zone`; `to` at or before `from` is on the next day. */
export const quietSchema = z.strictObject({
  days: z
    .array(z.number().int().min(1).max(7))
    .min(1, 'choose at least one day')
    .max(7)
    .describe('1 = Monday … 7 = Sunday: the day on which it begins'),
  from: clockTime,
  to: clockTime,
})
export type Quiet = z.output<typeof quietSchema>

const zone = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[A-Za-z][A-Za-z0-9_+\-/]*$/, 'write a time zone as Europe/Berlin')

/** How one person wants to be told. */
export const preferencesSchema = z.strictObject({
  channels: z.strictObject({ email: rule, 'web-push': rule, ntfy: rule }),
  /** A topic of the usual server, or the whole address at another: `https://ntfy.example.org/topic`. */
  ntfyTopic: z
    .string()
    .max(200)
    .regex(
      /^(https?:\/\/[^\s/?#]+\/)?[-_A-Za-z0-9]{1,64}$/,
      'write a topic of letters, digits, - and _, or its whole address',
    )
    .nullable(),
  zone,
  quiet: z.array(quietSchema).max(7),
  /** Chosen with a warning: quiet hours hold back offers to me and Tier 1, too. */
  quietForUrgent: z.boolean(),
})
export type Preferences = z.output<typeof preferencesSchema>

/** Of whoever has chosen nothing: e-mail at once for all that is addressed to them, web push wherever subscribed. */
export const usualPreferences: Preferences = {
  channels: {
    email: { on: true, tiers: [...grades] },
    'web-push': { on: true, tiers: [...grades] },
    ntfy: { on: true, tiers: [...grades] },
  },
  ntfyTopic: null,
  zone: 'UTC',
  quiet: [],
  quietForUrgent: false,
}
