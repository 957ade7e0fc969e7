import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Deliveries, rememberedMs } from '../memory/deliveries.ts'
import { outcomesOf, Story } from '../story.fixture.ts'

describe('deliveries', () => {
  it('F12: one that comes again is known, another source’s is not, and one of long ago is new', () => {
    const deliveries = new Deliveries()
    expect(deliveries.note('a', 'x', 1)).toBeNull()
    expect(deliveries.note('a', 'x', 2)).toBe(1)
    expect(deliveries.note('b', 'x', 2)).toBeNull()
    expect(deliveries.note('a', 'x', 1 + rememberedMs)).toBeNull()
  })

  it('remembers within bounds, the newest', () => {
    const deliveries = new Deliveries()
    for (let index = 0; index < 20_000; index++) deliveries.note('a', String(index), 1)
    expect(deliveries.save()[0]?.[1]).toHaveLength(5000)
    expect(deliveries.note('a', '19999', 1)).toBe(1)
  })

  it('F3: made again from what was saved, it knows the same', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(8), fc.nat(rememberedMs))), (steps) => {
        const steady = new Deliveries()
        let again = new Deliveries()
        let now = 0
        for (const [source, id, passed] of steps) {
          now += passed
          again = new Deliveries(JSON.parse(JSON.stringify(again.save())))
          expect(again.note(source, String(id), now)).toBe(steady.note(source, String(id), now))
        }
      }),
    )
  })
})

it('F12: a firing delivered again after the alert has ended fires nothing; a new one with the same words does', () => {
  const story = new Story()
  const labels = { alertname: 'Down', service: 'checkout' }
  const about = { dedupKey: 'k', family: 'keyed' } as const
  story.fire(0, labels, { ...about, deliveryId: 'msg_1' })
  story.fire(1, labels, { ...about, status: 'resolved', endsAt: null, deliveryId: 'msg_2' })
  const again = story.fire(2, labels, { ...about, deliveryId: 'msg_1' })
  expect(outcomesOf(again)).toEqual(['repeated - delivered before'])
  expect(again.counts).toEqual({ repeated: 1 })
  expect(story.alert('Down')).toMatchObject({ status: 'resolved', refires: 0 })
  story.fire(3, labels, { ...about, deliveryId: 'msg_3' })
  expect(story.alert('Down')).toMatchObject({ status: 'firing', refires: 1 })
})
