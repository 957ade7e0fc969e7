import type { Alert } from '#shared/alert.ts'
import type { Filters } from '#shared/filters.ts'
import type { Silenceable } from '#shared/silence.ts'
import { FirstMatch } from '../lookup/first-match.ts'
import { DueQueue } from './due.ts'
import { bySilence } from './finder.ts'
import type { Tracked } from './state.ts'

type Rule = Filters['damp'][number]
type Flaps = NonNullable<Alert['flaps']>

/**
 * Which alerts flap. Rule D1: each time an alert fires again counts 1 against it, and what counts halves in every half-life.
 * Rule D2 (hysteresis): it is damped from `suppress` on, until no more than `reuse` is left. Rule D3: however often it fires,
 * it is let go when it was calm for `longest`. Source: RFC 2439, route flap damping, sections 4.2 to 4.4.
 */
export class Damping {
  readonly signature: string
  readonly #rules: FirstMatch<Rule, Silenceable>
  readonly #due = new DueQueue<Tracked>()

  constructor(rules: Filters['damp']) {
    this.signature = JSON.stringify(rules)
    this.#rules = new FirstMatch(rules, ({ match }) => match, bySilence)
  }

  get any(): boolean {
    return this.#rules.size > 0
  }

  /** It fires again. @param at epoch ms @returns what counts against it now; undefined: no rule is about it */
  refires(alert: Alert, at: number): Flaps | undefined {
    const rule = this.#rules.find(alert)
    if (rule === undefined) return undefined
    const { name, half_life, suppress, reuse, longest } = rule
    const before = alert.flaps?.rule === name ? alert.flaps : undefined
    const left = before === undefined ? 0 : before.penalty * 2 ** (-Math.max(0, at - before.at) / half_life)
    const most = reuse * 2 ** (longest / half_life)
    // Rounded, so that what is written down is what is counted with.
    const penalty = Math.round(Math.min(left + 1, most) * 1e6) / 1e6
    const isDamped = (before?.until !== undefined && before.until > at) || penalty >= suppress - 1e-6
    if (!isDamped || penalty <= reuse) return { rule: name, penalty, at }
    return { rule: name, penalty, at, until: at + Math.ceil(half_life * Math.log2(penalty / reuse)) }
  }

  /** Sees to it that the alert comes up when it is to be let go. */
  queue(tracked: Tracked): void {
    const until = tracked.alert.flaps?.until
    if (until !== undefined) this.#due.push(until, tracked)
  }

  /** When the next one that fires is to be let go; null when none is. */
  nextAt(): number | null {
    for (let tracked = this.#due.peek(); tracked !== undefined; tracked = this.#due.peek()) {
      const { status, flaps } = tracked.alert
      if (status === 'firing' && flaps?.until === this.#due.peekAt()) return this.#due.peekAt()
      this.#due.pop()
    }
    return null
  }

  /** Those that fire and have calmed down by `at`. */
  take(at: number): Tracked[] {
    const due: Tracked[] = []
    for (let next = this.nextAt(); next !== null && next <= at; next = this.nextAt()) due.push(this.#due.pop().what)
    return due
  }
}
