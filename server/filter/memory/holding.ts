import type { Alert, HeldBack } from '#shared/alert.ts'
import type { Policy } from '#shared/policy.ts'
import { noRecurrence, type OccurrenceAfter } from '#shared/recurrence.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { StormFinding } from '#shared/watch.ts'
import type { IncidentVitals } from '../port.ts'
import { windowsOf } from '../windows.ts'
import type { Changes } from './changes.ts'
import { Damping } from './damping.ts'
import type { Group } from './groups/group.ts'
import { Inhibitions } from './inhibitions.ts'
import { type SavedSilence, type SavedWindow, Silences, type Turn } from './silences.ts'
import type { Tracked } from './state.ts'
import { type SavedStorm, Storms } from './storms.ts'

/** Marks of firing alerts that changed, and what follows. */
export interface Turned {
  /** To be judged again, in the order in which they were first heard of. */
  again: Tracked[]
  /** Incidents with a mark that changed. */
  incidents: Set<string>
}

/** By id of the alert; `since` in epoch ms. */
export interface SavedWaiting {
  since: number
  ids: string[]
}

/**
 * What holds alerts back, in one place: every firing alert is marked with what silences or inhibits it now, and one that was
 * held back is judged again as soon as no mark is left. Rule Q6, I4: whatever the mark was, and whatever took it away.
 */
export class Holding {
  readonly silences: Silences
  inhibitions: Inhibitions
  /** Firing alerts that are held back. */
  held = 0
  damping: Damping
  storms: Storms
  readonly #changes: Changes
  readonly #occurrences: OccurrenceAfter
  readonly #turned = new Set<Tracked>()
  /** Since when something waits, epoch ms; null: nothing does. */
  waitingSince: number | null = null
  /** To be judged again with the next entry that is not about an incident. */
  readonly #waiting = new Set<Tracked>()

  constructor(
    policy: Policy,
    changes: Changes,
    saved: { silences?: SavedSilence[]; windows?: SavedWindow[]; storms?: SavedStorm[] } | null,
    occurrences: OccurrenceAfter = noRecurrence,
  ) {
    this.#changes = changes
    this.#occurrences = occurrences
    this.silences = new Silences(occurrences, windowsOf(policy, occurrences), saved?.silences, saved?.windows)
    this.inhibitions = new Inhibitions(policy)
    this.damping = new Damping(policy.filters.damp)
    this.storms = new Storms(policy.filters.shed, saved?.storms)
  }

  /** Whether anything could mark an alert. */
  get any(): boolean {
    return this.silences.any || this.inhibitions.any
  }

  /** Alerts as a checkpoint has them, with their marks. */
  restore(firing: readonly Tracked[], waiting?: SavedWaiting): void {
    for (const tracked of firing) {
      if (tracked.alert.heldBack !== undefined) this.held++
      this.silences.follow(tracked, [], tracked.alert.silencedBy)
      this.inhibitions.follow(tracked)
      this.damping.queue(tracked)
      this.storms.restore(tracked)
    }
    for (const tracked of firing) this.inhibitions.settle(tracked, tracked.alert.inhibitedBy)
    if (waiting === undefined) return
    const ids = new Set(waiting.ids)
    for (const tracked of firing) if (ids.has(tracked.alert.id)) this.#waiting.add(tracked)
    this.waitingSince = waiting.since
  }

  saveWaiting(): SavedWaiting | undefined {
    if (this.waitingSince === null) return undefined
    return { since: this.waitingSince, ids: Array.from(this.#waiting, ({ alert }) => alert.id) }
  }

  /** Other rules: what they say of every alert. What counted against alerts by other rules of damping counts no more. */
  adopt(policy: Policy, at: number, all: () => Iterable<Tracked>): StormFinding[] {
    this.#follow(this.silences.turn(at, [], windowsOf(policy, this.#occurrences)), all)
    const storms = new Storms(policy.filters.shed)
    let findings: StormFinding[] = []
    if (storms.signature !== this.storms.signature) {
      for (const tracked of this.storms.end(at)) this.#pass(tracked)
      findings = this.storms.takeFindings()
      this.storms = storms
    }
    const damping = new Damping(policy.filters.damp)
    if (damping.signature !== this.damping.signature) {
      this.damping = damping
      for (const tracked of all()) this.#calm(tracked)
    }
    const next = new Inhibitions(policy)
    if (next.signature === this.inhibitions.signature) return findings
    this.inhibitions = next
    const firing = [...all()].filter(({ alert }) => alert.status === 'firing')
    for (const tracked of firing) next.follow(tracked)
    for (const tracked of firing) this.#settle(tracked)
    return findings
  }

  #pass(tracked: Tracked): void {
    this.#changes.before(tracked)
    delete tracked.alert.shedBy
    this.#turned.add(tracked)
  }

  #calm(tracked: Tracked): void {
    const { alert } = tracked
    if (alert.flaps === undefined) return
    this.#changes.before(tracked)
    delete alert.flaps
    this.#turned.add(tracked)
  }

  /** It was resolved and fires again. */
  refires(tracked: Tracked, at: number): void {
    if (!this.damping.any) return
    const flaps = this.damping.refires(tracked.alert, at)
    if (flaps === undefined) delete tracked.alert.flaps
    else tracked.alert.flaps = flaps
    this.damping.queue(tracked)
  }

  /** Says on the alert what marks it now. To be called when it fires anew, or says something else. */
  mark(tracked: Tracked): void {
    this.#silence(tracked)
    this.regroup(tracked)
  }

  /** It fires, and stands on other sides of the rules of inhibition than before. */
  regroup(tracked: Tracked): void {
    if (this.inhibitions.any) for (const concerned of this.inhibitions.follow(tracked)) this.#settle(concerned)
  }

