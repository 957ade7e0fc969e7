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

const dayMinutes = 24 * 60
const mostMinutes = 7 * dayMinutes

/**
 * Until when it is quiet for this person: exact to the minute, also in a night of 23 or 25 hours.
 * @param at epoch ms
 * @returns epoch ms; null: it is not quiet. Quiet for ever ends after about a week, or nothing would ever be told.
 */
export function quietUntil({ quiet, zone }: Pick<Preferences, 'quiet' | 'zone'>, at: number): number | null {
  if (quiet.length === 0) return null
  const wallClock = wallClockOf(zone)
  const isQuiet = (when: number) => {
    const { day, minute } = wallClock(when)
    return quiet.some((span) => isIn(span, day, minute))
  }
  if (!isQuiet(at)) return null
  const edges = [0, ...quiet.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)])]
  const first = at - (at % minuteMs)
  let when = first
  while (isQuiet(when) && when - first < mostMinutes * minuteMs) {
    // It can only end at an edge, so that is where to look next; where the clocks change before it, minute by minute.
    const { minute } = wallClock(when)
    const ahead = Math.min(...edges.map((edge) => (edge - minute + dayMinutes) % dayMinutes || dayMinutes))
    const isPlain = wallClock(when + ahead * minuteMs).minute === (minute + ahead) % dayMinutes
    when += (isPlain ? ahead : 1) * minuteMs
  }
  return when
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
