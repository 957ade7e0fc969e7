import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { policySchema } from '#shared/policy.ts'
import { noRota } from '../../duty/port.ts'
import { House } from '../room.fixture.ts'

/** An incident that nobody owns, in a house that asks on-call, after five minutes dan, after ten more ana. */
async function opened(onCall: () => readonly string[] = () => ['ben']) {
  const steps = [
    { notify: ['on-call'], wait: '5m' },
    { notify: ['dan'], wait: '10m' },
    { notify: ['ana'], wait: '5m' },
  ]
  const house = await House.open(undefined, undefined, undefined, {
    policy: policySchema.parse({
      teams: [{ id: 'pay', members: [] }],
      services: [{ id: 'checkout', team: 'pay' }],
      escalation_policies: [{ id: 'p', steps: steps.slice(0, onCall().length === 0 ? 1 : 3), repeat: 0 }],
    }),
    rota: { ...noRota, onCall, onCallOfTeam: onCall },
  })
  await house.alert({ alertname: 'Down', service: 'checkout', severity: 'critical' })
  return house
}
const tick = async (house: House, ms = 0) => {
  house.later(ms).room.tick()
  await house.settled()
}
const asked = async (house: House) =>
  (await house.store.read.factsOf('INC-1001')).flatMap((fact) => (fact.type === 'paged' ? [fact.people] : []))

describe('a clock that is set back', () => {
  test('E9 the next step comes after as long as it was to be waited for, and so do those after it', async () => {
    const house = await opened()
    await tick(house)
    await tick(house, 2 * minuteMs)
    await tick(house, -3 * hourMs)
    await tick(house, 3 * minuteMs - 1)
    expect(await asked(house)).toEqual([['ben']])
    await tick(house, 1)
    expect(await asked(house)).toEqual([['ben'], ['dan']])
    // Once more, by less than has passed since the last step.
    await tick(house, 6 * minuteMs)
    await tick(house, -4 * minuteMs)
    await tick(house, 4 * minuteMs - 1)
    expect(await asked(house)).toHaveLength(2)
    await tick(house, 1)
    expect(await asked(house)).toEqual([['ben'], ['dan'], ['ana']])
    for (let hour = 0; hour < 5; hour++) await tick(house, hourMs)
    expect(await asked(house)).toHaveLength(3)
  })

  test('E9 twice before the step: both jumps are taken off', async () => {
    const house = await opened()
    await tick(house)
    for (const back of [hourMs, 10 * minuteMs]) {
      await tick(house, minuteMs)
      await tick(house, -back)
    }
    await tick(house, 3 * minuteMs - 1)
    expect(await asked(house)).toHaveLength(1)
    await tick(house, 1)
    expect(await asked(house)).toHaveLength(2)
  })

  test('E9 a restart after it, or during it: the step waits once more at most as long as it was to wait', async () => {
    let house = await opened()
    await tick(house)
    await tick(house, 2 * minuteMs)
    house.later(-3 * hourMs)
    house = await house.restart()
    await tick(house)
    await tick(house, 5 * minuteMs - 1)
    expect(await asked(house)).toHaveLength(1)
    await tick(house, 1)
    expect(await asked(house)).toEqual([['ben'], ['dan']])
  })

  test('E9 what is to be told at once is told at once; so is who comes on call when nobody was', async () => {
    const house = await opened()
    await tick(house.later(-hourMs))
    expect(await asked(house)).toEqual([['ben']])

    let on: string[] = []
    const alone = await opened(() => on)
    await tick(alone)
    await tick(alone, -hourMs)
    expect(await asked(alone)).toEqual([[]])
    on = ['ben']
    await tick(alone, minuteMs)
    expect(await asked(alone)).toEqual([[], ['ben']])
  })

  test('E9 trimming by less than a second changes nothing', async () => {
    const house = await opened()
    await tick(house)
    for (let minute = 0; minute < 4; minute++) {
      await tick(house, minuteMs + 200)
      await tick(house, -200)
    }
    await tick(house, minuteMs - 1)
    expect(await asked(house)).toHaveLength(1)
    await tick(house, 1)
    expect(await asked(house)).toHaveLength(2)
  })
})
