import { z } from 'zod'
import { tierSchema } from '../incident/state.ts'
import { targetSchema } from './rotation.ts'

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
            .describe(
              '`on-call` (of its team), `commanders`, rotation:<id>, team:<id>, channel:<id>, or a person’s id',
            ),
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

/** With no policies of its own: whoever is on call, then who commands, three times. */
export const builtInEscalation = [
  {
    id: 'built-in',
    steps: [
      { notify: ['on-call'], wait: '5m' },
      { notify: ['commanders'], wait: '15m' },
    ],
    repeat: 2,
  },
]

interface Escalating {
  escalation_policies: readonly EscalationPolicy[]
  services: readonly { id: string; escalation?: string | undefined }[]
  teams: readonly { id: string; escalation?: string | undefined }[]
}

/** @returns what names something that is not there, by its path in the policy */
export function escalationProblems(
  { escalation_policies, services, teams }: Escalating,
  known: { rotations: ReadonlySet<string>; times: ReadonlySet<string> },
): { path: (string | number)[]; message: string }[] {
  const policies = new Set(escalation_policies.map(({ id }) => id))
  const teamIds = new Set(teams.map(({ id }) => id))
  const problems: { path: (string | number)[]; message: string }[] = []
  for (const [list, all] of [
    ['services', services],
    ['teams', teams],
  ] as const) {
    all.forEach(({ escalation }, index) => {
      if (escalation !== undefined && !policies.has(escalation))
        problems.push({
          path: [list, index, 'escalation'],
          message: `there is no policy "${escalation}" under escalation_policies`,
        })
    })
  }
  escalation_policies.forEach(({ steps, quiet }, index) => {
    steps.forEach(({ notify }, step) => {
      notify.forEach((target, at) => {
        const path = ['escalation_policies', index, 'steps', step, 'notify', at]
        const [kind, id = ''] = target.split(/:(.*)/s)
        if (kind === 'rotation' && !known.rotations.has(id))
          problems.push({ path, message: `there is no rotation "${id}" under rotations` })
        if (kind === 'team' && !teamIds.has(id))
          problems.push({ path, message: `there is no team "${id}" under teams` })
      })
    })
    quiet.forEach(({ intervals }, entry) => {
      intervals.forEach((name, at) => {
        if (!known.times.has(name))
          problems.push({
            path: ['escalation_policies', index, 'quiet', entry, 'intervals', at],
            message: `there are no times "${name}" under time_intervals`,
          })
      })
    })
  })
  return problems
}
