import { fingerprint } from '#shared/alert.ts'
import type { Labels } from '#shared/event.ts'
import type { Random } from '../random.ts'
import type { Door } from '../troubles.ts'
import { dependentsOf, type Graph, type GraphService, type Instance, serviceIn } from './graph.ts'
import { type AlertRule, rulesFor, type Suffering } from './rules.ts'

/** One condition as it truly was. All instants are epoch ms. */
export interface TrueAlert {
  /** Alertmanager's fingerprint of its labels. */
  id: string
  door: Door
  service: string | null
  /** The failure that it is a sign of; null: of none. Never told to anybody. */
  failure: string | null
  labels: Labels
  annotations: Labels
  generatorUrl: string
  /** When it fired, in order, without overlap. */
  firings: { from: number; to: number }[]
}

/** Something that truly went wrong. */
export interface Failure {
  id: string
  says: string
  root: string
  beganAt: number
  endedAt: number
  /** `none`: it was meant, or is nobody's business, and must open no incident. */
  expected: 'incident' | 'none'
}

const second = 1000

/** Who is hit, and what fires at what time. Draws chance in a fixed order: the same seed gives the same plan. */
export class Plan {
  readonly graph: Graph
  readonly failures: Failure[] = []
  readonly #alerts = new Map<string, TrueAlert>()
  readonly #random: Random

  constructor(graph: Graph, random: Random) {
    this.graph = graph
    this.#random = random
  }

  get alerts(): TrueAlert[] {
    return [...this.#alerts.values()]
  }

  failure(failure: Failure): string {
    this.failures.push(failure)
    return failure.id
  }

  /** One rule fires for one thing. What fires already stays the sign of what it was first the sign of. */
  fire(
    rule: AlertRule,
    at: { service: GraphService | null; instance: Instance | null },
    failure: string | null,
    from: number,
    to: number,
  ): void {
    const labels = labelsOf(this.graph, rule, at.service, at.instance)
    const id = fingerprint(labels)
    const known = this.#alerts.get(id)
    if (known !== undefined) {
      const apart = known.firings.every((firing) => firing.to < from || firing.from > to)
      if (known.failure === failure && apart) {
        known.firings.push({ from, to })
        known.firings.sort((a, b) => a.from - b.from)
      }
      return
    }
    const of = at.instance === null ? null : rule.scope === 'host' ? at.instance.host : at.instance.name
    const where = of ?? at.service?.id ?? this.graph.name
    this.#alerts.set(id, {
      id,
      door: at.service?.door ?? 'prometheus',
      service: at.service?.id ?? null,
      failure,
      labels,
      annotations: {
        summary: `${rule.summary}: ${where}`,
        description: `${rule.summary}. Seen on ${where} in ${this.graph.cluster}.`,
        runbook_url: `https://runbooks.example/${rule.alertname.toLowerCase()}`,
      },
      generatorUrl: `http://prometheus.example:9090/graph?g0.expr=ALERTS%7Balertname%3D%22${rule.alertname}%22%7D`,
      firings: [{ from, to }],
    })
  }

  /**
   * A service suffers from `from` to `to`: its rules fire, each as its chance has it, some time after, and end some time
   * after the end.
   * @param only the instances that are hit; absent: all
   */
  suffer(
    service: GraphService,
    suffering: Suffering,
    failure: string,
    from: number,
    to: number,
    only?: readonly Instance[],
  ): void {
    for (const rule of rulesFor(service.kind, suffering)) {
      if (this.graph.layout === 'hosts' && rule.alertname.startsWith('Kube')) continue
      if (this.#random.next() < rule.chance) this.rule(rule, service, failure, from, to, only)
    }
  }

  /** This rule fires for this service, for each of the things it is about. */
  rule(
    rule: AlertRule,
    service: GraphService,
    failure: string | null,
    from: number,
    to: number,
    only?: readonly Instance[],
  ): void {
    const all = only ?? this.graph.instances.filter((instance) => instance.service === service.id)
    const some =
      rule.scope === 'some instances' ? Math.max(1, Math.ceil(all.length * (0.4 + 0.6 * this.#random.next()))) : 1
    const single = rule.scope === 'service' || rule.scope === 'endpoint'
    for (const instance of single ? [null] : all.slice(0, some)) {
      const starts = from + this.#random.between(...rule.afterS) * second
      // A trouble that was over before the rule had seen enough of it fires nothing.
      if (starts >= to) continue
      this.fire(rule, { service, instance }, failure, starts, to + this.#random.between(15, 120) * second)
    }
  }

  /** What leans on a service suffers too, later and less surely with each step; it is well again later, too. */
  spread(root: string, suffering: 'down' | 'slow', failure: string, from: number, to: number): void {
    const reached = new Set([root])
    let front = [{ id: root, from, to }]
    for (const chance of [0.95, 0.7, 0.4]) {
      const next: typeof front = []
      for (const cause of front) {
        for (const service of dependentsOf(this.graph, cause.id)) {
          if (reached.has(service.id)) continue
          if (this.#random.next() >= chance) continue
          reached.add(service.id)
          const starts = cause.from + this.#random.between(10, 60) * second
          const ends = cause.to + this.#random.between(10, 60) * second
          this.suffer(service, suffering === 'down' ? 'errors' : 'slow', failure, starts, ends)
          next.push({ id: service.id, from: starts, to: ends })
        }
      }
      front = next
    }
  }

  service(id: string): GraphService {
    return serviceIn(this.graph, id)
  }
}

/** Which labels a rule's alerts carry: those of its own query, and those of what it watched. */
function labelsOf(
  graph: Graph,
  rule: AlertRule,
  service: GraphService | null,
  instance: Instance | null,
): Record<string, string> {
  const { alertname, severity, scope } = rule
  const base = { alertname, cluster: graph.cluster, severity }
  if (service === null || alertname === 'Watchdog') return base
  const own = graph.layout === 'kubernetes' ? { namespace: service.id } : { role: service.id }
  const named = service.door === 'pagerduty' ? { service: service.id } : {}
  switch (scope) {
    case 'service':
      return { ...base, ...own, ...named, job: service.id }
    case 'endpoint':
      return { ...base, ...own, job: 'blackbox', instance: `https://${service.id}.${graph.name}.example/healthz` }
    case 'host': {
      const host = instance?.host ?? ''
      if (graph.layout === 'hosts')
        return { ...base, ...own, instance: `${host}:9100`, job: 'node', zone: instance?.zone ?? '' }
      return alertname.startsWith('Kube')
        ? { ...base, job: 'kube-state-metrics', node: host }
        : { ...base, instance: `${host}:9100`, job: 'node-exporter', namespace: 'monitoring' }
    }
    default: {
      if (graph.layout === 'hosts') {
        return {
          ...base,
          ...own,
          instance: `${instance?.address ?? ''}:9187`,
          job: service.id,
          zone: instance?.zone ?? '',
        }
      }
      const pod = instance?.name ?? ''
      return alertname.startsWith('Kube')
        ? { ...base, ...own, job: 'kube-state-metrics', pod }
        : { ...base, ...own, instance: instance?.address ?? '', job: service.id, pod }
    }
  }
}
