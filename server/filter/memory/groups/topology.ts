import type { Policy } from '#shared/policy.ts'

/** By how many dependencies in a row each service is away. */
export type Reach = ReadonlyMap<string, number>

/** Which service leans on which, by the policy. Circles are allowed: houses have them. */
export class Topology {
  readonly #needs = new Map<string, readonly string[]>()
  readonly #neededBy = new Map<string, string[]>()
  readonly #causes = new Map<string, Reach>()
  readonly #dependents = new Map<string, Reach>()

  constructor({ services }: Pick<Policy, 'services'>) {
    for (const { id, depends_on } of services) {
      if (depends_on.length === 0) continue
      this.#needs.set(id, depends_on)
      for (const needed of depends_on) {
        const by = this.#neededBy.get(needed)
        if (by === undefined) this.#neededBy.set(needed, [id])
        else by.push(id)
      }
    }
  }

  /** Services that it depends on, nearest first, itself not among them. */
  causesOf(service: string, hops: number): Reach {
    return reach(service, hops, this.#needs, this.#causes)
  }

  /** Services that depend on it, nearest first, itself not among them. */
  dependentsOf(service: string, hops: number): Reach {
    return reach(service, hops, this.#neededBy, this.#dependents)
  }
}

/** What is walked once is kept: asked again for every new alert of a service. */
function reach(
  from: string,
  hops: number,
  next: ReadonlyMap<string, readonly string[]>,
  known: Map<string, Reach>,
): Reach {
  const key = `${hops} ${from}`
  const found = known.get(key)
  if (found !== undefined) return found
  const reached = new Map<string, number>()
  let front = [from]
  for (let distance = 1; distance <= hops && front.length > 0; distance++) {
    const further: string[] = []
    for (const at of front) {
      for (const service of next.get(at) ?? []) {
        if (service === from || reached.has(service)) continue
        reached.set(service, distance)
        further.push(service)
      }
    }
    front = further
  }
  known.set(key, reached)
  return reached
}
