import type { CompiledMatcher } from '#shared/matchers.ts'
import { type Silenceable, silenceLabel, silences } from '#shared/silence.ts'

/** Whatever is looked for by matchers, all of which an alert must satisfy. */
export interface Matching {
  readonly matchers: readonly CompiledMatcher[]
}

/** Finds what matches an alert, without comparing it with all: each lies under one label and value that it asks for, the rarest. */
export class Finder<T extends Matching> {
  readonly #byLabel = new Map<string, Map<string, Set<T>>>()
  /** Those that ask for no value outright. */
  readonly #rest = new Set<T>()
  readonly #where = new Map<T, CompiledMatcher | null>()

  get size(): number {
    return this.#where.size
  }

  #lying({ name, value }: CompiledMatcher): Set<T> | undefined {
    return this.#byLabel.get(name)?.get(value)
  }

  add(known: T): void {
    if (this.#where.has(known)) return
    let rarest: CompiledMatcher | null = null
    let fewest = Number.POSITIVE_INFINITY
    for (const matcher of known.matchers) {
      if (matcher.op !== '=' || matcher.value === '') continue
      const lying = this.#lying(matcher)?.size ?? 0
      if (lying < fewest) [rarest, fewest] = [matcher, lying]
    }
    this.#where.set(known, rarest)
    if (rarest === null) {
      this.#rest.add(known)
      return
    }
    const { name, value } = rarest
    const values = this.#byLabel.get(name) ?? new Map<string, Set<T>>()
    this.#byLabel.set(name, values)
    values.set(value, (values.get(value) ?? new Set()).add(known))
  }

  remove(known: T): void {
    const under = this.#where.get(known)
    if (under === undefined) return
    this.#where.delete(known)
    if (under === null) {
      this.#rest.delete(known)
      return
    }
    const values = this.#byLabel.get(under.name)
    const lying = values?.get(under.value)
    lying?.delete(known)
    if (lying?.size === 0) values?.delete(under.value)
    if (values?.size === 0) this.#byLabel.delete(under.name)
  }

  matches(alert: Silenceable): boolean {
    return this.find(alert).length > 0
  }

  find(alert: Silenceable): T[] {
    const found: T[] = []
    const look = (places: Iterable<T>) => {
      for (const known of places) if (silences(known.matchers, alert)) found.push(known)
    }
    for (const [name, values] of this.#byLabel) {
      const lying = values.get(silenceLabel(alert, name))
      if (lying !== undefined) look(lying)
    }
    look(this.#rest)
    return found
  }
}
