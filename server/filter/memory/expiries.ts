import { DueQueue } from './due.ts'
import type { Tracked } from './state.ts'

/** When which alert expires. Repeats move instants later for nothing: only what comes up is looked at. */
export class Expiries {
  readonly #queue = new DueQueue<Tracked>()

  /** Sees to it that the alert comes up no later than it expires. */
  add(tracked: Tracked): void {
    const at = tracked.alert.expiresAt
    if (at === null || at >= tracked.queuedAt) return
    tracked.queuedAt = at
    this.#queue.push(at, tracked)
  }

  /** The alert that expires first; entries that repeats have moved on are moved on in the queue first. */
  #first(): Tracked | null {
    for (let tracked = this.#queue.peek(); tracked !== undefined; tracked = this.#queue.peek()) {
      const at = this.#queue.peekAt()
      const { status, expiresAt } = tracked.alert
      if (tracked.queuedAt === at && status === 'firing' && expiresAt === at) return tracked
      this.#queue.pop()
      // An entry that was overtaken by an earlier one is only dropped; the alert's own is queued where it belongs now.
      if (tracked.queuedAt !== at) continue
      tracked.queuedAt = Number.POSITIVE_INFINITY
      if (status === 'firing') this.add(tracked)
    }
    return null
  }

  /** Earliest instant at which an alert expires; null when none does. */
  nextAt(): number | null {
    return this.#first()?.alert.expiresAt ?? null
  }

  /** Every firing alert that has expired by `at`, in an order that does not depend on how the queue came about. */
  take(at: number): Tracked[] {
    const due: Tracked[] = []
    for (let next = this.#first(); next !== null && next.queuedAt <= at; next = this.#first()) {
      this.#queue.pop()
      next.queuedAt = Number.POSITIVE_INFINITY
      due.push(next)
    }
    return due.sort((a, b) => (a.alert.expiresAt ?? 0) - (b.alert.expiresAt ?? 0) || (a.alert.id < b.alert.id ? -1 : 1))
  }
}
