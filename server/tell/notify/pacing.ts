/** When an address last had a message, and how many came close together before it. */
export interface Lane {
  lastAt: number
  streak: number
}

/** A window doubles at most so often. */
const doublings = 3

const windowOf = (streak: number, withinMs: number) => withinMs * 2 ** Math.min(streak, doublings)

/**
 * When the next message may go to an address. Rule N5: the first at once; what follows waits for a window and is one
 * message, and windows grow while a storm lasts, but for what is urgent the window stays the first one.
 * @returns epoch ms
 */
export function nextMessageAt(lane: Lane | undefined, urgent: boolean, withinMs: number): number {
  return lane === undefined ? 0 : lane.lastAt + windowOf(urgent ? 0 : lane.streak, withinMs)
}

/** The address after a message at `now`. */
export function afterMessage(lane: Lane | undefined, now: number, withinMs: number): Lane {
  const inStorm = lane !== undefined && now - lane.lastAt <= 2 * windowOf(lane.streak, withinMs)
  return { lastAt: now, streak: inStorm ? Math.min(lane.streak + 1, doublings) : 0 }
}

/** Whether an address has been quiet for so long that it need not be remembered; what a clock that was set back has not seen, too. */
export function isForgotten({ lastAt }: Lane, now: number, withinMs: number): boolean {
  return Math.abs(now - lastAt) > 2 * windowOf(doublings, withinMs)
}

const firstRetryMs = 5_000
const longestRetryMs = 10 * 60_000
const longestAskedMs = 60 * 60_000

/**
 * How long to wait after the `attempt`-th failed try: doubled each time, and spread, so that what failed together does not
 * come back together.
 * @param jitter 0 ≤ jitter < 1, handed in
 * @param askedMs what the other side asked for; it is never undercut, but for more than an hour
 */
export function retryAfterMs(attempt: number, jitter: number, askedMs: number | null): number {
  const step = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempt - 1))
  const spread = Math.round(step * (0.75 + 0.5 * jitter))
  return Math.max(spread, Math.min(askedMs ?? 0, longestAskedMs))
}

/** Whether a try is due: no try is put off longer than an hour, so that one that is further off was reckoned by a clock that was wrong. */
export function isDue(nextAt: number, now: number): boolean {
  return nextAt <= now || nextAt - now > longestAskedMs
}
