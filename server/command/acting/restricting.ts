import type { Command } from '#shared/incident/commands.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Core } from '../core.ts'
import { recordFacts } from '../world.ts'

/** Commands that can restrict an incident, and which. */
export function mayRestrict(asked: Pick<Command, 'type'>, incidentId: string): readonly string[] {
  const command = asked as Command
  if (command.type === 'flag') return command.flag === 'restricted' && command.on ? [incidentId] : []
  return command.type === 'merge' ? [incidentId, command.into] : []
}

/**
 * Brings into memory what was ever merged into an incident, and into that: it may have ended long ago.
 * @param load @throws UxbridgeError `not-found`
 */
export async function loadMerged(
  core: Core,
  incidentId: string,
  load: (id: string) => Promise<Incident>,
  known = new Set([incidentId]),
): Promise<void> {
  for (const fact of await core.parts.store.read.factsOf(incidentId)) {
    if (fact.type !== 'alerts-moved-in' || fact.why !== 'merge' || known.has(fact.from)) continue
    known.add(fact.from)
    await load(fact.from)
    await loadMerged(core, fact.from, load, known)
  }
}

/**
 * Rule RS3: what was merged into an incident before it was restricted is restricted with it, by whoever did that. It does not
 * wait, so that nothing happens in between; `loadMerged` comes before.
 * @param facts what was just recorded
 * @returns the facts of those others
 */
export function restrictMerged(core: Core, facts: readonly RecordedFact[]): RecordedFact[] {
  const also: RecordedFact[] = []
  for (const { type, incidentId, at, by, ...fact } of facts) {
    if (type !== 'flagged' || !('on' in fact) || fact.flag !== 'restricted' || fact.on !== true) continue
    for (const { id, merged, flags } of [...core.world.incidents.values()])
      if (merged?.into === incidentId && !isRestricted({ flags }))
        also.push(...recordFacts(core.world, id, [{ type: 'flagged', at, by, flag: 'restricted', on: true }]))
  }
  return also.length === 0 ? [] : [...also, ...restrictMerged(core, also)]
}
