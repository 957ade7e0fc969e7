import { minuteMs } from '../clocks.ts'
import type { Tier } from '../incident/state.ts'
import type { Matter } from './intent.ts'
import { isUrgent } from './intent.ts'
import { gradeOf, type Preferences, type Quiet } from './preferences.ts'
import type { PersonalKind } from './view.ts'

/** Whether this zone is one that can be reckoned with. */
export function isZone(zone: string): boolean {
  try {
    wallClockOf(zone)(0)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Wall clock of a zone: ISO weekday (1 = Monday) and minutes since midnight. @throws RangeError for an unknown zone */
function wallClockOf(zone: string): (at: number) => { day: number; minute: number } {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (at) => {
    const parts = clock.formatToParts(at)
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
    const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(of('weekday')) + 1
    return { day, minute: Number(of('hour')) * 60 + Number(of('minute')) }
  }
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

function isIn({ days, from, to }: Quiet, day: number, minute: number): boolean {
  const begins = minutesOf(from)
  const ends = minutesOf(to)
  if (begins < ends) return days.includes(day) && minute >= begins && minute < ends
  const dayBefore = day === 1 ? 7 : day - 1
  return (days.includes(day) && minute >= begins) || (days.includes(dayBefore) && minute < ends)
}

/**
 * Until when it is quiet for this person. Walks the wall clock by minutes, so that a day of 23 or 25 hours is right.
 * @param at epoch ms
 * @returns epoch ms; null: it is not quiet. Quiet for ever ends after a week, or nothing would ever be told.
 */
export function quietUntil({ quiet, zone }: Pick<Preferences, 'quiet' | 'zone'>, at: number): number | null {
  if (quiet.length === 0) return null
  const wallClock = wallClockOf(zone)
  const isQuiet = (when: number) => {
    const { day, minute } = wallClock(when)
    return quiet.some((span) => isIn(span, day, minute))
  }
  if (!isQuiet(at)) return null
  const first = at - (at % minuteMs)
  const week = 7 * 24 * 60
  // Steps of a quarter of an hour find the end roughly, steps of a minute exactly.
  let step = 15
  for (; step < week && isQuiet(first + step * minuteMs); step += 15);
  for (step -= 14; step < week && isQuiet(first + step * minuteMs); step++);
  return first + step * minuteMs
}

/** What a message of this matter does on one of the person's channels: goes at once, waits, or never goes that way. */
export type Passage = { goes: 'now' } | { goes: 'later'; at: number } | { goes: 'never' }

/** Rule N4: quiet hours hold back neither offers nor Tier 1, unless the person has chosen that expressly. */
export function passage(
  preferences: Preferences,
  kind: PersonalKind,
  matter: Matter,
  tier: Tier | null,
  at: number,
): Passage {
  const { on, tiers } = preferences.channels[kind]
  const offered = matter.code === 'offered' || matter.code === 'role-offered'
  if (!on || (!offered && !tiers.includes(gradeOf(tier)))) return { goes: 'never' }
  if (isUrgent(matter, tier) && !preferences.quietForUrgent) return { goes: 'now' }
  const until = quietUntil(preferences, at)
  return until === null ? { goes: 'now' } : { goes: 'later', at: until }
}
