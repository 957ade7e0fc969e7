import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Slices, sortInSlices, Turns } from './slices.ts'

it('sorts as one would at a stretch, equal ones as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 3000, size: 'max' }), async (numbers) => {
      const items = numbers.map((value, index) => ({ value, index }))
      const compare = (a: { value: number }, b: { value: number }) => a.value - b.value
      expect(await sortInSlices(items, compare, new Slices(new Turns()))).toEqual(items.toSorted(compare))
    }),
    { numRuns: 30 },
  )
})

it('others get their turn meanwhile', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const items = Array.from({ length: 60_000 }, (_, index) => `${(index * 7919) % 60_000}`.padStart(200, '0'))
  const sorted = await sortInSlices(items, (a, b) => (a < b ? -1 : 1), new Slices(new Turns()))
  clearInterval(timer)
  expect(sorted[0]).toBe(items[0])
  expect(turns).toBeGreaterThan(0)
})

it('however many work at once, each turn of the event loop is one’s', async () => {
  const turns = new Turns()
  let turn = 0
  let going = true
  const count = () => {
    turn++
    if (going) setImmediate(count)
  }
  setImmediate(count)
  const worked: number[] = []
  const work = async () => {
    const slices = new Slices(turns)
    for (let stretch = 0; stretch < 5; stretch++) {
      await slices.rest()
      worked.push(turn)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  going = false
  expect(worked).toHaveLength(20)
  expect(new Set(worked).size).toBe(20)
})
