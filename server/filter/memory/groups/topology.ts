import type { Policy } from '#shared/policy.ts'

/** Services by how many dependencies in a row each is away, nearest first. */
export interface Reach extends Iterable<[service: string, distance: number]> {
  readonly size: number
  has(service: string): boolean
  keys(): Iterable<string>
}

/** Services by number: walked a thousand times faster than by name. */
interface Graph {
  ids: readonly string[]
  numberOf: ReadonlyMap<string, number>
  needs: readonly (readonly number[])[]
  neededBy: readonly (readonly number[])[]
}

/** So many services are kept in walked reaches: some 40 MB. Houses stay far below; beyond, they are walked again. */
const keptReach = 10_000_000

/** Which service leans on which, by the policy. Circles are allowed: houses have them. */
export class Topology {
  readonly #services: Policy['services']
  #made: Graph | null = null
  /** Which circle of dependencies each service is in: those of one number depend on each other. */
  #circle: Int32Array | null = null
  readonly #known = new Map<string, Walked>()
  #kept = 0

  constructor({ services }: Pick<Policy, 'services'>) {
    this.#services = services
  }

  /** Services that it depends on, nearest first, itself not among them. */
  causesOf(service: string, hops: number): Reach {
    return this.#reach('needs', service, hops)
  }

  /** Services that depend on it, nearest first, itself not among them. */
  dependentsOf(service: string, hops: number): Reach {
    return this.#reach('neededBy', service, hops)
  }

  /** Whether each depends on the other, over however many dependencies. */
  areMutual(one: string, other: string): boolean {
    const { numberOf, needs } = this.#graph
    this.#circle ??= circlesOf(needs)
    const circle = this.#circle
    const [a, b] = [numberOf.get(one), numberOf.get(other)]
    return a !== undefined && b !== undefined && circle[a] === circle[b]
  }

  /** Made when it is first asked: a policy is taken over without waiting for it. */
  get #graph(): Graph {
    this.#made ??= graphOf(this.#services)
    return this.#made
  }

  /** What is walked once is kept: asked again for every new alert of a service. */
  #reach(along: 'needs' | 'neededBy', service: string, hops: number): Reach {
    const graph = this.#graph
    const from = graph.numberOf.get(service)
    if (from === undefined) return nowhere
    const key = `${along} ${hops} ${from}`
    const found = this.#known.get(key)
    if (found !== undefined) return found
    const walked = walk(graph, graph[along], from, hops)
    this.#kept += walked.size + 50
    if (this.#kept > keptReach) {
      this.#known.clear()
      this.#kept = walked.size
    }
    this.#known.set(key, walked)
    return walked
  }
}

const nowhere: Reach = new Map<string, number>()

class Walked implements Reach {
  readonly #graph: Graph
  /** Nearest first. */
  readonly #order: Int32Array
  /** Where each distance ends in the order. */
  readonly #ends: readonly number[]
  /** A bit for each service. */
  readonly #bits: Uint8Array

  constructor(graph: Graph, order: readonly number[], ends: readonly number[]) {
    this.#graph = graph
    this.#order = Int32Array.from(order)
    this.#ends = ends
    this.#bits = new Uint8Array(order.length === 0 ? 0 : (graph.ids.length + 7) >> 3)
    for (const at of order) this.#bits[at >> 3] = (this.#bits[at >> 3] ?? 0) | (1 << (at & 7))
  }

  get size(): number {
    return this.#order.length
  }

  has(service: string): boolean {
    const at = this.#graph.numberOf.get(service)
    return at !== undefined && ((this.#bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0
  }

  *keys(): Generator<string> {
    for (const at of this.#order) yield this.#graph.ids[at] as string
  }

  *[Symbol.iterator](): Generator<[string, number]> {
    let distance = 1
    for (const [place, at] of this.#order.entries()) {
      while (place >= (this.#ends[distance - 1] as number)) distance++
      yield [this.#graph.ids[at] as string, distance]
    }
  }
}

function walk(graph: Graph, next: Graph['needs'], from: number, hops: number): Walked {
  const seen = new Uint8Array(graph.ids.length)
  seen[from] = 1
  const order: number[] = []
  const ends: number[] = []
  let front: readonly number[] = [from]
  while (ends.length < hops && front.length > 0) {
    const begun = order.length
    for (const at of front)
      for (const service of next[at] as readonly number[]) {
        if (seen[service] === 1) continue
        seen[service] = 1
        order.push(service)
      }
    ends.push(order.length)
    front = order.slice(begun)
  }
  return new Walked(graph, order, ends)
}

function graphOf(services: Policy['services']): Graph {
  const numberOf = new Map<string, number>()
  const ids: string[] = []
  const of = (id: string): number => {
    const known = numberOf.get(id)
    if (known !== undefined) return known
    numberOf.set(id, ids.length)
    return ids.push(id) - 1
  }
  for (const { id } of services) of(id)
  const needs = services.map(({ depends_on }) => depends_on.map(of))
  while (needs.length < ids.length) needs.push([])
  const neededBy: number[][] = ids.map(() => [])
  needs.forEach((needed, at) => {
    for (const one of needed) neededBy[one]?.push(at)
  })
  return { ids, numberOf, needs, neededBy }
}

/** Strongly connected components, by Tarjan's algorithm (SIAM J. Comput. 1, 1972), without recursion: chains are long. */
function circlesOf(needs: readonly (readonly number[])[]): Int32Array {
  const circle = new Int32Array(needs.length).fill(-1)
  const index = new Int32Array(needs.length).fill(-1)
  const low = new Int32Array(needs.length)
  const open: number[] = []
  let count = 0
  for (let start = 0; start < needs.length; start++) {
    if (index[start] !== -1) continue
    const path: [at: number, edge: number][] = [[start, 0]]
    while (path.length > 0) {
      const step = path.at(-1) as [number, number]
      const [at, edge] = step
      if (edge === 0) {
        index[at] = low[at] = count++
        open.push(at)
      }
      const next = needs[at]?.[edge]
      if (next !== undefined) {
        step[1]++
        if (index[next] === -1) path.push([next, 0])
        else if (circle[next] === -1) low[at] = Math.min(low[at] as number, index[next] as number)
        continue
      }
      path.pop()
      const before = path.at(-1)?.[0]
      if (before !== undefined) low[before] = Math.min(low[before] as number, low[at] as number)
      if (low[at] !== index[at]) continue
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        circle[member] = at
        if (member === at) break
      }
    }
  }
  return circle
}
