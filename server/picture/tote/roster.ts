import { hourMs } from '#shared/clocks.ts'
import type { Shift } from '#shared/duty/rotation.ts'
import type { Policy } from '#shared/policy.ts'
import type { Rota } from '../../duty/port.ts'

/** A change of who is on call is looked for so far ahead. */
const aheadMs = 7 * 24 * hourMs
const behindMs = 24 * hourMs
/** A gap is told so long before. */
const gapAheadMs = 24 * hourMs
/** Ends and beginnings of shifts that are looked at for the next change: of many most change nothing. */
const turnsLookedAt = 30

export interface OnShift {
  rotation: string
  since: number
  /** Null: later than is looked ahead. */
  endsAt: number | null
  first: boolean
}

export interface TeamRoster {
  id: string
  name: string
  /** Who answers now, in the order in which they are asked. */
  onCall: readonly string[]
  members: readonly string[]
  /** Who answers its phone; null: nobody. */
  answers: string | null
  rota: boolean
  /** Whether somebody should answer for it now. */
  expected: boolean
  next: { at: number; to: readonly string[] } | null
  gap: { rotation: string; from: number; to: number } | null
}

/** Who is on duty as of one moment. Instants are epoch ms. */
export interface Roster {
  shifts: ReadonlyMap<string, OnShift>
  /** When the last shift of those ended who are off now. */
  offSince: ReadonlyMap<string, number>
  teams: readonly TeamRoster[]
  /** When the next shift of anybody begins or ends; null: none does. */
  nextAt: number | null
}

/** Reads rotations and teams once. */
export function rosterAt(rota: Rota, policy: Pick<Policy, 'teams' | 'rotations'>, now: number): Roster {
  const all = rota.shifts({}, now - behindMs, now + aheadMs)
  const onCall = new Map<string, readonly string[]>()
  const answering = (rotation: string) => {
    let people = onCall.get(rotation)
    if (people === undefined) {
      people = rota.onCall(rotation, now)
      onCall.set(rotation, people)
    }
    return people
  }
  const shifts = new Map<string, OnShift>()
  const offSince = new Map<string, number>()
  let nextAt: number | null = null
  for (const [person, own] of Map.groupBy(all, ({ person }) => person)) {
    for (const { from, to } of own)
      for (const at of [from, to]) if (at > now && (nextAt === null || at < nextAt)) nextAt = at
    const present = own
      .filter(({ from, to }) => from <= now && now < to)
      .map((shift): OnShift => {
        const { since, endsAt } = unbroken(shift, own)
        const known = endsAt < now + aheadMs
        const first = answering(shift.rotation)[0] === person
        return { rotation: shift.rotation, since, endsAt: known ? endsAt : null, first }
      })
      .sort((a, b) => Number(b.first) - Number(a.first) || lasts(b) - lasts(a))
    const [best] = present
    if (best !== undefined) shifts.set(person, best)
    const ended = own.filter(({ to }) => to <= now).map(({ to }) => to)
    if (best === undefined && ended.length > 0) offSince.set(person, Math.max(...ended))
  }
  const troubles = rota.troubles(now, now + gapAheadMs).filter(({ kind }) => kind === 'gap')
  const teams = policy.teams.map(({ id, name = id, members, phone }): TeamRoster => {
    const rotations = new Set(policy.rotations.flatMap(({ id: rotation, team }) => (team === id ? [rotation] : [])))
    const own = all.filter(({ rotation }) => rotations.has(rotation))
    const gap = troubles.filter(({ rotation }) => rotations.has(rotation)).sort((a, b) => a.from - b.from)[0]
    const onCall = rota.onCallOfTeam(id, now)
    // Without a phone of its own the team is reached through whoever is asked first.
    const answers = phone === undefined ? onCall[0] : answererOf(phone.answered_by, rota, now)
    return {
      ...{ id, name, members, onCall, answers: answers ?? null, rota: rotations.size > 0 },
      expected: onCall.length > 0 || (gap !== undefined && gap.from <= now),
      next: nextChange(own, onCall, (at) => rota.onCallOfTeam(id, at), now),
      gap: gap === undefined ? null : { rotation: gap.rotation, from: gap.from, to: gap.to },
    }
  })
  return { shifts, offSince, teams, nextAt }
}

function answererOf(target: string, rota: Rota, now: number): string | undefined {
  if (target.startsWith('rotation:')) return rota.onCall(target.slice('rotation:'.length), now)[0]
  return target.startsWith('team:') ? rota.onCallOfTeam(target.slice('team:'.length), now)[0] : target
}

const lasts = ({ endsAt }: OnShift): number => endsAt ?? Number.MAX_SAFE_INTEGER

/** Shifts of one person that follow each other in one rotation are one. */
function unbroken({ rotation, from, to }: Shift, own: readonly Shift[]): { since: number; endsAt: number } {
  const same = own.filter((shift) => shift.rotation === rotation)
  let [since, endsAt] = [from, to]
  for (let grown = true; grown; ) {
    grown = false
    for (const shift of same) {
      if (shift.from <= endsAt && shift.to > endsAt) [endsAt, grown] = [shift.to, true]
      if (shift.to >= since && shift.from < since) [since, grown] = [shift.from, true]
    }
  }
  return { since, endsAt }
}

function nextChange(
  shifts: readonly Shift[],
  onCall: readonly string[],
  answering: (at: number) => readonly string[],
  now: number,
): TeamRoster['next'] {
  const turns = new Set(shifts.flatMap(({ from, to }) => [from, to]).filter((at) => at > now))
  for (const at of [...turns].sort((a, b) => a - b).slice(0, turnsLookedAt)) {
    const to = answering(at)
    if (to.join() !== onCall.join()) return { at, to }
  }
  return null
}
