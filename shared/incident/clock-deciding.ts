import { CommandRefused } from '../errors.ts'
import type { ClockDefinition } from '../legal/definition.ts'
import { type Anchors, dueOf, inForce, nearFrom } from '../legal/reckoning.ts'
import type { Command } from './commands.ts'
import type { Context } from './context.ts'
import type { Fact } from './facts.ts'
import { iso, requireRevision } from './guards.ts'
import { type Due, isHere, isUnmet, type LegalClock, type LegalDeadline } from './legal-clocks.ts'
import type { Incident } from './state.ts'

type ClockCommand = Extract<Command, { type: 'start-clock' | 'stop-clock' }>

/** So many there may be in one incident. */
export const mostClocks = 20

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
        name: known.name,
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
    return [
      {
        type: 'clock-stopped',
        at,
        by,
        clock: id,
        name: clock.name,
        deadline: null,
        deadlineName: null,
        how,
        stoppedAt,
        next: [],
        reason,
      },
    ]
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
  return [
    {
      type: 'clock-stopped',
      at,
      by,
      clock: id,
      name: clock.name,
      deadline: deadline.id,
      deadlineName: deadline.name,
      how,
      stoppedAt,
      next,
      reason,
    },
  ]
}

function resume(
  { deadline: wanted, reason }: Extract<Command, { type: 'stop-clock' }>,
  clock: LegalClock,
  context: Context,
): Fact {
  const { now: at, by } = context
  const about = { at, by, clock: clock.id, name: clock.name, reason }
  if (clock.ended !== null) return { type: 'clock-resumed', ...about, deadline: null, deadlineName: null, next: [] }
  const met = clock.deadlines.findLast((one) => one.met !== null && (wanted === undefined || one.id === wanted))
  if (met === undefined)
    throw new CommandRefused('nothing-to-change', `Nothing of that is recorded as submitted for ${clock.name}.`)
  const next = clock.deadlines
    .filter(({ within }) => within.some((limit) => limit.after === met.id))
    .map(({ id }) => ({ id, dueAt: null, nearAt: null }))
  return { type: 'clock-resumed', ...about, deadline: met.id, deadlineName: met.name, next }
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
