import type { Matcher } from '#shared/matchers.ts'
import type { Random } from '../random.ts'
import { blastOf, dependentsOf, type Graph, type GraphService } from './graph.ts'
import type { Plan } from './plan.ts'
import {
  certificateEnded,
  flapping,
  hostLost,
  machineLost,
  noise,
  ordinary,
  podLost,
  replicasLost,
  restarted,
  rolloutStuck,
} from './rules.ts'

/** How things go wrong. */
export const failureKinds = [
  'dependency down',
  'slow database',
  'zone loss',
  'bad deploy',
  'certificate expiry',
  'flapping host',
  'maintenance',
  'two at once',
] as const
export type FailureKind = (typeof failureKinds)[number]

/** A maintenance window that somebody made beforehand. Instants are epoch ms. */
export interface Window {
  id: string
  matchers: readonly Matcher[]
  startsAt: number
  endsAt: number
}

const minute = 60_000

/** What truly goes wrong from `at` on. @returns the maintenance windows that were made for it */
export function happen(kind: FailureKind, plan: Plan, random: Random, at: number): Window[] {
  const lasts = random.between(12, 25) * minute
  switch (kind) {
    case 'dependency down':
      rootDown(plan, random.pick(withDependents(plan.graph)), at, at + lasts, 'down')
      return []
    case 'slow database':
      rootDown(plan, random.pick(databases(plan.graph)), at, at + lasts, 'slow')
      return []
    case 'zone loss':
      zoneLoss(plan, random.pick(plan.graph.zones), at, at + lasts)
      return []
    case 'bad deploy':
      badDeploy(plan, random.pick(deployed(plan.graph)), at, at + lasts)
      return []
    case 'certificate expiry':
      certificate(plan, random.pick(deployed(plan.graph)), at, at + lasts)
      return []
    case 'flapping host':
      flaps(plan, random, at)
      return []
    case 'maintenance':
      return [maintenance(plan, random, at, at + lasts)]
    case 'two at once':
      twoAtOnce(plan, random, at, at + lasts)
      return []
  }
}

/**
 * Small troubles of services that the failure does not reach, each one's own, over `forMs`; and what fires for nobody.
 * @param loud every second of these troubles is no chore, but looks like an outage: requests fail, jobs are late
 */
export function everyDay(plan: Plan, random: Random, at: number, forMs: number, loud: boolean): void {
  const hit = new Set<string>()
  for (const { root } of plan.failures) for (const id of blastOf(plan.graph, root)) hit.add(id)
  for (const { service } of plan.alerts) if (service !== null) hit.add(service)
  const free = plan.graph.services.filter(({ id, door }) => !hit.has(id) && door === undefined)
  const count = Math.min(free.length, random.between(4, 7))
  for (let index = 0; index < count; index++) {
    const service = free.splice(random.between(0, free.length - 1), 1)[0]
    if (service === undefined) break
    const beganAt = at + Math.floor(random.next() * forMs * 0.8)
    const endedAt = beganAt + random.between(5, 20) * minute
    const id = plan.failure({
      id: `ordinary ${index + 1}`,
      says: `a small trouble of ${service.id}`,
      root: service.id,
      beganAt,
      endedAt,
      expected: 'incident',
    })
    const rules = ordinary.filter(
      ({ alertname }) => plan.graph.layout === 'kubernetes' || !alertname.startsWith('Kube'),
    )
    if (loud && index % 2 === 0) plan.suffer(service, 'errors', id, beganAt, endedAt)
    else plan.rule(random.pick(rules), service, id, beganAt, endedAt)
  }
  const [watchdog, ...rest] = noise
  const first = plan.graph.services[0]
  if (watchdog === undefined || first === undefined) return
  plan.rule(watchdog, first, null, at, at + forMs)
  for (const service of plan.graph.services)
    for (const rule of rest) if (random.next() < rule.chance * 0.3) plan.rule(rule, service, null, at, at + forMs / 2)
}

const withDependents = (graph: Graph): GraphService[] =>
  graph.services.filter(({ id, kind }) => kind !== 'edge' && dependentsOf(graph, id).length > 0)
const databases = (graph: Graph): GraphService[] =>
  graph.services.filter(({ id, kind }) => kind === 'database' && dependentsOf(graph, id).length > 0)
const deployed = (graph: Graph): GraphService[] =>
  graph.services.filter(({ kind }) => kind === 'api' || kind === 'edge')

function rootDown(
  plan: Plan,
  root: GraphService,
  from: number,
  to: number,
  suffering: 'down' | 'slow',
  id = 'failure',
): void {
  const says = suffering === 'down' ? `${root.id} is down` : `${root.id} is slow`
  plan.failure({ id, says, root: root.id, beganAt: from, endedAt: to, expected: 'incident' })
  plan.suffer(root, suffering, id, from, to)
  plan.spread(root.id, suffering, id, from, to)
}

