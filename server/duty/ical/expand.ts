import { type OccurrenceAfter, occurrencesAfter, ruleText } from '#shared/recurrence.ts'
import type { Stretch } from '../reckoning/hours.ts'
import type { Zone } from '../reckoning/zone.ts'
import type { ReadEvent, ReadTime, Skipped } from './read.ts'

/** An event at one of its times; `local` is its beginning by the clock of its place, as if it were UTC. */
export interface Instance extends Stretch {
  event: ReadEvent
  local: number
}

export interface Expanding {
  zone(timeZone: string): Zone
  /** Of what says none itself. */
  timeZone: string
  occurrences: OccurrenceAfter
  /** Only what ends after it and begins before `to`; epoch ms. */
  from: number
  to: number
  /** Ms of some clock: rules are read for so long only. */
  elapsed(): number
}

/** Of one event. */
const mostTimes = 400
/** Of all. */
const mostInstances = 3000
const mostRules = 100
/** A rule that fits no day takes a tenth of a second to be found out. */
const patienceMs = 2000
const iso = (local: number): string => new Date(local).toISOString().slice(0, 16)

/**
 * All times of all events, by their beginning. Rule RO9: however the file is made, so many at most, and in so much time: what
 * is beyond is said, event by event.
 */
export function expand(events: readonly ReadEvent[], how: Expanding): { instances: Instance[]; skipped: Skipped[] } {
  const zoneOf = ({ timeZone }: Pick<ReadTime, 'timeZone'>) => how.zone(timeZone ?? how.timeZone)
  const instantOf = (time: ReadTime) => zoneOf(time).instantOf(time.local)
  const replaced = new Map<string, Set<number>>()
  for (const { uid, insteadOf } of events)
    if (insteadOf !== null) replaced.set(uid, (replaced.get(uid) ?? new Set()).add(instantOf(insteadOf)))
  const instances: Instance[] = []
  const skipped: Skipped[] = []
  const began = how.elapsed()
  let rules = 0

  function timesOf(event: ReadEvent): number[] {
    const { start, rrule, also, lastsMs } = event
    const first = instantOf(start)
    const more = also.map(instantOf)
    if (rrule === null || event.insteadOf !== null) return [first, ...more]
    if (++rules > mostRules || how.elapsed() - began > patienceMs)
      throw new RangeError(`has a rule, and the file has too many; the first ${mostRules} are read`)
    const recurrence = {
      rrule: ruleText(rrule),
      starts: iso(start.local),
      lastsMs,
      timeZone: start.timeZone ?? how.timeZone,
    }
    const found: number[] = []
    for (const { startsAt } of occurrencesAfter(how.occurrences, recurrence, how.from, mostTimes)) {
      if (startsAt >= how.to) break
      found.push(startsAt)
    }
    return [...found, ...more]
  }

  for (const event of events) {
    const { summary, start, lastsMs, uid, except, insteadOf } = event
    const say = (why: string) => void skipped.push({ summary, at: iso(start.local), why })
    if (event.cancelled) {
      if (insteadOf === null) say('is cancelled')
      continue
    }
    if (instances.length >= mostInstances) {
      say(`is beyond the first ${mostInstances}`)
      continue
    }
    const zone = zoneOf(start)
    const gone = new Set(except.map(instantOf))
    if (insteadOf === null) for (const at of replaced.get(uid) ?? []) gone.add(at)
    try {
      const times = [...new Set(timesOf(event))].filter((at) => !gone.has(at)).sort((a, b) => a - b)
      const found = times.flatMap((at): Instance[] => {
        const local = zone.localAt(at)
        const to = zone.instantOf(local + lastsMs)
        return to > how.from && at < how.to && to > at ? [{ event, local, from: at, to }] : []
      })
      if (found.length === 0) say(times.length === 0 ? 'never comes' : 'is not in the time that is read')
      instances.push(...found)
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error
      say(error instanceof SyntaxError ? `has a rule that is not read: ${error.message}` : error.message)
    }
  }
  return { instances: instances.slice(0, mostInstances).sort((a, b) => a.from - b.from), skipped }
}
