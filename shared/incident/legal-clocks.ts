import type { Deadline } from '../clocks.ts'
import type { Basis, Limit } from '../legal/definition.ts'
import type { Context } from './context.ts'
import type { Fact, FactOf } from './facts.ts'
import type { Incident } from './state.ts'

/** Something that must have been submitted. Instants are epoch ms. */
export interface LegalDeadline {
  id: string
  name: string
  basis: Basis
  within: readonly Limit[]
  /** Null: what it waits for has not been submitted. */
  dueAt: number | null
  /** From when on it counts as near; null with `dueAt`. */
  nearAt: number | null
  met: { at: number; by: string; reason: string } | null
  /** What was noted of it by itself; null: nothing. */
  noted: 'near' | 'breached' | null
}

/** A legal or agreed clock that somebody started. It runs until each of its deadlines was met, whatever becomes of the incident. */
export interface LegalClock {
  /** Names it in this incident: the id of its definition; of one that came from another incident, with that one's number. */
  id: string
  definition: string
  edition: string
  name: string
  source: string
  says: string
  startedAt: number
  awareAt: number | null
  /** When it was said, by whom, and why. */
  notedAt: number
  by: string
  reason: string
  corrections: number
  deadlines: readonly LegalDeadline[]
  /** Set where somebody found that it is not required. */
  ended: { at: number; by: string; reason: string } | null
  /** The incident that it came from by a merge, and what it is called there. */
  cameFrom: { incident: string; clock: string } | null
  /** The incident that it runs in now, by a merge. */
  goneTo: string | null
}

type ClockFact = Extract<
  Fact,
  {
    type:
      | 'clock-started'
      | 'clock-corrected'
      | 'clock-stopped'
      | 'clock-resumed'
      | 'clock-near'
      | 'clock-breached'
      | 'clock-carried'
      | 'clock-gone'
  }
>
export type Due = { id: string; dueAt: number | null; nearAt: number | null }

/** Neither gone with a merge nor found not to be required. */
export const isHere = ({ ended, goneTo }: LegalClock): boolean => ended === null && goneTo === null
export const isUnmet = ({ deadlines }: LegalClock): boolean => deadlines.some(({ met }) => met === null)

/** Deadlines that are not met, in their order, with their clocks. */
export function runningDeadlines({ clocks = [] }: Pick<Incident, 'clocks'>): {
  clock: LegalClock
  deadline: LegalDeadline
}[] {
  return clocks
    .filter(isHere)
    .flatMap((clock) => clock.deadlines.filter(({ met }) => met === null).map((deadline) => ({ clock, deadline })))
}

/** Whether a deadline of a clock of it is not met: until then the incident is not done with, though it may be closed. */
export function hasRunningClock(incident: Pick<Incident, 'clocks'>): boolean {
  return incident.clocks !== undefined && runningDeadlines(incident).length > 0
}

/** Rule CK6: what of its clocks is due to be noted: that a deadline is near, and that it has passed; each once. */
export function clockDeadlines(incident: Incident): Deadline[] {
  if (incident.clocks === undefined) return []
  return runningDeadlines(incident).flatMap(({ deadline: { dueAt, nearAt, noted } }) => {
    const at = noted === null ? (nearAt ?? dueAt) : noted === 'near' ? dueAt : null
    return at === null ? [] : [{ kind: 'clock', incidentId: incident.id, at } as const]
  })
}

/** Notes what is near or has passed by now. A deadline that has passed is not said to be near any more. */
export function noteClocks(incident: Incident, { now: at, by }: Pick<Context, 'now' | 'by'>): Fact[] {
  return runningDeadlines(incident).flatMap(({ clock, deadline }): Fact[] => {
    const { dueAt, nearAt, noted } = deadline
    if (dueAt === null || noted === 'breached') return []
    const named = { name: clock.name, deadline: deadline.id, deadlineName: deadline.name }
    const about = { at, by, clock: clock.id, ...named, dueAt }
    if (at >= dueAt) return [{ type: 'clock-breached', ...about }]
    return noted === null && nearAt !== null && at >= nearAt ? [{ type: 'clock-near', ...about }] : []
  })
}