function zoneLoss(plan: Plan, zone: string, from: number, to: number): void {
  const { graph } = plan
  const lost = graph.instances.filter((instance) => instance.zone === zone)
  const id = plan.failure({
    id: 'failure',
    says: `${zone} is lost`,
    root: lost[0]?.service ?? '',
    beganAt: from,
    endedAt: to,
    expected: 'incident',
  })
  const hosts = new Set<string>()
  for (const instance of lost) {
    if (hosts.has(instance.host)) continue
    hosts.add(instance.host)
    const service = plan.service(instance.service)
    for (const rule of graph.layout === 'kubernetes' ? hostLost : machineLost)
      plan.rule(rule, service, id, from, to, [instance])
  }
  for (const service of graph.services) {
    const here = lost.filter((instance) => instance.service === service.id)
    if (here.length === 0 || service.kind === 'external') continue
    if (graph.layout === 'kubernetes') {
      plan.rule(podLost, service, id, from, to, here)
      plan.rule(replicasLost, service, id, from, to)
    }
    const first = graph.instances.find((instance) => instance.service === service.id)
    if (service.kind === 'database' && first?.zone === zone) {
      plan.suffer(service, 'down', id, from, to, [first])
      plan.spread(service.id, 'down', id, from, to)
    } else if (service.kind === 'cache' || service.kind === 'queue') plan.suffer(service, 'down', id, from, to, here)
  }
}

function badDeploy(plan: Plan, service: GraphService, from: number, to: number, id = 'failure'): void {
  plan.failure({
    id,
    says: `a bad release of ${service.id}`,
    root: service.id,
    beganAt: from,
    endedAt: to,
    expected: 'incident',
  })
  if (plan.graph.layout === 'kubernetes') plan.rule(rolloutStuck, service, id, from, to)
  plan.suffer(service, 'down', id, from, to)
  plan.spread(service.id, 'down', id, from, to)
}

function certificate(plan: Plan, service: GraphService, from: number, to: number): void {
  const id = plan.failure({
    id: 'failure',
    says: `the certificate of ${service.id} ended`,
    root: service.id,
    beganAt: from,
    endedAt: to,
    expected: 'incident',
  })
  plan.rule(certificateEnded, service, id, from, to)
  plan.suffer(service, 'errors', id, from, to)
  plan.spread(service.id, 'down', id, from, to)
}

function flaps(plan: Plan, random: Random, at: number): void {
  const instance = random.pick(plan.graph.instances.filter(({ service }) => plan.service(service).door === undefined))
  const service = plan.service(instance.service)
  const endedAt = at + 40 * minute
  const id = plan.failure({
    id: 'failure',
    says: `${instance.host} flaps`,
    root: service.id,
    beganAt: at,
    endedAt,
    expected: 'incident',
  })
  for (let from = at; from < endedAt; ) {
    const to = from + random.between(90, 240) * 1000
    for (const rule of flapping)
      if (random.next() < rule.chance)
        plan.fire(rule, { service, instance }, id, from + random.between(...rule.afterS) * 1000, to)
    from = to + random.between(60, 180) * 1000
  }
}

/** Work that was announced: what it sets off is held back. In some runs something is still broken when the window ends. */
function maintenance(plan: Plan, random: Random, from: number, to: number): Window {
  const service = random.pick(deployed(plan.graph))
  const endedAt = to - 3 * minute
  plan.failure({
    id: 'maintenance',
    says: `announced work on ${service.id}`,
    root: service.id,
    beganAt: from,
    endedAt,
    expected: 'none',
  })
  for (const rule of restarted) plan.rule(rule, service, 'maintenance', from, endedAt)
  if (random.next() < 0.5) {
    const id = plan.failure({
      id: 'left broken',
      says: `${service.id} is not well after the work`,
      root: service.id,
      beganAt: to,
      endedAt: to + 15 * minute,
      expected: 'incident',
    })
    const [errors] = restarted
    if (errors !== undefined)
      plan.rule(
        { ...errors, alertname: 'HighErrorRate', severity: 'critical' },
        service,
        id,
        to - 5 * minute,
        to + 15 * minute,
      )
  }
  const name = plan.graph.layout === 'kubernetes' ? 'namespace' : 'role'
  return {
    id: 'maintenance',
    matchers: [{ name, op: '=', value: service.id }],
    startsAt: from - 5 * minute,
    endsAt: to,
  }
}

/** Two failures with different causes whose reach does not meet, where the graph has such. */
function twoAtOnce(plan: Plan, random: Random, from: number, to: number): void {
  const { graph } = plan
  const first = random.pick(databases(graph))
  const reach = blastOf(graph, first.id)
  const apart = graph.services.filter(
    ({ id, kind }) => kind !== 'external' && ![...blastOf(graph, id)].some((hit) => reach.has(hit)),
  )
  const others = apart.length > 0 ? apart : graph.services.filter(({ id }) => !reach.has(id))
  const second = random.pick(others)
  rootDown(plan, first, from, to, 'slow', 'first failure')
  const later = from + random.between(0, 120) * 1000
  if (second.kind === 'database' || second.kind === 'cache' || second.kind === 'queue')
    rootDown(plan, second, later, to, 'down', 'second failure')
  else badDeploy(plan, second, later, to, 'second failure')
}
