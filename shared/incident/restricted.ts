import { type Actor, can } from '../access.ts'
import type { Alert } from '../alert.ts'
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
  const { declaredBy, owner, chain, offer, assistants, reliefAskedBy, tasks, roles, paging, asked, shiftEnd } = incident
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
    ...(asked ?? []),
    ...(shiftEnd?.to ?? []),
    // Whoever recorded something of its legal clocks answers for it.
    ...(incident.clocks ?? [])
      .flatMap(({ by, ended, deadlines }) => [by, ended?.by, ...deadlines.map(({ met }) => met?.by)])
      .map((by) => (by?.startsWith('person:') ? by.slice('person:'.length) : null)),
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

/** What one who asks may see, for a question about many: each incident is asked of once. */
export interface Sight {
  /** What is in no incident is there for everybody. */
  incident(incidentId: string | null | undefined): boolean
  /** Where it is in an incident, that one says; else what is restricted is for who sees all that is (rule RS8). */
  alert(alert: Pick<Alert, 'incidentId' | 'restricted'>): boolean
}

/**
 * @param viewer null: everybody, so whatever is restricted is hidden
 * @param sees asks of one incident (rule RS1)
 */
export function sightOf<V extends Viewer>(
  viewer: V | null,
  sees: (viewer: V | null, incidentId: string) => boolean,
): Sight {
  const isWhole = can(viewer, 'restricted.read')
  const known = new Map<string, boolean>()
  const incident: Sight['incident'] = (incidentId) => {
    if (isWhole || incidentId === null || incidentId === undefined) return true
    let seen = known.get(incidentId)
    if (seen === undefined) {
      seen = sees(viewer, incidentId)
      known.set(incidentId, seen)
    }
    return seen
  }
  return {
    incident,
    alert: ({ incidentId, restricted }) =>
      incidentId === null ? isWhole || restricted !== true : incident(incidentId),
  }
}

/** What stands in a text for the number of an incident that is not there for whoever reads it. */
export const unnamedIncident = 'another incident'

/** The text without the numbers of what is hidden: reasons and facts name other incidents. */
export function withoutNumbers(text: string, isSeen: (incidentId: string) => boolean): string {
  if (!text.includes('INC-')) return text
  return text.replace(/\bINC-[0-9A-Za-z]+\b/g, (id) => (isSeen(id) ? id : unnamedIncident))
}
