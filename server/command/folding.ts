import { filterActor } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { SystemCommand } from '#shared/incident/context.ts'
import { decide, decideDeclaration } from '#shared/incident/decide.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Effect, FilterEntry, Folded } from '../filter/port.ts'
import type { Intention, LogEntry } from '../store/port.ts'
import type { Core } from './core.ts'
import { type IncidentEntryBody, recordFacts } from './world.ts'

const encoder = new TextEncoder()

/** A log entry of our own making: its body is JSON. */
export function ownEntry(kind: 'tick' | 'incident' | 'policy', pos: number, at: number, body: object): LogEntry {
  return { pos, at, kind, sourceId: null, adapter: '', body: encoder.encode(JSON.stringify(body)) }
}

/**
 * Folds one entry and turns the effects into facts, through the same `decide` as a person's command.
 * @param logged the same entry as it is written to the log
 */
export function foldEntry(core: Core, entry: FilterEntry, logged: LogEntry): { intention: Intention; folded: Folded } {
  const folded = core.world.filter.fold(entry)
  const facts: RecordedFact[] = []
  for (const effect of folded.effects) perform(core, effect, entry.at, facts)
  const log = [logged, ...tellFilter(core, facts)]
  return { intention: { log, facts, decisions: folded.decisions }, folded }
}

/** Folds the entries that follow from `facts`: phases and declarations that grouping depends on. @returns them, to be logged */
export function tellFilter(core: Core, facts: readonly RecordedFact[]): LogEntry[] {
  const entries: LogEntry[] = []
  for (const fact of facts) {
    const body = entryOf(fact)
    if (body === null) continue
    const pos = ++core.world.pos
    core.world.filter.fold({ kind: 'incident', pos, at: fact.at, ...body })
    entries.push(ownEntry('incident', pos, fact.at, body))
  }
  return entries
}

function entryOf(fact: RecordedFact): IncidentEntryBody | null {
  const { incidentId } = fact
  if (fact.type === 'phase-set' || fact.type === 'reopened') return { incidentId, phase: fact.phase, declared: false }
  if (fact.type === 'dismissed') return { incidentId, phase: 'dismissed', declared: false }
  // The filter knows what it opened itself.
  if (fact.type === 'declared' && fact.by !== filterActor.id) return { incidentId, phase: 'triage', declared: true }
  return null
}

function perform(core: Core, effect: Effect, at: number, facts: RecordedFact[]): void {
  const { world } = core
  // What the filter did, it did when the entry came: a fact is never later than the information it stands on.
  const context = { ...core.context(filterActor, null), now: at }
  const system = (command: Exclude<SystemCommand, { type: 'open' }>) => {
    const incident = world.incidents.get(effect.incidentId)
    if (incident === undefined)
      throw new UxbridgeError('internal', `the filter speaks of ${effect.incidentId}, which the journal does not have`)
    facts.push(...recordFacts(world, incident.id, decide(command, incident, context)))
  }
  switch (effect.type) {
    case 'open': {
      const { title, description, service, team, severity, tier, tierRule } = effect
      const opening = { title, description, service, team, severity, tier, tierRule, flags: [], drill: false }
      facts.push(...recordFacts(world, effect.incidentId, decideDeclaration({ type: 'open', ...opening }, context)))
      system({ type: 'attach-alerts', alerts: effect.alerts, rule: effect.rule, material: null })
      break
    }
    case 'attach':
      system({ type: 'attach-alerts', alerts: effect.alerts, rule: effect.rule, material: effect.material })
      break
    case 'refire':
      system({ type: 'refire-alerts', alerts: effect.alerts })
      break
    case 'resolve':
      system({ type: 'resolve-alerts', alerts: effect.alerts })
      break
  }
}
