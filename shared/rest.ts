import { z } from 'zod'
import { clockOf } from './alertmanager/time-intervals.ts'
import { hourMs, minuteMs } from './clocks.ts'
import type { Tier } from './incident/state.ts'
import { timeZoneSchema } from './recurrence.ts'

/** Rest that is earned by an incident. Lengths in ms, times of day in minutes. */
export interface RestPolicy {
  restMs: number
  afterHeldMs: number
  nightFrom: number
  nightTo: number
  timeZone: string
}

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day as 22:00')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
  .meta({ type: 'string', examples: ['22:00'] })

/** The part `readiness` of the policy. */
export const readinessPolicyWith = <D extends z.ZodType<number, string>>(duration: D) =>
  z
    .strictObject({
      rest: duration
        .prefault('30m' as never)
        .describe('How long somebody recovers from a long or a night’s incident; 0s: not at all'),
      rest_after: duration.prefault('1h' as never).describe('Held for longer than this, it was a long one'),
      night: z
        .strictObject({
          from: timeOfDay.prefault('22:00'),
          to: timeOfDay.prefault('06:00'),
          time_zone: timeZoneSchema.default('UTC').describe('Of the IANA time zone database'),
        })
        .refine(({ from, to }) => from !== to, { error: 'is a night without an end; `from` and `to` differ' })
        .prefault({})
        .describe('Whoever held a Tier 1 or 2 in it recovers, however short that was'),
    })
    .refine(({ rest }) => rest <= longestRestMs, { error: 'is too long a rest; at most 12h', path: ['rest'] })
    .prefault({})

/** So far back is looked for what somebody rests from. */
export const longestRestMs = 12 * hourMs

export function restPolicyOf(policy: {
  readiness: { rest: number; rest_after: number; night: { from: number; to: number; time_zone: string } }
}): RestPolicy {
  const { rest, rest_after, night } = policy.readiness
  const { from, to, time_zone } = night
  return { restMs: rest, afterHeldMs: rest_after, nightFrom: from, nightTo: to, timeZone: time_zone }
}

/** Somebody held an incident from `from` to `to` (epoch ms). */
export interface Stretch {
  from: number
  to: number
  tier: Tier | null
}

/**
 * Until when somebody recovers who let go of it. Rule RD3: of Tier 1 and 2, and of what nobody has classified, when it was
 * held for longer than the policy says, or at night by the policy's clock.
 * @returns epoch ms; null: it was nothing to rest from
 */
export function restUntil({ from, to, tier }: Stretch, policy: RestPolicy): number | null {
  if (tier === 3 || policy.restMs === 0) return null
  const isLong = to - from > policy.afterHeldMs
  return isLong || touchesNight(from, to, policy) ? to + policy.restMs : null
}

/** Whether any of it lies in a night. By the clock on the wall, so right on days on which clocks are changed. */
function touchesNight(from: number, to: number, { nightFrom, nightTo, timeZone }: RestPolicy): boolean {
  const local = clockOf(timeZone)
  const dayMs = 24 * hourMs
  const dusk = (((nightFrom - nightTo) * minuteMs + dayMs) % dayMs) as number
  // Days that begin when the night ends: first its light, then its dark.
  const place = (at: number) => {
    const shifted = local(at) - nightTo * minuteMs
    const day = Math.floor(shifted / dayMs)
    return { day, dark: shifted - day * dayMs >= dusk }
  }
  const first = place(from)
  const last = place(Math.max(from, to - 1))
  return first.dark || last.dark || first.day !== last.day
}
