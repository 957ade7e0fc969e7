import type { Actor } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Command } from '#shared/incident/commands.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { namedIn, seesIncident } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { AuditEntry, Intention, Reader } from '../../store/port.ts'
import type { Core } from '../core.ts'
import type { Origin } from '../port.ts'
import type { World } from '../world.ts'

/** Settings that name the restricted incidents, so that a start finds them however long ago they ended. */
const kind = 'restricted'

/**
 * Notes with the facts which incidents they restrict, or open again: in the same transaction. Rule RS10: each of these is in the
 * audit, whether a person, the policy or a merge did it.
 */
export function withRestricted(core: Core, intention: Intention): Intention {
  const changed = new Map<string, boolean>()
  const audit: AuditEntry[] = []
  for (const fact of intention.facts ?? []) {
    const on = restricts(fact)
    if (on === null) continue
    const { incidentId: subject, by, at, seq } = fact
    changed.set(subject, on)
    const action = on ? 'incident.restrict' : 'incident.unrestrict'
    audit.push(core.audit(by, at, { action, subject, outcome: 'done', detail: { seq }, address: null }))
  }
  if (changed.size === 0) return intention
  const ids = (wanted: boolean) => [...changed].flatMap(([id, on]) => (on === wanted ? [{ kind, id }] : []))
  return {
    ...intention,
    audit: [...(intention.audit ?? []), ...audit],
    put: [...(intention.put ?? []), ...ids(true).map((row) => ({ ...row, doc: {} }))],
    remove: [...(intention.remove ?? []), ...ids(false)],
  }
}

function restricts(fact: RecordedFact): boolean | null {
  if (fact.type === 'declared') return fact.flags.includes('restricted') ? true : null
  return fact.type === 'flagged' && fact.flag === 'restricted' ? fact.on : null
}

export async function restrictedIn(read: Reader): Promise<string[]> {
  return (await read.settings(kind)).map(({ id }) => id)
}

/** Brings them into memory, where they stay. */
export function keepRestricted(world: World, ids: readonly string[]): void {
  for (const id of ids) if (world.incidents.has(id)) world.restricted.add(id)
}

/**
 * Whether the incident is there for whoever asks (rule RS1), as of now. What nobody restricted is there for everybody, and
 * so is what does not exist: it is another's place to say so.
 */
export function sees(core: Core, actor: Actor | null, incidentId: string): boolean {
  if (!core.world.restricted.has(incidentId)) return true
  const incident = core.world.incidents.get(incidentId)
  return incident !== undefined && seesIncident(actor, incident, () => core.onCall(incident))
}

/** Who sees it while it is restricted, as of now. */
export function sightOn(core: Core, incident: Incident) {
  return {
    team: core.policy.teams.find(({ id }) => id === incident.team)?.name ?? incident.team,
    commanders: core.parts.people.commanders?.() ?? [],
    onCall: core.onCall(incident),
    named: [...namedIn(incident)],
  }
}

/** The same words as for what was never there. */
export const noSuchIncident = (incidentId: string): UxbridgeError =>
  new UxbridgeError('not-found', `There is no incident ${incidentId}.`)

/** @throws UxbridgeError `not-found` */
export function requireSeen(core: Core, actor: Actor, incident: Pick<Incident, 'id'>): void {
  if (!sees(core, actor, incident.id)) throw noSuchIncident(incident.id)
}

/**
 * The same of the other incident of a correction. Rule RS11: whoever takes one back has not named it, and is not told its number.
 * @throws UxbridgeError `not-found`
 */
export function requireOther(core: Core, actor: Actor, other: string, { type }: { type: Command['type'] }): void {
  if (sees(core, actor, other)) return
  throw type === 'undo'
    ? new UxbridgeError('not-found', 'The other incident that this is about is not there. A commander may know more.')
    : noSuchIncident(other)
}

/**
 * The same, and the audit has who tried what (rule RS6). It is written beside: neither how long that takes nor that the disk is
 * full may tell anybody that there is something.
 * @throws UxbridgeError `not-found`
 */
export function requireSeenBy(
  core: Core,
  actor: Actor,
  incidentId: string,
  { action, origin }: { action: string; origin: Origin },
): void {
  if (sees(core, actor, incidentId)) return
  if (core.open && core.halted() === null) {
    const about = { action, subject: incidentId, outcome: 'refused', detail: { code: 'not-found' } } as const
    const audit = core.audit(actor.id, core.parts.clock.now(), { ...about, address: origin.address })
    core
      .append({ audit: [audit] })
      .catch((err: unknown) => core.parts.log.error({ err }, 'a refused command could not be written to the audit'))
  }
  throw noSuchIncident(incidentId)
}
