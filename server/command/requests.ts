import { drillPrefix, isOfDrill } from '#shared/drill.ts'
import type { Severity } from '#shared/event.ts'
import type { Settings } from '#shared/source.ts'
import type { Finding } from '#shared/watch.ts'
import type { Source } from '../access/port.ts'
import type { FilterEntry } from '../filter/port.ts'
import { watchAdapter } from '../intake/index.ts'
import type { Adapter, RawRequest, Reading } from '../intake/port.ts'
import type { LogEntry } from '../store/port.ts'
import { takeOnly } from './lost/members.ts'

type RequestEntry = Extract<FilterEntry, { kind: 'request' }>

/**
 * Rule R1: a logged request carries everything that reading it depends on besides its bytes: the adapter, the media
 * type, and the settings its source had then. So a source that changes later cannot change the past.
 */
type HowToRead = readonly [
  adapterId: string,
  contentType: string,
  keyScope: string,
  defaultSeverity: Severity | null,
  /** Only where the address or headers say something. */
  address?: Pick<RawRequest, 'method' | 'path' | 'query' | 'headers'>,
  /** Only where the adapter uses some. */
  settings?: Settings,
  /** Only where lost property was read once more. */
  again?: Again,
]

/** Rule LP5: what was read once more says which members it takes, as `writeMembers` names them, and when they first came. */
interface Again {
  members: string
  receivedAt: number
}

/** How requests of a source are read today. */
export interface KnownReader {
  source: Source
  adapter: Adapter
  /** Those of the source that the adapter uses. */
  settings: Settings
}

const plainPost = { method: 'POST', path: '', query: '', headers: {} }
const noSettings: Settings = Object.freeze({})

/** The entry as it is logged. */
export function logRequest(pos: number, source: Source, adapter: Adapter, raw: RawRequest): LogEntry {
  const { method, path, query, headers, settings } = raw
  const says = adapter.reads !== undefined || path !== '' || query !== ''
  const { group, defaultSeverity } = source
  const how = [adapter.id, raw.contentType, group, defaultSeverity] as const
  const all: HowToRead =
    adapter.uses !== undefined
      ? [...how, { method, path, query, headers }, settings]
      : says
        ? [...how, { method, path, query, headers }]
        : how
  return { pos, at: raw.receivedAt, kind: 'request', sourceId: source.id, adapter: JSON.stringify(all), body: raw.body }
}

/** The entry as the filter folds it. */
export function foldableRequest(
  pos: number,
  source: Source,
  at: number,
  { events, unreadable }: Reading,
): RequestEntry {
  const { id: sourceId, group: keyScope, defaultSeverity } = source
  return { kind: 'request', pos, at, sourceId, keyScope, defaultSeverity, events, unreadable }
}

/** The same from a logged entry alone; null for a kind of source that this version does not know any more. */
export function readRequest(logged: LogEntry, adapterOf: (id: string) => Adapter | undefined): RequestEntry | null {
  const { adapterId, keyScope, defaultSeverity, raw, again } = requestIn(logged)
  const adapter = adapterOf(adapterId)
  if (adapter === undefined || logged.sourceId === null) return null
  const { pos, at, sourceId } = logged
  const reading = adapter.parse(raw)
  const { events, unreadable } = again === null ? reading : takeOnly(reading, again.members)
  const entry: RequestEntry = { kind: 'request', pos, at, sourceId, keyScope, defaultSeverity, events, unreadable }
  return again === null ? entry : { ...entry, again: true }
}

/** The request in a logged entry, as it was received. */
export function requestIn({ adapter, at, body }: LogEntry) {
  const how = JSON.parse(adapter) as HowToRead
  const [adapterId, contentType, keyScope, defaultSeverity, address = plainPost, settings = noSettings, again = null] =
    how
  const raw: RawRequest = { ...address, settings, body, contentType, receivedAt: again?.receivedAt ?? at }
  return { adapterId, keyScope, defaultSeverity, raw, again }
}

/**
 * The entry of a request that is read once more: its own bytes and address, by the adapter and the settings of today.
 * @param at epoch ms of the reading
 * @param members those that it takes
 */
export function logAgain(pos: number, at: number, logged: LogEntry, known: KnownReader, members: string): LogEntry {
  const { contentType, method, path, query, headers, receivedAt } = requestIn(logged).raw
  const { adapter, settings, source } = known
  const address = { method, path, query, headers }
  const again: Again = { members, receivedAt }
  const how: HowToRead = [adapter.id, contentType, source.group, source.defaultSeverity, address, settings, again]
  return { ...logged, pos, at, sourceId: source.id, adapter: JSON.stringify(how) }
}

/** Who says what a watch found out: we do. */
export const watchSourceId = 'own:watch'
/** The same, of sources of an exercise. */
export const drillWatchSourceId = `${drillPrefix}watch`

/**
 * What a watch found out, as a request that we make ourselves. Its alerts stand in the scope of the source that is watched,
 * so that the source itself can end them.
 */
export function findingRequest(
  pos: number,
  finding: Finding,
  sourceName?: string,
): { entry: RequestEntry; logged: LogEntry } {
  const { sourceId: keyScope, at } = finding
  const sourceId = isOfDrill(keyScope) ? drillWatchSourceId : watchSourceId
  const how: HowToRead = [watchAdapter.id, 'application/json', keyScope, null]
  const body = Buffer.from(JSON.stringify('storm' in finding ? { ...finding, sourceName } : finding))
  const logged: LogEntry = { pos, at, kind: 'request', sourceId, adapter: JSON.stringify(how), body }
  const entry = readRequest(logged, () => watchAdapter)
  if (entry === null) throw new TypeError('a finding can always be read')
  return { entry, logged }
}
