import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'

/** How fast one client may ask: so many at once, and so many a second over time. */
export interface RateLimit {
  burst: number
  perSecond: number
}
export const usualRate: RateLimit = { burst: 500, perSecond: 100 }

/** Clients remembered; the one that asked longest ago is forgotten first. */
const most = 10_000

/**
 * A token bucket for each client.
 * @returns `spend`, which throws UxbridgeError `rate-exceeded` when the client asks faster than the limit
 */
export function makeRate(clock: Clock, { burst, perSecond }: RateLimit): { spend(client: string): void } {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    spend(client) {
      const now = clock.now()
      const bucket = buckets.get(client)
      const refilled = bucket === undefined ? burst : bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond
      const tokens = Math.min(burst, refilled)
      buckets.delete(client)
      buckets.set(client, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
      const [oldest] = buckets.keys()
      if (buckets.size > most && oldest !== undefined) buckets.delete(oldest)
      if (tokens < 1)
        throw new UxbridgeError(
          'rate-exceeded',
          `At most ${perSecond} requests a second. Wait a moment, then go on more slowly.`,
          { retryAfterS: 1 },
        )
    },
  }
}
