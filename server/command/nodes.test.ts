import { describe, expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { makeMemoryStore } from '../store/index.ts'
import { ana, brief, House } from './room.fixture.ts'

/** Two processes on one store, both of which know of an offer that is about to expire. */
async function twoNodes() {
  const store = makeMemoryStore()
  const one = await House.open(store, undefined, undefined, { node: 'one' })
  const what = { title: 'Customers call', service: null, tier: null, description: '', flags: [] }
  const { incidentId } = await one.room.declare(ana, what, { address: null })
  await one.does(ana, incidentId, { type: 'claim' })
  await one.does(ana, incidentId, { type: 'offer', to: 'ben', brief })
  const two = await House.open(store, one.now, undefined, { node: 'two' })
  const expired = async () =>
    (await store.read.factsOf(incidentId)).filter(({ type }) => type === 'offer-expired').length
  const later = async (house: House, ms: number) => {
    house.later(ms).room.tick()
    await house.settled()
  }
  return { store, one, two, expired, later, incidentId }
}

describe('deadlines of two nodes', () => {
  test('D2 both find an offer expired at the same time: it expires once, whoever comes first', async () => {
    for (const first of [0, 1]) {
      const { one, two, expired, later } = await twoNodes()
      const nodes = first === 0 ? [one, two] : [two, one]
      await Promise.all(nodes.map((house) => later(house, 2 * minuteMs)))
      expect(await expired()).toBe(1)
      // The other comes back for it when the lease is over, and sees that it was done.
      for (let minute = 0; minute < 5; minute++) {
        for (const house of nodes) await later(house, minuteMs)
        expect(await expired()).toBe(1)
      }
    }
  })

  test('D2 a node that dies with a lease leaves the deadline to the other', async () => {
    const { store, two, expired, later, incidentId, one } = await twoNodes()
    const at = one.now + 2 * minuteMs
    await store.lease({ keys: [`offer-expires/${incidentId}/${at}`], holder: 'one', at, until: at + minuteMs })
    await later(two, 2 * minuteMs)
    expect(await expired()).toBe(0)
    await later(two, minuteMs)
    expect(await expired()).toBe(1)
  })
})
