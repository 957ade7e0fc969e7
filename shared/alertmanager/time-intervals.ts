import { z } from 'zod'
import { minuteMs, secondMs } from '../clocks.ts'
import { isTimeZone, noEnd, type Occurrence } from '../recurrence.ts'
import { readAs } from './routes.ts'

/** Both ends belong to it. */
export interface Range {
  begin: number
  end: number
}

/** Times that fit all of these; null: any. */
export interface TimeInterval {
  /** Minutes of the local day; the end does not belong to it. */
  times: readonly Range[] | null
  /** 0 = Sunday. */
  weekdays: readonly Range[] | null
  /** From 1; negative ones from the end of the month, -1 = its last. */
  daysOfMonth: readonly Range[] | null
  months: readonly Range[] | null
  years: readonly Range[] | null
  location: string
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
]

/** Reads `begin:end`, or one member alone, in any case. @throws SyntaxError in Alertmanager's words */
function readRange(text: string, member: (text: string) => number): Range {
  const ends = text.toLowerCase().split(':')
  if (ends.length > 2) throw new SyntaxError(`couldn't parse range ${text}, invalid format`)
  const [begin, end] = ends.map(member)
  return { begin: begin as number, end: (end ?? begin) as number }
}

function readNumber(text: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new SyntaxError(`"${text}" is not a number`)
  return Number(text)
}

function readWeekdays(text: string): Range {
  const range = readRange(text, (name) => {
    const day = weekdays.indexOf(name)
    if (day === -1) throw new SyntaxError(`${name} is not a valid weekday`)
    return day
  })
  if (range.begin > range.end) throw new SyntaxError('start day cannot be before end day: the week begins on Sunday')
  return range
}

function readDays(text: string): Range {
  const range = readRange(text, readNumber)
  const { begin, end } = range
  for (const day of [begin, end])
    if (day === 0 || Math.abs(day) > 31) throw new SyntaxError(`${day} is not a valid day of the month: out of range`)
  if (begin < 0 && end > 0) throw new SyntaxError('end day must be negative if start day is negative')
  // In the shortest of months; what holds there holds in all.
  const inShortest = (day: number) => (day < 0 ? 28 + day : day)
  if (inShortest(begin) > inShortest(end)) throw new SyntaxError(`end day ${end} is always before start day ${begin}`)
  return range
}

function readMonths(text: string): Range {
  const range = readRange(text, (name) => {
    const month = months.indexOf(name) + 1 || (/^\d{1,2}$/.test(name) ? Number(name) : 0)
    if (month < 1 || month > 12) throw new SyntaxError(`${name} is not a valid month`)
    return month
  })
  const { begin, end } = range
  if (begin > end) throw new SyntaxError(`end month ${months[end - 1]} is before start month ${months[begin - 1]}`)
  return range
}

function readYears(text: string): Range {
  const range = readRange(text, readNumber)
  if (range.begin > range.end) throw new SyntaxError(`end year ${range.end} is before start year ${range.begin}`)
  return range
}

/** Minutes of the day. @throws SyntaxError in Alertmanager's words */
function readTime(text: string): number {
  if (!/^((([01]\d)|(2[0-3])):[0-5]\d|24:00)$/.test(text))
    throw new SyntaxError(`couldn't parse timestamp ${text}, invalid format; write for example 09:00, or 24:00`)
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}

const timeText = z
  .string()
  .max(10)
  .transform((text, context) => readAs(text, readTime, context))

/** YAML has days and years as numbers where they stand without quotes. */
const ranges = (read: (text: string) => Range) =>
  z
    .array(
      z.union([z.string().max(40), z.number().int()]).transform((value, context) => readAs(`${value}`, read, context)),
    )
    .max(100)
    .nullish()

/**
 * One of the intervals of a name, in Alertmanager's syntax and with its checks.
 * Source: prometheus/alertmanager timeinterval/timeinterval.go; docs, "<time_interval>".
 */
