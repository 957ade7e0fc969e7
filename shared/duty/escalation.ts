import { z } from 'zod'
import { tierSchema } from '../incident/state.ts'
import { type Target, targetSchema } from './rotation.ts'

/** Why somebody is told. Every notification has one. */
export const notificationReasons = ['first', 'new', 'escalated', 'offered', 'expired', 'reminder'] as const
export const notificationReasonSchema = z.enum(notificationReasons)
export type NotificationReason = (typeof notificationReasons)[number]

/** One of `escalation_policies`: whom to tell of what nobody owns, and after how long whom else. */
export const escalationSchemaWith = <N extends z.ZodType<string>, D extends z.ZodType<number, string>>(
  name: N,
  duration: D,
) =>
  z.strictObject({
    id: name,
    steps: z
      .array(
        z.strictObject({
          notify: z
            .array(targetSchema)
            .min(1)
            .max(20)
            .describe('rotation:<id>, team:<id>, channel:<id>, or a person’s id'),
          wait: duration.prefault('5m' as never).describe('How long somebody has to claim before the next step'),
        }),
      )
      .min(1)
      .max(20),
    repeat: z.number().int().min(0).max(20).default(2).describe('How often it begins again after the last step'),
    quiet: z
      .array(
        z.strictObject({
          tiers: z.array(tierSchema).min(1).max(3).describe('What can wait; what is unclassified cannot'),
          intervals: z.array(z.string()).min(1).max(20).describe('Names under `time_intervals`'),
        }),
      )
      .max(10)
      .default([])
      .describe('When nobody is told of these tiers: the first step waits until then'),
  })
export type EscalationPolicy = z.output<ReturnType<typeof escalationSchemaWith<z.ZodString, z.ZodType<number, string>>>>

/** What is to be told when: a step of a policy with its targets resolved. */
export interface Paging {
  /** Null: no policy covers it, so the fallback was asked. */
  policy: string | null
  /** From 0. */
  step: number
  /** How often it began again. */
  round: number
  targets: readonly Target[]
  people: readonly string[]
  channels: readonly string[]
}
