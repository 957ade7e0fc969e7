import type { Alert } from '#shared/alert.ts'
import type { Filters } from '#shared/filters.ts'
import { type Silenceable, silenceLabel } from '#shared/silence.ts'
import { everySourceBeside, type StormFinding } from '#shared/watch.ts'
import { FirstMatch } from '../lookup/first-match.ts'
import { bySilence } from './finder.ts'
import type { Tracked } from './state.ts'

type Rule = Filters['shed'][number]

/** The window is counted in so many parts: the oldest falls out whole. */
const parts = 10
/** Kinds that are remembered of one source: of those beyond, the longest unheard are new again. */
const mostKinds = 5000
/** The alert of a storm is told of more at most so often. */
const toldEveryMs = 60_000

/** New alerts of one source, or of all, that one rule is about. Instants are epoch ms. */
export interface SavedStorm {
  rule: string
  sourceId: string
  /** New alerts by part of the window: [number of the part since the epoch, count], oldest first. */
  counts: [part: number, count: number][]
  /** When an alert of this kind (name and service) was last new, the longest unheard first. */
  kinds: [kind: string, at: number][]
  /** Set while the storm is on: since when, what was shed, of how many kinds, and what of it was told when. */
  on: { since: number; shed: number; of: string[]; told: number; toldAt: number } | null
}

interface Storm {
  rule: Rule
  sourceId: string
  counts: Map<number, number>
  kinds: Map<string, number>
  on: { since: number; shed: number; of: Set<string>; told: number; toldAt: number } | null
  /** Firing alerts that are held back. */
  alerts: Set<Tracked>
}

/**
 * More new alerts than anybody can read. Rule S1: a storm is on when more than `more_than` alerts of one source, or with
 * `per: rule` of all sources together, are new within `within`. Rule S2: while it is on the first of each kind (alertname and service) passes, the others
 * are shed, and counted in one alert about the storm. Rule S3 (hysteresis): it is over when no more than half of
 * `more_than` are new within `within`; what still fires of it is then judged again.
 */
export class Storms {
  readonly signature: string
  readonly #rules: FirstMatch<Rule, Silenceable>
  readonly #perRule: ReadonlySet<string>
  readonly #bySource = new Map<string, Storm>()
  readonly #on = new Set<Storm>()
  #findings: StormFinding[] = []

  constructor(rules: Filters['shed'], saved: readonly SavedStorm[] = []) {
    this.signature = JSON.stringify(rules)
    this.#rules = new FirstMatch(rules, ({ match }) => match, bySilence)
    this.#perRule = new Set(rules.flatMap(({ name, per }) => (per === 'rule' ? name : [])))
    for (const { rule: name, sourceId, counts, kinds, on } of saved) {
      const rule = rules.find((each) => each.name === name)
      if (rule === undefined) continue
      const storm = this.#stormOf(rule, sourceId)
      storm.counts = new Map(counts)
      storm.kinds = new Map(kinds)
      if (on === null) continue
      storm.on = { ...on, of: new Set(on.of) }
      this.#on.add(storm)
    }
  }

  get any(): boolean {
    return this.#rules.size > 0
  }

