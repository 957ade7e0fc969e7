import type { CorrelationRule } from '#shared/correlation.ts'
import type { Labels } from '#shared/event.ts'
import { labelOf, matchesAll } from '#shared/matchers.ts'
import { labelMention } from '#shared/outcome.ts'
import { length } from '../../words.ts'
import type { FilterState, Tracked } from '../state.ts'
import type { Group } from './group.ts'
import type { Reach } from './topology.ts'

/** An open incident that an alert belongs to, and how. */
export interface Kin {
  group: Group
  rule: string
  /** `cause`: it explains the alert; `key`, `same`: both are of one thing; `effect`: the alert explains it. */
  how: 'cause' | 'key' | 'same' | 'effect'
  /** Why, in words, with `labelMention`s. */
  words: string
}

/** What an incident is opened under, and found by later. */
export interface KeyFound {
  rule: CorrelationRule
  key: string
  words: string
}

export interface Found {
  /** What explains it first, then what it is the same as, then what it explains; else in the order of the rules. */
  kin: Kin[]
  key: KeyFound | null
  /** Why the open incident of the key takes no more; null when there is none, or it does. */
  late: string | null
  /** What the incident that it joins is found by from now on. */
  marks: string[]
}

/** The part of a case that correlation looks at. */
export interface Subject {
  labels: Labels
  service: string | null
  /** It meets only what is restricted, or only what is not (rule RS8). */
  restricted: boolean
}

/** What an incident with trouble of this service is found by. */
export function serviceMark(service: string): string {
  return `s:${service}`
}

/** What an incident with these alerts is found by. */
export function serviceMarks(alerts: Iterable<Tracked>): string[] {
  return Array.from(alerts).flatMap(({ alert }) => (alert.service === null ? [] : serviceMark(alert.service)))
}

/**
 * Finds the open incidents that an alert belongs to. Rule C1: rules are tried in order; the first `by` rule whose labels are
 * all present ends the search. Rule C2: an incident takes alerts while they keep coming within `window`, for at most `cap`
 * after the first, or after a person has merged another into it.
 */
export function findKin(subject: Subject, state: FilterState, now: number): Found {
  const found: Found = { kin: [], key: null, late: null, marks: [] }
  for (const rule of state.policy.correlate) {
    if (rule.by !== undefined) {
      if (byKey(rule, rule.by, subject, state, now, found)) break
    } else if (rule.along !== undefined) along(rule, subject, state, now, found)
    else byCause(rule, subject, state, now, found)
  }
  found.kin.sort((a, b) => rank[a.how] - rank[b.how])
  return found
}

const rank: Readonly<Record<Kin['how'], number>> = { cause: 0, key: 1, same: 2, effect: 3 }

function byKey(
  rule: CorrelationRule,
  by: readonly string[],
  { labels, restricted }: Subject,
  state: FilterState,
  now: number,
  found: Found,
): boolean {
  const values = by.map((name) => labelOf(labels, name))
  if (values.includes('') || !matchesAll(rule.match, labels)) return false
  const words = by.map(labelMention).join(', ')
  const key = JSON.stringify([rule.name, ...values])
  found.key = { rule, key, words }
  const open = state.groups.joinable(key, restricted)
  if (open === undefined) return true
  found.late = tooLate(open, rule, now)
  if (found.late === null) found.kin.push({ group: open, rule: rule.name, how: 'key', words })
  return true
}

/**
 * Rule C4: trouble of a service is explained by trouble of one that it depends on, the nearest. Rule C5: an alert explains
 * incidents with a service that depends on its own and has no other explanation in them.
 */
function along(
  rule: CorrelationRule,
  { labels, service, restricted }: Subject,
  state: FilterState,
  now: number,
  found: Found,
): void {
  if (service === null || !matchesAll(rule.match, labels)) return
  const { topology } = state
  found.marks.push(serviceMark(service))
  const add = (group: Group, how: Kin['how'], words: string) => found.kin.push({ group, rule: rule.name, how, words })
  const same = fresh(state.groups.marked(serviceMark(service), restricted), rule, now)
  const unexplained = same.every((group) => isRoot(group, service, rule, state))
  if (unexplained) {
    const cause = nearest(topology.causesOf(service, rule.hops), rule, state, now, { besides: same, restricted })
    if (cause !== null)
      add(cause.group, 'cause', `${labelMention('service')} depends on ${cause.service}, which is in trouble there`)
  }
  for (const group of same) add(group, 'same', labelMention('service'))
  const effects = new Map<Group, string>()
  const asked = new Map<Group, number>()
  for (const dependent of topology.dependentsOf(service, rule.hops).keys())
    for (const group of fresh(state.groups.marked(serviceMark(dependent), restricted), rule, now)) {
      const before = asked.get(group) ?? 0
      if (before === askedServices || same.includes(group) || effects.has(group)) continue
      asked.set(group, before + 1)
      if (isRoot(group, dependent, rule, state)) effects.set(group, dependent)
    }
  for (const [group, dependent] of [...effects].sort(([a], [b]) => inOrder(a, b)))
    add(group, 'effect', `${dependent} in it depends on ${labelMention('service')}`)
}

