import { z } from 'zod'
import { gradeSchema } from './preferences.ts'

/** `notify` of the policy file: what is announced in shared channels, and how hard the house tries. */
export const notifySchemaWith = <N extends z.ZodType<string>, D extends z.ZodType<number, string>>(
  name: N,
  duration: D,
) =>
  z.strictObject({
    group_within: duration
      .prefault('30s' as never)
      .describe('After a message, what follows to the same address waits so long and becomes one'),
    give_up_after: duration
      .prefault('1h' as never)
      .describe('A message that could not be delivered for so long is given up, and the commanders are told'),
    attempts: z.number().int().min(1).max(50).default(12).describe('It is given up after so many tries, too'),
    announce: z
      .array(
        z.strictObject({
          channel: name.describe('Id of a shared channel'),
          on: z
            .array(z.enum(['opened', 'tier', 'update', 'resolved']))
            .min(1)
            .max(4)
            .default(['opened', 'tier', 'resolved']),
          tiers: z.array(gradeSchema).min(1).max(4).optional().describe('Only of these; `unclassified` is one'),
          teams: z.array(name).min(1).max(100).optional(),
          services: z.array(name).min(1).max(1000).optional(),
        }),
      )
      .max(200)
      .default([])
      .describe('What shared channels are told besides the steps of escalation'),
  })
export type NotifyPolicy = z.output<ReturnType<typeof notifySchemaWith<z.ZodString, z.ZodType<number, string>>>>
export type Announcement = NotifyPolicy['announce'][number]
