import { seeded } from '../random.ts'
import { type CascadeRequest, type Delivery, deliver, usualDelivery } from './delivery.ts'
import { everyDay, type FailureKind, happen, type Window } from './failures.ts'
import type { Graph } from './graph.ts'
import { type Failure, Plan, type TrueAlert } from './plan.ts'

/** What happened, what the senders told of it, and what nobody is told: which alert was a sign of which failure. */
export interface Cascade {
  /** In order of arrival. */
  requests: readonly CascadeRequest[]
  /** Maintenance windows that were made before `startsAt` of each. */
  windows: readonly Window[]
  failures: readonly Failure[]
  alerts: readonly TrueAlert[]
  /** Epoch ms of the last end. */
  endsAt: number
}

export interface CascadePlan {
  graph: Graph
  kind: FailureKind
  seed: number
  /** Epoch ms. */
  startsAt: number
  /** How well requests arrive; absent: as usual. */
  delivery?: Delivery
  /** What fails, fails in the minute after so many ms; absent: ten minutes. */
  leadMs?: number
  /** Whether the troubles of every day look like outages, too; absent: they are chores. */
  loud?: boolean
  /** Nothing but the failure: no troubles of every day beside it. */
  only?: boolean
}

const minute = 60_000
const lengthMs = 60 * minute

/**
 * A failure among the small troubles of every day, as monitoring tells of it, with the truth beside it. Rule CA1: the same
 * plan gives the same bytes. Rule CA2: whatever fires, ends. Rule CA3: the truth covers every alert that is told.
 */
export function makeCascade({
  graph,
  kind,
  seed,
  startsAt,
  delivery = usualDelivery,
  leadMs = 10 * minute,
  loud = false,
  only = false,
}: CascadePlan): Cascade {
  const random = seeded(seed).fork(`${graph.name} ${kind}`)
  const plan = new Plan(graph, random.fork('plan'))
  const windows = happen(kind, plan, random.fork('failure'), startsAt + leadMs + random.between(0, 59_999))
  if (!only) everyDay(plan, random.fork('every day'), startsAt, lengthMs, loud)
  const { alerts } = plan
  // Two troubles of one host fire one alert; nobody could tell the second from the first, so it is none.
  const signs = new Set(alerts.map(({ failure }) => failure))
  const failures = plan.failures.filter(({ id }) => signs.has(id))
  const requests = deliver(alerts, random.fork('delivery'), delivery)
  const endsAt = alerts.reduce((latest, { firings }) => Math.max(latest, firings.at(-1)?.to ?? 0), startsAt)
  return { requests, windows, failures, alerts, endsAt }
}
