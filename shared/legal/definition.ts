import { z } from 'zod'
import type { Flag } from '../incident/state.ts'

/** A length of time: milliseconds, or calendar months, which have no length of their own. */
export const spanSchema = z.strictObject({ unit: z.enum(['ms', 'month']), count: z.number().int().positive() })
export type Span = z.output<typeof spanSchema>

/** So long after `start`, after `aware`, or after another deadline of the same clock was met, by its id. */
export const limitSchema = spanSchema.extend({ after: z.string() })
export type Limit = z.output<typeof limitSchema>

/** `law`: the source names the time. `house`: the source says only "without undue delay", and the house says how long that is. */
export const bases = ['law', 'house'] as const
export type Basis = (typeof bases)[number]

/** Something that must have been submitted in time. */
export interface DeadlineDefinition {
  id: string
  name: string
  basis: Basis
  /** The earliest of them counts (rule CK2). */
  within: readonly Limit[]
}

/**
 * A legal or agreed clock as it is defined from a day on: data, not code, and never legal advice. Which of them binds a
 * house, and whether an incident starts one, people determine.
 */
export interface ClockDefinition {
  id: string
  /** Short, as a card shows it. */
  name: string
  title: string
  /** Where it stands. */
  source: string
  /** What the source asks for, in its words or close to them. */
  says: string
  /** What starts it, to be read after "when": `we became aware of the breach`. */
  startsWhen: string
  /** Where awareness is another moment than the start; null: the start is all there is. */
  awareWhen: string | null
  /** Whom it binds. */
  binds: string
  /** From this day on (UTC, `2018-05-25`); until the same id has a later one. Names this edition of it. */
  effective: string
  /** An incident with one of these may be a case for it. */
  flags: readonly Flag[]
  deadlines: readonly DeadlineDefinition[]
}
