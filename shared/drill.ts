import { z } from 'zod'
import { minuteMs } from './clocks.ts'

/**
 * Exercises. What belongs to one says so in its identity: the ids of its sources, and with them the keys of its alerts, begin
 * with this. Nothing that begins so can become real, nor the reverse: an id never changes.
 */
export const drillPrefix = 'drill_'

/** Whether a source, by its id, or an alert, by its key, belongs to an exercise. */
export const isOfDrill = (idOrKey: string): boolean => idOrKey.startsWith(drillPrefix)

const instant = z.iso.datetime({ precision: 3 })

/** How fast a scenario may be played: so many of its minutes in one of ours. */
export const drillSpeeds = { least: 1, most: 60 } as const
/** How much of a scenario may be played, ms of its own time. */
export const drillLengths = { least: minuteMs, usual: 45 * minuteMs, most: 90 * minuteMs } as const

/** One exercise: what is played, and how it stands. */
export const drillViewSchema = z.strictObject({
  id: z.string(),
  scenario: z.string(),
  graph: z.string(),
  seed: z.number(),
  speed: z.number(),
  forMs: z.number().describe('So much of the scenario, in its own time'),
  startedAt: instant,
  startedBy: z.string().describe('Who started it, by name'),
  endsAt: instant.describe('When it ends by itself'),
  endedAt: instant.nullable(),
  ended: z.enum(['by itself', 'stopped', 'restart']).nullable().describe('`restart`: the server ended in its midst'),
  endedBy: z.string().nullable().describe('Who stopped it, by name'),
  told: z
    .number()
    .nullable()
    .describe('Requests that were made in the name of its sources; null: the server ended in its midst'),
  refused: z.number().nullable().describe('Those of them that were not taken in'),
  truth: z.array(z.string()).nullable().describe('What truly went wrong, once it is over; null while it is on'),
  incidents: z.array(z.string()).describe('Incidents it has opened'),
})
export type DrillView = z.output<typeof drillViewSchema>
