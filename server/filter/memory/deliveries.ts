import { hourMs } from '#shared/clocks.ts'

/** A delivery is remembered for so long: vendors that got no answer try again within minutes, and signatures end sooner. */
export const rememberedMs = hourMs
/** Of one source, the newest so many. */
const mostOfOne = 5000

export type SavedDeliveries = [sourceId: string, deliveries: [id: string, at: number][]][]

/** Deliveries by the ids that their senders gave them, so that one that comes twice counts once. */
export class Deliveries {
  /** In the order in which they came: the oldest is the first of its map. */
  readonly #bySource = new Map<string, Map<string, number>>()

  constructor(saved: SavedDeliveries = []) {
    for (const [sourceId, deliveries] of saved) this.#bySource.set(sourceId, new Map(deliveries))
  }

  /** When the delivery came first, where that is not long ago; null, and it is remembered, when it is new. */
  note(sourceId: string, id: string, at: number): number | null {
    let own = this.#bySource.get(sourceId)
    if (own === undefined) {
      own = new Map()
      this.#bySource.set(sourceId, own)
    }
    this.#forget(own, at)
    const before = own.get(id)
    if (before !== undefined) return before
    own.set(id, at)
    return null
  }

  #forget(own: Map<string, number>, at: number): void {
    for (const [id, cameAt] of own) {
      if (cameAt > at - rememberedMs && own.size < mostOfOne) return
      own.delete(id)
    }
  }

  save(): SavedDeliveries {
    return [...this.#bySource].map(([sourceId, own]) => [sourceId, [...own]])
  }
}
