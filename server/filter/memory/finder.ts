import { acceptedValues, type CompiledMatcher } from '#shared/matchers.ts'
import { type Silenceable, silenceLabel, silences } from '#shared/silence.ts'

/** Whatever is looked for by matchers, all of which must be satisfied. */
export interface Matching {
  readonly matchers: readonly CompiledMatcher[]
}

/** How what is looked for is compared with what it may match: by its labels, as whoever wrote the matchers means them. */
export interface Comparison<S> {
  /** The value that matchers of this name are given; the empty string for an absent label. */
  labelOf(subject: S, name: string): string
  /**
   * Whether all of them accept it. One that accepts neither the absent label nor the value given here accepts it in no case.
   */
  accepts(matchers: readonly CompiledMatcher[], subject: S): boolean
}

/** As silences look at alerts. */
export const bySilence: Comparison<Silenceable> = { labelOf: silenceLabel, accepts: silences }

/** What lies under one label. */
interface Drawer<T> {
  /** By the value that it asks for. */
  byValue: Map<string, Set<T>>
  /** What asks for a value by a pattern. */
  byPattern: Map<T, CompiledMatcher>
  /** Of those by pattern, in their order, which accept a value that was asked for lately. */
  lately: Map<string, readonly T[]>
  /** All of them together. */
  latelyHeld: number
}

/** One that asks for more values than this lies under none of them. */
const mostValues = 100
/** Where so many ask for the same value, one that asks for another label by a pattern lies there instead. */
const crowd = 32
const remembered = { values: 1000, held: 20_000, length: 1024 } as const

/**
 * Finds what matches, without comparing it with all: each lies under one label that it asks for, by the values of it that it
 * names, the rarest, or else by a pattern, whose verdict is remembered for each value. Rule FI1: it finds what a look at
 * each would find; what lies in one place keeps the order in which it was put in.
 */
export class Finder<T extends Matching, S = Silenceable> {
  readonly #compare: Comparison<S>
  readonly #drawers = new Map<string, Drawer<T>>()
  /** Those that ask for no value. */
  readonly #rest = new Set<T>()
  readonly #where = new Map<T, { name: string; values: readonly string[] | null } | null>()

  /** Without a comparison, as silences do: then what is looked for is alerts. */
  constructor(compare: Comparison<S> = bySilence as unknown as Comparison<S>) {
    this.#compare = compare
  }

  get size(): number {
    return this.#where.size
  }

  add(known: T): void {
    if (this.#where.has(known)) return
    const place = this.#placeFor(known)
    this.#where.set(known, place && { name: place.matcher.name, values: place.values })
    if (place === null) {
      this.#rest.add(known)
      return
    }
    const { matcher, values } = place
    let drawer = this.#drawers.get(matcher.name)
    if (drawer === undefined) {
      drawer = { byValue: new Map(), byPattern: new Map(), lately: new Map(), latelyHeld: 0 }
      this.#drawers.set(matcher.name, drawer)
    }
    if (values === null) {
      drawer.byPattern.set(known, matcher)
      forgetVerdicts(drawer)
    } else for (const value of values) drawer.byValue.set(value, (drawer.byValue.get(value) ?? new Set()).add(known))
  }

  /** The matcher to lay it by, with the values that it names; null: there is none. */
  #placeFor({ matchers }: T): { matcher: CompiledMatcher; values: readonly string[] | null } | null {
    let rarest: { matcher: CompiledMatcher; values: readonly string[] } | null = null
    let fewest = Number.POSITIVE_INFINITY
    let pattern: CompiledMatcher | null = null
    for (const matcher of matchers) {
      // What accepts an absent label asks for none.
      if (matcher.op.startsWith('!') || matcher.test('')) continue
      const values = acceptedValues(matcher)
      if (values === null || values.length > mostValues) {
        pattern ??= matcher
        continue
      }
      const byValue = this.#drawers.get(matcher.name)?.byValue
      const lying = Math.max(...values.map((value) => byValue?.get(value)?.size ?? 0))
      if (lying < fewest) [rarest, fewest] = [{ matcher, values }, lying]
    }
    if (rarest !== null && (fewest < crowd || pattern === null)) return rarest
    return pattern && { matcher: pattern, values: null }
  }

  remove(known: T): void {
    const place = this.#where.get(known)
    if (place === undefined) return
    this.#where.delete(known)
    const drawer = place === null ? undefined : this.#drawers.get(place.name)
    if (place === null || drawer === undefined) {
      this.#rest.delete(known)
      return
    }
    for (const value of place.values ?? []) {
      const lying = drawer.byValue.get(value)
      lying?.delete(known)
      if (lying?.size === 0) drawer.byValue.delete(value)
    }
    if (drawer.byPattern.delete(known)) forgetVerdicts(drawer)
    if (drawer.byValue.size === 0 && drawer.byPattern.size === 0) this.#drawers.delete(place.name)
  }

  matches(subject: S): boolean {
    return this.find(subject).length > 0
  }

  find(subject: S): T[] {
    const found: T[] = []
    this.places(subject, (place) => {
      for (const known of place) if (this.accepts(known, subject)) found.push(known)
    })
    return found
  }

  accepts({ matchers }: T, subject: S): boolean {
    return this.#compare.accepts(matchers, subject)
  }

  /** Shows each place where something may lie that matches; what lies there is still to be compared. */
  places(subject: S, look: (place: Iterable<T>) => void): void {
    for (const [name, drawer] of this.#drawers) {
      const value = this.#compare.labelOf(subject, name)
      if (value === '') continue
      const lying = drawer.byValue.get(value)
      if (lying !== undefined) look(lying)
      if (drawer.byPattern.size > 0) look(byPattern(drawer, value))
    }
    if (this.#rest.size > 0) look(this.#rest)
  }
}

function byPattern<T>(drawer: Drawer<T>, value: string): readonly T[] {
  const before = drawer.lately.get(value)
  if (before !== undefined) return before
  const found: T[] = []
  for (const [known, matcher] of drawer.byPattern) if (matcher.test(value)) found.push(known)
  if (value.length > remembered.length) return found
  if (drawer.lately.size >= remembered.values || drawer.latelyHeld > remembered.held) forgetVerdicts(drawer)
  drawer.lately.set(value, found)
  drawer.latelyHeld += found.length
  return found
}

function forgetVerdicts<T>(drawer: Drawer<T>): void {
  drawer.lately.clear()
  drawer.latelyHeld = 0
}
