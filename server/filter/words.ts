import { hourMs, minuteMs, secondMs } from '#shared/clocks.ts'

/** A time of day for reasons, UTC. */
export function clock(at: number): string {
  return Math.abs(at) <= 8.64e15 ? `${new Date(at).toISOString().slice(0, 19)}Z` : `${at} ms`
}

/** A length of time for reasons. */
export function length(ms: number): string {
  if (ms < minuteMs) return `${Math.max(0, Math.round(ms / secondMs))} s`
  if (ms < 2 * hourMs) return `${Math.floor(ms / minuteMs)} min`
  return `${Math.floor(ms / hourMs)} h`
}
