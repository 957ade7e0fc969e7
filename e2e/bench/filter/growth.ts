import { makeFilter } from '#server/filter/index.ts'
import type { Filter } from '#server/filter/port.ts'
import { readAlertsV2 } from '#server/intake/sources/alerts-v2.ts'
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
  /**
   * How those rules ask for their alerts: by another value than any event has, by patterns that none matches, or so that
   * each service of the events has a rule of its own, the last ones of the list.
   */
  by: 'other values' | 'patterns' | 'own values'
}

const startsAt = Date.UTC(2026, 0, 1)
/** A request of Prometheus, but for its body and when it came. */
const request = { contentType: 'application/json', method: 'POST', path: '', query: '', headers: {}, settings: {} }
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
  /** Whether events come as the bytes of a request of Prometheus, which are parsed and read first. */
  readonly #asBytes: boolean

  constructor(size: Size, asBytes = false) {
    this.#asBytes = asBytes
    const policy = policySchema.parse(policyWith(size))
    this.#filter = makeFilter({ policy, policyHash: 'bench', filter: null, alerts: [] })
    this.#size = size
    this.#next = 0
    for (let left = size.active; left > 0; left -= 1000) {
      const events = Array.from({ length: Math.min(1000, left) }, () => this.#event(this.#next++, 'firing'))
      this.#take(this.#prepare(events))
    }
  }

  /** @returns µs for each event, one number for each batch */
  measure(): number[] {
    return this.#each(
      (events) => this.#prepare(events),
      (prepared) => this.#take(prepared),
    )
  }

  #prepare(events: readonly Event[]): readonly Event[] | Uint8Array {
    if (!this.#asBytes) return events
    const iso = (at: number | null) => new Date(at ?? 0).toISOString()
    const alerts = events.map(({ labels, annotations, service, endsAt, expiresAt }) => ({
      labels: { ...labels, service },
      annotations,
      startsAt: iso(startsAt),
      endsAt: iso(endsAt ?? expiresAt),
      generatorURL: `https://prometheus.example/graph?g0.expr=${labels.alertname}`,
    }))
    return Buffer.from(JSON.stringify(alerts))
  }

  #take(prepared: readonly Event[] | Uint8Array): void {
    if (!(prepared instanceof Uint8Array)) this.#fold(prepared)
    else this.#fold(readAlertsV2({ ...request, body: prepared, receivedAt: this.#at }).events)
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
    return this.#each(
      (events) => events,
      (events) => {
        for (const { dedupKey, labels, status } of events) {
          const key = `s\n${dedupKey}`
          const known = bare.get(key)
          if (known === undefined) bare.set(key, { heardAt: this.#at, labels })
          else if (status === 'resolved') bare.delete(key)
          else if (known.labels.number === labels.number) known.heardAt = this.#at
        }
      },
    )
  }

  #each<T>(prepare: (events: readonly Event[]) => T, work: (prepared: T) => void): number[] {
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
      const prepared = prepare(events)
      const began = performance.now()
      work(prepared)
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

/** So many rules, before one that takes everything. Those that match nothing are what must be passed each time. */
function policyWith({ rules, incidents, by }: Size): PolicyInput {
  const each = <T>(make: (index: number) => T): T[] => Array.from({ length: rules }, (_, index) => make(index))
  const named = (label: string, name: string, index: number) =>
    by === 'patterns' ? `${label}=~"${name}${index}-.*"` : `${label}="${name}${index}"`
  // Service after service has a rule of its own; of more services than rules, the last have none.
  const own = (index: number) => `namespace="service-${rules <= incidents ? index : index - (rules - incidents)}"`
  return {
    services: each((index) => ({
      id:
        by === 'own values' ? `service-${rules <= incidents ? index : index - (rules - incidents)}` : `other-${index}`,
      match: [by === 'own values' ? own(index) : named('namespace', 'other-', index)],
    })),
    definitions: [
      ...each((index) => ({
        name: `rule ${index}`,
        match: [by === 'own values' ? own(index) : named('alertname', 'Other', index)],
        as: 2 as const,
      })),
      { name: 'everything else', match: ['severity!=""'], as: 'triage' },
    ],
    filters: {
      inhibit: each((index) => ({
        name: `cause ${index}`,
        source: [named('alertname', 'Cause', index)],
        target: [named('alertname', 'Effect', index)],
        equal: ['namespace'],
      })),
    },
  }
}

interface Axis {
  what: string
  /** From the bytes of a request on. */
  asBytes?: true
  sizes: readonly Size[]
  count: (size: Size) => number
}

const axes: readonly Axis[] = [
  {
    what: 'active alerts',
    sizes: [1_000, 10_000, 100_000].map((active) => ({ active, incidents: 100, rules: 10, by: 'other values' })),
    count: ({ active }) => active,
  },
  {
    what: 'active alerts, read from their bytes',
    asBytes: true,
    sizes: [1_000, 10_000, 100_000].map((active) => ({ active, incidents: 100, rules: 10, by: 'other values' })),
    count: ({ active }) => active,
  },
  {
    what: 'open incidents',
    sizes: [10, 500, 5_000].map((incidents) => ({ active: 20_000, incidents, rules: 10, by: 'other values' })),
    count: ({ incidents }) => incidents,
  },
  ...(['other values', 'patterns', 'own values'] as const).map(
    (by): Axis => ({
      what: `rules of each sort${by === 'other values' ? '' : by === 'patterns' ? ', by patterns' : ', which match'}`,
      sizes: [10, 100, 1_000].map((rules) => ({ active: 10_000, incidents: 100, rules, by })),
      count: ({ rules }) => rules,
    }),
  ),
]

/**
 * P10: what one event costs the fold while there is more and more of everything. Sizes take turns, so that a slow moment hits
 * all. The column `ceiling` has the cost at the smallest size.
 */
export function measureGrowth(rounds: number): { rows: Row[]; detail: unknown } {
  const rows: Row[] = []
  const detail: unknown[] = []
  for (const { what, sizes, count, asBytes } of axes) {
    const loads = sizes.map((size) => new Load(size, asBytes))
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
