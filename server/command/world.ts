import type { Alert } from '#shared/alert.ts'
import { evolve } from '#shared/incident/evolve.ts'
import type { Fact, RecordedFact } from '#shared/incident/facts.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { Watch } from '#shared/watch.ts'
import type { DrillCatalogue, Filter, IncidentTold } from '../filter/port.ts'
import type { LostBook } from './lost/book.ts'

/**
 * What the one write path holds in memory: the newest state, possibly a moment ahead of the disk. It can be made again
 * from the store at any time (`restoreWorld`), which is what happens at a start and after a failed commit.
 */
export interface World {
  filter: Filter
  incidents: Map<string, Incident>
  /** Those that are restricted: always in memory, so that it is always known at once who may see them. */
  restricted: Set<string>
  /** Newest positions given out. */
  pos: number
  seq: number
  auditSeq: number
  policyHash: string
  lost: LostBook
  /** Who made each silence and why, by its id; the rest of it is the filter's. */
  silences: Map<string, SilenceWords>
  /** Incidents that changed since the last cut of a checkpoint. */
  dirty: Set<string>
}

/** What people said of a silence, and who changed it last. */
export interface SilenceWords {
  /** Null once their author was erased. */
  words: { createdBy: string; comment: string } | null
  /** Whose personal data the words are. */
  author: string
  updatedAt: number
  by: string
}

/** Puts facts in their place and the incident after them. */
export function recordFacts(world: World, incidentId: string, facts: readonly Fact[]): RecordedFact[] {
  let incident = world.incidents.get(incidentId) ?? null
  const recorded: RecordedFact[] = []
  for (const fact of facts) {
    const placed: RecordedFact = { ...fact, seq: ++world.seq, incidentId, version: (incident?.version ?? 0) + 1 }
    incident = evolve(incident, placed)
    recorded.push(placed)
  }
  if (incident !== null && facts.length > 0) {
    world.incidents.set(incidentId, incident)
    world.dirty.add(incidentId)
    if (isRestricted(incident)) world.restricted.add(incidentId)
    else world.restricted.delete(incidentId)
  }
  return recorded
}

/** JSON bodies of the log entries that are no requests. */
export type IncidentEntryBody = IncidentTold
export type PolicyEntryBody = { hash: string }
export type TickEntryBody = { sparing?: true }
export type SilenceEntryBody = { silences: readonly SilenceSpan[] }
export type SourceEntryBody = { sourceId: string; watches: readonly Watch[] }
/** The services themselves, and not what they are called: what is exercised later cannot change the past. */
export type DrillEntryBody = { catalogue: DrillCatalogue | null; silences?: readonly SilenceSpan[] }

/** The checkpoint's filter part: the filter's own state and the policy it stood under. */
export interface FilterCheckpoint {
  policyHash: string
  state: unknown
}

export type MakeFilter = (seed: {
  policy: Policy
  policyHash: string
  filter: unknown
  alerts: readonly Alert[]
}) => Filter
