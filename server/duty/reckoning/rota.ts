import type { NamedIntervals } from '#shared/alertmanager/time-intervals.ts'
import { hourMs } from '#shared/clocks.ts'
import type { HolidayCalendar } from '#shared/duty/roster.ts'
import type { Shift } from '#shared/duty/rotation.ts'
import type { Policy } from '#shared/policy.ts'
import type { Rota } from '../port.ts'
import type { HoursParts } from './hours.ts'
import { type Change, makeRoster, type Roster } from './shifts.ts'
import { troublesOf } from './troubles.ts'
import { makeZone, type Zone } from './zone.ts'

/** A day, or several in a row, of a calendar: local dates, both of which belong to it. */
export interface Holiday {
  date: string
  until: string
  name: string | null
}

export interface RotaParts {
  policy(): Policy
  /** All changes, in the order in which they took effect: another list whenever one of them is another. */
  changes(): readonly Change[]
  /** Days that were imported into a calendar: another map whenever one of them is another. */
  imported(): ReadonlyMap<string, readonly Holiday[]>
  /** Whether they can be called on at all: active, and with a role that responds. */
  mayRespond(personId: string): boolean
}

/** The rota with what the screens ask of it besides. */
export interface WholeRota extends Rota {
  roster(rotation: string): Roster | undefined
  /** In the order of the policy. */
  rosters(): readonly Roster[]
  zone(timeZone: string): Zone
  /** Days of a calendar: those of the policy, and those that were imported. */
  holidays(calendar: string): readonly (Holiday & { imported: boolean })[]
}

const dayMs = 24 * hourMs
/** Who is on without an end is looked at so far ahead. */
const farthestMs = 60 * dayMs
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / dayMs

/** Reckons who answers when. What it has worked out is kept until the policy or one of the changes is another. */
export function makeRota(parts: RotaParts): WholeRota {
  const zones = new Map<string, Zone>()
  let built: {
    policy: Policy
    changes: readonly Change[]
    imported: ReadonlyMap<string, readonly Holiday[]>
    rosters: ReadonlyMap<string, Roster>
  } | null = null

  function zone(timeZone: string): Zone {
    const found = zones.get(timeZone) ?? makeZone(timeZone)
    zones.set(timeZone, found)
    return found
  }

  function rosters(): ReadonlyMap<string, Roster> {
    const policy = parts.policy()
    const changes = parts.changes()
    const imported = parts.imported()
    if (built?.policy === policy && built.changes === changes && built.imported === imported) return built.rosters
    const intervals = new Map<string, NamedIntervals>(
      [...policy.time_intervals, ...policy.mute_time_intervals].map((named) => [named.name, named]),
    )
    const changesOf = Map.groupBy(changes, ({ rotation }) => rotation)
    const daysOf = (calendars: readonly string[]): number[] => {
      const days = calendars
        .flatMap((id) => holidaysOf(policy, imported, id))
        .flatMap(({ date, until }) => {
          const first = dayOf(date)
          return Array.from({ length: dayOf(until) - first + 1 }, (_, index) => first + index)
        })
      return [...new Set(days)].sort((a, b) => a - b)
    }
    const made = policy.rotations.map((rotation): [string, Roster] => {
      const hours: HoursParts = { zone: zone(rotation.time_zone), intervals, daysOf }
      return [rotation.id, makeRoster(rotation, changesOf.get(rotation.id) ?? [], hours)]
    })
    built = { policy, changes, imported, rosters: new Map(made) }
    return built.rosters
  }

  const ofTeam = (team: string) => [...rosters().values()].filter(({ rotation }) => rotation.team === team)
  const reachable = (people: readonly string[]) => people.filter(parts.mayRespond)
  const onCall = (rotation: string, at: number): readonly string[] =>
    reachable(rosters().get(rotation)?.at(at).people ?? [])

  /** When the person is relieved who is in the rotation at `at`. */
  function endOf(roster: Roster, person: string, at: number): number {
    let end = at
    while (end - at < farthestMs) {
      const part = roster.at(end)
      if (!part.people.includes(person)) break
      end = part.to
    }
    return end
  }

  return {
    onCall,
    onCallOfTeam: (team, at) => [...new Set(ofTeam(team).flatMap(({ rotation }) => onCall(rotation.id, at)))],
    shifts({ rotation, person, team }, from, to) {
      const asked = [...rosters().values()].filter(
        ({ rotation: { id, team: itsTeam } }) =>
          (rotation === undefined || id === rotation) && (team === undefined || itsTeam === team),
      )
      const found = asked.flatMap((roster): Shift[] => roster.shifts(from, to))
      const wanted = person === undefined ? found : found.filter((shift) => shift.person === person)
      return wanted.sort((a, b) => a.from - b.from)
    },
    shiftOf(person, at) {
      let last: { rotation: string; endsAt: number } | null = null
      for (const roster of rosters().values()) {
        const endsAt = endOf(roster, person, at)
        if (endsAt > (last?.endsAt ?? at)) last = { rotation: roster.rotation.id, endsAt }
      }
      return last === null ? null : { ...last, next: onCall(last.rotation, last.endsAt) }
    },
    troubles: (from, to) => troublesOf([...rosters().values()], parts.mayRespond, from, to),
    roster: (rotation) => rosters().get(rotation),
    rosters: () => [...rosters().values()],
    zone,
    holidays: (calendar) => holidaysOf(parts.policy(), parts.imported(), calendar),
  }
}

function holidaysOf(
  { holidays }: { holidays: readonly HolidayCalendar[] },
  imported: ReadonlyMap<string, readonly Holiday[]>,
  calendar: string,
): (Holiday & { imported: boolean })[] {
  const own = holidays.find(({ id }) => id === calendar)?.days ?? []
  return [
    ...own.map(({ date, until = date, name = null }) => ({ date, until, name, imported: false })),
    ...(imported.get(calendar) ?? []).map((day) => ({ ...day, imported: true })),
  ]
}
