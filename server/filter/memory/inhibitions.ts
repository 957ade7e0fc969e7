import { type Alert, isItsLabels } from '#shared/alert.ts'
import type { InhibitRule } from '#shared/alertmanager/inhibit.ts'
import { type CompiledMatcher, labelOf } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'
import { silenceLabel } from '#shared/silence.ts'
import { Finder, type Matching } from './finder.ts'
import { Topology } from './groups/topology.ts'
import type { Tracked } from './state.ts'

/** One side of a rule. */
interface Side extends Matching {
  rule: InhibitRule
  position: number
}

/** Firing alerts of one rule with the same values of its equal labels. */
interface Bucket {
  key: string
  rule: InhibitRule
  position: number
  /** By id; true: it is on both sides. */
  sources: Map<string, boolean>
  targets: Map<Tracked, boolean>
  /** Targets that nothing inhibits, by whether they are on both sides. */
  free: { oneSided: Set<Tracked>; both: Set<Tracked> }
  /** The least id of its sources, and of those on that side only; null: there is none, undefined: to be found out. */
  least: string | null | undefined
  leastOneSided: string | null | undefined
}

type Inhibition = NonNullable<Alert['inhibitedBy']>

const anyAlert: CompiledMatcher = { name: '__any__', op: '=~', value: '.*', test: () => true }

/**
 * Which firing alerts hold back which. Rule I1: an alert on the target side of a rule is inhibited while another on its
 * source side fires with the same values of the equal labels; one on both sides only by one that is not. A source does so
 * whether or not it is silenced, inhibited or below the definition of an incident, as in Alertmanager. Rule I2: once it is
 * inhibited by a source it stays so until that one ends; then by another, of the first rule that has one.
 * Rule I3: alerts meet in buckets by rule and values of the equal labels: however many fire, only those of a bucket are looked at.
 */
export class Inhibitions {
  readonly signature: string
  readonly #rules: ReadonlyMap<string, InhibitRule>
  readonly #sources = new Finder<Side>()
  readonly #targets = new Finder<Side>()
  readonly #buckets = new Map<string, Bucket>()
  readonly #in = new Map<Tracked, Bucket[]>()
  readonly #heldBy = new Map<string, Set<Tracked>>()

  readonly #topology: Topology

  constructor({ inhibit_rules, filters, services }: Policy) {
    const rules: InhibitRule[] = [...inhibit_rules, ...filters.inhibit]
    const along = rules.some(({ hops }) => hops !== undefined)
    this.signature = JSON.stringify([rules, along ? services : null])
    this.#topology = new Topology({ services })
    this.#rules = new Map(rules.map((rule) => [rule.name, rule]))
    rules.forEach((rule, position) => {
      this.#sources.add({ rule, position, matchers: rule.source.length === 0 ? [anyAlert] : rule.source })
      this.#targets.add({ rule, position, matchers: rule.target.length === 0 ? [anyAlert] : rule.target })
    })
  }

  rule(name: string): InhibitRule | undefined {
    return this.#rules.get(name)
  }

  /** Whether there is any rule. */
  get any(): boolean {
    return this.#sources.size > 0
  }

  /**
   * The alert fires, and this is what it says now.
   * @returns alerts, itself among them, that may be inhibited otherwise than before, to be settled
   */
  follow(tracked: Tracked): Set<Tracked> {
    const { alert } = tracked
    const asTarget = this.#targets.find(alert)
    const asSource = this.#sources.find(alert)
    const targetOf = new Set(asTarget.map(({ rule }) => rule))
    const sourceOf = new Set(asSource.map(({ rule }) => rule))
    const stays = new Map<Bucket, boolean>()
    for (const { rule, position } of asSource) {
      const bucket = this.#bucketOf(rule, position, alert, rule.hops === undefined ? null : alert.service)
      if (bucket !== null) stays.set(bucket, rule.hops === undefined && targetOf.has(rule))
    }
    const concerned = this.#moveOut(tracked, stays)
    const places = new Set(stays.keys())
    for (const [bucket, both] of stays) {
      if (bucket.sources.get(alert.id) !== both) joins(bucket, alert.id, both)
      for (const free of bucket.free.oneSided) concerned.add(free)
      if (!both) for (const free of bucket.free.both) concerned.add(free)
    }
    for (const { rule, position } of asTarget) {
      for (const service of this.#causesOf(rule, alert)) {
        const bucket = this.#bucketOf(rule, position, alert, service)
        if (bucket === null) continue
        // Along dependencies no alert is on both sides of one bucket: no service depends on itself.
        bucket.targets.set(tracked, rule.hops === undefined && sourceOf.has(rule))
        places.add(bucket)
      }
    }
    if (places.size > 0) this.#in.set(tracked, [...places])
    if (asTarget.length > 0 || alert.inhibitedBy !== undefined) concerned.add(tracked)
    return concerned
  }

  /** The alert fires no more. @returns as `follow`, without itself */
  leave(tracked: Tracked): Set<Tracked> {
    const concerned = this.#moveOut(tracked, new Map())
    this.#release(tracked, tracked.alert.inhibitedBy)
    concerned.delete(tracked)
    return concerned
  }

