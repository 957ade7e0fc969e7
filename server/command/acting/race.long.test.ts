import { describe, expect, test } from 'vitest'
import { beginning, essence, essenceOf, explained, type Move, offerMs, step } from './race.fixture.ts'
import { declared, expectOneOwner, held, isSame, raced, slowHouse, watchShown } from './racing.fixture.ts'

/** The states that a race can begin in, by the moves that lead there. */
const states: Record<string, Move[]> = {
  'nobody owns it': [],
  'nobody owns it, offered to ben': [{ who: 'carla', does: 'offer', to: 'ben' }],
  'ana owns it': [{ who: 'ana', does: 'claim' }],
  'ana owns it, offered to ben': [
    { who: 'ana', does: 'claim' },
    { who: 'ana', does: 'offer', to: 'ben' },
  ],
  'ana owns it, offered to ben a moment before the deadline': [
    { who: 'ana', does: 'claim' },
    { who: 'ana', does: 'offer', to: 'ben' },
    { who: 'clock', does: 'pass', ms: offerMs - 1 },
  ],
  'ana owns it, offered to ben, and the deadline has passed unnoticed': [
    { who: 'ana', does: 'claim' },
    { who: 'ana', does: 'offer', to: 'ben' },
    { who: 'clock', does: 'pass', ms: offerMs },
  ],
  'ana owns it, ben asks for relief': [
    { who: 'ana', does: 'claim' },
    { who: 'ben', does: 'ask-relief' },
  ],
  'carla commands and owns it': [{ who: 'carla', does: 'claim' }],
}

/** Each command by somebody who may give it somewhere, and by somebody who may not. */
const contenders: Move[] = [
  ...(['ana', 'ben', 'dan'] as const).map((who): Move => ({ who, does: 'claim' })),
  { who: 'ana', does: 'offer', to: 'ben' },
  { who: 'ana', does: 'offer', to: 'dan' },
  { who: 'carla', does: 'offer', to: 'ana' },
  { who: 'ben', does: 'accept', revision: 1 },
  { who: 'dan', does: 'accept', revision: 1 },
  { who: 'ben', does: 'decline' },
  { who: 'dan', does: 'decline' },
  { who: 'ana', does: 'withdraw' },
  { who: 'carla', does: 'withdraw' },
  { who: 'ben', does: 'withdraw' },
  { who: 'clock', does: 'pass', ms: 1 },
  { who: 'clock', does: 'poll' },
  { who: 'ben', does: 'ask-relief' },
  { who: 'dan', does: 'ask-relief' },
  { who: 'ana', does: 'grant-relief' },
  { who: 'carla', does: 'grant-relief' },
  { who: 'carla', does: 'take-over' },
  { who: 'dan', does: 'take-over' },
  { who: 'ana', does: 'release' },
  { who: 'carla', does: 'release' },
  { who: 'ana', does: 'resolve' },
  { who: 'carla', does: 'resolve' },
]

describe('every pair of commands at once, either first', () => {
  test.each(Object.keys(states))('O8 while %s', async (name) => {
    const house = await slowHouse()
    const checkShown = watchShown(house)
    const ends = new Set<string>()
    for (const [first, one] of contenders.entries())
      for (const other of contenders.slice(first))
        for (const turns of [
          [0, 0],
          [0, 4],
          [4, 0],
        ]) {
          const id = await declared(house)
          let from = beginning(house.now)
          for (const move of states[name] ?? []) {
            expect(await raced(house, id, [move], [])).toEqual(['done'])
            from = step(from, move).model
          }
          const answers = await raced(house, id, [one, other], turns)
          const now = essence(held(house, id))
          const after = explained(from, [one, other], answers).map(essenceOf)
          if (!after.some((model) => isSame(model, now)))
            expect({ one, other, turns, answers, after }).toEqual({ is: now })
          if (one.does === 'claim' && other.does === 'claim') ends.add(now.owner ?? 'nobody')
          await expectOneOwner(house, id)
        }
    checkShown()
    // Both orders of a pair were really met.
    if (name === 'nobody owns it') expect([...ends].sort()).toEqual(['ana', 'ben', 'dan'])
  })
})