const intervalSchema = z
  .strictObject({
    times: z
      .array(
        z
          .strictObject({ start_time: timeText, end_time: timeText })
          .refine(({ start_time, end_time }) => start_time < end_time, {
            error: 'start time cannot be equal or greater than end time; past midnight needs two of them',
          }),
      )
      .max(100)
      .nullish()
      .describe('Of the local day; the end does not belong to it'),
    weekdays: ranges(readWeekdays).meta({ examples: [['monday:friday', 'sunday']] }),
    days_of_month: ranges(readDays).meta({ examples: [['1:7', '-1']] }),
    months: ranges(readMonths).meta({ examples: [['december', '1:3']] }),
    years: ranges(readYears).meta({ examples: [['2026:2027']] }),
    location: z
      .string()
      .max(64)
      .superRefine((name, context) => {
        if (name === '') return
        if (name === 'Local') {
          const message = 'Local is another zone on every machine; name the zone, for example Europe/Berlin'
          context.addIssue({ code: 'custom', message })
        } else if (!isTimeZone(name))
          context.addIssue({ code: 'custom', message: `unknown time zone ${name}; write for example Europe/Berlin` })
      })
      .optional()
      .describe('Time zone of the IANA database; without: UTC'),
  })
  .transform(
    ({ times, weekdays, days_of_month, months, years, location }): TimeInterval => ({
      times: times?.map(({ start_time, end_time }) => ({ begin: start_time, end: end_time })) ?? null,
      weekdays: weekdays ?? null,
      daysOfMonth: days_of_month ?? null,
      months: months ?? null,
      years: years ?? null,
      location: location || 'UTC',
    }),
  )

/** A list of named intervals, as it stands under `time_intervals` of an `alertmanager.yml`. */
export const timeIntervalsSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1, 'missing name in time interval').max(256),
      time_intervals: z.array(intervalSchema).max(200).default([]),
    }),
  )
  .max(1000)
export type NamedIntervals = z.output<typeof timeIntervalsSchema>[number]

/** When something is in force, by the clock. Instants are epoch ms. */
export interface Timetable {
  activeAt(at: number): boolean
  /** The first instant after `at` at which that changes; null when it does not within the time that is looked at. */
  changeAfter(at: number): number | null
}

const dayMs = 24 * 60 * minuteMs
/** A 29 February that is a Monday may be so many years away. */
const yearsLookedAt = 40
/** Of several intervals that take turns without a gap: longer than this is for ever. */
const unbrokenMs = 3 * 366 * dayMs

const within = (ranges: readonly Range[] | null, value: number): boolean =>
  ranges === null || ranges.some(({ begin, end }) => value >= begin && value <= end)

/** Offsets that are kept; each day has one, but for those on which clocks are changed. */
const mostOffsets = 2000

/** Local time of a zone as if it were UTC. */
export function clockOf(location: string): (at: number) => number {
  if (location === 'UTC') return (at) => at
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: location,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  })
  const offsetAt = (at: number): number => {
    const read: Partial<Record<string, number>> = {}
    for (const { type, value } of format.formatToParts(at)) read[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / secondMs) * secondMs
  }
  // Asking for a zone's clock is slow; no zone has changed its clock there and back within a day.
  const startOfDay = new Map<number, number>()
  const offsetOn = (day: number): number => {
    let offset = startOfDay.get(day)
    if (offset === undefined) {
      offset = offsetAt(day * dayMs)
      if (startOfDay.size >= mostOffsets) startOfDay.clear()
      startOfDay.set(day, offset)
    }
    return offset
  }
  return (at) => {
    const day = Math.floor(at / dayMs)
    const offset = offsetOn(day)
    return at + (offset === offsetOn(day + 1) ? offset : offsetAt(at))
  }
}

/** Whether they leave out no minute of a day. */
function coverTheDay(times: readonly Range[]): boolean {
  let covered = 0
  for (const { begin, end } of times.toSorted((a, b) => a.begin - b.begin))
    if (begin <= covered) covered = Math.max(covered, end)
  return covered >= 24 * 60
}

class Interval implements Timetable {
  readonly #interval: TimeInterval
  readonly #clock: (at: number) => number

  constructor(interval: TimeInterval) {
    const { times } = interval
    this.#interval = times !== null && coverTheDay(times) ? { ...interval, times: null } : interval
    this.#clock = clockOf(interval.location)
  }

