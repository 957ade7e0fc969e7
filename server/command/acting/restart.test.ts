import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minuteMs, secondMs } from '#shared/clocks.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { ana, ben, brief, carla, House, here } from '../room.fixture.ts'

const who = { ana, ben, carla }
const what = { title: 'Customers call', service: null, tier: null, description: '', flags: [] }
/** Each step of an offer's life, and time that passes to and over its deadline. */
const steps = [
  { by: 'ana', act: { type: 'offer', to: 'ben', brief } },
  { by: 'ana', act: { type: 'revise', brief: { situation: 'It fails more.' } } },
  { by: 'ben', act: { type: 'accept', revision: 1, readBack: 'It fails, mine.' } },
  { by: 'ben', act: { type: 'accept', revision: 2, readBack: 'It fails more, mine.' } },
  { by: 'ben', act: { type: 'decline', reason: 'Busy.' } },
  { by: 'ana', act: { type: 'withdraw' } },
  { by: 'ben', act: { type: 'ask-relief' } },
  { by: 'ana', act: { type: 'grant-relief' } },
  { by: 'carla', act: { type: 'take-over', reason: 'Ana sleeps.' } },
  { waitMs: minuteMs },
  { waitMs: 2 * minuteMs - 1 },
  { waitMs: secondMs },
] as const
type Step = (typeof steps)[number]

/** Tells the steps, and starts the house anew where `restarts` says so. @returns what was answered and what the record holds */
async function told(story: readonly Step[], restarts: (index: number) => boolean) {
  const store = makeMemoryStore()
  let house = await House.open(store)
  const { incidentId } = await house.room.declare(ana, what, here)
  await house.does(ana, incidentId, { type: 'claim' }, 'claim')
  const answers: string[] = []
  for (const [index, step] of story.entries()) {
    if ('waitMs' in step) house.later(step.waitMs)
    else {
      const answer = house.does(who[step.by], incidentId, step.act, `c${index}`)
      answers.push(
        await answer.then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      )
    }
    if (restarts(index)) house = await house.restart()
    house.room.tick()
    await house.settled()
  }
  const facts = await store.read.factsOf(incidentId)
  return {
    answers,
    facts: facts.map(({ type, at, by }) => `${type} ${at - house.now} ${by}`),
    incident: house.room.incident(incidentId),
  }
}

describe('a restart', () => {
  test('O6 at any step of an offer changes nothing: the same answers, the same facts, each deadline once', async () => {
    const story = fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(story, fc.infiniteStream(fc.boolean()), async (acts, coin) => {
        const plain = await told(acts, () => false)
        const restarts = [...coin.take(acts.length)]
        expect(await told(acts, (index) => restarts[index] === true)).toEqual(plain)
        expect(await told(acts, () => true)).toEqual(plain)
      }),
      { numRuns: 25 },
    )
  })

  test('O6 an offer whose deadline passes while nobody is there expires once, and the same acceptance is then refused', async () => {
    const offered = steps[0]
    const { facts, answers } = await told(
      [offered, { waitMs: minuteMs }, { waitMs: 2 * minuteMs - 1 }, steps[2]],
      () => true,
    )
    expect(facts.filter((fact) => fact.startsWith('offer-expired'))).toHaveLength(1)
    expect(answers).toEqual(['done', 'no-open-offer'])
  })
})
