import { notifyActor } from '#shared/access.ts'
import { decide } from '#shared/incident/decide.ts'
import type { FactOf, RecordedFact } from '#shared/incident/facts.ts'
import type { SettingRow } from '../../store/port.ts'
import type { Core } from '../core.ts'
import { recordFacts } from '../world.ts'
import { load } from './index.ts'

/** What became of telling somebody, for the record of its incident. */
export interface DeliveryNote {
  incidentId: string
  delivery: Omit<FactOf<'notified'>, 'type' | 'at' | 'by'>
}

/**
 * Notes what became of messages, with the settings that change in the same step: durable together, or not at all.
 * @throws UxbridgeError `store-full`, `not-ready`, `not-found`
 */
export async function noteDeliveries(
  core: Core,
  notes: readonly DeliveryNote[],
  change: { put: readonly SettingRow[]; remove: readonly { kind: string; id: string }[] },
): Promise<void> {
  for (const { incidentId } of notes) await load(core, incidentId)
  core.requireWritable()
  const context = core.context(notifyActor, null)
  const facts: RecordedFact[] = []
  for (const { incidentId, delivery } of notes) {
    const incident = core.world.incidents.get(incidentId)
    if (incident === undefined) continue
    facts.push(...recordFacts(core.world, incidentId, decide({ type: 'note-delivery', delivery }, incident, context)))
  }
  await core.append({ facts, put: change.put, remove: change.remove })
}
