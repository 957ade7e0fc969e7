import { secondMs } from '#shared/clocks.ts'
import type { SourceLimit } from './port.ts'

/** Requests of each source, as a token bucket: `burst` at once, `perSecond` over time. */
export class RateLimiter {
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  /** Takes one request of the source. @returns 0, or how many milliseconds to wait. A clock set back gives no tokens. */
  take(sourceId: string, { perSecond, burst }: SourceLimit, now: number): number {
    let bucket = this.#buckets.get(sourceId)
    if (bucket === undefined) {
      bucket = { tokens: burst, at: now }
      this.#buckets.set(sourceId, bucket)
    }
    const passed = Math.max(0, now - bucket.at)
    bucket.tokens = Math.min(burst, bucket.tokens + (passed * perSecond) / secondMs)
    bucket.at = now
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return 0
    }
    return Math.ceil(((1 - bucket.tokens) * secondMs) / perSecond)
  }
}
