import type { Context } from './context.ts'
import type { Fact } from './facts.ts'
import { isHere, isUnmet, type LegalClock } from './legal-clocks.ts'
import type { Incident } from './state.ts'

/** What two incidents record when clocks go from one to the other. */
interface Carried {
  from: Fact[]
  to: Fact[]
}
type Act = Pick<Context, 'now' | 'by'>

/** What goes with a merge. Rule CK5: clocks that run are carried to the incident that goes on, as they are. */
export function carryClocks(source: Incident, target: Incident, act: Act): Carried {
  const taken = new Set((target.clocks ?? []).map(({ id }) => id))
  const going = (source.clocks ?? []).filter((clock) => isHere(clock) && isUnmet(clock))
  return carried(source, target, act, going, ({ id }) => (taken.has(id) ? `${id}@${source.id}` : id))
}

/** What comes back with a merge that is taken back: the clocks that came by it, with what was submitted meanwhile. */
export function returnClocks(target: Incident, source: Incident, act: Act): Carried {
  const going = (target.clocks ?? []).filter((clock) => clock.cameFrom?.incident === source.id && clock.goneTo === null)
  return carried(target, source, act, going, ({ id, cameFrom }) => cameFrom?.clock ?? id)
}

function carried(
  from: Incident,
  to: Incident,
  { now: at, by }: Act,
  going: readonly LegalClock[],
  called: (clock: LegalClock) => string,
): Carried {
  return {
    from: going.map(({ id, name }): Fact => ({ type: 'clock-gone', at, by, clock: id, name, into: to.id })),
    to: going.map((clock): Fact => {
      const { definition, edition, name, source, says, startedAt, awareAt, notedAt, reason, corrections } = clock
      const deadlines = clock.deadlines.map(({ met, within, ...one }) => ({
        ...one,
        within: [...within],
        metAt: met?.at ?? null,
        metBy: met?.by ?? null,
      }))
      return {
        type: 'clock-carried',
        ...{ at, by, clock: called(clock), from: from.id, as: clock.id, startedBy: clock.by, deadlines },
        ...{ definition, edition, name, source, says, startedAt, awareAt, notedAt, reason, corrections },
        ended: clock.ended !== null,
      }
    }),
  }
}
