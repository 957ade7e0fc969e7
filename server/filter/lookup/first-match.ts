import type { Labels } from '#shared/event.ts'
import { type CompiledMatcher, labelOf, matchesAll } from '#shared/matchers.ts'
import { type Comparison, Finder, type Matching } from '../memory/finder.ts'

/** Matchers mean the labels as they are: absent is the empty string, and no matchers match everything. */
export const byLabels: Comparison<Labels> = { labelOf, accepts: matchesAll }

interface Ranked<T> extends Matching {
  what: T
  rank: number
}

/**
 * Rules of which the first that matches decides, found without comparing all of them. Rule FM1: it is the one that a look at
 * each in order would find first.
 */
export class FirstMatch<T, S = Labels> {
  readonly #finder: Finder<Ranked<T>, S>

  /** @param rules in order, the first counts most */
  constructor(rules: readonly T[], matchersOf: (rule: T) => readonly CompiledMatcher[], compare: Comparison<S>) {
    this.#finder = new Finder<Ranked<T>, S>(compare)
    rules.forEach((what, rank) => {
      this.#finder.add({ what, rank, matchers: matchersOf(what) })
    })
  }

  get size(): number {
    return this.#finder.size
  }

  /** @param also what else a rule must satisfy @returns undefined when none matches */
  find(subject: S, also?: (rule: T) => boolean): T | undefined {
    let first: Ranked<T> | null = null
    this.#finder.places(subject, (place) => {
      for (const ranked of place) {
        if (first !== null && ranked.rank > first.rank) return
        if (!this.#finder.accepts(ranked, subject) || (also !== undefined && !also(ranked.what))) continue
        first = ranked
        return
      }
    })
    return (first as Ranked<T> | null)?.what
  }
}
