import { expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { House, source } from './room.fixture.ts'

const labels = (n: number) => ({ alertname: `Down${n}`, service: `s${n}`, severity: 'critical' })

test.each([
  ['without what later versions added', ['watches', 'deliveries', 'silences', 'redaction']],
  ['without what is remembered of deliveries', ['deliveries']],
  ['without silences', ['silences']],
])('F3 a checkpoint of an older version, %s, is a start like any other', async (_, absent) => {
  const before = await House.open()
  await before.alert(labels(1))
  await before.alert(labels(2))
  const { commit } = before.store
  before.store.commit = (intention) => {
    const { checkpoint } = intention
    if (checkpoint === undefined) return commit(intention)
    const filter = structuredClone(checkpoint.filter) as { state: Record<string, unknown> }
    for (const name of absent) delete filter.state[name]
    return commit({ ...intention, checkpoint: { ...checkpoint, filter } })
  }
  await before.room.checkpoint()
  before.store.commit = commit
  await before.later(minuteMs).alert(labels(2))

  const house = await before.restart()
  const { filter } = house.room.world()
  expect(filter.size()).toMatchObject({ alerts: 2, firing: 2 })
  expect(house.room.silences.list()).toEqual([])
  expect(filter.watches.of(source.id)).toEqual([])
  expect(house.room.incident('INC-1002')?.alerts).toEqual({ firing: 1, total: 1 })
  const who = { by: 'person:ana', address: null }
  const span = { startsAt: house.now, endsAt: house.now + minuteMs, createdBy: 'Ana', comment: 'x' }
  await house.room.silences.set(who, { ...span, matchers: [{ name: 'alertname', op: '=', value: 'Down3' }] })
  await house.alert(labels(3))
  expect(filter.size()).toMatchObject({ alerts: 3, held: 1 })
  await house.room.checkpoint()
  expect((await house.restart()).room.world().filter.size()).toEqual(filter.size())
})
