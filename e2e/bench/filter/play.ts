import { type Cascade, makeCascade } from '#server/demo/cascade/cascade.ts'
import type { CascadeRequest } from '#server/demo/cascade/delivery.ts'
import type { FailureKind } from '#server/demo/cascade/failures.ts'
import { type Graph, policyOf } from '#server/demo/cascade/graph.ts'
import type { Door } from '#server/demo/troubles.ts'
import { makeFilter } from '#server/filter/index.ts'
import type { Effect, Filter, FilterEntry, Folded } from '#server/filter/port.ts'
import { adapterFor } from '#server/intake/index.ts'
import type { DoorName, Reading } from '#server/intake/port.ts'
import { fingerprint } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'
import { type Policy, policySchema } from '#shared/policy.ts'

/** One alert was put into an incident. */
export interface Placement {
  /** Epoch ms. */
  at: number
  /** As the truth calls it. */
  alert: string
  incident: string
  /** It came there because this one was merged into it. */
  instead: string | null
}

export interface Played {
  cascade: Cascade
  placements: readonly Placement[]
  events: number
  /** Incidents that were opened, and not merged into others. */
  incidents: number
  /** Incidents that turned out to be part of another. */
  merged: number
  /** When each alert was first heard of, epoch ms. */
  heard: ReadonlyMap<string, number>
  /** Reopened, held back and the like, over all. */
  outcomes: Readonly<Record<string, number>>
}

const doors: Readonly<Record<Door, DoorName>> = {
  prometheus: 'alerts-v2',
  alertmanager: 'intake',
  pagerduty: 'pagerduty-enqueue',
}
/** A person resolves an incident so long after the last of its alerts ended. */
const resolvedAfterMs = 120_000
const startsAt = Date.UTC(2026, 0, 1)

/**
 * How much the house has told of itself: all its services and what they depend on; all but every third dependency; its
 * services alone; nothing. `loud`: everything, but the troubles of every day look like outages, too.
 */
export const told = ['everything', 'two of three', 'services', 'nothing', 'loud'] as const
export type Told = (typeof told)[number]

/** The built-in policy with the services of the graph, as far as they are told: what a house has that has tuned nothing. */
export function policyFor(graph: Graph, known: Told = 'everything'): Policy {
  const { teams, services = [] } = policyOf(graph)
  if (known === 'nothing') return policySchema.parse({})
  let count = 0
  const isTold = () => known === 'everything' || known === 'loud' || (known === 'two of three' && ++count % 3 !== 0)
  return policySchema.parse({
    teams,
    services: services.map((service) => ({ ...service, depends_on: (service.depends_on ?? []).filter(isTold) })),
  })
}

/** Reads a request as its door does. */
export function read({ door, body, atMs, headers }: CascadeRequest): Reading {
  const adapter = adapterFor(door, doors[door])
  if (adapter === undefined) throw new TypeError(`nothing reads ${door}`)
  return adapter.parse({
    body: new TextEncoder().encode(body),
    contentType: headers['content-type'] ?? '',
    method: 'POST',
    path: '',
    query: '',
    headers: {},
    settings: {},
    receivedAt: atMs,
  })
}

/** What the filter is told of a request. Sources of the Alertmanager family are one voice. */
export function entryOf(request: Pick<CascadeRequest, 'door' | 'atMs'>, reading: Reading, pos: number): FilterEntry {
  const { door, atMs } = request
  const keyScope = door === 'pagerduty' ? door : 'alertmanager'
  const { events, unreadable } = reading
  return { kind: 'request', pos, at: atMs, sourceId: door, keyScope, defaultSeverity: null, events, unreadable }
}

/** A cascade through the real adapters and the real fold, with a person who resolves what is over. */
export function play(graph: Graph, kind: FailureKind, seed: number, known: Told = 'everything'): Played {
  const cascade = makeCascade({ graph, kind, seed, startsAt, loud: known === 'loud' })
  const filter = makeFilter({ policy: policyFor(graph, known), policyHash: 'bench', filter: null, alerts: [] })
  const run = new Run(filter)
  run.fold({
    kind: 'silence',
    pos: run.next(),
    at: startsAt,
    silences: cascade.windows,
  })
  for (const request of cascade.requests) {
    run.reach(request.atMs)
    const reading = read(request)
    if (reading.unreadable.length > 0) throw new TypeError(`not readable: ${JSON.stringify(reading.unreadable)}`)
    run.hear(reading.events, request.atMs)
    run.fold(entryOf(request, reading, run.next()))
  }
  run.reach(cascade.endsAt + 3_600_000)
  const { placements, heard, outcomes, events, opened, merged } = run
  return { cascade, placements, events, incidents: opened.size - merged, merged, heard, outcomes }
}

