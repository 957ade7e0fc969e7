import { type Condition, pagerDutyBody, prometheusBody, webhookBody } from '../bodies.ts'
import type { Random } from '../random.ts'
import type { Door } from '../troubles.ts'
import type { TrueAlert } from './plan.ts'

/** Where one door is and how its sender proves itself. */
export interface Sender {
  path: string
  /** Bearer token, or PagerDuty's routing key. */
  key: string
}

/** A request as a sender makes it. `atMs` = epoch ms at which it arrives. */
export interface CascadeRequest {
  atMs: number
  door: Door
  path: string
  headers: Readonly<Record<string, string>>
  body: string
}

export interface Delivery {
  senders: Readonly<Record<Door, Sender>>
  /** Chance that a batch of Prometheus is lost; it does not try again. */
  loss: number
  /** Chance that a sender who waits for an answer sends the same once more. */
  duplicate: number
  /** Chance that a request comes up to 40 s late, after newer ones. */
  delay: number
  /** How senders write an instant, where their clock is not that of the plan; absent: as it is. */
  written?: (at: number) => number
}

export const usualDelivery: Delivery = {
  senders: {
    prometheus: { path: '/api/v2/alerts', key: 'prometheus' },
    alertmanager: { path: '/intake/alertmanager', key: 'alertmanager' },
    pagerduty: { path: '/v2/enqueue', key: 'CASCADECASCADECASCADECASCADE2345' },
  },
  loss: 0.02,
  duplicate: 0.02,
  delay: 0.02,
}

const second = 1000
const evaluationMs = 15 * second
const resendMs = 60 * second
/** Prometheus promises to come again within four times its resend delay. Source: rules/manager.go. */
const promiseMs = 4 * resendMs
/** For so long it tells of an end again. Source: resolvedRetention in rules/alerting.go. */
const retentionMs = 15 * resendMs

/** What the senders make of true alerts, in order of arrival. The same seed gives the same bytes. */
export function deliver(alerts: readonly TrueAlert[], random: Random, delivery: Delivery): CascadeRequest[] {
  const of = (door: Door) => alerts.filter((alert) => alert.door === door)
  const requests = [
    // Two of them watch the same, as a pair that is highly available does.
    ...prometheus(of('prometheus'), random.fork('prometheus 1'), delivery),
    ...prometheus(of('prometheus'), random.fork('prometheus 2'), delivery),
    ...alertmanager(of('alertmanager'), random.fork('alertmanager'), delivery),
    ...pagerduty(of('pagerduty'), random.fork('pagerduty'), delivery),
  ]
  return requests.sort((a, b) => a.atMs - b.atMs)
}

const conditionOf = (
  { labels, annotations, generatorUrl }: TrueAlert,
  startsAt: number,
  endedAt: number | null,
  { written = (at) => at }: Delivery,
): Condition => ({
  labels,
  annotations,
  generatorUrl,
  startsAt: written(startsAt),
  endedAt: endedAt === null ? null : written(endedAt),
})

/** Late by a little always, by much now and then. */
const latency = (random: Random, { delay }: Delivery): number =>
  random.next() < delay ? random.between(5, 40) * second : random.between(5, 900)

function prometheus(alerts: readonly TrueAlert[], random: Random, delivery: Delivery): CascadeRequest[] {
  const phases = new Map<string, number>()
  const batches = new Map<number, Condition[]>()
  for (const alert of alerts) {
    // Rules of one group are evaluated together.
    const group = alert.labels.alertname ?? ''
    const phase = phases.get(group) ?? random.between(0, evaluationMs - 1)
    phases.set(group, phase)
    const evaluated = (at: number): number => Math.ceil((at - phase) / evaluationMs) * evaluationMs + phase
    alert.firings.forEach(({ from, to }, index) => {
      const starts = evaluated(from)
      const ends = evaluated(to)
      const next = alert.firings[index + 1]
      const silentFrom = next === undefined ? Number.POSITIVE_INFINITY : evaluated(next.from)
      const tell = (at: number, endedAt: number | null): void => {
        const batch = batches.get(at)
        if (batch === undefined) batches.set(at, [conditionOf(alert, starts, endedAt, delivery)])
        else batch.push(conditionOf(alert, starts, endedAt, delivery))
      }
      if (starts >= ends) return
      for (let at = starts; at < ends; at += resendMs) tell(at, null)
      for (let at = ends; at < Math.min(ends + retentionMs, silentFrom); at += resendMs) tell(at, ends)
    })
  }
  const { path, key } = delivery.senders.prometheus
  const requests: CascadeRequest[] = []
  for (const [at, batch] of [...batches].sort(([a], [b]) => a - b)) {
    if (random.next() < delivery.loss) continue
    const body = prometheusBody(batch, delivery.written?.(at + promiseMs) ?? at + promiseMs)
    requests.push({ atMs: at + latency(random, delivery), door: 'prometheus', path, headers: bearer(key), body })
  }
  return requests
}

/** Groups are told 30 s after their first alert and then once a minute when something changed. */
function alertmanager(alerts: readonly TrueAlert[], random: Random, delivery: Delivery): CascadeRequest[] {
  const groups = Map.groupBy(alerts, ({ labels }) => labels.namespace ?? labels.role ?? '')
  const { path, key } = delivery.senders.alertmanager
  const requests: CascadeRequest[] = []
  for (const members of groups.values()) {
    const groupBy = members[0]?.labels.namespace === undefined ? 'role' : 'namespace'
    const firings = members.flatMap((alert) => alert.firings.map((firing) => ({ alert, ...firing })))
    const changes = firings.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b)
    let told = Number.NEGATIVE_INFINITY
    for (const change of changes) {
      if (change <= told) continue
      const flushAt = Math.max(change + 30 * second, told + resendMs)
      const now = firings.filter(({ from, to }) => from <= flushAt && to > told)
      told = flushAt
      const newest = new Map(now.map((firing) => [firing.alert.id, firing]))
      const conditions = [...newest.values()].map(({ alert, from, to }) =>
        conditionOf(alert, from, to <= flushAt ? to : null, delivery),
      )
      if (conditions.length === 0) continue
      const body = webhookBody(conditions, groupBy)
      push(requests, { atMs: flushAt, door: 'alertmanager', path, headers: bearer(key), body }, random, delivery)
    }
  }
  return requests
}

function pagerduty(alerts: readonly TrueAlert[], random: Random, delivery: Delivery): CascadeRequest[] {
  const { path, key } = delivery.senders.pagerduty
  const requests: CascadeRequest[] = []
  const headers = { 'content-type': 'application/json' }
  for (const alert of alerts) {
    for (const { from, to } of alert.firings) {
      const tell = (at: number, endedAt: number | null): void => {
        const body = pagerDutyBody(conditionOf(alert, from, endedAt, delivery), key)
        push(requests, { atMs: at, door: 'pagerduty', path, headers, body }, random, delivery)
      }
      for (let at = from; at < to; at += resendMs) tell(at, null)
      tell(to, to)
    }
  }
  return requests
}

/** What is answered is not lost, but may come late, and twice. */
function push(requests: CascadeRequest[], request: CascadeRequest, random: Random, delivery: Delivery): void {
  const arrived = { ...request, atMs: request.atMs + latency(random, delivery) }
  requests.push(arrived)
  if (random.next() < delivery.duplicate)
    requests.push({ ...arrived, atMs: arrived.atMs + random.between(1, 10) * second })
}

const bearer = (key: string) => ({ 'content-type': 'application/json', authorization: `Bearer ${key}` })
