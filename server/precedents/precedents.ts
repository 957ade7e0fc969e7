import type { Actor } from '#shared/access.ts'
import type { Alert } from '#shared/alert.ts'
import type { Clock } from '#shared/clocks.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { isRestricted, type Sight, sightOf } from '#shared/incident/restricted.ts'
import { type Incident, isOpen } from '#shared/incident/state.ts'
import { kindOf, type Like, SimilarIndex, type SimilarView, type Trait, traitsOf, traitValue } from '#shared/similar.ts'
import type { Reader } from '../store/port.ts'
import type { Precedents } from './port.ts'

export interface PrecedentParts {
  read: Pick<Reader, 'incident' | 'incidents' | 'alertsOf' | 'factsOf'>
  clock: Clock
  /** Alerts of an incident that are known without asking the store. */
  alertsOf: (incidentId: string) => readonly Alert[]
  /** As it is now, where that is in memory. */
  incident: (incidentId: string) => Incident | undefined
  nameOf: (personId: string) => string
  /** Whether an incident is there for this actor (rule RS1). */
  sees: (actor: Actor | null, incidentId: string) => boolean
}

/** What the room does besides: it is told of everything that became durable. */
export interface LivePrecedents extends Precedents {
  apply(durable: { incidents: ReadonlyMap<string, Incident> }): void
  /** Reads the newest past incidents from the store, while others go on. */
  readBack(): Promise<void>
}

/** So many past incidents are compared with; older ones are forgotten here, not in the store. */
const remembered = 3000
const pageSize = 200
const alertsRead = 30
/** So many are told. */
const told = 5
/** The newest facts of a past incident, in which the words of its end are looked for. */
const factsRead = 80
/** A chain of merges is followed so far. */
const mergesFollowed = 20

/**
 * Past incidents of one world. Rule SI5: what is restricted stands apart, so that how rare something is among the others says
 * nothing of it.
 */
class Past {
  readonly #open = new SimilarIndex(remembered)
  readonly #restricted = new SimilarIndex(remembered)
  /** Restricted ones, also those that were forgotten since. */
  readonly #apart = new Set<string>()

  has(id: string): boolean {
    return this.#open.has(id) || this.#restricted.has(id)
  }

  remove(id: string): void {
    this.#open.remove(id)
    this.#restricted.remove(id)
    this.#apart.delete(id)
  }

  put(one: Pick<Incident, 'id' | 'flags'>, traits: readonly Trait[], at: number): void {
    this.remove(one.id)
    if (isRestricted(one)) this.#apart.add(one.id)
    this.#indexOf(one.id).put(one.id, traits, at)
  }

  /** More of one that is in it: what was merged into it had that. */
  add(id: string, more: Iterable<Trait>, at: number): void {
    const index = this.#indexOf(id)
    if (index.has(id)) index.put(id, [...new Set([...index.traits(id), ...more])], at)
  }

  like(traits: readonly Trait[], sight: Sight, { now, except }: { now: number; except: string }) {
    const open = this.#open.like(traits, { now, except, limit: told })
    const apart = this.#apart.size === 0 ? [] : this.#restricted.like(traits, { now, except, limit: remembered })
    const seen = apart.filter(({ id }) => sight.incident(id))
    const known = [...this.#apart].filter((id) => this.#restricted.has(id) && sight.incident(id)).length
    return {
      known: this.#open.size + known - (this.has(except) ? 1 : 0),
      like: [...open, ...seen].sort((a, b) => b.score - a.score).slice(0, told),
    }
  }

  #indexOf(id: string): SimilarIndex {
    return this.#apart.has(id) ? this.#restricted : this.#open
  }
}

/**
 * Rule SI2: an incident is past once work on it has ended, and it is not while it is open again. Rule SI3: exercises are
 * compared with exercises, and what is real with what is real. Rule SI4: one that was merged counts as the one it went into.
 */
