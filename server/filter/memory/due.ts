/**
 * What is due when: a binary min-heap of instants. Entries are never moved or removed from within; their owner checks,
 * when one comes up, whether it still holds. So moving a deadline later (what nearly every repeat does) costs nothing.
 */
export class DueQueue<T> {
  readonly #at: number[] = []
  readonly #what: T[] = []

  /** Earliest instant in the queue (epoch ms); null when it is empty. */
  peekAt(): number | null {
    return this.#at[0] ?? null
  }

  /** What is due then; undefined when the queue is empty. */
  peek(): T | undefined {
    return this.#what[0]
  }

  push(at: number, what: T): void {
    let hole = this.#at.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if ((this.#at[parent] as number) <= at) break
      this.#at[hole] = this.#at[parent] as number
      this.#what[hole] = this.#what[parent] as T
      hole = parent
    }
    this.#at[hole] = at
    this.#what[hole] = what
  }

  /** Takes out the earliest. @throws RangeError when the queue is empty */
  pop(): { at: number; what: T } {
    if (this.#at.length === 0) throw new RangeError('the queue is empty')
    const first = { at: this.#at[0] as number, what: this.#what[0] as T }
    const at = this.#at.pop() as number
    const what = this.#what.pop() as T
    const size = this.#at.length
    if (size === 0) return first
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      if (child + 1 < size && (this.#at[child + 1] as number) < (this.#at[child] as number)) child++
      if ((this.#at[child] as number) >= at) break
      this.#at[hole] = this.#at[child] as number
      this.#what[hole] = this.#what[child] as T
      hole = child
    }
    this.#at[hole] = at
    this.#what[hole] = what
    return first
  }
}
