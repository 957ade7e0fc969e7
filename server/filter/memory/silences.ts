import { type CompiledMatcher, compileMatcher, type Matcher } from '#shared/matchers.ts'
import type { Occurrence, OccurrenceAfter } from '#shared/recurrence.ts'
import {
  type Silenceable,
  type SilenceSpan,
  type SilenceState,
  sameMatchers,
  silenceKeptMs,
  silenceStateOf,
} from '#shared/silence.ts'
import type { Window } from '../windows.ts'
import { DueQueue } from './due.ts'
import { Finder } from './finder.ts'
import type { Tracked } from './state.ts'

/** A silence as the fold knows it, or a window of the policy. Its state moves with the log, never by a clock. */
interface Known {
  span: SilenceSpan
  /** Null: somebody made it. */
  window: Window | null
  matchers: readonly CompiledMatcher[]
  state: SilenceState
  /** Firing alerts that it matches, while it is in force. */
  readonly firing: Set<Tracked>
  /** Its instant in the queue of what is due. */
  queuedAt: number
}

export interface SavedSilence extends SilenceSpan {
  state: SilenceState
}

/** A window as a checkpoint has it; what it matches stands in the policy. */
export interface SavedWindow extends Occurrence {
  id: string
  state: SilenceState
}

/** What came of letting time pass, or of a change. */
export interface Turn {
  /** In force since now, or with other matchers. */
  begun: Finder<Known>
  /** Alerts that silences matched which ended or changed. */
  concerned: Set<Tracked>
}

/**
 * The silences and maintenance windows, and which of them are in force. Rule Q4: one is in force from the first entry at or
 * after its start until the first at or after its end; both are due instants. Rule Q5: with none in force nothing is looked
 * at, and however many are, an alert is compared only with those that share the value of one label with it. Rule Q9: one that
 * comes again is the same silence each time; at its end it waits for the next time.
 */
export class Silences {
  readonly #all = new Map<string, Known>()
  readonly #due = new DueQueue<Known>()
  readonly #inForce = new Finder<Known>()
  /** Windows of which nothing is known yet: they look at the calendar with the next entry, for only entries know what time it is. */
  readonly #fresh = new Set<Known>()
  readonly #occurrences: OccurrenceAfter

  constructor(
    occurrences: OccurrenceAfter,
    windows: readonly Window[],
    saved: readonly SavedSilence[] = [],
    savedWindows: readonly SavedWindow[] = [],
  ) {
    this.#occurrences = occurrences
    for (const { state, ...span } of saved) this.#restore(this.#add(span, state, null))
    const before = new Map(savedWindows.map((each) => [each.id, each]))
    for (const window of windows) this.#restore(this.#addWindow(window, before.get(window.id)))
  }