export function makePrecedents({ read, clock, alertsOf, incident, nameOf, sees }: PrecedentParts): LivePrecedents {
  const real = new Past()
  const drills = new Past()
  /** What those that were merged into it had, by the incident that goes on. */
  const absorbed = new Map<string, ReadonlySet<Trait>>()
  /** What past ones were when they were put in: whatever else happens to them makes nothing new to compare by. */
  const stamps = new Map<string, string>()
  let ready: Promise<void> = Promise.resolve()
  const pastOf = ({ drill }: Pick<Incident, 'drill'>) => (drill ? drills : real)

  function traits(one: Incident, alerts: readonly Alert[]): Trait[] {
    const { service, team, title } = one
    // Every alert of one definition says the same: one of each is enough of a storm.
    const names = new Map<string, Alert>()
    for (const alert of alerts) {
      const name = alert.labels.alertname ?? alert.title
      if (!names.has(name)) names.set(name, alert)
      if (names.size >= alertsRead) break
    }
    const own = traitsOf({
      ...{ service, team, title },
      alerts: Array.from(names, ([name, { labels }]) => ({ name, labels })),
    })
    return [...new Set([...own, ...(absorbed.get(one.id) ?? [])])]
  }

  function absorb(one: Incident, alerts: readonly Alert[]): void {
    const into = one.merged?.into
    if (into === undefined) return
    pastOf(one).remove(one.id)
    absorbed.set(into, new Set([...(absorbed.get(into) ?? []), ...traits(one, alerts)]))
    const [oldest] = absorbed.keys()
    if (absorbed.size > remembered && oldest !== undefined) absorbed.delete(oldest)
    pastOf(one).add(into, absorbed.get(into) ?? [], clock.now())
  }

  function take(one: Incident, alerts: readonly Alert[]): void {
    if (one.merged !== undefined) absorb(one, alerts)
    else if (isOpen(one.phase)) pastOf(one).remove(one.id)
    else pastOf(one).put(one, traits(one, alerts), one.resolvedAt ?? one.declaredAt)
  }

  async function readAll(): Promise<void> {
    const found: { one: Incident; alerts: Alert[] }[] = []
    let beforeSeq: number | undefined
    while (found.length < remembered) {
      const page = await read.incidents({
        open: false,
        limit: pageSize,
        ...(beforeSeq === undefined ? {} : { beforeSeq }),
      })
      for (const one of page) found.push({ one, alerts: await read.alertsOf(one.id, alertsRead) })
      beforeSeq = page.at(-1)?.declaredSeq
      if (page.length < pageSize || beforeSeq === undefined) break
    }
    // The merged ones first: what they had belongs to others.
    for (const { one, alerts } of found) if (one.merged !== undefined) absorb(one, alerts)
    // Oldest first, so that the oldest go first. What has changed meanwhile is known better.
    for (const { one, alerts } of found.reverse())
      if (one.merged === undefined && !pastOf(one).has(one.id) && !isOpen((incident(one.id) ?? one).phase))
        take(one, alerts)
  }

  /** The one that goes on, where it was merged, as far as whoever asks may see it. */
  async function root(incidentId: string, sight: Sight): Promise<Incident | null> {
    let one = incident(incidentId) ?? (await read.incident(incidentId))
    for (let steps = 0; one?.merged !== undefined && sight.incident(one.merged.into) && steps < mergesFollowed; steps++)
      one = incident(one.merged.into) ?? (await read.incident(one.merged.into))
    return one
  }

  async function view({ id, score, shared }: Like): Promise<SimilarView[]> {
    const one = incident(id) ?? (await read.incident(id))
    if (one === null) return []
    const endedAt = one.resolvedAt ?? one.declaredAt
    const facts = await read.factsOf(id, Math.max(0, one.version - factsRead))
    const owner = one.chain.findLast(({ holder }) => holder !== null)?.holder ?? null
    return [
      {
        ...{ id, title: one.title, service: one.service, tier: one.tier, phase: one.phase },
        openedAt: new Date(one.declaredAt).toISOString(),
        endedAt: new Date(endedAt).toISOString(),
        lastedMs: Math.max(0, endedAt - one.declaredAt),
        owner: owner === null ? null : { id: owner, name: nameOf(owner) },
        handovers: one.handovers,
        words: wordsOfEnd(facts) ?? (one.lastUpdate === null ? null : { kind: 'update', text: one.lastUpdate.text }),
        score: Math.round(score * 1000) / 1000,
        why: reasons(shared),
      },
    ]
  }

  return {
    apply({ incidents }) {
      for (const one of incidents.values()) {
        // Nearly everything that happens, happens to what is open and was never past.
        const isKnown = pastOf(one).has(one.id)
        if (isOpen(one.phase) && !isKnown) continue
        const stamp = [one.phase, one.service, one.title, one.merged?.into, isRestricted(one)].join('\n')
        if (isKnown && stamps.get(one.id) === stamp) continue
        if (stamps.size > remembered) stamps.clear()
        stamps.set(one.id, stamp)
        take(one, alertsOf(one.id))
      }
    },

    readBack() {
      ready = readAll()
      return ready
    },

    async similarTo(incidentId, actor) {
      await ready
      const sight = sightOf(actor, sees)
      const one = await root(incidentId, sight)
      if (one === null || !sight.incident(one.id)) return null
      const live = alertsOf(one.id)
      const alerts = live.length > 0 ? live : await read.alertsOf(one.id, alertsRead)
      const { known, like } = pastOf(one).like(traits(one, alerts), sight, { now: clock.now(), except: one.id })
      return { known, similar: (await Promise.all(like.map(view))).flat() }
    },
  }
}

/** Why it was resolved or dismissed, in the words of whoever did it. */
function wordsOfEnd(facts: readonly RecordedFact[]): SimilarView['words'] {
  const last = facts.findLast(
    (fact) => fact.type === 'dismissed' || (fact.type === 'phase-set' && isOpen(fact.from) && !isOpen(fact.phase)),
  )
  if (last?.type !== 'dismissed' && last?.type !== 'phase-set') return null
  return last.reason === '' ? null : { kind: 'reason', text: last.reason }
}

/** By kind, in the order of what says most; of each kind a few. */
function reasons(shared: readonly Trait[]): SimilarView['why'] {
  const kinds = Map.groupBy(shared, kindOf)
  return Array.from(kinds, ([kind, traits]) => ({ kind, values: traits.slice(0, 4).map(traitValue) }))
}
