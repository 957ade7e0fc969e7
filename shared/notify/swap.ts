import { z } from 'zod'
import { hourMs } from '../clocks.ts'
import { notificationReasonSchema } from '../duty/escalation.ts'
import type { Preferences } from './preferences.ts'
import { type Passage, quietUntil } from './quiet.ts'
import type { PersonalKind } from './view.ts'

const instant = z.number().int()
const person = z.string().min(1)

interface Stretch {
  /** Name of the rotation. */
  rotation: string
  layer: string
  from: number
  to: number
}

/** An offer to take over a shift, as those are told of it who have to do with it. Instants are epoch ms. */
export interface SwapTold extends Stretch {
  id: string
  rotationId: string
  /** Whose shift it is. */
  person: string
  inReturn: Stretch | null
  /** Who may accept it now. */
  eligible: readonly string[]
  state: 'open' | 'accepted' | 'declined' | 'withdrawn' | 'expired'
  /** Who accepted it, was the last to decline it, or withdrew it; null: nobody, or a machine. */
  endedBy: string | null
}

const swapMatterSchema = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('swap-offered'), swap: z.string() }),
  z.strictObject({
    code: z.literal('swap-answered'),
    swap: z.string(),
    answer: z.enum(['accepted', 'declined', 'withdrawn', 'expired']),
    by: person.nullable(),
  }),
])

/** One person is to be told of a swap: ids alone, as of an incident; words are filled in when it is sent. */
export const swapIntentSchema = z.strictObject({
  incidentId: z.null(),
  to: z.strictObject({ person }),
  reason: notificationReasonSchema,
  matter: swapMatterSchema,
  at: instant,
  /** When the shift begins. */
  begins: instant,
})
export type SwapIntent = z.output<typeof swapIntentSchema>

/** What was told of each swap, by its id: what is told follows from this and from the swaps, again after a crash (rule SW1). */
export const swapsToldSchema = z.record(z.string(), z.enum(['offered', 'answered']))
export type SwapsTold = z.output<typeof swapsToldSchema>

const stageOf = ({ state }: Pick<SwapTold, 'state'>) => (state === 'open' ? 'offered' : 'answered')

/** Everything there is counts as told. */
export const toldOf = (swaps: readonly SwapTold[]): SwapsTold =>
  Object.fromEntries(swaps.map((swap) => [swap.id, stageOf(swap)]))

/**
 * Who is to be told what of the swaps as they stand. Rule SW1: whoever may accept a shift is told that it is offered, and whoever offers
 * it what came of that; of what they did themselves nobody is told.
 * @param told before; a swap of which the answer comes before the offer was told is told by its answer alone
 */
export function planSwaps(swaps: readonly SwapTold[], told: SwapsTold, now: number): SwapIntent[] {
  return swaps.flatMap((swap): SwapIntent[] => {
    const { id, state, endedBy: by, from: begins } = swap
    if (told[id] === stageOf(swap)) return []
    const base = { incidentId: null, at: now, begins }
    if (state === 'open')
      return swap.eligible.map((each) => ({
        ...{ ...base, to: { person: each }, reason: 'offered' },
        matter: { code: 'swap-offered', swap: id },
      }))
    if (by === swap.person) return []
    return [
      {
        ...{ ...base, to: { person: swap.person }, reason: state === 'expired' ? 'expired' : 'new' },
        matter: { code: 'swap-answered', swap: id, answer: state, by },
      },
    ]
  })
}

/** Why this need not be told any more, in words; null while it is true (rule N3). */
export function swapOvertaken(
  { matter, to }: Pick<SwapIntent, 'matter' | 'to'>,
  swap: SwapTold | undefined,
): string | null {
  if (swap === undefined) return 'the swap is gone'
  if (matter.code === 'swap-answered') return null
  if (swap.state !== 'open') return 'the offer was answered or taken back meanwhile'
  return swap.eligible.includes(to.person) ? null : 'they declined it, or cannot respond any more'
}

/** What begins sooner than this is not held back by quiet hours. */
const soonMs = 24 * hourMs
export const isSoon = ({ begins }: Pick<SwapIntent, 'begins'>, now: number): boolean => begins - now <= soonMs

/**
 * Rule SW2: quiet hours hold it back, but no longer than until a day before the shift begins, unless the person has chosen that
 * expressly. Tiers do not count: what is offered comes anyway.
 */
export function swapPassage(preferences: Preferences, kind: PersonalKind, begins: number, at: number): Passage {
  if (!preferences.channels[kind].on) return { goes: 'never' }
  const until = quietUntil(preferences, at)
  if (until === null) return { goes: 'now' }
  if (preferences.quietForUrgent) return { goes: 'later', at: until }
  const latest = begins - soonMs
  return latest <= at ? { goes: 'now' } : { goes: 'later', at: Math.min(until, latest) }
}
