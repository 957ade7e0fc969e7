import { Temporal } from 'temporal-polyfill'
import { hourMs } from '#shared/clocks.ts'

/** The clock on the wall of a place. Local times are ms as if local time were UTC; instants are epoch ms. */
export interface Zone {
  /** What the clock shows. */
  localAt(at: number): number
  /**
   * Rule RO2: the first instant at which the clock shows this time or a later one. So a time that it shows twice is the
   * first of the two, a time that it skips is the moment at which it jumps, and what is later locally is never earlier.
   */
  instantOf(local: number): number
}

interface Offset {
  /** The first instant of it, epoch ms. */
  from: number
  /** Local time less UTC, ms. */
  offset: number
}

/** No clock is further from UTC than this, and none is set by more. */
const widestMs = 26 * hourMs
const mostYears = 400

const utc: Zone = { localAt: (at) => at, instantOf: (local) => local }

/** @param timeZone a name of the IANA database @throws RangeError where there is none of that name */
export function makeZone(timeZone: string): Zone {
  if (timeZone === 'UTC') return utc
  const years = new Map<number, readonly Offset[]>()

  /** The offsets of a year of UTC, the first from its beginning. Asking for them is slow. */
  function offsetsOf(year: number): readonly Offset[] {
    let offsets = years.get(year)
    if (offsets === undefined) {
      if (years.size >= mostYears) years.clear()
      offsets = readYear(year)
      years.set(year, offsets)
    }
    return offsets
  }

  function readYear(year: number): Offset[] {
    const begin = Date.UTC(year, 0, 1)
    const end = Date.UTC(year + 1, 0, 1)
    let at = Temporal.Instant.fromEpochMilliseconds(begin).toZonedDateTimeISO(timeZone)
    const offsets = [{ from: begin, offset: Math.round(at.offsetNanoseconds / 1e6) }]
    for (;;) {
      const next = at.getTimeZoneTransition('next')
      if (next === null || next.epochMilliseconds >= end) return offsets
      offsets.push({ from: next.epochMilliseconds, offset: Math.round(next.offsetNanoseconds / 1e6) })
      at = next
    }
  }

  const yearOf = (at: number): number => new Date(at).getUTCFullYear()
  /** The year that was asked for last, with its neighbours: what is asked next is mostly of the same. */
  let near: { from: number; to: number; offsets: readonly Offset[] } = { from: 0, to: 0, offsets: [] }

  function around(at: number): readonly Offset[] {
    if (at < near.from || at >= near.to) {
      const year = yearOf(at)
      const offsets = [...offsetsOf(year - 1), ...offsetsOf(year), ...offsetsOf(year + 1)]
      near = { from: Date.UTC(year, 0, 1), to: Date.UTC(year + 1, 0, 1), offsets }
    }
    return near.offsets
  }

  return {
    localAt(at) {
      const offsets = around(at)
      let index = offsets.length - 1
      while (index > 0 && (offsets[index] as Offset).from > at) index--
      return at + (offsets[index] as Offset).offset
    },
    instantOf(local) {
      const offsets = around(local)
      const last = local + widestMs
      for (let index = 0; index < offsets.length; index++) {
        const { from, offset } = offsets[index] as Offset
        const next = offsets[index + 1]?.from ?? last
        const found = Math.max(from, local - offset)
        if (found < next) return found
      }
      return local
    },
  }
}
