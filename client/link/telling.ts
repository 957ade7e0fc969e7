const kept = 200

/** Telling latency over the last 200 frames: from the moment the server received an event to the paint that shows it. */
export interface Telling {
  /** @param ms receivedAt of a frame → painted, by the server's clock */
  record(ms: number): void
  read(): TellingFigures
}
export interface TellingFigures {
  count: number
  p50Ms: number | null
  p95Ms: number | null
}

export function makeTelling(): Telling {
  const samples: number[] = []
  return {
    record(ms) {
      // Two clocks are compared: a hair below zero is their difference, not news from the future.
      samples.push(Math.max(0, ms))
      if (samples.length > kept) samples.shift()
    },
    read() {
      const sorted = samples.toSorted((a, b) => a - b)
      return { count: sorted.length, p50Ms: rank(sorted, 0.5), p95Ms: rank(sorted, 0.95) }
    },
  }
}

/** Nearest-rank percentile. */
function rank(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

/** How far the server's clock is ahead of ours, in ms. The fastest of the last messages knows best. */
export function makeServerClock(now: () => number) {
  const offsets: number[] = []
  return {
    /** @param saidAt when the server sent a message that has just come */
    heard(saidAt: number): void {
      offsets.push(saidAt - now())
      if (offsets.length > 24) offsets.shift()
    },
    offsetMs: () => (offsets.length === 0 ? 0 : Math.max(...offsets)),
    now: () => now() + (offsets.length === 0 ? 0 : Math.max(...offsets)),
  }
}
