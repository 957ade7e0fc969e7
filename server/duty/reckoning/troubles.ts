import type { RotaTrouble, Shift } from '#shared/duty/rotation.ts'
import { clipped, without } from './hours.ts'
import type { Roster } from './shifts.ts'

/**
 * Rule RO5: what is wrong in `[from, to)`, clipped to it, by its beginning: stretches that should be covered and in which nobody
 * is on (`gap`), in which somebody is on who cannot respond (`gone`), or is on in another rotation too (`double`).
 */
export function troublesOf(
  rosters: readonly Roster[],
  mayRespond: (person: string) => boolean,
  from: number,
  to: number,
): RotaTrouble[] {
  const found: RotaTrouble[] = []
  for (const roster of rosters) {
    const rotation = roster.rotation.id
    const parts = roster.parts(from, to)
    const manned = parts.filter(({ people }) => people.length > 0)
    for (const covered of roster.covered(from, to))
      for (const gap of without(covered, manned)) found.push({ rotation, ...gap, kind: 'gap', people: [], other: null })
    for (const part of parts) {
      const gone = part.people.filter((person) => !mayRespond(person))
      if (gone.length === 0) continue
      const before = found.at(-1)
      const goesOn = before?.kind === 'gone' && before.to === part.from && same(before.people, gone)
      if (goesOn && before !== undefined) before.to = part.to
      else found.push({ rotation, from: part.from, to: part.to, kind: 'gone', people: gone, other: null })
    }
  }
  return [...found, ...doubles(rosters, from, to)].sort((a, b) => a.from - b.from)
}

/** Double bookings that are told: a policy in which everybody is everywhere has no end of them. */
const mostDoubles = 2000

const same = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n')

/** Named by the rotation that the policy has first. */
function doubles(rosters: readonly Roster[], from: number, to: number): RotaTrouble[] {
  const order = new Map(rosters.map(({ rotation }, index) => [rotation.id, index]))
  const shifts = rosters.flatMap((roster) => roster.shifts(from, to).flatMap((shift) => within(shift, from, to)))
  const found: RotaTrouble[] = []
  for (const [person, theirs] of Map.groupBy(shifts, (shift) => shift.person)) {
    const sorted = theirs.sort((a, b) => a.from - b.from)
    const open: Shift[] = []
    const newest = new Map<string, RotaTrouble>()
    for (const shift of sorted) {
      if (found.length >= mostDoubles) return found
      for (const other of open) {
        if (other.to <= shift.from || other.rotation === shift.rotation) continue
        const isFirst = (order.get(other.rotation) ?? 0) < (order.get(shift.rotation) ?? 0)
        const [one, two] = isFirst ? [other, shift] : [shift, other]
        const stretch = { from: shift.from, to: Math.min(shift.to, other.to) }
        const pair = `${one.rotation} ${two.rotation}`
        const before = newest.get(pair)
        if (before !== undefined && before.to >= stretch.from) before.to = Math.max(before.to, stretch.to)
        else {
          const trouble: RotaTrouble = {
            rotation: one.rotation,
            ...stretch,
            kind: 'double',
            people: [person],
            other: two.rotation,
          }
          newest.set(pair, trouble)
          found.push(trouble)
        }
      }
      open.splice(0, open.length, ...open.filter(({ to: end }) => end > shift.from), shift)
    }
  }
  return found
}

const within = (shift: Shift, from: number, to: number): Shift[] =>
  clipped(shift, from, to).map((stretch) => ({ ...shift, ...stretch }))