/** Of an incident so many services, the nearest, are asked for an explanation: one with thousands must not hold up the rest. */
const askedServices = 20

/** Whether nothing in the incident explains the trouble of this service of it. */
function isRoot(group: Group, service: string, rule: CorrelationRule, state: FilterState): boolean {
  const own = serviceMark(service)
  let causes: Reach | null = null
  for (const mark of group.allMarks()) {
    if (mark === own || !mark.startsWith('s:')) continue
    causes ??= state.topology.causesOf(service, rule.hops)
    if (causes.size === 0) return true
    if (causes.has(mark.slice(2))) return false
  }
  return true
}

/** The incident with trouble of the nearest of these services; of several the one that an alert joined last. */
function nearest(
  reach: Reach,
  rule: CorrelationRule,
  state: FilterState,
  now: number,
  { besides, restricted }: { besides: readonly Group[]; restricted: boolean },
): { group: Group; service: string } | null {
  const isApart = apartness(besides)
  let best: { group: Group; service: string; distance: number } | null = null
  for (const [service, distance] of reach) {
    if (best !== null && distance > best.distance) break
    for (const group of fresh(state.groups.marked(serviceMark(service), restricted), rule, now)) {
      if (besides.includes(group) || isApart(group)) continue
      const isNewer = best === null || lastAt(group) > lastAt(best.group)
      if (isNewer) best = { group, service, distance }
    }
  }
  return best
}

/** Rule C6: cause and effects join one incident, whichever of them comes first. */
function byCause(rule: CorrelationRule, subject: Subject, state: FilterState, now: number, found: Found): void {
  const { labels, service, restricted } = subject
  const values = rule.equal.map((name) => labelOf(labels, name))
  if (values.includes('')) return
  const words = rule.equal.map(labelMention).join(', ')
  const markOf = (side: 'cause' | 'effect') => `c:${JSON.stringify([rule.name, side, ...values])}`
  const isCause = matchesAll(rule.cause ?? [], labels)
  if (isCause) {
    found.marks.push(markOf('cause'))
    for (const group of fresh(state.groups.marked(markOf('effect'), restricted), rule, now))
      found.kin.push({ group, rule: rule.name, how: 'effect', words })
  } else if (matchesAll(rule.match, labels)) {
    found.marks.push(markOf('effect'))
    const own = service === null ? [] : fresh(state.groups.marked(serviceMark(service), restricted), rule, now)
    if (service !== null && !own.every((group) => isRoot(group, service, { ...rule, hops: 3 }, state))) return
    const isApart = apartness(own)
    const causes = fresh(state.groups.marked(markOf('cause'), restricted), rule, now).filter((group) => !isApart(group))
    const [newest] = causes.sort((a, b) => lastAt(b) - lastAt(a))
    if (newest !== undefined) found.kin.push({ group: newest, rule: rule.name, how: 'cause', words })
  }
}

/** Those of them that take alerts by this rule now, the oldest first: the same after a restart. */
function fresh(groups: Iterable<Group>, rule: CorrelationRule, now: number): Group[] {
  return [...groups].filter((group) => group.joining !== null && tooLate(group, rule, now) === null).sort(inOrder)
}

function inOrder(a: Group, b: Group): number {
  // Numbers say which came first; ids that are none say nothing.
  const older = a.restricted ? firstAt(a) - firstAt(b) : 0
  return older || a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** Rule M5: answers whether a person has said that an incident has nothing to do with one of these, which the alert is of. */
function apartness(own: readonly Group[]): (group: Group) => boolean {
  const each = own.map((one) => one.apartness())
  return (group) => each.some((isApart) => isApart(group))
}

function firstAt({ joining }: Group): number {
  return joining?.firstAt ?? 0
}

function lastAt({ joining }: Group): number {
  return joining?.lastAt ?? 0
}

/** Why the incident takes no more by this rule; null when it does. */
function tooLate({ id, joining }: Group, rule: CorrelationRule, now: number): string | null {
  if (joining === null) return null
  if (now - joining.lastAt > rule.window) return `the last alert of ${id} came ${length(now - joining.lastAt)} ago`
  if (now - joining.firstAt > rule.cap) return `${id} has taken alerts for ${length(now - joining.firstAt)}`
  return null
}
