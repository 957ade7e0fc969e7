import { type Actor, can } from '../access.ts'
import type { Incident } from './state.ts'

/** Who asks to see an incident. */
export type Viewer = Pick<Actor, 'roles' | 'scopes' | 'personId'>

export function isRestricted({ flags }: Pick<Incident, 'flags'>): boolean {
  return flags.includes('restricted')
}

/**
 * Everybody who has, or had, a part in the incident, or was asked to take one. Whoever is added to it sees it; nobody else
 * needs to be told.
 */
export function namedIn(incident: Incident): Set<string> {
  const { declaredBy, owner, chain, offer, assistants, reliefAskedBy, tasks, roles, paging, shiftEnd } = incident
  const heldRoles = Object.values(roles ?? {})
  const people = [
    declaredBy.startsWith('person:') ? declaredBy.slice('person:'.length) : null,
    incident.restrictedBy ?? null,
    owner,
    ...chain.map(({ holder }) => holder),
    ...(offer?.eligible ?? []),
    ...assistants,
    reliefAskedBy,
    ...(tasks ?? []).map(({ person }) => person),
    ...heldRoles.flatMap((role) => [
      role.holder,
      ...role.chain.map(({ holder }) => holder),
      ...(role.offer?.eligible ?? []),
    ]),
    ...(paging?.people ?? []),
    ...(shiftEnd?.to ?? []),
  ]
  return new Set(people.filter((person) => person !== null))
}

/**
 * Rule RS1: a restricted incident is there for commanders, for who is on call for it, and for who has a part in it; for
 * everybody else it does not exist (trust.md).
 * @param onCall who answers for its service now; asked only where nothing else lets the viewer in
 */
export function seesIncident(viewer: Viewer | null, incident: Incident, onCall: () => readonly string[]): boolean {
  if (!isRestricted(incident)) return true
  if (can(viewer, 'restricted.read')) return true
  const { personId } = viewer ?? { personId: null }
  return personId !== null && (namedIn(incident).has(personId) || onCall().includes(personId))
}
