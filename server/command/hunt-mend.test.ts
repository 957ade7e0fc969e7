import { expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { ana, House, refusal } from './room.fixture.ts'

const labels = (n: number) => ({ alertname: `Down${n}`, service: `s${n}`, severity: 'critical' })

/** All that a restart must find again. */
function picture({ room }: House) {
  const { filter, incidents, pos, seq } = room.world()
  return structuredClone({
    pos,
    seq,
    incidents: [...incidents.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    alerts: [...filter.alerts()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    size: filter.size(),
  })
}

test('F3 what comes while memory is made again from a mended store is refused, and takes nothing of what was lost with it', async () => {
  const house = await House.open()
  await house.alert(labels(1))
  // Memory runs ahead of the disk: this one is refused after it was folded.
  const { commit } = house.store
  house.store.commit = async () => {
    house.store.fillUp()
    throw house.store.failure()
  }
  expect(await refusal(house.alert(labels(2)))).toBe('store-full')
  house.store.commit = commit

  const answers: string[] = []
  const audited = (await house.store.read.audit(0, 100)).length
  const { restore } = house.store.read
  house.store.read.restore = async (since) => {
    const restored = await restore(since)
    // The store takes writes by now; what is in memory is still that of before.
    answers.push(await refusal(house.later(minuteMs).alert(labels(2))))
    answers.push(await refusal(house.alert(labels(3))))
    answers.push(await refusal(house.does(ana, 'INC-1001', { type: 'claim' })))
    answers.push(await refusal(house.does(ana, 'INC-1001', { type: 'release', reason: 'not mine' })))
    expect((await house.store.read.audit(0, 100)).length).toBe(audited)
    house.later(10 * minuteMs).room.tick()
    await house.room.checkpoint()
    expect(house.room.ready()).toBe(false)
    return restored
  }
  expect(await house.room.mend()).toBe(true)
  house.store.read.restore = restore
  expect(answers).toEqual(['store-full', 'store-full', 'store-full', 'store-full'])
  expect(house.room.ready()).toBe(true)

  await house.alert(labels(2))
  await house.alert(labels(3))
  expect(await refusal(house.does(ana, 'INC-1001', { type: 'claim' }))).toBe('done')
  expect(picture(await house.restart())).toEqual(picture(house))
  expect(house.room.incident('INC-1002')?.service).toBe('s2')
})

test('F3 what a store that is not mended yet holds back stays held back', async () => {
  const house = await House.open()
  house.store.fillUp()
  const { mend } = house.store
  house.store.mend = () => Promise.reject(house.store.failure())
  expect(await house.room.mend()).toBe(false)
  expect(await refusal(house.alert(labels(1)))).toBe('store-full')
  house.store.mend = mend
  expect(await house.room.mend()).toBe(true)
  expect(await refusal(house.alert(labels(1)))).toBe('done')
})