  /** Takes it out of all its buckets; of `stays` it remains a source. @returns alerts that it may be the cause of no more */
  #moveOut(tracked: Tracked, stays: ReadonlyMap<Bucket, boolean>): Set<Tracked> {
    const { id } = tracked.alert
    let isOther = false
    for (const bucket of this.#in.get(tracked) ?? []) {
      if (bucket.sources.has(id) && stays.get(bucket) !== bucket.sources.get(id)) {
        isOther = true
        bucket.sources.delete(id)
        if (bucket.least === id) bucket.least = undefined
        if (bucket.leastOneSided === id) bucket.leastOneSided = undefined
      }
      bucket.targets.delete(tracked)
      bucket.free.oneSided.delete(tracked)
      bucket.free.both.delete(tracked)
      if (bucket.sources.size === 0 && bucket.targets.size === 0 && !stays.has(bucket)) this.#buckets.delete(bucket.key)
    }
    this.#in.delete(tracked)
    return isOther ? new Set(this.#heldBy.get(id)) : new Set()
  }

  /**
   * Rule I5: where a rule goes along dependencies, a target waits for sources of every service that its own depends on; not
   * of those that depend on it in turn, however far, or all of a circle would be held back and nobody would hear of it.
   */
  #causesOf({ hops }: InhibitRule, { service }: Alert): readonly (string | null)[] {
    if (hops === undefined) return [null]
    if (service === null) return []
    return [...this.#topology.causesOf(service, hops).keys()].filter(
      (cause) => !this.#topology.areMutual(cause, service),
    )
  }

  /** @param service of the source, where the rule goes along dependencies */
  #bucketOf(rule: InhibitRule, position: number, alert: Alert, service: string | null): Bucket | null {
    const values = valuesOf(rule, alert)
    if (values === null || (rule.hops !== undefined && service === null)) return null
    const found = JSON.stringify(service === null ? [position, ...values] : [position, { service }, ...values])
    // Rule RS8: what is restricted holds back nothing else, and the reverse.
    const key = alert.restricted === true ? `restricted ${found}` : found
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      const free = { oneSided: new Set<Tracked>(), both: new Set<Tracked>() }
      const sides = { sources: new Map(), targets: new Map(), free }
      bucket = { key, rule, position, ...sides, least: null, leastOneSided: null }
      this.#buckets.set(key, bucket)
    }
    return bucket
  }

  /** @param before what inhibited it @returns what inhibits it from now on */
  settle(tracked: Tracked, before: Inhibition | undefined): Inhibition | undefined {
    this.#release(tracked, before)
    const buckets = (this.#in.get(tracked) ?? []).filter(({ targets }) => targets.has(tracked))
    const stays = buckets.some(({ rule, sources, targets }) => {
      const both = rule.name === before?.rule ? sources.get(before.by) : undefined
      return both !== undefined && !(both && targets.get(tracked) === true)
    })
    const now = stays ? before : firstCause(buckets, tracked)
    for (const { targets, free } of buckets) {
      const own = targets.get(tracked) === true ? free.both : free.oneSided
      if (now === undefined) own.add(tracked)
      else own.delete(tracked)
    }
    if (now !== undefined) this.#heldBy.set(now.by, (this.#heldBy.get(now.by) ?? new Set()).add(tracked))
    return now
  }

  #release(tracked: Tracked, before: Inhibition | undefined): void {
    if (before === undefined) return
    const held = this.#heldBy.get(before.by)
    held?.delete(tracked)
    if (held?.size === 0) this.#heldBy.delete(before.by)
  }
}

function joins(bucket: Bucket, id: string, both: boolean): void {
  bucket.sources.set(id, both)
  const { least, leastOneSided } = bucket
  if (least !== undefined && (least === null || id < least)) bucket.least = id
  if (!both && leastOneSided !== undefined && (leastOneSided === null || id < leastOneSided)) bucket.leastOneSided = id
}

/** Of the first rule that has a source for it, the source with the least id: the same after a restart. */
function firstCause(buckets: readonly Bucket[], tracked: Tracked): Inhibition | undefined {
  for (const bucket of buckets.toSorted((a, b) => a.position - b.position)) {
    const by = bucket.targets.get(tracked) === true ? leastOneSidedOf(bucket) : leastOf(bucket)
    if (by !== null) return { rule: bucket.rule.name, by }
  }
  return undefined
}

function leastOf(bucket: Bucket): string | null {
  if (bucket.least === undefined) bucket.least = least(bucket.sources.keys())
  return bucket.least
}

function leastOneSidedOf(bucket: Bucket): string | null {
  if (bucket.leastOneSided === undefined)
    bucket.leastOneSided = least([...bucket.sources].flatMap(([id, both]) => (both ? [] : [id])))
  return bucket.leastOneSided
}

function least(ids: Iterable<string>): string | null {
  let found: string | null = null
  for (const id of ids) if (found === null || id < found) found = id
  return found
}

/** Values of the equal labels; null where one must be there and is not. */
function valuesOf({ equal, present }: InhibitRule, alert: Alert): string[] | null {
  const values = equal.map((name) => labelOf(alert.labels, name))
  if (!values.includes('')) return values
  if (!present && isItsLabels(alert.key, alert.labels)) return values
  const stoodIn = equal.map((name) => silenceLabel(alert, name))
  return present && stoodIn.includes('') ? null : stoodIn
}