/** The clocks after one more fact about them. */
export function evolveClocks(clocks: readonly LegalClock[] = [], fact: ClockFact): readonly LegalClock[] {
  const change = (id: string, how: (clock: LegalClock) => Partial<LegalClock>): readonly LegalClock[] =>
    clocks.map((clock) => (clock.id === id ? { ...clock, ...how(clock) } : clock))
  switch (fact.type) {
    case 'clock-started':
      return [...clocks, started(fact)]
    case 'clock-carried': {
      const known = clocks.find(({ id }) => id === fact.clock)
      // What is known here comes home; its own origin stays what it was.
      const cameFrom = known === undefined ? { incident: fact.from, clock: fact.as } : known.cameFrom
      return [...clocks.filter((one) => one !== known), { ...arrived(fact), cameFrom }]
    }
    case 'clock-gone':
      return change(fact.clock, () => ({ goneTo: fact.into }))
    case 'clock-corrected':
      return change(fact.clock, ({ deadlines, corrections }) => ({
        startedAt: fact.startedAt,
        awareAt: fact.awareAt,
        corrections: corrections + 1,
        deadlines: withDue(deadlines, fact.deadlines),
      }))
    case 'clock-stopped': {
      const { deadline, stoppedAt: at, by, reason, next } = fact
      if (deadline === null) return change(fact.clock, () => ({ ended: { at, by, reason } }))
      return change(fact.clock, ({ deadlines }) => ({
        deadlines: withDue(
          deadlines.map((one) => (one.id === deadline ? { ...one, met: { at, by, reason } } : one)),
          next,
        ),
      }))
    }
    case 'clock-resumed':
      if (fact.deadline === null) return change(fact.clock, () => ({ ended: null }))
      return change(fact.clock, ({ deadlines }) => ({
        deadlines: withDue(
          deadlines.map((one) => (one.id === fact.deadline ? { ...one, met: null } : one)),
          fact.next,
        ),
      }))
    case 'clock-near':
    case 'clock-breached': {
      const noted = fact.type === 'clock-near' ? 'near' : 'breached'
      return change(fact.clock, ({ deadlines }) => ({
        deadlines: deadlines.map((one) => (one.id === fact.deadline ? { ...one, noted } : one)),
      }))
    }
  }
}

function started(fact: FactOf<'clock-started'>): LegalClock {
  const { clock: id, definition, edition, name, source, says, startedAt, awareAt, at: notedAt, by, reason } = fact
  return {
    ...{ id, definition, edition, name, source, says, startedAt, awareAt, notedAt, by, reason, corrections: 0 },
    ...{ ended: null, cameFrom: null, goneTo: null },
    deadlines: fact.deadlines.map((one) => ({ ...one, met: null, noted: null })),
  }
}

function arrived(fact: FactOf<'clock-carried'>): Omit<LegalClock, 'cameFrom'> {
  const { clock: id, definition, edition, name, source, says, startedAt, awareAt, notedAt, corrections, reason } = fact
  return {
    ...{ id, definition, edition, name, source, says, startedAt, awareAt, notedAt, corrections, reason },
    by: fact.startedBy,
    deadlines: fact.deadlines.map(({ metAt, metBy, ...one }) => ({
      ...one,
      met: metAt === null ? null : { at: metAt, by: metBy ?? fact.by, reason: '' },
    })),
    ended: fact.ended ? { at: fact.at, by: fact.by, reason: '' } : null,
    goneTo: null,
  }
}

/** With new times of some; what is due at another time is near and passes anew. */
function withDue(deadlines: readonly LegalDeadline[], due: readonly Due[]): LegalDeadline[] {
  const times = new Map(due.map(({ id, ...one }) => [id, one]))
  return deadlines.map((one) => {
    const fresh = times.get(one.id)
    if (fresh === undefined || fresh.dueAt === one.dueAt) return one
    return { ...one, ...fresh, noted: null }
  })
}
