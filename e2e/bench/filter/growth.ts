import { makeFilter } from '#server/filter/index.ts'
import type { Filter } from '#server/filter/port.ts'
import type { Event } from '#shared/event.ts'
import { type PolicyInput, policySchema } from '#shared/policy.ts'
import { figure, type Row, type Spread, say, spreadOf } from '../table.ts'

/** How much there is while it is measured. */
interface Size {
  /** Firing alerts. */
  active: number
  /** Open incidents that they are in. */
  incidents: number
  /** Definitions, services with matchers, and rules of inhibition: so many of each. */
  rules: number
}

const startsAt = Date.UTC(2026, 0, 1)
const batch = 100
const batches = 60
/** Of each batch: so many begin, so many end, the rest is told again. */
const begin = 5
const end = 5

/** Many repeats and some news, as in a storm that lasts. The instants that matter to windows stay within one minute. */
class Load {
  readonly #filter: Filter
  readonly #size: Size
  #pos = 0
  #at = startsAt
  #next: number
  #oldest = 0

  constructor(size: Size) {
    const policy = policySchema.parse(policyWith(size.rules))
    this.#filter = makeFilter({ policy, policyHash: 'bench', filter: null, alerts: [] })
    this.#size = size
    this.#next = 0
    for (let left = size.active; left > 0; left -= 1000) {
      const events = Array.from({ length: Math.min(1000, left) }, () => this.#event(this.#next++, 'firing'))
      this.#fold(events)
    }
  }

  /** @returns µs for each event, one number for each batch */
  measure(): number[] {
    return this.#each((events) => this.#fold(events))
  }

  /**
   * The same for one look and one note in a bare Map of as many objects: what growth costs for the
   * memory's sake alone. For a load of its own: what it tells the filter does not hear.
   */
  measureBare(): number[] {
    const bare = new Map<string, { heardAt: number; labels: Event['labels'] }>()
    for (let number = this.#oldest; number < this.#next; number++) {
      const { dedupKey, labels } = this.#event(number, 'firing')
      bare.set(`s\n${dedupKey}`, { heardAt: 0, labels })
    }
    return this.#each((events) => {
      for (const { dedupKey, labels, status } of events) {
        const key = `s\n${dedupKey}`
        const known = bare.get(key)
        if (known === undefined) bare.set(key, { heardAt: this.#at, labels })
        else if (status === 'resolved') bare.delete(key)
        else if (known.labels.number === labels.number) known.heardAt = this.#at
      }
    })
  }

  #each(work: (events: readonly Event[]) => void): number[] {
    return Array.from({ length: batches }, () => {
      const events: Event[] = []
      for (let index = 0; index < begin; index++) events.push(this.#event(this.#next++, 'firing'))
      for (let index = 0; index < end; index++) events.push(this.#event(this.#oldest++, 'resolved'))
      const stay = this.#next - this.#oldest - begin
      // A stride that meets all of them, not only those that are in the processor's cache.
      for (let index = events.length; index < batch; index++)
        events.push(this.#event(this.#oldest + ((index * 7919 + this.#pos * 104_729) % stay), 'firing'))
      // Bare work does not go on in the log; the stride must.
      this.#pos++
      const began = performance.now()
      work(events)
      return ((performance.now() - began) * 1000) / events.length
    })
  }

  size() {
    return this.#filter.size()
  }

  #fold(events: readonly Event[]): void {
    this.#at++
    const pos = ++this.#pos
    const entry = { kind: 'request', pos, at: this.#at, sourceId: 's', keyScope: 's', defaultSeverity: null } as const
    this.#filter.fold({ ...entry, events, unreadable: [] })
  }

  #event(number: number, status: 'firing' | 'resolved'): Event {
    const group = number % this.#size.incidents
    const labels = {
      alertname: `Alert${number % 7}`,
      cluster: 'eu',
      instance: `10.${number % 250}.${(number >> 8) % 250}.${number % 199}:9100`,
      namespace: `service-${group}`,
      number: String(number),
      severity: 'warning',
    }
    return {
      kind: 'alert',
      status,
      dedupKey: `key ${number}`,
      family: 'keyed',
      severity: 'medium',
      severityRaw: 'warning',
      title: `${labels.alertname} of service-${group}`,
      description: `Seen on ${labels.instance}`,
      startsAt,
      endsAt: status === 'resolved' ? this.#at : null,
      expiresAt: status === 'resolved' ? null : this.#at + 3_600_000,
      service: `service-${group}`,
      labels,
      annotations: {
        summary: `${labels.alertname} of service-${group}`,
        runbook_url: 'https://runbooks.example/alert',
      },
      links: [],
      groupKey: null,
    }
  }
}

/** So many rules that do not match, before those that do: what must be passed each time. */
function policyWith(rules: number): PolicyInput {
  const each = <T>(make: (index: number) => T): T[] => Array.from({ length: rules }, (_, index) => make(index))
  return {
    services: each((index) => ({ id: `other-${index}`, match: [`namespace="other-${index}"`] })),
    definitions: [
      ...each((index) => ({ name: `rule ${index}`, match: [`alertname="Other${index}"`], as: 2 as const })),
      { name: 'everything else', match: ['severity!=""'], as: 'triage' },
    ],
    filters: {
      inhibit: each((index) => ({
        name: `cause ${index}`,
        source: [`alertname="Cause${index}"`],
        target: [`alertname="Effect${index}"`],
        equal: ['namespace'],
      })),
    },
  }
}

interface Axis {
  what: string
  sizes: readonly Size[]
  count: (size: Size) => number
}

const axes: readonly Axis[] = [
  {
    what: 'active alerts',
    sizes: [1_000, 10_000, 100_000].map((active) => ({ active, incidents: 100, rules: 10 })),
    count: ({ active }) => active,
  },
  {
    what: 'open incidents',
    sizes: [10, 500, 5_000].map((incidents) => ({ active: 20_000, incidents, rules: 10 })),
    count: ({ incidents }) => incidents,
  },
  {
    what: 'rules of each sort',
    sizes: [10, 100, 1_000].map((rules) => ({ active: 10_000, incidents: 100, rules })),
    count: ({ rules }) => rules,
  },
]

/**
 * P10: what one event costs the fold while there is more and more of everything. Sizes take turns, so that a slow moment hits
 * all. The column `ceiling` has the cost at the smallest size.
 */
export function measureGrowth(rounds: number): { rows: Row[]; detail: unknown } {
  const rows: Row[] = []
  const detail: unknown[] = []
  for (const { what, sizes, count } of axes) {
    const loads = sizes.map((size) => new Load(size))
    loads.forEach((load, index) => {
      const wanted = sizes[index]
      const { firing, groups } = load.size()
      if (firing !== wanted?.active || groups !== wanted.incidents)
        throw new TypeError(`made ${firing} alerts in ${groups} incidents`)
    })
    const costs: number[][] = sizes.map(() => [])
    // The first round warms up.
    for (let round = -1; round < rounds; round++)
      loads.forEach((load, index) => {
        const one = spreadOf(load.measure()).median
        if (round >= 0) costs[index]?.push(one)
      })
    const spreads: Spread[] = costs.map(spreadOf)
    sizes.forEach((size, index) => {
      const spread = spreads[index]
      if (spread !== undefined) say(`P10 ${count(size)} ${what}: ${figure(spread, ' µs')} an event`)
    })
    const first = spreads[0]
    const last = spreads.at(-1)
    const [small, large] = [sizes[0], sizes.at(-1)]
    if (first === undefined || last === undefined || small === undefined || large === undefined) continue
    const ratio = last.median / first.median
    rows.push({
      id: 'P10',
      work: `cost of an event, ${count(small)} → ${count(large)} ${what}`,
      self: figure(last, ' µs'),
      peer: '–',
      ceiling: figure(first, ' µs'),
      ratio: `${ratio.toFixed(2)} ×`,
      bar: '≤ 1.2 ×',
      met: ratio <= 1.2,
    })
    detail.push({ what, costs: sizes.map((size, index) => ({ ...size, us: spreads[index] })) })
  }
  const bare = measureBare(rounds)
  return { rows: [...rows, bare.row], detail: { axes: detail, bare: bare.costs } }
}

/** Beside which the growth of active alerts is to be seen. */
function measureBare(rounds: number): { row: Row; costs: readonly Spread[] } {
  const sizes = axes[0]?.sizes ?? []
  const loads = sizes.map((size) => new Load(size))
  const costs: number[][] = sizes.map(() => [])
  for (let round = -1; round < rounds; round++)
    loads.forEach((load, index) => {
      const one = spreadOf(load.measureBare()).median
      if (round >= 0) costs[index]?.push(one)
    })
  const spreads = costs.map(spreadOf)
  const [first, last] = [spreads[0] ?? spreadOf([]), spreads.at(-1) ?? spreadOf([])]
  const row: Row = {
    id: 'P10',
    work: 'for comparison: a look-up in a bare Map of as many alerts',
    self: figure(last, ' µs'),
    peer: '–',
    ceiling: figure(first, ' µs'),
    ratio: `${(last.median / first.median).toFixed(2)} ×`,
    bar: '–',
    met: null,
  }
  return { row, costs: spreads }
}