  #restore(known: Known): void {
    if (known.state === 'active') this.#inForce.add(known)
    this.#queueUp(known)
  }

  /** Whether any is in force. */
  get any(): boolean {
    return this.#inForce.size > 0
  }

  #add(span: SilenceSpan, state: SilenceState, window: Window | null): Known {
    const matchers = window?.matchers ?? span.matchers.map(readMatcher)
    const known: Known = { span, window, matchers, state, firing: new Set(), queuedAt: Number.POSITIVE_INFINITY }
    this.#all.set(span.id, known)
    return known
  }

  #addWindow(window: Window, saved?: SavedWindow): Known {
    const { id, matchers } = window
    const { startsAt, endsAt, state } = saved ?? { startsAt: 0, endsAt: 0, state: 'expired' }
    const known = this.#add({ id, matchers, startsAt, endsAt }, state, window)
    if (saved === undefined) this.#fresh.add(known)
    return known
  }

  /** @returns Infinity where nothing is due any more */
  #dueAt({ span, state, window }: Known): number {
    if (state === 'pending') return span.startsAt
    if (state === 'active') return span.endsAt
    return window === null ? span.endsAt + silenceKeptMs : Number.POSITIVE_INFINITY
  }

  #queueUp(known: Known): void {
    known.queuedAt = this.#dueAt(known)
    if (Number.isFinite(known.queuedAt)) this.#due.push(known.queuedAt, known)
  }

  #first(): Known | null {
    for (let known = this.#due.peek(); known !== undefined; known = this.#due.peek()) {
      if (known.queuedAt === this.#due.peekAt() && this.#all.get(known.span.id) === known) return known
      this.#due.pop()
    }
    return null
  }

  /** Whether an entry at `at` finds something that begins or ends. */
  isDue(at: number): boolean {
    return this.#fresh.size > 0 || (this.nextAt() ?? Number.POSITIVE_INFINITY) <= at
  }

  /** When the next one begins, ends or is forgotten; null when none does. */
  nextAt(): number | null {
    return this.#first()?.queuedAt ?? null
  }

  /**
   * Takes in what was made, changed or ended, and lets begin and end what is due by `at`.
   * @param windows all there are from now on; null: those there were
   * @returns null when nothing came or went
   */
  turn(at: number, changes: readonly SilenceSpan[], windows: readonly Window[] | null = null): Turn | null {
    let turn: Turn | null = null
    const concern = (known: Known): Turn => {
      turn ??= { begun: new Finder<Known>(), concerned: new Set() }
      for (const tracked of known.firing) turn.concerned.add(tracked)
      return turn
    }
    if (windows !== null) this.#adopt(windows, concern)
    for (const known of this.#fresh) this.#settle(known, at, concern)
    this.#fresh.clear()
    for (const span of changes) {
      const old = this.#all.get(span.id)
      // One whose author or end changed is seen on its alerts too.
      if (old?.state === 'active') concern(old)
      if (old !== undefined && sameMatchers(old.span.matchers, span.matchers)) old.span = span
      else if (old !== undefined) this.#move(old, 'expired', concern)
      const known = old?.span === span ? old : this.#add(span, 'pending', null)
      this.#settle(known, at, concern)
    }
    for (let known = this.#first(); known !== null && known.queuedAt <= at; known = this.#first()) {
      this.#due.pop()
      if (known.state === 'expired' && known.window === null) this.#all.delete(known.span.id)
      else this.#settle(known, at, concern)
    }
    return turn
  }

  /** Windows that are gone have closed; those that are others now, or new, look at the calendar. */
  #adopt(windows: readonly Window[], concern: (known: Known) => Turn): void {
    const next = new Map(windows.map((window) => [window.id, window]))
    for (const [id, known] of this.#all) {
      if (known.window === null || next.get(id)?.signature === known.window.signature) continue
      this.#move(known, 'expired', concern)
      this.#fresh.delete(known)
      this.#all.delete(id)
    }
    for (const window of windows) {
      const known = this.#all.get(window.id)
      if (known === undefined) this.#addWindow(window)
      else known.window = window
    }
  }

  /** Where it stands at this instant. What has ended and comes again stands at its next time. */
  #settle(known: Known, at: number, concern: (known: Known) => Turn): void {
    const { span, window } = known
    if (silenceStateOf(span, at) === 'expired') {
      const next = window === null ? span.recurs && this.#occurrences(span.recurs, at) : window.next(at)
      if (next !== null && next !== undefined) known.span = { ...span, ...next }
      // It is seen on its alerts until when they are held back.
      if (known.state === 'active') concern(known)
    }
    this.#move(known, silenceStateOf(known.span, at), concern)
    this.#queueUp(known)
  }

  #move(known: Known, state: SilenceState, concern: (known: Known) => Turn): void {
    const was = known.state
    known.state = state
    if (state === was) return
    if (state === 'active') {
      this.#inForce.add(known)
      concern(known).begun.add(known)
    } else if (was === 'active') {
      this.#inForce.remove(known)
      concern(known)
    }
  }

  /** Ids of those in force that match, sorted; undefined when none does. */
  matching(alert: Silenceable): string[] | undefined {
    if (this.#inForce.size === 0) return undefined
    const found = this.#inForce.find(alert)
    return found.length === 0 ? undefined : found.map(({ span }) => span.id).sort()
  }

  /** The alert is held back or marked by these from now on. */
  follow(tracked: Tracked, before: readonly string[] = [], after: readonly string[] = []): void {
    for (const id of before) if (!after.includes(id)) this.#all.get(id)?.firing.delete(tracked)
    for (const id of after) this.#all.get(id)?.firing.add(tracked)
  }

  /** Of these, the one that ends last. @throws TypeError when none is known */
  longest(ids: readonly string[]): SilenceSpan {
    let longest: SilenceSpan | null = null
    for (const id of ids) {
      const span = this.#all.get(id)?.span
      if (span !== undefined && (longest === null || span.endsAt > longest.endsAt)) longest = span
    }
    if (longest === null) throw new TypeError(`no silence ${ids.join(', ')} is known`)
    return longest
  }

  firingOf(id: string): number {
    return this.#all.get(id)?.firing.size ?? 0
  }

  /** A silence, or a window. */
  get(id: string): SilenceSpan | undefined {
    return this.#all.get(id)?.span
  }

  /** Those that somebody made. */
  list(): SilenceSpan[] {
    return this.#known(false).map(({ span }) => span)
  }

  /** Those of the policy that an entry has looked at, by id. */
  windows(): SavedWindow[] {
    return this.#known(true)
      .filter((known) => !this.#fresh.has(known))
      .map(({ span: { id, startsAt, endsAt }, state }) => ({ id, startsAt, endsAt, state }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #known(ofPolicy: boolean): Known[] {
    return [...this.#all.values()].filter(({ window }) => (window !== null) === ofPolicy)
  }

  save(): SavedSilence[] {
    return this.#known(false).map(({ span, state }) => ({ ...span, state }))
  }
}

/** An expression that this version cannot read matches nothing: what another version logged must not keep it from starting. */
function readMatcher(matcher: Matcher): CompiledMatcher {
  try {
    return compileMatcher(matcher)
  } catch (error) {
    if (error instanceof SyntaxError) return { ...matcher, test: () => false }
    throw error
  }
}
