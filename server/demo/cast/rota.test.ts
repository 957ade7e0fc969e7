import { expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { as, openDuty } from '../../duty/duty.fixture.ts'
import { rotaOf } from '../../duty/reckoning/roster.fixture.ts'
import { readPolicyText } from '../../policy/index.ts'
import type { Api } from '../client.ts'
import { demoPolicy, players, visitor } from './cast.ts'
import { arrangeRota } from './rota.ts'

const dayMs = 24 * hourMs

it('the demo’s policy is read with its rotations, whatever day it is', () => {
  for (const day of [0, 5, 11]) {
    const now = Date.UTC(2026, 11, 20, 7) + day * dayMs
    const { policy } = readPolicyText(demoPolicy((key) => `p_${key}`, now))
    expect(policy.rotations.map(({ id }) => id)).toEqual(['payments', 'platform', 'shop', 'command'])
    const [ahead] = policy.holidays[0]?.days ?? []
    const away = Date.parse(ahead?.date ?? '') - now
    expect(away).toBeGreaterThan(0)
    expect(away).toBeLessThan(14 * dayMs)
    const troubles = rotaOf(policy).troubles(now, now + 28 * dayMs)
    expect(troubles.map(({ kind, rotation }) => `${kind} ${rotation}`).filter((one) => one !== 'gap shop')).toEqual([])
    expect(troubles.length).toBeGreaterThan(0)
    for (const { layers } of policy.rotations)
      for (const { starts } of layers) expect(Date.parse(`${starts}Z`)).toBeLessThan(now - 14 * dayMs)
  }
})

it('before there are people there are no rotations, and it is read too', () => {
  expect(readPolicyText(demoPolicy(() => null, 0)).policy.rotations).toEqual([])
})

it('what is changed and offered in it is taken, at whatever hour of the week the demo begins', async () => {
  for (let hour = 0; hour < 7 * 24; hour += 5) {
    const now = Date.UTC(2026, 2, 23) + hour * hourMs
    const { policy } = readPolicyText(demoPolicy((key) => key, now))
    const cast = Object.fromEntries([visitor, ...players].map(({ key, name }) => [key, name]))
    const house = await openDuty(policy, now, undefined, cast)
    const apiOf = (key: string) => {
      const asker = { ...as(key), mayManage: true }
      const must = async (_: string, path: string, body: never) => {
        if (path.endsWith('/overrides'))
          return house.duty.override(asker, { layer: null, ...(body as object) } as never)
        if (path.endsWith('/swaps')) return house.duty.offer(asker, { inReturn: null, ...(body as object) } as never)
        const from = Math.floor(now / dayMs) * dayMs
        return house.duty.view(asker, from, from + 28 * dayMs)
      }
      return { must } as unknown as Api
    }
    await arrangeRota({ idOf: (key) => key, apiOf, now: () => now, pause: async () => undefined })
    expect(house.duty.now(as('visitor')).mine?.asked).toHaveLength(1)
    expect(house.duty.now(as('leila')).mine?.asked).toHaveLength(1)
  }
})