  #keyOf(rule: string, sourceId: string): string {
    return `${rule}\n${this.#perRule.has(rule) ? everySourceBeside(sourceId) : sourceId}`
  }

  #stormOf(rule: Rule, alertSource: string): Storm {
    const sourceId = rule.per === 'rule' ? everySourceBeside(alertSource) : alertSource
    const key = this.#keyOf(rule.name, sourceId)
    let storm = this.#bySource.get(key)
    if (storm === undefined) {
      storm = { rule, sourceId, counts: new Map(), kinds: new Map(), on: null, alerts: new Set() }
      this.#bySource.set(key, storm)
    }
    return storm
  }

  /** The alert is held back by its storm, as a checkpoint says. */
  restore(tracked: Tracked): void {
    const { shedBy, sourceId } = tracked.alert
    if (shedBy !== undefined) this.#bySource.get(this.#keyOf(shedBy, sourceId))?.alerts.add(tracked)
  }

  /** A new alert, or one that fires again. @returns the rule by which it is shed, and since when there is a storm; null: it passes */
  comes(tracked: Tracked, at: number): { rule: string; since: number } | null {
    const { alert } = tracked
    const rule = this.#rules.find(alert)
    if (rule === undefined) return null
    const storm = this.#stormOf(rule, alert.sourceId)
    const part = partOf(rule, at)
    storm.counts.set(part, (storm.counts.get(part) ?? 0) + 1)
    if (storm.on === null) forgetKinds(storm, at)
    const kind = JSON.stringify([silenceLabel(alert, 'alertname'), alert.service])
    const isKnown = storm.kinds.delete(kind)
    storm.kinds.set(kind, at)
    if (storm.on === null && within(storm, at) > rule.more_than) {
      storm.on = { since: at, shed: 0, of: new Set(), told: 0, toldAt: at }
      this.#on.add(storm)
      this.#tell(storm, at)
    }
    if (storm.on === null || !isKnown) return null
    storm.on.shed++
    storm.on.of.add(kind)
    storm.alerts.add(tracked)
    return { rule: rule.name, since: storm.on.since }
  }

  /** The storm that an alert is shed by; null when it is not. */
  of({ shedBy, sourceId }: Alert): { rule: string; since: number } | null {
    const on = shedBy === undefined ? null : (this.#bySource.get(this.#keyOf(shedBy, sourceId))?.on ?? null)
    return shedBy === undefined || on === null ? null : { rule: shedBy, since: on.since }
  }

  /** Those that are on. `nextAt`: when each is looked at next. */
  list(): { rule: string; sourceId: string; since: number; shed: number; kinds: number; nextAt: number }[] {
    return [...this.#on].flatMap((storm) => {
      const { rule, sourceId, on } = storm
      if (on === null) return []
      return [
        { rule: rule.name, sourceId, since: on.since, shed: on.shed, kinds: on.of.size, nextAt: nextLookAt(storm) },
      ]
    })
  }

  /** It fires no more. */
  leave(tracked: Tracked): void {
    const { shedBy, sourceId } = tracked.alert
    if (shedBy !== undefined) this.#bySource.get(this.#keyOf(shedBy, sourceId))?.alerts.delete(tracked)
  }

  /** When a storm is to be looked at next, epoch ms; null when there is none. */
  nextAt(): number | null {
    let next: number | null = null
    for (const storm of this.#on) {
      const at = nextLookAt(storm)
      if (next === null || at < next) next = at
    }
    return next
  }

  /** Lets end what is over by `at`, and tells of what goes on. @returns alerts that are shed no more */
  turn(at: number): Tracked[] {
    const free: Tracked[] = []
    for (const storm of this.#on) {
      const { on, rule } = storm
      if (on === null || nextLookAt(storm) > at) continue
      if (within(storm, at) <= rule.more_than / 2) free.push(...this.#end(storm, at))
      else if (on.shed > on.told) this.#tell(storm, at)
      else on.toldAt = at
    }
    return free
  }

  /** Other rules take over: every storm of these is over. @returns alerts that are shed no more */
  end(at: number): Tracked[] {
    return [...this.#on].flatMap((storm) => this.#end(storm, at))
  }

  #end(storm: Storm, at: number): Tracked[] {
    // What ends says no more than that: so the last count comes before it.
    if (storm.on !== null && storm.on.shed > storm.on.told) this.#tell(storm, at)
    this.#tell(storm, at, 'over')
    const free = [...storm.alerts]
    storm.alerts.clear()
    storm.on = null
    this.#on.delete(storm)
    return free
  }

  #tell({ rule, sourceId, on }: Storm, at: number, what: StormFinding['what'] = 'storm'): void {
    if (on === null) return
    on.told = on.shed
    on.toldAt = at
    const { name, more_than, within: withinMs, severity } = rule
    const figures = { shed: on.shed, kinds: on.of.size, since: on.since, at }
    this.#findings.push({ sourceId, storm: { rule: name, moreThan: more_than, withinMs, severity }, what, ...figures })
  }

  /** What was found out since the last call. */
  takeFindings(): StormFinding[] {
    if (this.#findings.length === 0) return []
    const taken = this.#findings
    this.#findings = []
    return taken
  }

  save(): SavedStorm[] {
    return Array.from(this.#bySource.values(), ({ rule, sourceId, counts, kinds, on }) => ({
      rule: rule.name,
      sourceId,
      counts: [...counts],
      kinds: [...kinds],
      on: on && { ...on, of: [...on.of] },
    }))
  }
}

function partOf({ within: withinMs }: Rule, at: number): number {
  return Math.floor(at / (withinMs / parts))
}

/** New alerts within the window that ends now. Drops older parts. */
function within({ rule, counts }: Storm, at: number): number {
  const oldest = partOf(rule, at) - parts + 1
  let sum = 0
  for (const [part, count] of counts) {
    if (part < oldest) counts.delete(part)
    else sum += count
  }
  return sum
}

/** While it is calm, a kind that was not new for a window is new again. */
function forgetKinds({ rule, kinds }: Storm, at: number): void {
  for (const [kind, lastAt] of kinds) {
    if (lastAt > at - rule.within && kinds.size <= mostKinds) return
    kinds.delete(kind)
  }
}

function nextLookAt({ rule, on }: Storm): number {
  return (on?.toldAt ?? 0) + Math.min(toldEveryMs, rule.within)
}

/** Alerts about storms are never shed. */
export function isAboutStorm({ labels }: Alert): boolean {
  return labels.alertname === 'AlertStorm'
}
