import type { Placing, RunIncident } from './run.ts'

/** Incidents of both runs that are about the same firing alerts; at least one of them was opened in the time compared. */
export interface Linked {
  live: RunIncident[]
  candidate: RunIncident[]
}

type Placed = Placing & { incident: RunIncident }

export interface Links {
  parts: Linked[]
  /** Told by one run only, since `from`. */
  onlyLive: Placed[]
  onlyCandidate: Placed[]
}

/**
 * Which incidents of two runs are the same: those that were told of the same firing of an alert, by way of others too. Where
 * one firing was in several incidents one after the other, the first belongs with the first, and so on.
 */
export function linksOf(liveOnes: Iterable<RunIncident>, candidates: Iterable<RunIncident>, from: number): Links {
  const [wholeLive, wholeCandidates] = [wholes(liveOnes), wholes(candidates)]
  const [live, candidate] = [[...wholeLive.values()], [...wholeCandidates.values()]]
  const together = new Union()
  const byKeyLive = byKey(live)
  const byKeyCandidate = byKey(candidate)
  for (const [key, own] of byKeyLive) {
    const theirs = byKeyCandidate.get(key)
    if (theirs === undefined) continue
    for (let at = 0; at < Math.max(own.length, theirs.length); at++) {
      const a = own[Math.min(at, own.length - 1)]
      const b = theirs[Math.min(at, theirs.length - 1)]
      if (a !== undefined && b !== undefined) together.join(a, b)
    }
  }
  /** A firing that the other run never told anybody anew: its incident had the alert already, or nobody was told. */
  const only = (incidents: readonly RunIncident[], others: ReadonlyMap<string, unknown>): Placed[] =>
    incidents.flatMap((incident) =>
      incident.placings.flatMap((placing) => {
        if (others.has(placing.key)) return []
        const elsewhere = placing.elsewhere === null ? null : wholeOf(placing.elsewhere)
        const there = elsewhere === null ? undefined : (wholeLive.get(elsewhere) ?? wholeCandidates.get(elsewhere))
        if (there !== undefined) {
          together.join(incident, there)
          return []
        }
        return placing.at >= from ? [{ ...placing, incident }] : []
      }),
    )
  const onlyLive = only(live, byKeyCandidate)
  const onlyCandidate = only(candidate, byKeyLive)

  const parts = new Map<RunIncident, Linked>()
  const put = (incidents: readonly RunIncident[], side: keyof Linked) => {
    for (const incident of incidents) {
      const root = together.rootOf(incident)
      const part = parts.get(root) ?? { live: [], candidate: [] }
      parts.set(root, part)
      part[side].push(incident)
    }
  }
  put(live, 'live')
  put(candidate, 'candidate')
  const isNew = ({ live, candidate }: Linked) => [...live, ...candidate].some(({ openedAt }) => openedAt >= from)
  return { parts: [...parts.values()].filter(isNew), onlyLive, onlyCandidate }
}

/** What an incident turned out to be part of. */
function wholeOf(incident: RunIncident): RunIncident {
  const seen = new Set<RunIncident>()
  let whole = incident
  while (whole.mergedInto !== null && !seen.has(whole)) {
    seen.add(whole)
    whole = whole.mergedInto
  }
  return whole
}

/** Incidents with all that turned out to be part of them, by what they are a whole of. */
function wholes(incidents: Iterable<RunIncident>): Map<RunIncident, RunIncident> {
  const found = new Map<RunIncident, RunIncident>()
  for (const incident of incidents) {
    const whole = wholeOf(incident)
    const one = found.get(whole) ?? { ...whole, placings: [] }
    one.placings.push(...incident.placings)
    one.openedAt = Math.min(one.openedAt, incident.openedAt)
    found.set(whole, one)
  }
  for (const one of found.values()) one.placings.sort((a, b) => a.at - b.at)
  return found
}

/** The incidents that each firing was in, in order. */
function byKey(incidents: readonly RunIncident[]): Map<string, RunIncident[]> {
  const all = incidents.flatMap((incident) => incident.placings.map(({ key, at }) => ({ key, at, incident })))
  all.sort((a, b) => a.at - b.at)
  const found = new Map<string, RunIncident[]>()
  for (const { key, incident } of all) {
    const list = found.get(key)
    if (list === undefined) found.set(key, [incident])
    else if (list.at(-1) !== incident) list.push(incident)
  }
  return found
}

/** Disjoint sets. */
class Union {
  readonly #above = new Map<RunIncident, RunIncident>()

  rootOf(one: RunIncident): RunIncident {
    let root = one
    for (let above = this.#above.get(root); above !== undefined; above = this.#above.get(root)) root = above
    for (let at = one; at !== root; ) {
      const next = this.#above.get(at) ?? root
      this.#above.set(at, root)
      at = next
    }
    return root
  }

  join(a: RunIncident, b: RunIncident): void {
    const rootA = this.rootOf(a)
    const rootB = this.rootOf(b)
    if (rootA !== rootB) this.#above.set(rootB, rootA)
  }
}
