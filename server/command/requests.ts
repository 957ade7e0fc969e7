import type { Severity } from '#shared/event.ts'
import type { Settings } from '#shared/source.ts'
import type { Source } from '../access/port.ts'
import type { FilterEntry } from '../filter/port.ts'
import type { Adapter, RawRequest, Reading } from '../intake/port.ts'
import type { LogEntry } from '../store/port.ts'

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
]

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
  const how = JSON.parse(logged.adapter) as HowToRead
  const [adapterId, contentType, keyScope, defaultSeverity, address = plainPost, settings = noSettings] = how
  const adapter = adapterOf(adapterId)
  if (adapter === undefined || logged.sourceId === null) return null
  const { pos, at, sourceId } = logged
  const { events, unreadable } = adapter.parse({ ...address, settings, body: logged.body, contentType, receivedAt: at })
  return { kind: 'request', pos, at, sourceId, keyScope, defaultSeverity, events, unreadable }
}
