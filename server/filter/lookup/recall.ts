import type { Alert } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'

/** What is known of a condition, as far as it is recalled. */
interface Known {
  readonly alert: Alert
  readonly queuedAt: number
  readonly group: { readonly id: string; readonly heardAt: number; readonly events: number } | null
}

const none: readonly Event[] = []
/** So many events ahead: what is recalled for them stays in the processor's caches until their turn comes. */
const ahead = 64
/** Of a smaller request there is nothing to gain. */
const fewest = 4

/**
 * Finds the alerts of a request some events ahead, and looks at once at all that will be asked of them. With many alerts an
 * event costs mostly waiting for memory, one word after the other; where many words are asked for together, the processor
 * waits for all of them at once. Rule RC1: it finds what a plain look-up finds at that moment.
 */
export class Recall<T extends Known> {
  #events: readonly Event[] = none
  readonly #found: (T | undefined)[] = []
  /** The next to be asked for, and the first that has not been recalled yet. */
  #next = 0
  #end = 0
  /** What came of the looks; kept, or the compiler would leave them out. */
  #seen = 0

  /**
   * @param events of the request; each is asked for in their order, but for those that nobody asks for
   * @param known by the sender's key; while events of a request are asked for some are added, but none is removed
   */
  find(events: readonly Event[], event: Event, known: ReadonlyMap<string, T>): T | undefined {
    if (events.length < fewest) return known.get(event.dedupKey)
    if (this.#events !== events) {
      this.#events = events
      this.#next = 0
      this.#end = 0
    }
    while (this.#next < events.length && events[this.#next] !== event) this.#next++
    // Not in its order: there is nothing to gain, and nothing to lose.
    if (this.#next === events.length) return known.get(event.dedupKey)
    if (this.#next >= this.#end) this.#recall(known)
    // What was not there then may have come with an event in between.
    return this.#found[this.#next++ % ahead] ?? known.get(event.dedupKey)
  }

  /** To be called before any is removed, and after each request: nothing is recalled any more. */
  clear(): void {
    if (this.#events === none) return
    this.#events = none
    this.#found.fill(undefined)
  }

  #recall(known: ReadonlyMap<string, T>): void {
    const events = this.#events
    const found = this.#found
    const from = this.#next
    const end = Math.min(events.length, from - (from % ahead) + ahead)
    this.#end = end
    // Loops of their own, because each round waits for nothing that another round of the same loop looks at.
    for (let index = from; index < end; index++) found[index % ahead] = known.get((events[index] as Event).dedupKey)
    let seen = 0
    for (let index = from; index < end; index++) {
      const one = found[index % ahead]
      if (one !== undefined) seen += one.alert.events
    }
    for (let index = from; index < end; index++) {
      const one = found[index % ahead]
      if (one !== undefined) seen += sizeOf(one)
    }
    for (let index = from; index < end; index++) {
      const one = found[index % ahead]
      if (one === undefined) continue
      const { annotations, labels } = one.alert
      for (const name in annotations) seen += (annotations[name] as string).length
      if ((events[index] as Event).family === 'alertmanager') continue
      for (const name in labels) seen += (labels[name] as string).length
    }
    this.#seen = (this.#seen + seen) | 0
  }
}

/** Looks at what every repeat reads or compares: numbers lie apart from what holds them. */
function sizeOf({ alert, queuedAt, group }: Known): number {
  const { title, description, severityRaw, links, startsAt, heardAt } = alert
  return (
    (group === null ? 0 : group.heardAt + group.events + group.id.length) +
    title.length +
    description.length +
    severityRaw.length +
    links.length +
    startsAt +
    heardAt +
    (queuedAt > 0 ? 1 : 0)
  )
}
