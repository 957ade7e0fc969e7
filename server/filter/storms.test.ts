import { expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { policySchema } from '#shared/policy.ts'
import { watchSourceId } from '../command/index.ts'
import { House } from '../command/room.fixture.ts'

const policy = policySchema.parse({
  filters: { shed: [{ name: 'many', match: ['severity="critical"'], more_than: 5, within: '1m' }] },
})

it('S1, S2, S3: a storm in a whole house is one alert that counts, is counted as an event of ours, and ends', async () => {
  const house = await House.open()
  await house.room.activatePolicy({ hash: 'storms', policy, text: '' })
  // Past the time of grace after a start.
  house.later(5 * minuteMs)
  const send = (from: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        house.alert({ alertname: 'Down', instance: `h${from + n}`, severity: 'critical', service: 'fleet' }),
      ),
    )
  await send(0, 40)
  const incidents = () => [...house.room.world().incidents.values()]
  const storm = () => [...house.room.world().filter.alerts()].find(({ labels }) => labels.alertname === 'AlertStorm')
  expect(incidents().map(({ alerts }) => alerts.firing)).toEqual([5, 1])
  expect(storm()).toMatchObject({ status: 'firing', sourceId: watchSourceId })
  house.later(minuteMs / 2)
  await send(100, 20)
  house.later(minuteMs / 2).room.tick()
  await house.store.commit({})
  expect(storm()?.title).toMatch(/: 55 more alerts of 1 kind$/)
  for (let minute = 0; minute < 2; minute++) house.later(minuteMs).room.tick()
  await house.store.commit({})
  expect(storm()?.status).toBe('resolved')
  expect(incidents().map(({ alerts }) => alerts.firing)).toEqual([60, 0])
  expect(house.room.world().filter.size().held).toBe(0)
  const ledger = await house.store.read.ledger(0)
  const sum = (outcome: string) => ledger.reduce((total, { counts }) => total + (counts[outcome as 'shed'] ?? 0), 0)
  expect([sum('shed'), sum('attached'), sum('opened'), sum('repeated'), sum('resolved')]).toEqual([55, 4, 2, 1, 1])
})
