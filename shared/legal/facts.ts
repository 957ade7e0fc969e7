import { z } from 'zod'
import { bases, limitSchema } from './definition.ts'

const instant = z.number().int()
const clockTimes = { dueAt: instant.nullable(), nearAt: instant.nullable() }
const clockDue = z.strictObject({ id: z.string(), ...clockTimes })
const clockDeadline = {
  id: z.string(),
  name: z.string(),
  basis: z.enum(bases),
  within: z.array(limitSchema),
  ...clockTimes,
}
const clockFields = {
  clock: z.string(),
  definition: z.string(),
  edition: z.string(),
  name: z.string(),
  source: z.string(),
  says: z.string(),
}
// With its names: whoever reads this fact alone knows what it is about.
const clockMoment = {
  clock: z.string(),
  name: z.string(),
  deadline: z.string(),
  deadlineName: z.string(),
  dueAt: instant,
}

/** What happens to the clocks of an incident: part of the definitions of all facts. */
export const clockFacts = {
  // Somebody determined that a legal or agreed clock runs since `startedAt`: what follows from its definition stands here, whole.
  'clock-started': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      ...clockFields,
      startedAt: instant,
      awareAt: instant.nullable(),
      deadlines: z.array(z.strictObject(clockDeadline)),
      reason: z.string(),
    }),
  },
  'clock-corrected': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      clock: z.string(),
      name: z.string(),
      startedAt: instant,
      awareAt: instant.nullable(),
      wasAt: instant,
      deadlines: z.array(clockDue),
      reason: z.string(),
    }),
  },
  // A submission. `deadline` null: found not to be required. `next`: when what waited for it is due.
  'clock-stopped': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      clock: z.string(),
      name: z.string(),
      deadline: z.string().nullable(),
      deadlineName: z.string().nullable(),
      how: z.enum(['submitted', 'not-required']),
      stoppedAt: instant,
      next: z.array(clockDue),
      reason: z.string(),
    }),
  },
  // What was recorded as submitted, or as not required, was not: it runs again.
  'clock-resumed': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      clock: z.string(),
      name: z.string(),
      deadline: z.string().nullable(),
      deadlineName: z.string().nullable(),
      next: z.array(clockDue),
      reason: z.string(),
    }),
  },
  'clock-near': {
    version: 1,
    sealed: [],
    data: z.strictObject(clockMoment),
  },
  'clock-breached': {
    version: 1,
    sealed: [],
    data: z.strictObject(clockMoment),
  },
  // By a merge, or by taking one back. `as`: what it was called in the incident that it comes from.
  'clock-carried': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      ...clockFields,
      from: z.string(),
      as: z.string(),
      startedAt: instant,
      awareAt: instant.nullable(),
      notedAt: instant,
      startedBy: z.string(),
      corrections: z.number().int(),
      ended: z.boolean(),
      deadlines: z.array(
        z.strictObject({
          ...clockDeadline,
          noted: z.enum(['near', 'breached']).nullable(),
          metAt: instant.nullable(),
          metBy: z.string().nullable(),
        }),
      ),
      reason: z.string(),
    }),
  },
  'clock-gone': {
    version: 1,
    sealed: [],
    data: z.strictObject({ clock: z.string(), name: z.string(), into: z.string() }),
  },
} as const
