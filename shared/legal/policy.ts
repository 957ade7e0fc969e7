import { z } from 'zod'
import { flags } from '../incident/state.ts'
import { builtInClocks } from './built-in.ts'
import { bases, type ClockDefinition, type Limit, type Span } from './definition.ts'
import { chainProblem, type Nearness } from './reckoning.ts'

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use small letters, digits and -, starting with a letter or digit')
const words = (max: number) => z.string().trim().min(1).max(max)

/** `clocks` of the policy file: legal and agreed deadlines. */
export const clocksPolicyWith = <D extends z.ZodType<number, string>>(duration: D) => {
  const span = z
    .string()
    .transform((text, context): Span => {
      const months = /^([1-9]\d?)mo$/.exec(text)
      if (months !== null) return { unit: 'month', count: Number(months[1]) }
      const read = duration.safeParse(text)
      if (read.success && read.data > 0) return { unit: 'ms', count: read.data }
      context.addIssue({ code: 'custom', message: `"${text}" is no time; write for example 24h, 90m or 1mo` })
      return z.NEVER
    })
    .meta({ type: 'string', pattern: '^([1-9][0-9]?mo|([0-9]+(ms|[smhdw]))+)$', examples: ['72h', '1mo'] })
  const after = z.string().min(1).max(40).default('start')
  const deadline = z.strictObject({
    id,
    name: words(60),
    basis: z.enum(bases).default('house').describe('law: the source names the time; house: we do'),
    within: z
      .union([
        span.transform((one): Limit[] => [{ ...one, after: 'start' }]),
        z
          .array(z.strictObject({ time: span, after }).transform(({ time, after }): Limit => ({ ...time, after })))
          .min(1)
          .max(4),
      ])
      .describe('So long after the start; or a list of `{ time, after }`, of which the earliest counts'),
  })
  return z
    .strictObject({
      near: z
        .strictObject({
          percent: z.number().min(0).max(50).default(25).describe('With so much of its time left a deadline is near'),
          left: duration.prefault('4h' as never).describe('Or so long before it, if that is earlier'),
        })
        .prefault({}),
      definitions: z
        .array(
          z.strictObject({
            id: id.describe('Of a built-in clock, to change it; else a clock of the house'),
            off: z.boolean().default(false).describe('It is not offered; what runs goes on'),
            name: words(30).optional(),
            title: words(120).optional(),
            source: words(300).optional().describe('Where it stands'),
            says: words(1000).optional().describe('What the source asks for'),
            starts_when: words(120).optional().describe('What starts it'),
            aware_when: words(120).optional().describe('Where awareness is another moment than the start'),
            binds: words(120).optional().describe('Whom it binds'),
            effective: z.iso.date().optional().describe('From this day on; without, what is said of it holds always'),
            flags: z.array(z.enum(flags)).max(flags.length).optional().describe('Incidents that may be a case for it'),
            deadlines: z.array(deadline).min(1).max(10).optional(),
          }),
        )
        .max(50)
        .default([])
        .describe('Changes of the built-in clocks, and clocks of the house'),
    })
    .superRefine(({ definitions }, context) => {
      definitions.forEach((entry, index) => {
        const path = ['definitions', index]
        const knows = (known: { id: string }) => known.id === entry.id
        const before = [...builtInClocks, ...definitions.slice(0, index)].filter(knows)
        if (before.length === 0)
          for (const field of ['name', 'source', 'starts_when', 'deadlines'] as const)
            if (entry[field] === undefined)
              context.addIssue({
                code: 'custom',
                path: [...path, field],
                message: `is missing: "${entry.id}" is no built-in clock, so all of it must be said`,
              })
        if (definitions.findIndex((one) => knows(one) && one.effective === entry.effective) < index)
          context.addIssue({
            code: 'custom',
            path: [...path, 'id'],
            message: `"${entry.id}" is there twice; give the later one another day as \`effective\``,
          })
        const problem = entry.deadlines === undefined ? null : chainProblem(entry.deadlines)
        if (problem !== null) context.addIssue({ code: 'custom', path: [...path, 'deadlines'], message: problem })
      })
    })
    .prefault({})
}
export type ClocksPolicy = z.output<ReturnType<typeof clocksPolicyWith<z.ZodType<number, string>>>>

/** What the write path needs of the policy. */
export interface ClockRules {
  definitions: readonly ClockDefinition[]
  near: Nearness
}

/**
 * All definitions, of all days: the built-in ones as the policy changes them, then those of the house. An entry without a day
 * changes every version of its id; one with a day adds a version that holds from then on.
 */
export function clockRulesOf({ near, definitions }: ClocksPolicy): ClockRules {
  let all: ClockDefinition[] = [...builtInClocks]
  for (const { effective, ...entry } of definitions) {
    const known = all.filter((one) => one.id === entry.id)
    const latest = known.reduce<ClockDefinition | null>(
      (last, one) => (last === null || last.effective <= one.effective ? one : last),
      null,
    )
    if (latest === null || effective !== undefined) {
      const fresh = changed(latest, entry, effective ?? '2000-01-01')
      all = [...all.filter((one) => one.id !== fresh.id || one.effective !== fresh.effective), fresh]
    } else all = all.map((one) => (one.id === entry.id ? changed(one, entry, one.effective) : one))
  }
  return { definitions: all, near: { percent: near.percent, leftMs: near.left } }
}

function changed(
  base: ClockDefinition | null,
  entry: Omit<ClocksPolicy['definitions'][number], 'effective'>,
  effective: string,
): ClockDefinition {
  const name = entry.name ?? base?.name ?? entry.id
  return {
    id: entry.id,
    name,
    title: entry.title ?? base?.title ?? name,
    source: entry.source ?? base?.source ?? '',
    says: entry.says ?? base?.says ?? '',
    startsWhen: entry.starts_when ?? base?.startsWhen ?? '',
    awareWhen: entry.aware_when ?? base?.awareWhen ?? null,
    binds: entry.binds ?? base?.binds ?? 'Whoever agreed to it',
    effective,
    flags: entry.flags ?? base?.flags ?? [],
    deadlines: entry.off ? [] : (entry.deadlines ?? base?.deadlines ?? []),
  }
}
