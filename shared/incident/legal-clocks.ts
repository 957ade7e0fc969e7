import type { Deadline } from '../clocks.ts'
import { CommandRefused } from '../errors.ts'
import type { Basis, ClockDefinition, Limit } from '../legal/definition.ts'
import { type Anchors, dueOf, inForce, nearFrom } from '../legal/reckoning.ts'
import type { Command } from './commands.ts'
import type { Context } from './context.ts'
import type { Fact, FactOf } from './facts.ts'
import { iso, requireRevision } from './guards.ts'
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

type ClockCommand = Extract<Command, { type: 'start-clock' | 'stop-clock' }>
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
type Due = { id: string; dueAt: number | null; nearAt: number | null }

/** So many there may be in one incident. */
export const mostClocks = 20

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
  return runningDeadlines(incident).flatMap(({ clock, deadline: { id: deadline, dueAt, nearAt, noted } }): Fact[] => {
    if (dueAt === null || noted === 'breached') return []
    const about = { at, by, clock: clock.id, deadline, dueAt }
    if (at >= dueAt) return [{ type: 'clock-breached', ...about }]
    return noted === null && nearAt !== null && at >= nearAt ? [{ type: 'clock-near', ...about }] : []
  })
}

/**
 * What follows if a clock is started or stopped. Rule CK1: it starts because a person determined so, who says when and why; in
 * the past, never in the future. Rule CK5: nothing else stops it, so no phase forbids either.
 * @throws CommandRefused
 */
export function decideClock(command: ClockCommand, incident: Incident, context: Context): Fact[] {
  requireRevision(command, incident)
  if (incident.merged !== undefined)
    throw new CommandRefused(
      'phase-forbids',
      `It was merged into ${incident.merged.into}, and its clocks run there: start and stop them there.`,
    )
  const { now } = context
  const at = command.at === undefined ? now : Date.parse(command.at)
  if (at > now)
    throw new CommandRefused('fields-invalid', 'That is in the future. Say when it was; it cannot be planned.', {
      fields: [{ path: 'at', message: 'must not be in the future' }],
    })
  return command.type === 'start-clock' ? start(command, at, incident, context) : stop(command, at, incident, context)
}

function start(
  command: Extract<Command, { type: 'start-clock' }>,
  startedAt: number,
  incident: Incident,
  context: Context,
): Fact[] {
  const { now: at, by } = context
  const { clock: id, reason, correct = false } = command
  const clocks = incident.clocks ?? []
  const known = clocks.find((clock) => clock.id === id && isHere(clock))
  const runs = clocks.find((clock) => clock.definition === id && isHere(clock) && isUnmet(clock))
  const awareAt = command.awareAt === undefined ? null : Date.parse(command.awareAt)
  if (awareAt !== null && awareAt > startedAt)
    throw new CommandRefused('fields-invalid', 'Awareness comes before the clock starts, or with it.', {
      fields: [{ path: 'awareAt', message: 'must not be after `at`' }],
    })
  if (correct) {
    if (known === undefined) throw noClock(incident, id)
    const aware = command.awareAt === undefined ? known.awareAt : awareAt
    if (known.startedAt === startedAt && known.awareAt === aware)
      throw new CommandRefused('nothing-to-change', `${known.name} started then already.`)
    if (aware !== null && aware > startedAt)
      throw new CommandRefused('fields-invalid', 'Awareness comes before the clock starts. Correct both.', {
        fields: [{ path: 'awareAt', message: 'must not be after `at`' }],
      })
    const moved = { ...known, startedAt, awareAt: aware }
    const deadlines = resolved(moved.deadlines, anchorsOf(moved), context)
    return [
      {
        type: 'clock-corrected',
        at,
        by,
        clock: id,
        startedAt,
        awareAt: aware,
        wasAt: known.startedAt,
        deadlines,
        reason,
      },
    ]
  }
  // Rule CK3: one of a kind runs at a time; that it began at another time is a correction, and is shown as one.
  if (runs !== undefined)
    throw new CommandRefused(
      'nothing-to-change',
      `${runs.name} runs already, since ${minute(runs.startedAt)}. If that is wrong, correct its start.`,
      { clock: runs.id, startedAt: iso(runs.startedAt) },
    )
  if (clocks.length >= mostClocks)
    throw new CommandRefused('phase-forbids', `It has had ${mostClocks} clocks, and there is no room for more.`)
  const definition = definitionOf(id, startedAt, context)
  const { effective: edition, name, source, says, deadlines } = definition
  const anchors: Anchors = { start: startedAt, ...(awareAt !== null && { aware: awareAt }) }
  const limits = deadlines.map(({ id, name, basis, within }) => ({ id, name, basis, within: [...within] }))
  const due = new Map(resolved(limits, anchors, context).map(({ id, ...one }) => [id, one]))
  const first = clocks.some((clock) => clock.id === id) ? `${id}#${clocks.length + 1}` : id
  return [
    {
      type: 'clock-started',
      ...{ at, by, clock: first, definition: id, edition, name, source, says, startedAt, awareAt, reason },
      deadlines: limits.map((limit) => ({ ...limit, ...(due.get(limit.id) ?? { dueAt: null, nearAt: null }) })),
    },
  ]
}

