import { type CompiledMatcher, compileMatcher, type Matcher } from '#shared/matchers.ts'
import {
  type Silenceable,
  type SilenceSpan,
  type SilenceState,
  sameMatchers,
  silenceKeptMs,
  silenceStateOf,
} from '#shared/silence.ts'
import { DueQueue } from './due.ts'
import { Finder } from './finder.ts'
import type { Tracked } from './state.ts'

/** A silence as the fold knows it. Its state moves with the log, never by a clock. */
interface Known {
  span: SilenceSpan
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

/** What came of letting time pass, or of a change. */
export interface Turn {
  /** In force since now, or with other matchers. */
  begun: Finder<Known>
  /** Alerts that silences matched which ended or changed. */
  concerned: Set<Tracked>
}

/**
 * The silences, and which of them are in force. Rule Q4: one is in force from the first entry at or after its start until
 * the first at or after its end; both are due instants. Rule Q5: with none in force nothing is looked at, and however
 * many are, an alert is compared only with those that share the value of one label with it.
 */
export class Silences {
  readonly #all = new Map<string, Known>()
  readonly #due = new DueQueue<Known>()
  readonly #inForce = new Finder<Known>()

  constructor(saved: readonly SavedSilence[] = []) {
    for (const { state, ...span } of saved) {
      const known = this.#add(span, state)
      if (state === 'active') this.#inForce.add(known)
      this.#queueUp(known)
    }
  }

  /** Whether any is in force. */
  get any(): boolean {
    return this.#inForce.size > 0
  }

  #add(span: SilenceSpan, state: SilenceState): Known {
    const matchers = span.matchers.map(readMatcher)
    const known: Known = { span, matchers, state, firing: new Set(), queuedAt: Number.POSITIVE_INFINITY }
    this.#all.set(span.id, known)
    return known
  }

  #dueAt({ span, state }: Known): number {
    if (state === 'pending') return span.startsAt
    return state === 'active' ? span.endsAt : span.endsAt + silenceKeptMs
  }

  #queueUp(known: Known): void {
    known.queuedAt = this.#dueAt(known)
    this.#due.push(known.queuedAt, known)
  }

  #first(): Known | null {
    for (let known = this.#due.peek(); known !== undefined; known = this.#due.peek()) {
      if (known.queuedAt === this.#due.peekAt() && this.#all.get(known.span.id) === known) return known
      this.#due.pop()
    }
    return null
  }

  /** When the next one begins, ends or is forgotten; null when none does. */
  nextAt(): number | null {
    return this.#first()?.queuedAt ?? null
  }

  /**
   * Takes in what was made, changed or ended, and lets begin and end what is due by `at`.
   * @returns null when nothing came or went
   */
  turn(at: number, changes: readonly SilenceSpan[]): Turn | null {
    let turn: Turn | null = null
    const concern = (known: Known): Turn => {
      turn ??= { begun: new Finder<Known>(), concerned: new Set() }
      for (const tracked of known.firing) turn.concerned.add(tracked)
      return turn
    }
    for (const span of changes) {
      const old = this.#all.get(span.id)
      // One whose author or end changed is seen on its alerts too.
      if (old?.state === 'active') concern(old)
      if (old !== undefined && sameMatchers(old.span.matchers, span.matchers)) old.span = span
      else if (old !== undefined) this.#move(old, 'expired', concern)
      const known = old?.span === span ? old : this.#add(span, 'pending')
      this.#move(known, silenceStateOf(span, at), concern)
      this.#queueUp(known)
    }
    for (let known = this.#first(); known !== null && known.queuedAt <= at; known = this.#first()) {
      this.#due.pop()
      if (known.state === 'expired') {
        this.#all.delete(known.span.id)
        continue
      }
      this.#move(known, known.state === 'pending' ? 'active' : 'expired', concern)
      this.#queueUp(known)
    }
    return turn
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

  get(id: string): SilenceSpan | undefined {
    return this.#all.get(id)?.span
  }

  list(): SilenceSpan[] {
    return Array.from(this.#all.values(), ({ span }) => span)
  }

  save(): SavedSilence[] {
    return Array.from(this.#all.values(), ({ span, state }) => ({ ...span, state }))
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
