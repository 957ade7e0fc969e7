import { z } from 'zod'
import { minuteMs } from './clocks.ts'

/** What comes again and again: an iCalendar rule, with the local time of its first beginning and how long each one lasts. */
export interface Recurrence {
  /** An RRULE of RFC 5545, without its name. */
  rrule: string
  /** Local date and time in `timeZone`, `YYYY-MM-DDTHH:MM`: DTSTART. */
  starts: string
  lastsMs: number
  /** A name of the IANA time zone database. */
  timeZone: string
  /** Epoch ms: what would begin then or later does not come. Absent: as long as the rule says. */
  until?: number
}

/** In force from `startsAt` until just before `endsAt`; epoch ms. */
export interface Occurrence {
  startsAt: number
  endsAt: number
}

/** Stands for the end of what has none: the last instant that every reader of ISO 8601 takes. Epoch ms. */
export const noEnd = Date.UTC(9999, 11, 31)

/**
 * The first occurrence that ends after `after` (epoch ms); null when none does. One may begin before the one before it has
 * ended. Rule RR1: as RFC 5545 has it, a beginning that the local clock never shows (skipped by summer time) does not come,
 * and one that it shows twice comes at the first.
 */
export type OccurrenceAfter = (recurrence: Recurrence, after: number) => Occurrence | null

/** For a fold or a desk that is given no calendar: nothing ever comes again. */
export const noRecurrence: OccurrenceAfter = () => null

/** The next ones, at most so many. */
export function occurrencesAfter(
  next: OccurrenceAfter,
  recurrence: Recurrence,
  after: number,
  most: number,
): Occurrence[] {
  const found: Occurrence[] = []
  for (let at = after; found.length < most; ) {
    const occurrence = next(recurrence, at)
    if (occurrence === null) break
    found.push(occurrence)
    at = occurrence.endsAt
  }
  return found
}

const weekday = /^(MO|TU|WE|TH|FR|SA|SU)$/
const placedWeekday = /^[+-]?([1-9]|[1-4]\d|5[0-3])(MO|TU|WE|TH|FR|SA|SU)$/
const whole = (least: number, most: number) => (text: string) =>
  /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most
const placed = (most: number) => (text: string) =>
  /^[+-]?\d{1,3}$/.test(text) && Number(text) !== 0 && Math.abs(Number(text)) <= most

interface Part {
  /** How its values are written. */
  says: string
  list: boolean
  takes: (text: string) => boolean
}