  #silence(tracked: Tracked): void {
    const { alert } = tracked
    const ids = this.silences.matching(alert)
    if (ids === undefined && alert.silencedBy === undefined) return
    this.#changes.before(tracked)
    this.silences.follow(tracked, alert.silencedBy, ids)
    if (ids !== undefined) alert.silencedBy = ids
    else delete alert.silencedBy
    this.#turned.add(tracked)
  }

  #settle(tracked: Tracked): void {
    const { alert } = tracked
    const before = alert.inhibitedBy
    const now = this.inhibitions.settle(tracked, before)
    if (now === before || (now?.by === before?.by && now?.rule === before?.rule)) return
    this.#changes.before(tracked)
    if (now !== undefined) alert.inhibitedBy = now
    else delete alert.inhibitedBy
    this.#turned.add(tracked)
  }

  /** It fires no more, so that nothing marks it or holds it back, and it is the cause of nothing. */
  clear(tracked: Tracked): void {
    const { alert } = tracked
    this.letGo(tracked)
    if (alert.shedBy !== undefined) {
      this.storms.leave(tracked)
      delete alert.shedBy
    }
    this.silences.follow(tracked, alert.silencedBy)
    if (alert.silencedBy !== undefined) delete alert.silencedBy
    if (!this.inhibitions.any) return
    const concerned = this.inhibitions.leave(tracked)
    if (alert.inhibitedBy !== undefined) delete alert.inhibitedBy
    for (const other of concerned) this.#settle(other)
  }

  /** Whether anything holds back an alert that fires anew. */
  holds({ silencedBy, inhibitedBy, flaps, shedBy }: Alert): boolean {
    return silencedBy !== undefined || shedBy !== undefined || inhibitedBy !== undefined || flaps?.until !== undefined
  }

  /** No incident is told that it fires. */
  holdBack({ alert }: Tracked, held: HeldBack): void {
    if (alert.heldBack === undefined) this.held++
    alert.heldBack = held
  }

  /** It is held back no longer. */
  letGo({ alert }: Tracked): void {
    if (alert.heldBack === undefined) return
    this.held--
    delete alert.heldBack
  }

  /** When the next silence begins or ends, an alert is let go, or a storm is looked at; null when nothing is due. */
  nextAt(): number | null {
    const next = Math.min(
      ...[this.silences.nextAt(), this.damping.nextAt(), this.storms.nextAt(), this.waitingSince].map(
        (at) => at ?? Number.POSITIVE_INFINITY,
      ),
    )
    return Number.isFinite(next) ? next : null
  }

  /** Takes in changes of silences, and lets begin and end what is due by `at`. @param all every alert that is known */
  turn(at: number, changes: readonly SilenceSpan[], all: () => Iterable<Tracked>): void {
    for (const tracked of this.storms.turn(at)) this.#pass(tracked)
    for (const tracked of this.damping.take(at)) {
      const { flaps } = tracked.alert
      if (flaps === undefined) continue
      this.#changes.before(tracked)
      const { until: _, ...left } = flaps
      tracked.alert.flaps = left
      this.#turned.add(tracked)
    }
    if (changes.length === 0 && !this.silences.isDue(at)) return
    this.#follow(this.silences.turn(at, changes), all)
  }

  /** Marks what silences and windows match that have begun, ended or changed. */
  #follow(turn: Turn | null, all: () => Iterable<Tracked>): void {
    if (turn === null) return
    const { begun, concerned } = turn
    if (begun.size > 0)
      for (const tracked of all())
        if (tracked.alert.status === 'firing' && begun.matches(tracked.alert)) concerned.add(tracked)
    for (const tracked of concerned) {
      this.#silence(tracked)
      this.#turned.add(tracked)
    }
  }

  /**
   * What the marks that changed lead to. Rule Q6: an alert that nothing holds back any more is to be judged again at once; but
   * one that is overdue only when its sender speaks again, because it may have ended.
   * @returns null when no mark changed
   */
  take(at: number): Turned | null {
    for (const tracked of this.#waiting) this.#turned.add(tracked)
    this.#waiting.clear()
    this.waitingSince = null
    if (this.#turned.size === 0) return null
    const again: Tracked[] = []
    const incidents = new Set<string>()
    for (const tracked of this.#turned) {
      const { alert, group } = tracked
      if (alert.status !== 'firing') continue
      if (group !== null) incidents.add(group.id)
      const isOverdue = alert.expiresAt !== null && alert.expiresAt <= at
      if (alert.heldBack !== undefined && !this.holds(alert) && !isOverdue) again.push(tracked)
    }
    this.#turned.clear()
    again.sort(({ alert: a }, { alert: b }) => a.firstReceivedAt - b.firstReceivedAt || (a.id < b.id ? -1 : 1))
    return { again, incidents }
  }

  /**
   * The same after what people did to an incident, which judges nothing by itself: what is to be judged again waits for the
   * next entry, and is due.
   * @returns incidents with a mark that changed
   */
  wait(at: number): Set<string> | null {
    const since = this.waitingSince ?? at
    const turned = this.take(at)
    if (turned === null) return null
    for (const tracked of turned.again) this.#waiting.add(tracked)
    if (this.#waiting.size > 0) this.waitingSince = since
    return turned.incidents
  }

  /** See `IncidentVitals.silenced`. */
  silencedOf(group: Group): IncidentVitals['silenced'] {
    if (!this.silences.any || !group.open) return null
    let first: IncidentVitals['silenced'] = null
    for (const { alert } of group.alerts) {
      if (alert.status !== 'firing') continue
      if (alert.silencedBy === undefined) return null
      const { id, endsAt: until } = this.silences.longest(alert.silencedBy)
      if (first === null || until < first.until) first = { id, until }
    }
    return first
  }
}
