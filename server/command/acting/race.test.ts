import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginning, essence, essenceOf, explained, type Model, type Move, offerMs, people } from './race.fixture.ts'
import { declared, expectOneOwner, held, isSame, raced, slowHouse, watchShown } from './racing.fixture.ts'

const who = fc.constantFrom(...people)
const aMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    who,
    does: fc.constantFrom(
      ...(['claim', 'decline', 'withdraw', 'ask-relief', 'grant-relief', 'take-over', 'release'] as const),
    ),
  }),
  { weight: 1, arbitrary: fc.record({ who, does: fc.constantFrom('offer' as const), to: who }) },
  fc.record({ who, does: fc.constant('accept' as const), revision: fc.integer({ min: 1, max: 2 }) }),
  fc.constant({ who: 'clock' as const, does: 'poll' as const }),
  fc.record({
    who: fc.constant('clock' as const),
    does: fc.constant('pass' as const),
    ms: fc.constantFrom(1000, offerMs - 1, offerMs),
  }),
)
const aRace = fc.array(fc.record({ move: aMove, turns: fc.nat(12) }), { minLength: 1, maxLength: 5 })

describe('commands that people give at once', () => {
  test('O8 any overlap of ownership commands has the answers and the end of some order of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aRace, { minLength: 1, maxLength: 8 }), async (races) => {
        const house = await slowHouse()
        const checkShown = watchShown(house)
        const id = await declared(house)
        let possible: Model[] = [beginning(house.now)]
        for (const race of races) {
          const moves = race.map(({ move }) => move)
          const answers = await raced(
            house,
            id,
            moves,
            race.map(({ turns }) => turns),
          )
          const now = essence(held(house, id))
          const after = possible.flatMap((from) => explained(from, moves, answers))
          possible = after.filter((model) => isSame(essenceOf(model), now))
          if (possible.length === 0) expect({ moves, answers, after: after.map(essenceOf) }).toEqual({ is: now })
        }
        await expectOneOwner(house, id)
        checkShown()
      }),
      { numRuns: 100 },
    )
  })
})
