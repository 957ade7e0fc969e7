import { hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import type { FilterEntry } from '../filter/port.ts'
import type { Adapter } from '../intake/port.ts'
import type { LogEntry, Reader } from '../store/port.ts'
import { withRunningClocks } from './acting/clocks.ts'
import { keepRestricted, restrictedIn } from './acting/restricted.ts'
import { LostBook, lostCountKind, lostLimits } from './lost/book.ts'
import { readRequest } from './requests.ts'
import { readSilences, silenceSettings } from './silences.ts'
import type {
  DrillEntryBody,
  FilterCheckpoint,
  IncidentEntryBody,
  MakeFilter,
  PolicyEntryBody,
  SilenceEntryBody,
  SourceEntryBody,
  TickEntryBody,
  World,
} from './world.ts'

export interface RestoreParts {
  read: Reader
  makeFilter: MakeFilter
  adapter: (id: string) => Adapter | undefined
  /** Every policy version that was ever active, by hash. */
  policyOf: (hash: string) => Policy | undefined
  /** Used until the log names another: a new house has no policy entry yet. */
  firstPolicy: { hash: string; policy: Policy }
  now: number
}

/** Incidents that ended longer ago are read from the store when somebody asks for them. */
export const keptSettledMs = 24 * hourMs
const pageSize = 2000

/**
 * The newest state from the store: checkpoint, then the tail of the log through the same fold.
 * The effects of replayed entries are dropped: their facts were committed in the same transaction as the entry.
 */
export async function restoreWorld(parts: RestoreParts): Promise<World & { replayed: number }> {
  const { read, makeFilter, firstPolicy, now } = parts
  const restored = await read.restore({ settledAfter: now - keptSettledMs })
  const checkpoint = restored.checkpoint === null ? null : (restored.checkpoint.filter as FilterCheckpoint)
  const checkpointSeq = restored.checkpoint?.seq ?? 0
  const policyHash = checkpoint?.policyHash ?? firstPolicy.hash
  const policy = policyHash === firstPolicy.hash ? firstPolicy.policy : parts.policyOf(policyHash)
  if (policy === undefined) throw missingPolicy(policyHash)
  const filter = makeFilter({ policy, policyHash, filter: checkpoint?.state ?? null, alerts: restored.alerts })
  const world: World & { replayed: number } = {
    filter,
    incidents: new Map(restored.incidents.map((incident) => [incident.id, incident])),
    pos: restored.pos,
    seq: restored.seq,
    auditSeq: restored.auditSeq,
    policyHash,
    restricted: new Set(),
    silences: readSilences(await read.settings(silenceSettings)),
    lost: LostBook.of((await read.lost({ limit: lostLimits.inAll })).reverse(), await read.settings(lostCountKind)),
    // What changed after the checkpoint is not in it: the next one must hold it.
    dirty: new Set(restored.incidents.filter(({ seq }) => seq > checkpointSeq).map(({ id }) => id)),
    replayed: 0,
  }
  for (let pos = restored.checkpoint?.pos ?? 0; pos < restored.pos; ) {
    const page = await read.logAfter(pos, pageSize)
    if (page.length === 0)
      throw new UxbridgeError(
        'store-corrupt',
        `The log ends at ${pos}, but the journal knows of ${restored.pos}. Restore a backup.`,
      )
    for (const logged of page) {
      const entry = toFilterEntry(logged, parts)
      if (entry !== null) {
        filter.fold(entry)
        if (entry.kind === 'policy') world.policyHash = entry.hash
      }
      pos = logged.pos
      world.replayed++
    }
  }
  const restricted = await restrictedIn(read)
  const clocked = await withRunningClocks(read)
  await loadReferenced(world, [...restored.alerts.map((alert) => alert.incidentId), ...restricted, ...clocked], read)
  keepRestricted(world, restricted)
  return world
}

/** An alert may outlive the time for which its ended incident is kept: the write path must still know that incident. */
async function loadReferenced(world: World, ids: Iterable<string | null>, read: Reader): Promise<void> {
  for (const id of new Set(ids)) {
    if (id === null || world.incidents.has(id)) continue
    const incident = await read.incident(id)
    if (incident !== null) world.incidents.set(id, incident)
  }
}

/** The entry as the filter folds it; null for a request whose source kind this version does not know any more. */
export function toFilterEntry(logged: LogEntry, parts: Pick<RestoreParts, 'adapter' | 'policyOf'>): FilterEntry | null {
  const { pos, at } = logged
  switch (logged.kind) {
    case 'tick':
      return { kind: 'tick', pos, at, ...(readJson(logged) as TickEntryBody) }
    case 'silence':
      return { kind: 'silence', pos, at, ...(readJson(logged) as SilenceEntryBody) }
    case 'incident':
      return { kind: 'incident', pos, at, ...(readJson(logged) as IncidentEntryBody) }
    case 'policy': {
      const { hash } = readJson(logged) as PolicyEntryBody
      const policy = parts.policyOf(hash)
      if (policy === undefined) throw missingPolicy(hash)
      return { kind: 'policy', pos, at, hash, policy }
    }
    case 'source':
      return { kind: 'source', pos, at, ...(readJson(logged) as SourceEntryBody) }
    case 'drill':
      return { kind: 'drill', pos, at, ...(readJson(logged) as DrillEntryBody) }
    case 'request':
      return readRequest(logged, parts.adapter)
  }
}

function readJson(entry: LogEntry): unknown {
  return JSON.parse(new TextDecoder().decode(entry.body))
}

function missingPolicy(hash: string): UxbridgeError {
  return new UxbridgeError(
    'store-corrupt',
    `The log names policy version ${hash.slice(0, 12)}, which the database does not hold. Restore a backup.`,
  )
}
