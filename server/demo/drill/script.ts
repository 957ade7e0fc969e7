import { minuteMs } from '#shared/clocks.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import { makeCascade } from '../cascade/cascade.ts'
import { type CascadeRequest, type Delivery, usualDelivery } from '../cascade/delivery.ts'
import type { FailureKind } from '../cascade/failures.ts'
import type { Graph } from '../cascade/graph.ts'

/** What is played. Instants are epoch ms on the clock of people, however fast the scenario goes. */
export interface Script {
  /** In order of arrival. */
  requests: readonly CascadeRequest[]
  /** Work that was announced beforehand. */
  silences: readonly SilenceSpan[]
  endsAt: number
  /** What truly goes wrong meanwhile, in words. */
  truth: readonly string[]
}

export interface ScriptPlan {
  graph: Graph
  kind: FailureKind
  seed: number
  /** Epoch ms. */
  startsAt: number
  /** So many of the scenario's minutes in one of ours. */
  speed: number
  /** So much of the scenario is played, ms of its own time. */
  forMs: number
  senders: Delivery['senders']
  newId: () => string
}

/** Nobody waits long for an exercise to begin: what fails, fails in the minute after this. */
const leadMs = minuteMs
/** After the last end, so that it can be told. */
const tailMs = 2 * minuteMs

/** A cascade on the clock of people: everything in it comes `speed` times as fast, and its senders write the instants so. */
export function scriptOf({ graph, kind, seed, startsAt, speed, forMs, senders, newId }: ScriptPlan): Script {
  const written = (at: number) => startsAt + Math.round((at - startsAt) / speed)
  const delivery = { ...usualDelivery, senders, written }
  const cascade = makeCascade({ graph, kind, seed, startsAt, delivery, leadMs })
  const last = Math.min(startsAt + forMs, cascade.endsAt + tailMs)
  const requests = cascade.requests
    .filter(({ atMs }) => atMs <= last)
    .map((request) => ({ ...request, atMs: written(request.atMs) }))
  const silences = cascade.windows.map(({ matchers, ...window }) => ({
    id: newId(),
    matchers,
    startsAt: Math.max(startsAt, written(window.startsAt)),
    endsAt: written(window.endsAt),
  }))
  const truth = cascade.failures.filter(({ beganAt }) => beganAt <= last).map(({ says }) => says)
  return { requests, silences, endsAt: written(last), truth }
}