const parts: Readonly<Record<string, Part>> = {
  INTERVAL: { says: 'a number from 1 to 1000', list: false, takes: whole(1, 1000) },
  COUNT: { says: 'a number from 1 to 500', list: false, takes: whole(1, 500) },
  UNTIL: {
    says: 'a date or an instant in UTC, such as 20261231 or 20261231T230000Z',
    list: false,
    takes: (text) => /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3])[0-5]\d[0-5]\dZ)?$/.test(text),
  },
  BYMONTH: { says: 'months from 1 to 12', list: true, takes: whole(1, 12) },
  BYMONTHDAY: { says: 'days from 1 to 31, or from -1 to -31 for those before the end', list: true, takes: placed(31) },
  BYYEARDAY: { says: 'days from 1 to 366, or negative ones', list: true, takes: placed(366) },
  BYWEEKNO: { says: 'weeks from 1 to 53, or negative ones', list: true, takes: placed(53) },
  BYDAY: {
    says: 'days such as MO, or 2TU and -1FR in a month or year',
    list: true,
    takes: (text) => weekday.test(text) || placedWeekday.test(text),
  },
  BYHOUR: { says: 'hours from 0 to 23', list: true, takes: whole(0, 23) },
  BYMINUTE: { says: 'minutes from 0 to 59', list: true, takes: whole(0, 59) },
  BYSETPOS: { says: 'places from 1 to 366, or negative ones', list: true, takes: placed(366) },
  WKST: { says: 'a day such as MO', list: false, takes: (text) => weekday.test(text) },
}
const frequencies = ['HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const
export type Frequency = (typeof frequencies)[number]

/**
 * The parts of an RRULE, by name, in the order in which they stand. Source: RFC 5545, 3.3.10. Read are all but those of
 * seconds; what comes oftener than hourly is refused.
 * @throws SyntaxError that says what is wrong
 */
export function readRule(text: string): Map<string, readonly string[]> {
  const rule = text
    .trim()
    .replace(/^RRULE:/i, '')
    .toUpperCase()
  const read = new Map<string, readonly string[]>()
  for (const part of rule.replace(/;$/, '').split(';')) {
    const [, name = '', value = ''] = /^([A-Z-]+)=([A-Z0-9,+-]+)$/.exec(part) ?? []
    if (name === '')
      throw new SyntaxError(`"${part}" is no part of an RRULE; write for example FREQ=WEEKLY;BYDAY=MO,TH`)
    if (read.has(name)) throw new SyntaxError(`${name} is there twice`)
    if (name === 'FREQ') {
      if (!(frequencies as readonly string[]).includes(value))
        throw new SyntaxError(`FREQ=${value} is not read here; write one of ${frequencies.join(', ')}`)
      read.set(name, [value])
      continue
    }
    const known = Object.hasOwn(parts, name) ? parts[name] : undefined
    if (known === undefined) throw new SyntaxError(`${name} is not read here; remove it`)
    const values = value.split(',')
    if (!values.every(known.takes) || (!known.list && values.length > 1))
      throw new SyntaxError(`${name}=${value} cannot be read; it wants ${known.says}`)
    read.set(name, values)
  }
  const frequency = read.get('FREQ')?.[0]
  if (frequency === undefined)
    throw new SyntaxError('FREQ is missing; write for example FREQ=DAILY or FREQ=WEEKLY;BYDAY=MO')
  if (read.has('COUNT') && read.has('UNTIL')) throw new SyntaxError('say either COUNT or UNTIL')
  const isLong = frequency === 'MONTHLY' || frequency === 'YEARLY'
  if (!isLong && read.get('BYDAY')?.some((day) => !weekday.test(day)))
    throw new SyntaxError(`BYDAY with a number needs FREQ=MONTHLY or FREQ=YEARLY`)
  if (frequency !== 'YEARLY' && read.has('BYWEEKNO')) throw new SyntaxError('BYWEEKNO needs FREQ=YEARLY')
  if (frequency === 'WEEKLY' && read.has('BYMONTHDAY'))
    throw new SyntaxError('BYMONTHDAY does not go with FREQ=WEEKLY; write FREQ=MONTHLY')
  return read
}

/** An RRULE in the one way in which it is kept: upper case, without its name. @throws SyntaxError as `readRule` */
export function ruleText(text: string): string {
  return Array.from(readRule(text), ([name, values]) => `${name}=${values.join(',')}`).join(';')
}

/** Whether this is a time zone that is known. `UTC` is; an offset such as `+02:00` is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Whether it is a local date and time that a calendar has. */
function isLocalTime(text: string): boolean {
  const at = Date.parse(`${text}:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** An RRULE, read; as text it is kept in one way. */
export const ruleSchema = z
  .string()
  .min(1)
  .max(500)
  .transform((text, context) => {
    try {
      return ruleText(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as SyntaxError).message })
      return z.NEVER
    }
  })
  .meta({ type: 'string', examples: ['FREQ=WEEKLY;BYDAY=SU', 'FREQ=MONTHLY;BYDAY=2TU'] })
  .describe('iCalendar RRULE (RFC 5545), from hourly to yearly')

export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: (issue) => `"${issue.input}" is no time zone; write for example Europe/Berlin or UTC` })
  .meta({ examples: ['Europe/Berlin', 'UTC'] })

export const localTimeSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'write local date and time as 2026-01-31T02:00')
  .refine((text) => isLocalTime(text), { error: (issue) => `"${issue.input}" is no date and time` })
  .meta({ examples: ['2026-01-31T02:00'] })

/** What lasts less than a minute or more than a month is a slip of the hand. */
const leastLasts = minuteMs
const mostLasts = 31 * 24 * 60 * minuteMs
export const lastsProblem = (lastsMs: number): string | null =>
  lastsMs >= leastLasts && lastsMs <= mostLasts ? null : 'must be at least 1m and at most 31d'

/** A recurrence as it is told over HTTP, and kept. */
export const recurrenceSchema = z.strictObject({
  rrule: ruleSchema,
  starts: localTimeSchema.describe('When the first may begin: local date and time in `timeZone`'),
  lastsMs: z
    .number()
    .int()
    .superRefine((lastsMs, context) => {
      const message = lastsProblem(lastsMs)
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
    .describe('How long each one lasts'),
  timeZone: timeZoneSchema.describe('Of the IANA time zone database'),
})

/** Next ones that are looked at for what is wrong with a recurrence. */
const lookedAt = 40
/** A day of summer time is an hour shorter: who lets each one last a day means that. */
const toleratedMs = 60 * minuteMs

/**
 * What is wrong with a recurrence that can be read: it never comes, or each one lasts until after the next has begun, so
 * that it would never let go.
 * @param from epoch ms: only what ends after it counts
 */
export function recurrenceProblem(
  next: OccurrenceAfter,
  recurrence: Recurrence,
  from: number,
): { at: 'rrule' | 'lastsMs'; message: string } | null {
  // Each by itself, as they would come if they lasted a moment.
  const moments = occurrencesAfter(next, { ...recurrence, lastsMs: 1 }, from, lookedAt)
  const [first] = moments
  if (first === undefined) {
    const reaches = next(recurrence, from) !== null
    return reaches ? null : { at: 'rrule', message: 'never comes: no day fits all that it asks for' }
  }
  for (const [index, { startsAt }] of moments.entries()) {
    const before = moments[index - 1]
    if (before === undefined || startsAt - before.startsAt + toleratedMs > recurrence.lastsMs) continue
    return { at: 'lastsMs', message: 'is longer than from one to the next, so that it would never end' }
  }
  return null
}