class Run {
  readonly placements: Placement[] = []
  readonly heard = new Map<string, number>()
  readonly outcomes: Record<string, number> = {}
  readonly opened = new Set<string>()
  events = 0
  merged = 0
  #pos = 0
  readonly #filter: Filter
  /** The truth's name of each alert by the sender's own key. */
  readonly #names = new Map<string, string>()
  /** When somebody resolves each incident, by its id. */
  readonly #over = new Map<string, number>()

  constructor(filter: Filter) {
    this.#filter = filter
  }

  next(): number {
    return ++this.#pos
  }

  hear(events: readonly Event[], at: number): void {
    this.events += events.length
    for (const event of events) {
      const known = this.#names.get(event.dedupKey)
      if (known !== undefined) continue
      const name = trueName(event)
      this.#names.set(event.dedupKey, name)
      this.heard.set(name, at)
    }
  }

  /** What is due by itself until then: ends that nobody told, ends of windows, incidents that a person resolves. */
  reach(at: number): void {
    for (;;) {
      const due = this.#filter.nextDueAt() ?? Number.POSITIVE_INFINITY
      const [incidentId, over] = [...this.#over].reduce((a, b) => (b[1] < a[1] ? b : a), ['', Number.POSITIVE_INFINITY])
      const next = Math.min(due, over)
      if (next > at) return
      if (over <= due) {
        this.#over.delete(incidentId)
        this.fold({ kind: 'incident', pos: this.next(), at: over, incidentId, phase: 'resolved', declared: false })
      } else this.fold({ kind: 'tick', pos: this.next(), at: due })
    }
  }

  fold(entry: FilterEntry): void {
    const folded = this.#filter.fold(entry)
    for (const [outcome, count] of Object.entries(folded.counts)) this.#count(outcome, count)
    this.#place(folded, entry.at)
    for (const effect of folded.effects) {
      if (effect.type === 'identify') continue
      if (effect.type === 'merge') this.#merge(effect, entry.at)
      else {
        if (effect.type === 'open') this.opened.add(effect.incidentId)
        this.#rest(effect.incidentId, entry.at)
      }
    }
  }

  #place({ decisions, judgedAgain }: Folded, at: number): void {
    for (const { outcome, alertId, incidentId } of [...decisions, ...judgedAgain]) {
      if (alertId === null || incidentId === null || (outcome !== 'opened' && outcome !== 'attached')) continue
      this.placements.push({ at, alert: this.#nameOf(alertId), incident: incidentId, instead: null })
    }
  }

  #merge({ incidentId, into, alerts }: Extract<Effect, { type: 'merge' }>, at: number): void {
    this.merged++
    this.#over.delete(incidentId)
    for (const id of alerts) {
      const alert = this.#nameOf(id)
      this.placements.push({ at, alert, incident: into, instead: incidentId })
    }
    this.#rest(into, at)
  }

  /** Somebody resolves it a while after the last of its alerts ended. */
  #rest(incidentId: string, at: number): void {
    const firing = this.#filter.alertsOf(incidentId).some(({ status }) => status === 'firing')
    if (firing) this.#over.delete(incidentId)
    else this.#over.set(incidentId, at + resolvedAfterMs)
  }

  #nameOf(alertId: string): string {
    const key = this.#filter.alert(alertId)?.key
    const alert = key === undefined ? undefined : this.#names.get(key.slice(key.indexOf('\n') + 1))
    if (alert === undefined) throw new TypeError(`${alertId} is in an incident, and nobody told it`)
    return alert
  }

  #count(outcome: string, count: number): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + count
  }
}

/** PagerDuty's details hold the labels that the truth knows; the Alertmanager family sends them as they are. */
function trueName({ family, labels, annotations }: Event): string {
  if (family === 'alertmanager') return fingerprint(labels)
  const { description: _, client: __, ...own } = annotations
  return fingerprint(own)
}
