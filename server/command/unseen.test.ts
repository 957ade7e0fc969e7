import { expect, it } from 'vitest'
import type { UxbridgeError } from '#shared/errors.ts'
import { ana, ben, carla, House, here } from './room.fixture.ts'

const restrict = { type: 'flag', flag: 'restricted', on: true }
const words = (work: Promise<unknown>): Promise<{ code: string; message: string } | null> =>
  work.then(
    () => null,
    (error: UxbridgeError) => error.body(),
  )

/** `part` was merged into `whole`, of carla, which is restricted now; `part` was opened to all again. */
async function merged() {
  const house = await House.open()
  const declared = async (by: typeof ana, title: string) =>
    (await house.room.declare(by, { title, service: null, tier: null, description: '', flags: [] }, here)).incidentId
  const [part, whole, own] = [
    await declared(carla, 'A part'),
    await declared(carla, 'All of it'),
    await declared(ben, 'B'),
  ]
  await house.does(carla, part, { type: 'merge', into: whole, reason: 'the same' })
  await house.does(carla, whole, restrict)
  await house.does(carla, part, { ...restrict, on: false }).catch(() => undefined)
  const facts = await house.store.read.factsOf(part)
  const seq = facts.find(({ type }) => type === 'merged')?.seq ?? 0
  return { house, part, whole, own, seq }
}

it('RS11: a refusal names nothing that whoever asked may not see and has not named', async () => {
  const { house, part, whole, own, seq } = await merged()
  expect([house.room.sees(ben, part), house.room.sees(ben, whole)]).toEqual([true, false])
  const into = await words(house.does(ben, own, { type: 'merge', into: part, reason: 'it too' }, 'ben-1'))
  expect(into).toMatchObject({
    code: 'phase-forbids',
    message: `${part} was itself merged into another incident; merge into that one.`,
  })
  const undone = await words(house.does(ben, part, { type: 'undo', seq }))
  expect(undone?.code).toBe('not-found')
  expect(undone?.message).not.toContain(whole)
  const named = await words(house.does(ben, own, { type: 'merge', into: whole, reason: 'it too' }))
  expect(named).toEqual({ code: 'not-found', message: `There is no incident ${whole}.` })
  const seen = await words(house.does(carla, own, { type: 'merge', into: part, reason: 'it too' }))
  expect(seen?.message).toContain(whole)
})

it('RS11: what is stored of a refusal says which incident it was about, so that who asks again can be judged again', async () => {
  const { house, own } = await merged()
  await words(house.does(ana, own, { type: 'confirm' }, 'ana-1'))
  expect((await house.store.read.answer('person:ana', 'ana-1'))?.body).toMatchObject({ incidentId: own })
})
