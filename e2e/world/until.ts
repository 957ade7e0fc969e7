import { setTimeout as pause } from 'node:timers/promises'

export interface Patience {
  /** How long to go on asking, ms. Generous by default: the machine may be slow and busy. */
  within?: number
  /** Pause between two questions, ms. */
  every?: number
}

/**
 * Asks until there is an answer. The only way to wait for a state from outside: it ends as soon as the state is there.
 * @param what in words, for the error: `the offer to expire`
 * @param ask gives the answer, or null, undefined or false while there is none; what it throws counts as no answer yet
 * @throws Error when there was none in time, with the last thing that `ask` threw
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { within = 45_000, every = 25 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + within
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false) return answer
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${within} ms for ${what}`, { cause: last })
    await pause(every)
  }
}
