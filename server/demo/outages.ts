import { makeCascade } from './cascade/cascade.ts'
import { type CascadeRequest, type Delivery, usualDelivery } from './cascade/delivery.ts'
import type { FailureKind } from './cascade/failures.ts'
import { shop } from './cascade/graphs.ts'
import { leaningId } from './cast/cast.ts'
import type { Random } from './random.ts'

/** Minutes of an outage in one of the demo's: a visitor does not wait half an hour for its end. */
const speed = 8
/** The first begins so long after the start, ms: the opening scene has its own troubles. */
const firstAfterMs = 24_000
/** Between the end of one and the beginning of the next, s: from, to. */
const pauseS = [50, 110] as const
/** Players leave what has just begun alone for so long, ms: it is still coming together. */
const gatheringMs = 25_000
/** In this order, then again with other services. The first begins as several incidents, which turn out to be one. */
const kinds: readonly FailureKind[] = [
  'zone loss',
  'dependency down',
  'bad deploy',
  'two at once',
  'slow database',
  'certificate expiry',
]

/** Something big that goes wrong in the demo's shop. Instants are epoch ms on the visitor's clock. */
export interface Outage {
  kind: FailureKind
  beganAt: number
  endsAt: number
  /** Ids of the services it fires alerts of, as the policy of the demo has them. */
  services: ReadonlySet<string>
  /** Where an alert names no service. */
  hasOthers: boolean
}

/**
 * The demo's big troubles: cascades along the services of the shop, one after another, as its senders tell of them. The same
 * seed and the same instants give the same requests. `tellings(now)` is asked about once a second.
 */
export function makeOutages({
  random,
  startedAt,
  senders,
}: {
  random: Random
  startedAt: number
  senders: Delivery['senders']
}) {
  let count = 0
  let outage: Outage | null = null
  let waiting: CascadeRequest[] = []
  let nextAt = startedAt + firstAfterMs

  function begin(now: number): void {
    const kind = kinds[count % kinds.length] ?? 'dependency down'
    const written = (at: number) => now + Math.round((at - now) / speed)
    const delivery = { ...usualDelivery, senders, written }
    const seed = random.between(0, 2 ** 31)
    const cascade = makeCascade({ graph: shop, kind, seed, startsAt: now, delivery, leadMs: 0, only: true })
    const endsAt = written(cascade.endsAt)
    count++
    waiting = cascade.requests.map((request) => ({ ...request, atMs: written(request.atMs) }))
    const services = cascade.alerts.flatMap(({ service }) => (service === null ? [] : leaningId(service)))
    outage = { kind, beganAt: now, endsAt, services: new Set(services), hasOthers: kind === 'zone loss' }
    const lastAt = Math.max(endsAt, waiting.at(-1)?.atMs ?? endsAt)
    nextAt = lastAt + random.between(...pauseS) * 1000
  }

  return {
    /** What the senders tell at `now` (epoch ms). */
    tellings(now: number): CascadeRequest[] {
      if (now >= nextAt) begin(now)
      const due = waiting.findIndex(({ atMs }) => atMs > now)
      return waiting.splice(0, due === -1 ? waiting.length : due)
    },
    /** The newest; null before the first. */
    newest: () => outage,
    /** Whether an incident is of an outage whose signs still come together: nobody should lay hands on it yet. */
    isGathering(incident: { service: string | null; openedAt: string; provisional: boolean }, now: number): boolean {
      if (outage === null || !incident.provisional) return false
      const openedAt = Date.parse(incident.openedAt)
      if (openedAt < outage.beganAt || openedAt > outage.endsAt || now - openedAt >= gatheringMs) return false
      return incident.service === null ? outage.hasOthers : outage.services.has(incident.service)
    },
  }
}
export type Outages = ReturnType<typeof makeOutages>
