import { z } from 'zod'
import { flags } from '../incident/state.ts'
import { bases } from './definition.ts'

const instant = z.iso.datetime({ precision: 3 })
const person = z.strictObject({ id: z.string(), name: z.string() })

/** A deadline that runs, as lists and walls show it. */
export const runningSchema = z.strictObject({
  clock: z.string().describe('What names it in the incident'),
  name: z.string(),
  deadline: z.string().describe('What must have been submitted'),
  dueAt: instant,
  nearAt: instant,
  breached: z.boolean().describe('It was noted that it passed'),
})
export type RunningView = z.output<typeof runningSchema>

/** What a list of incidents says of the clocks of one. Absent: none runs. */
export const clockSumSchema = z.strictObject({
  running: z.number().describe('Deadlines that are not met, those included that wait for another'),
  next: z.array(runningSchema).describe('The three nearest that are due at a time'),
})
export type ClockSum = z.output<typeof clockSumSchema>

const limitView = z.strictObject({
  id: z.string(),
  name: z.string(),
  basis: z.enum(bases),
  rule: z.string().describe('`72 h after the start`'),
})

/** A clock of an incident, whether it runs or not. */
export const clockViewSchema = z.strictObject({
  id: z.string(),
  definition: z.string(),
  edition: z.string().describe('Day from which the definition holds that it was started by'),
  name: z.string(),
  source: z.string(),
  says: z.string(),
  startedAt: instant,
  awareAt: instant.nullable(),
  notedAt: instant.describe('When somebody said so'),
  by: person,
  reason: z.string(),
  corrections: z.number(),
  cameFrom: z.string().nullable().describe('The incident it came from, by a merge'),
  goneTo: z.string().nullable().describe('The incident it runs in now, by a merge'),
  ended: z
    .strictObject({ at: instant, by: person, reason: z.string() })
    .nullable()
    .describe('Found not to be required'),
  deadlines: z.array(
    limitView.extend({
      dueAt: instant.nullable().describe('null: what it waits for has not been submitted'),
      nearAt: instant.nullable(),
      met: z.strictObject({ at: instant, by: person, reason: z.string() }).nullable(),
    }),
  ),
})
export type ClockView = z.output<typeof clockViewSchema>

/** A clock that can be started, as it is defined now. */
export const clockDefinitionViewSchema = z.strictObject({
  id: z.string(),
  edition: z.string(),
  name: z.string(),
  title: z.string(),
  source: z.string(),
  says: z.string(),
  startsWhen: z.string(),
  awareWhen: z.string().nullable(),
  binds: z.string(),
  flags: z.array(z.enum(flags)),
  deadlines: z.array(limitView),
})
export type ClockDefinitionView = z.output<typeof clockDefinitionViewSchema>
export const clockDefinitionsSchema = z.strictObject({ definitions: z.array(clockDefinitionViewSchema) })
