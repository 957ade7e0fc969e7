import { filterActor } from '#shared/access.ts'
import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { SystemCommand } from '#shared/incident/context.ts'
import { decide, decideDeclaration } from '#shared/incident/decide.ts'
import { isHuman, type RecordedFact } from '#shared/incident/facts.ts'
import { decideMerge } from '#shared/incident/merging.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import type { Flag, Incident } from '#shared/incident/state.ts'
import type { Outcome } from '#shared/outcome.ts'
import type { Effect, FilterEntry, Folded } from '../filter/port.ts'
import type { Intention, LogEntry } from '../store/port.ts'
import type { Core, Intake } from './core.ts'
import { findingRequest } from './requests.ts'
import { type IncidentEntryBody, recordFacts } from './world.ts'

const encoder = new TextEncoder()

/** A log entry of our own making: its body is JSON. */
export function ownEntry(kind: Exclude<LogEntry['kind'], 'request'>, pos: number, at: number, body: object): LogEntry {
  return { pos, at, kind, sourceId: null, adapter: '', body: encoder.encode(JSON.stringify(body)) }
}

/** What one entry leads to, to be made durable together. */
export interface Step {
  intention: Intention
  folded: Folded
  /** Of the entry where it is a request, and of what followed from it. */
  intakes: readonly Intake[]
}

/**
 * Folds one entry and turns the effects into facts, through the same `decide` as a person's command. What a watch found out
 * is taken in right after it, as a request of its own.
 * @param logged the same entry as it is written to the log
 */
export function foldEntry(core: Core, entry: FilterEntry, logged: LogEntry): Step {
  // Rule F1: counted here, from what came in, and not from what became of it.
  const accepted = entry.kind === 'request' ? entry.events.length + entry.unreadable.length : 0
  const folded = core.world.filter.fold(entry)
  const facts: RecordedFact[] = []
  for (const effect of folded.effects) perform(core, effect, entry.at, facts)
  const log = [logged, ...tellFilter(core, facts)]
  const intakes: Intake[] = []
  if (entry.kind === 'request') {
    const { sourceId, at, again = false } = entry
    intakes.push({ sourceId, at, accepted, counts: folded.counts, again })
  }
  const decisions = [...folded.decisions, ...folded.judgedAgain]
  const ledger = intakes.flatMap(ledgerRows)
  for (const finding of folded.findings) {
    const pos = ++core.world.pos
    const found = findingRequest(pos, finding, core.parts.sourceName?.(finding.sourceId))
    const next = foldEntry(core, found.entry, found.logged)
    log.push(...(next.intention.log ?? []))
    facts.push(...(next.intention.facts ?? []))
    decisions.push(...(next.intention.decisions ?? []))
    ledger.push(...(next.intention.ledger ?? []))
    intakes.push(...next.intakes)
  }
  return { intention: { log, facts, decisions, ledger }, folded, intakes }
}

function ledgerRows({ sourceId, at, accepted, counts }: Intake): NonNullable<Intention['ledger']>[number][] {
  const minute = at - (at % minuteMs)
  const became = Object.entries(counts) as [Outcome, number][]
  const rows = accepted > 0 ? [['accepted', accepted] as const, ...became] : became
  return rows.map(([outcome, count]) => ({ minute, sourceId, outcome, count }))
}

/** Folds the entries that follow from `facts`: what grouping depends on. @returns them, to be logged */
export function tellFilter(core: Core, facts: readonly RecordedFact[]): LogEntry[] {
  const entries: LogEntry[] = []
  for (const fact of facts) {
    const told = toldBy(fact, core)
    const taken = isHuman(fact) && core.world.filter.provisional(fact.incidentId)
    if (told === null && !taken) continue
    const incident = core.world.incidents.get(fact.incidentId)
    const body: IncidentEntryBody = {
      ...(told ?? asItIs(fact, core)),
      ...(taken ? { taken: true } : {}),
      ...(incident?.drill === true ? { drill: true } : {}),
      ...restrictionOf(fact, incident),
    }
    const pos = ++core.world.pos
    core.world.filter.fold({ kind: 'incident', pos, at: fact.at, ...body })
    entries.push(ownEntry('incident', pos, fact.at, body))
  }
  return entries
}

/** Rule RS8: the filter keeps apart what is restricted, whoever restricted it, until it is told otherwise. */
function restrictionOf(fact: RecordedFact, incident: Incident | undefined): Pick<IncidentEntryBody, 'restricted'> {
  if (incident !== undefined && isRestricted(incident)) return { restricted: true }
  return isRestriction(fact) ? { restricted: false } : {}
}

function isRestriction(fact: RecordedFact): boolean {
  return fact.type === 'flagged' && fact.flag === 'restricted'
}

function asItIs({ incidentId }: RecordedFact, { world }: Core): IncidentEntryBody {
  return { incidentId, phase: world.incidents.get(incidentId)?.phase ?? 'triage', declared: false }
}

/** What grouping depends on besides that somebody has touched it; null for other facts. */
function toldBy(fact: RecordedFact, core: Core): IncidentEntryBody | null {
  const { incidentId } = fact
  // The filter knows what it did itself.
  if (fact.by === filterActor.id && fact.type !== 'reopened') return null
  switch (fact.type) {
    case 'phase-set':
    case 'reopened':
    case 'unmerged':
      return { incidentId, phase: fact.phase, declared: false }
    case 'dismissed':
      return { incidentId, phase: 'dismissed', declared: false }
    case 'declared':
      return { incidentId, phase: 'triage', declared: true }
    case 'flagged':
      return isRestriction(fact) ? asItIs(fact, core) : null
    case 'merged':
      return { incidentId, phase: 'merged', declared: false, mergedInto: fact.into }
    case 'alerts-moved-out':
      // Those of a merge go with the merge.
      return fact.why === 'merge' ? null : { ...asItIs(fact, core), parted: { alerts: fact.alerts, to: fact.to } }
    default:
      return null
  }
}

function perform(core: Core, effect: Effect, at: number, facts: RecordedFact[]): void {
  const { world } = core
  // What the filter did, it did when the entry came: a fact is never later than the information it stands on.
  const context = { ...core.context(filterActor, null), now: at }
  const known = (id: string): Incident => {
    const incident = world.incidents.get(id)
    if (incident !== undefined) return incident
    throw new UxbridgeError('internal', `the filter speaks of ${id}, which the journal does not have`)
  }
  const system = (command: Exclude<SystemCommand, { type: 'open' }>) => {
    const { id } = known(effect.incidentId)
    facts.push(...recordFacts(world, id, decide(command, known(id), context)))
  }
  switch (effect.type) {
    case 'open': {
      const { title, description, service, team, severity, tier, tierRule, drill = false } = effect
      const flags: Flag[] = [
        ...(effect.restricted ? ['restricted' as const] : []),
        ...(drill ? ['drill' as const] : []),
      ]
      const opening = { title, description, service, team, severity, tier, tierRule, flags, drill }
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
    case 'identify': {
      const { incidentId: _, ...identity } = effect
      system(identity)
      break
    }
    case 'merge': {
      const { rule, reason } = effect
      const [source, target] = [known(effect.incidentId), known(effect.into)]
      const moved = { alerts: effect.alerts, ...source.alerts }
      const { from, to } = decideMerge(source, target, moved, { rule, reason }, context)
      facts.push(...recordFacts(world, source.id, from), ...recordFacts(world, target.id, to))
      break
    }
  }
}
