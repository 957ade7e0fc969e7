import { isRestricted } from '#shared/incident/restricted.ts'
import { type Incident, isOpen } from '#shared/incident/state.ts'
import { longestRestMs, type RestPolicy, restUntil } from '#shared/rest.ts'

/** What somebody has to do with an open incident. Instants are epoch ms. */
export interface Held {
  id: string
  kind: 'owns' | 'role' | 'offer' | 'assists'
  /** Which role is held, or offered. */
  role: string | null
  since: number | null
  /** When the offer ends. */
  due: number | null
  drill: boolean
  /** Of a restricted incident: it engages, and is not named to everybody. */
  restricted: boolean
}

/** What incidents say of one person. */
export interface Holding {
  /** Most pressing first: what they own, what waits for their answer, their roles, what they assist in. */
  held: readonly Held[]
  engagedSince: number | null
  tookAt: number | null
  freeSince: number | null
  rest: { since: number; until: number } | null
}

const free: Holding = { held: [], engagedSince: null, tookAt: null, freeSince: null, rest: null }
const order: readonly Held['kind'][] = ['owns', 'offer', 'role', 'assists']

/** What one incident says of the people in it. */
interface Part {
  held: Held[]
  tookAt: number | null
  freeSince: number | null
  rest: Holding['rest']
}

export interface Holdings {
  /** @returns whom it concerns, or did before. What is older than what is known of it changes nothing. */
  take(incident: Incident): Set<string>
  of(person: string): Holding
  people(): Iterable<string>
  /** Forgets what ended so long ago that nobody rests from it. */
  forget(now: number): void
}

/** Who has what to do with incidents, kept person by person so that a change touches only those whom it concerns. */
export function makeHoldings(rest: () => RestPolicy): Holdings {
  const parts = new Map<string, Map<string, Part>>()
  const known = new Map<string, { version: number; people: Set<string>; endedAt: number | null }>()

  return {
    take(incident) {
      const { id, version } = incident
      const before = known.get(id)
      if (before !== undefined && before.version > version) return new Set()
      const now = partsOf(incident, rest())
      for (const person of before?.people ?? []) if (!now.has(person)) drop(person, id)
      for (const [person, part] of now) {
        const own = parts.get(person)
        if (own === undefined) parts.set(person, new Map([[id, part]]))
        else own.set(id, part)
      }
      const people = new Set(now.keys())
      const endedAt = isOpen(incident.phase) ? null : (incident.resolvedAt ?? incident.declaredAt)
      known.set(id, { version, people, endedAt })
      return before === undefined ? people : people.union(before.people)
    },

    of(person) {
      const own = parts.get(person)
      if (own === undefined) return free
      const held: Held[] = []
      const sum = { tookAt: null as number | null, freeSince: null as number | null, rest: null as Holding['rest'] }
      for (const part of own.values()) {
        held.push(...part.held)
        sum.tookAt = latest(sum.tookAt, part.tookAt)
        sum.freeSince = latest(sum.freeSince, part.freeSince)
        if (part.rest !== null && part.rest.until > (sum.rest?.until ?? 0)) sum.rest = part.rest
      }
      held.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.since ?? 0) - (b.since ?? 0))
      // Rule RD2: what engages, and what does not.
      const engaging = held.filter(({ kind, drill }) => (kind === 'owns' || kind === 'role') && !drill)
      const engagedSince = engaging.length === 0 ? null : Math.min(...engaging.map(({ since }) => since ?? 0))
      return { held, engagedSince, ...sum }
    },

    people: () => parts.keys(),

    forget(now) {
      for (const [id, { people, endedAt }] of known) {
        if (endedAt === null || now - endedAt < longestRestMs) continue
        known.delete(id)
        for (const person of people) drop(person, id)
      }
    },
  }

  function drop(person: string, id: string): void {
    const own = parts.get(person)
    own?.delete(id)
    if (own?.size === 0) parts.delete(person)
  }
}

const latest = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b))

function partsOf(incident: Incident, policy: RestPolicy): Map<string, Part> {
  const { id, drill, chain, tier, offer, owner, assistants } = incident
  const found = new Map<string, Part>()
  const of = (person: string): Part => {
    let part = found.get(person)
    if (part === undefined) {
      part = { held: [], tookAt: null, freeSince: null, rest: null }
      found.set(person, part)
    }
    return part
  }
  const stretch = (person: string, from: number, to: number | null) => {
    if (drill) return
    const part = of(person)
    part.tookAt = latest(part.tookAt, from)
    if (to === null) return
    part.freeSince = latest(part.freeSince, to)
    const until = restUntil({ from, to, tier }, policy)
    if (until !== null && until > (part.rest?.until ?? 0)) part.rest = { since: to, until }
  }

  for (const { holder, from, to } of chain) if (holder !== null) stretch(holder, from, to)
  // A role is no ownership: it engages, and nobody rests from it.
  const roles = Object.entries(incident.roles ?? {})
  for (const [, { chain }] of roles)
    for (const { holder, from } of chain) {
      if (holder === null || drill) continue
      const part = of(holder)
      part.tookAt = latest(part.tookAt, from)
    }
  if (!isOpen(incident.phase)) return found

  const nothing = { id, role: null, since: null, due: null, drill, restricted: isRestricted(incident) }
  if (owner !== null) of(owner).held.push({ ...nothing, kind: 'owns', since: chain.at(-1)?.from ?? null })
  for (const person of offer?.eligible ?? [])
    of(person).held.push({
      ...nothing,
      kind: 'offer',
      since: offer?.offeredAt ?? null,
      due: offer?.deadlineAt ?? null,
    })
  for (const [role, { holder, chain, offer }] of roles) {
    if (holder !== null) of(holder).held.push({ ...nothing, kind: 'role', role, since: chain.at(-1)?.from ?? null })
    for (const person of offer?.eligible ?? [])
      of(person).held.push({
        ...nothing,
        kind: 'offer',
        role,
        since: offer?.offeredAt ?? null,
        due: offer?.deadlineAt ?? null,
      })
  }
  for (const person of assistants) of(person).held.push({ ...nothing, kind: 'assists' })
  return found
}
