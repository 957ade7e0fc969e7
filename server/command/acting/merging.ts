import { CommandRefused, UxbridgeError } from '#shared/errors.ts'
import type { MergingCommand } from '#shared/incident/commands.ts'
import type { Context } from '#shared/incident/context.ts'
import type { FactOf, RecordedFact } from '#shared/incident/facts.ts'
import { requireRevision } from '#shared/incident/guards.ts'
import { decideMerge, decideSplit, decideUnmerge, type Moved } from '#shared/incident/merging.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Core } from '../core.ts'
import { recordFacts } from '../world.ts'
import { freshId } from './ids.ts'

/** What a command that concerns two incidents needs to have read before it is decided. */
export type Prepared =
  | { type: 'merge'; source: string; target: string; undoes?: true }
  | { type: 'split' }
  | { type: 'unmerge'; source: string; target: string; moved: FactOf<'alerts-moved-out'> }

/** Those that it names; of a split the other one does not exist yet. */
export const incidentsOf = (prepared: Prepared): readonly string[] =>
  prepared.type === 'split' ? [] : [prepared.source, prepared.target]

/**
 * Finds out which incidents the command is about.
 * @param load brings an incident into memory. @throws UxbridgeError `not-found`
 * @throws CommandRefused for a fact that cannot be taken back
 */
export async function prepare(
  core: Core,
  incidentId: string,
  asked: MergingCommand,
  load: (id: string) => Promise<Incident>,
): Promise<Prepared> {
  if (asked.type === 'split') return { type: 'split' }
  if (asked.type === 'merge') return { type: 'merge', source: incidentId, target: (await load(asked.into)).id }
  const facts = (await core.parts.store.read.factsOf(incidentId)).concat()
  const undone = facts.find(({ seq }) => seq === asked.seq)
  if (undone === undefined)
    throw new UxbridgeError('not-found', `${incidentId} has no fact ${asked.seq}. Look again at its timeline.`)
  const prepared = await undoing(core, incidentId, undone)
  for (const id of 'source' in prepared ? [prepared.source, prepared.target] : []) await load(id)
  return prepared
}

async function undoing(core: Core, incidentId: string, fact: RecordedFact): Promise<Prepared> {
  switch (fact.type) {
    case 'merged':
      return unmerge(core, incidentId, fact.into)
    case 'alerts-moved-in':
      if (fact.why === 'merge') return unmerge(core, fact.from, incidentId)
      if (fact.why === 'split') return { type: 'merge', source: incidentId, target: fact.from, undoes: true }
      break
    case 'alerts-moved-out':
      if (fact.why === 'merge') return unmerge(core, incidentId, fact.to)
      if (fact.why === 'split') return { type: 'merge', source: fact.to, target: incidentId, undoes: true }
      break
    default:
      break
  }
  throw new CommandRefused(
    'nothing-to-change',
    'Only a merge or a split can be taken back. For everything else give the command that sets it right.',
  )
}

/** With the alerts that went when it was merged: the last time, should it have been merged there before. */
async function unmerge(core: Core, source: string, target: string): Promise<Prepared> {
  const facts = await core.parts.store.read.factsOf(source)
  const moved = facts.findLast(
    (fact): fact is RecordedFact & FactOf<'alerts-moved-out'> =>
      fact.type === 'alerts-moved-out' && fact.why === 'merge' && fact.to === target,
  )
  if (moved === undefined) throw new CommandRefused('nothing-to-change', `${source} was never merged into ${target}.`)
  return { type: 'unmerge', source, target, moved }
}

/**
 * Decides and records, in both streams. Nothing may happen between reading and recording, so this does not wait.
 * @returns the facts in an order in which the filter can be told of them
 */
export function actOnTwo(
  core: Core,
  incident: Incident,
  asked: MergingCommand,
  prepared: Prepared,
  context: Context,
): RecordedFact[] {
  requireRevision(asked, incident)
  const { world } = core
  switch (prepared.type) {
    case 'merge': {
      const [source, target] = [known(core, prepared.source), known(core, prepared.target)]
      const moved: Moved = { alerts: alertsOf(core, source.id), ...source.alerts }
      const reason = ('reason' in asked && asked.reason) || (prepared.undoes ? 'The split was taken back.' : '')
      const { from, to } = decideMerge(source, target, moved, { rule: null, reason }, context)
      return [...recordFacts(world, source.id, from), ...recordFacts(world, target.id, to)]
    }
    case 'split': {
      if (asked.type !== 'split') throw new UxbridgeError('internal', 'a split was prepared for another command')
      return split(core, incident, asked, context)
    }
    case 'unmerge': {
      const [source, target] = [known(core, prepared.source), known(core, prepared.target)]
      const { alerts, total } = prepared.moved
      const ids = new Set(alerts)
      const here = world.filter.alertsOf(target.id).filter(({ id }) => ids.has(id))
      const moved: Moved = {
        alerts: here.map(({ id }) => id),
        firing: here.filter(isTold).length,
        // What a split has taken elsewhere meanwhile stays there.
        total: Math.max(here.length, total - (ids.size - here.length)),
      }
      const reason = ('reason' in asked && asked.reason) || 'The merge was taken back.'
      const { from, to } = decideUnmerge(source, target, moved, reason, context)
      return [...recordFacts(world, source.id, to), ...recordFacts(world, target.id, from)]
    }
  }
}

function split(
  core: Core,
  origin: Incident,
  asked: Extract<MergingCommand, { type: 'split' }>,
  context: Context,
): RecordedFact[] {
  const { world, policy } = core
  const wanted = new Set(asked.alerts)
  const going = world.filter.alertsOf(origin.id).filter(({ id }) => wanted.has(id))
  if (going.length < wanted.size)
    throw new CommandRefused(
      'not-found',
      `${wanted.size - going.length} of these alerts are not in ${origin.id} any more. Look again, then choose.`,
    )
  const [first] = going.toSorted((a, b) => a.startsAt - b.startsAt)
  if (first === undefined) throw new CommandRefused('nothing-to-change', 'Choose at least one alert.')
  const services = new Set(going.map(({ service }) => service))
  const service = services.size === 1 ? first.service : null
  const moved: Moved = {
    alerts: going.map(({ id }) => id),
    firing: going.filter(isTold).length,
    total: going.length,
  }
  const fresh = {
    id: freshId(core, isRestricted(origin)),
    title: asked.title ?? first.title.slice(0, 200).toWellFormed(),
    service,
    team: policy.services.find(({ id }) => id === service)?.team ?? null,
    severity: first.severity,
  }
  const { from, to } = decideSplit(origin, fresh, moved, asked.reason, context)
  return [...recordFacts(world, fresh.id, to), ...recordFacts(world, origin.id, from)]
}

/** Its incident was told that it fires, and counts it. */
function isTold({ status, heldBack }: { status: string; heldBack?: unknown }): boolean {
  return status === 'firing' && heldBack === undefined
}

function alertsOf(core: Core, incidentId: string): string[] {
  return core.world.filter.alertsOf(incidentId).map(({ id }) => id)
}

function known(core: Core, id: string): Incident {
  const incident = core.world.incidents.get(id)
  if (incident === undefined) throw new UxbridgeError('not-found', `There is no incident ${id}.`)
  return incident
}
