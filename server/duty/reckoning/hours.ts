import { type NamedIntervals, timetable } from '#shared/alertmanager/time-intervals.ts'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { LayerHours } from '#shared/duty/roster.ts'
import type { Zone } from './zone.ts'

/** From `from` until just before `to`; epoch ms. */
export interface Stretch {
  from: number
  to: number
}

/** The parts of `[from, to)` that belong to it, in order, none touching the next. */
export type Hours = (from: number, to: number) => Stretch[]

/** What hours are made of besides their own words. */
export interface HoursParts {
  zone: Zone
  intervals: ReadonlyMap<string, NamedIntervals>
  /** Local days of these calendars, in order: days since 1970-01-01. */
  daysOf(calendars: readonly string[]): readonly number[]
}

const dayMs = 24 * hourMs
/** 1970-01-01 was a Thursday; Monday is 0. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7
const dayAt = (local: number): number => Math.floor(local / dayMs)

/** Each of the entries alone is enough. */
export function hoursOf(entries: readonly LayerHours[], parts: HoursParts): Hours {
  const all = entries.map((entry) => oneOf(entry, parts))
  return (from, to) =>
    joined(
      all
        .flatMap((hours) => hours(from, to))
        .flatMap((stretch) => clipped(stretch, from, to))
        .sort((a, b) => a.from - b.from),
    )
}

function oneOf({ weekdays, times, intervals, holidays }: LayerHours, parts: HoursParts): Hours {
  const { zone } = parts
  if (holidays !== undefined) return holidayHours(parts.daysOf(holidays), zone)
  if (intervals !== undefined) {
    const table = timetable(intervals.flatMap((name) => parts.intervals.get(name)?.time_intervals ?? []))
    return (from, to) => {
      const found: Stretch[] = []
      for (let at = from; at < to; ) {
        const change = Math.min(table.changeAfter(at) ?? to, to)
        if (table.activeAt(at)) found.push({ from: at, to: change })
        at = change
      }
      return found
    }
  }
  const onDays = new Set(weekdays?.flat() ?? [0, 1, 2, 3, 4, 5, 6])
  const ofDay = times ?? [{ from: 0, to: 24 * 60 }]
  return (from, to) => {
    const found: Stretch[] = []
    // What began the day before may last until this morning.
    for (let day = dayAt(zone.localAt(from)) - 1; day <= dayAt(zone.localAt(to)) + 1; day++) {
      if (!onDays.has(weekdayOf(day))) continue
      for (const time of ofDay) {
        const end = time.to > time.from ? time.to : time.to + 24 * 60
        const begin = day * dayMs + time.from * minuteMs
        found.push({ from: zone.instantOf(begin), to: zone.instantOf(day * dayMs + end * minuteMs) })
      }
    }
    return found
  }
}

/** Whole local days. @param days in order */
export function holidayHours(days: readonly number[], zone: Zone): Hours {
  return (from, to) => {
    const first = dayAt(zone.localAt(from)) - 1
    const last = dayAt(zone.localAt(to)) + 1
    return days
      .filter((day) => day >= first && day <= last)
      .map((day) => ({ from: zone.instantOf(day * dayMs), to: zone.instantOf((day + 1) * dayMs) }))
      .flatMap((stretch) => clipped(stretch, from, to))
  }
}

/** The part of it within `[from, to)`; nothing where there is none. */
export function clipped(stretch: Stretch, from: number, to: number): Stretch[] {
  const part = { from: Math.max(stretch.from, from), to: Math.min(stretch.to, to) }
  return part.from < part.to ? [part] : []
}

/** Those that touch or overlap are one. @param stretches by their beginning */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = []
  for (const { from, to } of stretches) {
    const last = found.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else found.push({ from, to })
  }
  return found
}

/** What is left of `whole` without these. @param stretches as `joined` gives them */
export function without(whole: Stretch, stretches: readonly Stretch[]): Stretch[] {
  const left: Stretch[] = []
  let at = whole.from
  for (const { from, to } of stretches) {
    if (from > at) left.push({ from: at, to: Math.min(from, whole.to) })
    at = Math.max(at, to)
    if (at >= whole.to) return left
  }
  if (at < whole.to) left.push({ from: at, to: whole.to })
  return left
}
