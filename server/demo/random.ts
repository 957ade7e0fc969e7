/** Chance that can be had again: the same seed gives the same run of numbers. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** @throws RangeError for an empty list */
  pick<T>(list: readonly T[]): T
  /** Another run of numbers, which depends on the seed and the name only. */
  fork(name: string): Random
}

/** Mulberry32. Source: Tommy Ettinger, public domain, 2017. Good enough for scenes; never for secrets. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick(list) {
      const found = list[Math.floor(next() * list.length)]
      if (found === undefined) throw new RangeError('nothing to pick from')
      return found
    },
    fork(name) {
      // FNV-1a 32 of the name, mixed with the seed.
      let hash = 0x811c9dc5 ^ seed
      for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
      return seeded(hash)
    },
  }
}
