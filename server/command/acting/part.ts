import type { Actor } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { sightOf } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Decision } from '#shared/outcome.ts'
import type { LogEntry } from '../../store/port.ts'
import type { Core } from '../core.ts'
import { memberText } from '../lost/excerpt.ts'
import { placesOf } from '../lost/members.ts'
import { requestIn } from '../requests.ts'
import { sees } from './restricted.ts'

/** Alerts of one restricted incident that are looked through. */
const alertsRead = 10_000

/**
 * What of a request may be kept with an incident, where everybody reads it who sees that one. Rule RS12: a batch that carries
 * something restricted beside, which is not of this incident, is cut down to the member that the alert came with.
 * @throws UxbridgeError `not-found` where that member cannot be told apart
 */
export async function partFor(
  core: Core,
  incident: Incident,
  logged: LogEntry,
  { index }: Pick<Decision, 'index'>,
): Promise<Uint8Array> {
  const { adapterId, keyScope, raw } = requestIn(logged)
  const reader = logged.sourceId === null ? null : core.parts.readerOf(logged.sourceId, adapterId)
  const reading = reader?.adapter.parse(raw)
  if (reading !== undefined && reading.events.length + reading.unreadable.length <= 1) return raw.body
  const unseen = await keysBeside(core, incident)
  if (unseen.size === 0) return raw.body
  if (reading?.events.some(({ dedupKey }) => unseen.has(`${keyScope}\n${dedupKey}`)) === false) return raw.body
  const place = reading === undefined ? undefined : placesOf(reading)[index]
  const member = place === undefined ? null : memberText(raw.body, `${place}`)
  if (member !== null) return Buffer.from(member)
  throw new UxbridgeError(
    'not-found',
    'The part of the request that this alert came with cannot be told apart from the rest, which is not of this incident.',
  )
}

/** Keys of what is restricted and not of this incident. */
async function keysBeside(core: Core, { id }: Incident): Promise<Set<string>> {
  const { filter, restricted } = core.world
  const sight = sightOf(null, (viewer: Actor | null, incidentId) => sees(core, viewer, incidentId))
  const keys = new Set<string>()
  for (const alert of filter.alerts()) if (alert.incidentId !== id && !sight.alert(alert)) keys.add(alert.key)
  // And of those that the filter has forgotten.
  for (const other of restricted)
    if (other !== id) for (const { key } of await core.parts.store.read.alertsOf(other, alertsRead)) keys.add(key)
  return keys
}
