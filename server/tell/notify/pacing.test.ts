import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterMessage, isForgotten, type Lane, nextMessageAt, retryAfterMs } from './pacing.ts'

test('rule N5: the first at once, then windows that double while it goes on, up to eight times the first', () => {
  let lane: Lane | undefined
  const sentAt: number[] = []
  for (let now = 0; now <= 900_000; now += 1000)
    if (nextMessageAt(lane, false, 30_000) <= now) {
      lane = afterMessage(lane, now, 30_000)
      sentAt.push(now)
    }
  expect(sentAt).toEqual([0, 30_000, 90_000, 210_000, 450_000, 690_000])
})

test('law N5: what is urgent waits one first window at most, and a forgotten address is a new one', () => {
  const lanes = fc.record({ lastAt: fc.nat(1_000_000), streak: fc.nat(5) })
  fc.assert(
    fc.property(lanes, fc.integer({ min: 1, max: 120_000 }), fc.nat(10_000_000), (lane, within, later) => {
      expect(nextMessageAt(lane, true, within)).toBeLessThanOrEqual(lane.lastAt + within)
      const now = lane.lastAt + later
      if (isForgotten(lane, now, within)) expect(nextMessageAt(lane, false, within)).toBeLessThanOrEqual(now)
    }),
  )
})

test('tries are further and further apart, never sooner than the other side asked, and an hour at most', () => {
  expect([1, 2, 3, 8, 12].map((attempt) => retryAfterMs(attempt, 0.5, null))).toEqual([
    5_000, 10_000, 20_000, 600_000, 600_000,
  ])
  expect(retryAfterMs(1, 0, null)).toBe(3_750)
  expect(retryAfterMs(1, 0.5, 90_000)).toBe(90_000)
  expect(retryAfterMs(1, 0.5, 86_400_000)).toBe(3_600_000)
})
