import { expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { rotaOf } from '../../duty/reckoning/roster.fixture.ts'
import { readPolicyText } from '../../policy/index.ts'
import { demoPolicy } from './cast.ts'

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