  /** @param local an instant of the day, as if local time were UTC */
  #fitsDay(local: number): boolean {
    const { times, weekdays, daysOfMonth, months, years } = this.#interval
    if (times?.length === 0) return false
    const date = new Date(local)
    if (!within(years, date.getUTCFullYear()) || !within(months, date.getUTCMonth() + 1)) return false
    if (!within(weekdays, date.getUTCDay())) return false
    if (daysOfMonth === null) return true
    const day = date.getUTCDate()
    const inMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
    const counted = (end: number) => (end < 0 ? inMonth + end + 1 : end)
    return daysOfMonth.some(({ begin, end }) => day >= counted(begin) && day <= counted(end))
  }

  activeAt(at: number): boolean {
    const local = this.#clock(at)
    if (!this.#fitsDay(local)) return false
    const { times } = this.#interval
    const minute = Math.floor((local - floorDay(local)) / minuteMs)
    return times === null || times.some(({ begin, end }) => minute >= begin && minute < end)
  }

  changeAfter(at: number): number | null {
    const was = this.activeAt(at)
    const { times, years } = this.#interval
    const first = floorDay(this.#clock(at))
    const lastYear = Math.min(
      new Date(first).getUTCFullYear() + yearsLookedAt,
      ...(years === null || was ? [] : [Math.max(...years.map(({ end }) => end))]),
    )
    const end = Date.UTC(lastYear + 1, 0, 1)
    for (let day = first; day < end; day += dayMs) {
      const fits = this.#fitsDay(day)
      // Nothing changes within a day of which all or nothing fits, and neither where it begins.
      if (fits ? was && times === null : !was) continue
      for (const instant of this.#turnsOf(day, fits)) if (instant > at && this.activeAt(instant) !== was) return instant
    }
    return null
  }

  /** Instants of a local day at which something may change, in order: where its times begin and end, and where its clock jumps. */
  #turnsOf(day: number, fits: boolean): number[] {
    const minutes = new Set([0])
    if (fits) for (const { begin, end } of this.#interval.times ?? []) minutes.add(begin).add(end)
    const before = this.#clock(day - dayMs) - (day - dayMs)
    const after = this.#clock(day + 2 * dayMs) - (day + 2 * dayMs)
    const turns: number[] = []
    for (const minute of minutes)
      for (const offset of new Set([before, after])) {
        const instant = day + minute * minuteMs - offset
        if (this.#clock(instant) - instant === offset) turns.push(instant)
      }
    if (before !== after) {
      const jump = this.#jump(day - dayMs, day + 2 * dayMs, before)
      if ([jump - 1, jump].some((at) => floorDay(this.#clock(at)) === day)) turns.push(jump)
    }
    return turns.sort((a, b) => a - b)
  }

  /** The instant between two, to the second, from which on the clock is not set as before. */
  #jump(from: number, to: number, offset: number): number {
    let low = from / secondMs
    let high = to / secondMs
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#clock(middle * secondMs) - middle * secondMs === offset) low = middle
      else high = middle
    }
    return high * secondMs
  }
}

const floorDay = (local: number): number => Math.floor(local / dayMs) * dayMs

/** When at least one of the intervals has the time. Without any, never. */
export function timetable(intervals: readonly TimeInterval[]): Timetable {
  const all = intervals.map((interval) => new Interval(interval))
  const activeAt = (at: number): boolean => all.some((each) => each.activeAt(at))
  return {
    activeAt,
    changeAfter(at) {
      const was = activeAt(at)
      const changes = all.map((each) => each.changeAfter(at))
      for (;;) {
        const next = Math.min(...changes.map((change) => change ?? Number.POSITIVE_INFINITY))
        if (!Number.isFinite(next) || (all.length > 1 && next - at > unbrokenMs)) return null
        if (activeAt(next) !== was) return next
        all.forEach((each, index) => {
          if (changes[index] === next) changes[index] = each.changeAfter(next)
        })
      }
    },
  }
}

/** The first stretch in force that ends after `after`; one that is in force then begins at `after`. */
export function stretchAfter(table: Timetable, after: number): Occurrence | null {
  const startsAt = table.activeAt(after) ? after : table.changeAfter(after)
  return startsAt === null ? null : { startsAt, endsAt: table.changeAfter(startsAt) ?? noEnd }
}

/** An interval as Alertmanager writes it: what `timeIntervalsSchema` reads back as the same. */
export function writtenInterval({
  times,
  weekdays: days,
  daysOfMonth,
  months: of,
  years,
  location,
}: TimeInterval): object {
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  const text = (ranges: readonly Range[] | null, name: (member: number) => string) =>
    ranges?.map(({ begin, end }) => (begin === end ? name(begin) : `${name(begin)}:${name(end)}`))
  const parts = {
    times: times?.map(({ begin, end }) => ({ start_time: clock(begin), end_time: clock(end) })),
    weekdays: text(days, (day) => weekdays[day] ?? ''),
    days_of_month: text(daysOfMonth, String),
    months: text(of, (month) => months[month - 1] ?? ''),
    years: text(years, String),
    location: location === 'UTC' ? undefined : location,
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}