/** Rule CK2: the definition that was in force when the clock started counts, as the policy has it now; the fact keeps it. */
function definitionOf(id: string, startedAt: number, { clockRules }: Context): ClockDefinition {
  const all = clockRules?.definitions ?? []
  const definition = inForce(all, startedAt).find((one) => one.id === id)
  if (definition !== undefined) return definition
  const isKnown = all.some((one) => one.id === id)
  throw new CommandRefused(
    'not-found',
    isKnown
      ? `The clock ${id} is not in force at ${minute(startedAt)}. Look at \`clocks\` in the policy.`
      : `There is no clock ${id}. Choose one of those that the policy has.`,
    { known: inForce(all, startedAt).map((one) => one.id) },
  )
}

/** Rule CK4: a clock stops deadline by deadline, each by a submission that somebody records; what waits for it is due from then. */
function stop(
  command: Extract<Command, { type: 'stop-clock' }>,
  stoppedAt: number,
  incident: Incident,
  context: Context,
): Fact[] {
  const { now: at, by } = context
  const { clock: id, how = 'submitted', reason } = command
  const clock = (incident.clocks ?? []).find((one) => one.id === id && one.goneTo === null)
  if (clock === undefined) throw noClock(incident, id)
  if (stoppedAt < clock.startedAt && how !== 'mistaken')
    throw new CommandRefused(
      'fields-invalid',
      `It started at ${minute(clock.startedAt)}; nothing was submitted before.`,
      {
        fields: [{ path: 'at', message: 'must not be before the clock started' }],
      },
    )
  if (how === 'mistaken') return [resume(command, clock, context)]
  if (clock.ended !== null)
    throw new CommandRefused('nothing-to-change', `${clock.name} was found not to be required. Take that back first.`)
  const open = clock.deadlines.filter(({ met }) => met === null)
  // Rule CK7: that it is not required is determined of all that is left, with a reason, and can be taken back.
  if (how === 'not-required') {
    if (open.length === 0) throw new CommandRefused('nothing-to-change', `All of ${clock.name} was submitted.`)
    return [{ type: 'clock-stopped', at, by, clock: id, deadline: null, how, stoppedAt, next: [], reason }]
  }
  const deadline = command.deadline === undefined ? open[0] : clock.deadlines.find((one) => one.id === command.deadline)
  if (deadline === undefined)
    throw command.deadline === undefined
      ? new CommandRefused('nothing-to-change', `All of ${clock.name} was submitted.`)
      : new CommandRefused(
          'not-found',
          `${clock.name} has no deadline ${command.deadline}. Look again at the incident.`,
        )
  if (deadline.met !== null)
    throw new CommandRefused(
      'nothing-to-change',
      `“${deadline.name}” was submitted at ${minute(deadline.met.at)} already.`,
    )
  if (deadline.dueAt === null) {
    const waits = clock.deadlines.find((one) => deadline.within.some((limit) => limit.after === one.id))
    throw new CommandRefused('phase-forbids', `Record the submission of “${waits?.name ?? ''}” first.`)
  }
  const anchors = { ...anchorsOf(clock), [deadline.id]: stoppedAt }
  const waiting = clock.deadlines.filter(({ within }) => within.some((limit) => limit.after === deadline.id))
  const next = resolved(waiting, anchors, context)
  return [{ type: 'clock-stopped', at, by, clock: id, deadline: deadline.id, how, stoppedAt, next, reason }]
}

function resume(
  { deadline: wanted, reason }: Extract<Command, { type: 'stop-clock' }>,
  clock: LegalClock,
  context: Context,
): Fact {
  const { now: at, by } = context
  if (clock.ended !== null) return { type: 'clock-resumed', at, by, clock: clock.id, deadline: null, next: [], reason }
  const met = clock.deadlines.findLast((one) => one.met !== null && (wanted === undefined || one.id === wanted))
  if (met === undefined)
    throw new CommandRefused('nothing-to-change', `Nothing of that is recorded as submitted for ${clock.name}.`)
  const next = clock.deadlines
    .filter(({ within }) => within.some((limit) => limit.after === met.id))
    .map(({ id }) => ({ id, dueAt: null, nearAt: null }))
  return { type: 'clock-resumed', at, by, clock: clock.id, deadline: met.id, next, reason }
}

function anchorsOf({ startedAt, awareAt, deadlines }: LegalClock): Anchors {
  return {
    ...Object.fromEntries(deadlines.flatMap(({ id, met }) => (met === null ? [] : [[id, met.at]]))),
    start: startedAt,
    ...(awareAt !== null && { aware: awareAt }),
  }
}

function resolved(
  deadlines: readonly Pick<LegalDeadline, 'id' | 'within'>[],
  anchors: Anchors,
  { clockRules }: Context,
): Due[] {
  return deadlines.map(({ id, within }) => {
    const due = dueOf(within, anchors)
    if (due === null) return { id, dueAt: null, nearAt: null }
    return { id, dueAt: due.at, nearAt: clockRules === undefined ? due.at : nearFrom(due, clockRules.near) }
  })
}

const minute = (at: number): string => `${iso(at).slice(0, 16).replace('T', ' ')} UTC`

function noClock({ id: incidentId }: Incident, id: string): CommandRefused {
  return new CommandRefused('not-found', `No clock ${id} runs on ${incidentId}. Start it first.`)
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
