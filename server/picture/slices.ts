import { setImmediate as turn } from 'node:timers/promises'

/** Longest stretch of work before others get a turn, ms. The bar is that nobody waits longer than 50. */
const stretchMs = 8

/** Whose stretch comes next: however many there are, only one of them works in each turn of the event loop. */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  next(): Promise<void> {
    this.#last = this.#last.then(() => turn())
    return this.#last
  }
}

/** Long work in short stretches, so that the event loop goes on beside it. */
export class Slices {
  readonly #turns: Turns
  #began = performance.now()

  /** @param turns shared with whatever works like this at the same time */
  constructor(turns: Turns) {
    this.#turns = turns
  }

  /** Whether it is somebody else's turn: then `await rest()`. Asked after each small piece of work. */
  get spent(): boolean {
    return performance.now() - this.#began >= stretchMs
  }

  async rest(): Promise<void> {
    await this.#turns.next()
    this.#began = performance.now()
  }
}

/** Length of what is sorted at a stretch, and of what is merged between two looks at the clock. */
const runLength = 256

/** The same items in order; equal ones stay as they were. Never works longer than a stretch. */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  let from: T[] = []
  for (let at = 0; at < items.length; at += runLength) {
    for (const item of items.slice(at, at + runLength).sort(compare)) from.push(item)
    if (slices.spent) await slices.rest()
  }
  for (let length = runLength; length < from.length; length *= 2) {
    const to: T[] = []
    for (let at = 0; at < from.length; at += 2 * length) {
      const middle = Math.min(at + length, from.length)
      const end = Math.min(at + 2 * length, from.length)
      for (let left = at, right = middle; left < middle || right < end; ) {
        const takesLeft = right >= end || (left < middle && compare(from[left] as T, from[right] as T) <= 0)
        to.push(from[takesLeft ? left++ : right++] as T)
        if (to.length % runLength === 0 && slices.spent) await slices.rest()
      }
    }
    from = to
  }
  return from
}
