import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '#shared/clocks.ts'
import { planSwaps, type SwapIntent, type SwapsTold, swapPassage, toldOf } from '#shared/notify/swap.ts'
import type { SwapBoard } from '../../duty/port.ts'
import type { Change } from './book.ts'
import type { OfSwap } from './rows.ts'
import type { TakingParts } from './taking.ts'

export interface SwapWatchParts {
  clock: Clock
  swaps: SwapBoard
  addresses: TakingParts['addresses']
}

/** Shifts that are offered, as far as somebody is to be told of them. */
export interface SwapWatch {
  /** Whether swaps were changed, or one has expired, since they were looked at last. */
  hasNews(): boolean
  /** Writes what follows from the swaps as they stand (rule SW1). @param told what is told of them so far */
  take(told: SwapsTold | null, write: (change: Change) => Promise<void>): Promise<void>
  /** Looks again, whatever was seen. */
  forget(): void
}

export function makeSwapWatch({ clock, swaps, addresses }: SwapWatchParts): SwapWatch {
  let seen = -1
  let nextExpiryAt: number | null = null
  const hasNews = () => swaps.revision() !== seen || (nextExpiryAt !== null && clock.now() >= nextExpiryAt)
  return {
    hasNews,
    async take(told, write) {
      if (!hasNews()) return
      const revision = swaps.revision()
      const expiry = swaps.nextExpiryAt()
      const all = swaps.all()
      const after = toldOf(all)
      const now = clock.now()
      if (!isDeepStrictEqual(after, told))
        await write({ swaps: after, ...takeIn(planSwaps(all, told ?? {}, now), addresses, now) })
      seen = revision
      nextExpiryAt = expiry
    },
    forget() {
      seen = -1
    },
  }
}

/** Each of whom it concerns waits for it on each of their ways. */
function takeIn(
  intents: readonly SwapIntent[],
  addresses: TakingParts['addresses'],
  now: number,
): Required<Pick<Change, 'wait' | 'dropped'>> {
  const wait: OfSwap[] = []
  const dropped: { delivery: OfSwap; why: string }[] = []
  for (const intent of intents) {
    const { to, matter, begins } = intent
    const over = (channel: string, notBefore: number): OfSwap => ({
      ...intent,
      ...{ channel, notBefore, key: `${matter.code}.${matter.swap}.${to.person}.${channel}` },
    })
    const kinds = addresses.isActive(to.person) ? addresses.kinds(to.person) : []
    const ways = kinds.flatMap((kind) => {
      const how = swapPassage(addresses.preferences(to.person), kind, begins, now)
      return how.goes === 'never' ? [] : [over(kind, how.goes === 'now' ? now : how.at)]
    })
    wait.push(...ways)
    if (ways.length > 0) continue
    if (kinds.length > 0) dropped.push({ delivery: over('-', now), why: 'they chose not to be told of this' })
    else dropped.push({ delivery: over('none', now), why: 'no way to reach them is set up' })
  }
  return { wait, dropped }
}
