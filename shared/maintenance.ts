import { z } from 'zod'
import { type NamedIntervals, stretchAfter, timetable } from './alertmanager/time-intervals.ts'
import type { CompiledMatcher } from './matchers.ts'
import { lastsProblem, localTimeSchema, noEnd, type Recurrence, ruleSchema, timeZoneSchema } from './recurrence.ts'

/** `filters.maintenance` of a policy: what is not to be heard of at times that are known beforehand. */
export function maintenanceSchemaWith(
  name: z.ZodType<string, string>,
  matcher: z.ZodType<CompiledMatcher, string>,
  duration: z.ZodType<number, string>,
) {
  const recurs = z
    .strictObject({
      rrule: ruleSchema,
      starts: localTimeSchema.describe('When the first begins: local date and time in `time_zone`'),
      lasts: duration.superRefine((lastsMs, context) => {
        const message = lastsProblem(lastsMs)
        if (message !== null) context.addIssue({ code: 'custom', message })
      }),
      time_zone: timeZoneSchema.describe('Of the IANA time zone database'),
    })
    .transform(
      ({ rrule, starts, lasts, time_zone }): Recurrence => ({ rrule, starts, lastsMs: lasts, timeZone: time_zone }),
    )
  return z
    .strictObject({
      name,
      match: z.array(matcher).min(1).max(100).describe('All must match; as a silence reads labels'),
      reason: z.string().trim().min(1, 'say why').max(1000).describe('Shown wherever it holds something back'),
      intervals: z
        .array(z.string().min(1).max(256))
        .min(1)
        .max(100)
        .optional()
        .describe('Names under `time_intervals`: open while one of them has the time'),
      recurs: recurs.optional().describe('Or by an iCalendar rule'),
    })
    .refine(({ intervals, recurs }) => (intervals === undefined) !== (recurs === undefined), {
      error: 'say either intervals or recurs',
    })
}

type Times = Record<'time_intervals' | 'mute_time_intervals', readonly NamedIntervals[]>

/** Any day will do to see whether times that are open ever close. */
const someDay = Date.UTC(2026, 0, 1)

/** The names of all times, of both lists. */
export function timeNames({ time_intervals, mute_time_intervals }: Times): Set<string> {
  return new Set([...time_intervals, ...mute_time_intervals].map(({ name }) => name))
}

/**
 * Names of times must be there, and each once: over both lists, as Alertmanager has it. Rule MW2: a window that opens must
 * close, because nothing is held back for ever.
 * @returns what is wrong, by its path in the policy
 */
export function timeProblems(
  { time_intervals, mute_time_intervals }: Times,
  maintenance: readonly { intervals?: readonly string[] | undefined }[],
): { path: (string | number)[]; message: string }[] {
  const problems: { path: (string | number)[]; message: string }[] = []
  const known = new Map<string, NamedIntervals>()
  for (const [list, all] of Object.entries({ time_intervals, mute_time_intervals }))
    all.forEach((named, index) => {
      const { name } = named
      if (known.has(name))
        problems.push({ path: [list, index, 'name'], message: `time interval "${name}" is not unique` })
      known.set(name, named)
    })
  maintenance.forEach(({ intervals = [] }, index) => {
    intervals.forEach((name, at) => {
      const path = ['filters', 'maintenance', index, 'intervals', at]
      if (!known.has(name)) problems.push({ path, message: `there is no "${name}" under time_intervals` })
    })
    const table = timetable(intervals.flatMap((name) => known.get(name)?.time_intervals ?? []))
    if (stretchAfter(table, someDay)?.endsAt === noEnd)
      problems.push({
        path: ['filters', 'maintenance', index, 'intervals'],
        message: 'never close, so that nothing would be heard again; leave a time at which they do',
      })
  })
  return problems
}
