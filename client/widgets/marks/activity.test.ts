import { expect, it } from 'vitest'
import { activityAt } from './activity.ts'

const until = Date.UTC(2026, 0, 5, 3)
const burst = { activity: [1, 9], activityUntil: new Date(until).toISOString() }

it('a burst that ended is not shown as now: the silence since is part of the line', () => {
  expect(activityAt(burst, until + 30_000)).toEqual([1, 9])
  expect(activityAt(burst, until + 3 * 60_000)).toEqual([1, 9, 0, 0, 0])
  expect(activityAt(burst, until + 24 * 3_600_000)).toEqual(new Array(30).fill(0))
})

it('a clock that runs behind the server adds nothing, and no event is no line', () => {
  expect(activityAt(burst, until - 60_000)).toEqual([1, 9])
  expect(activityAt({ activity: [], activityUntil: null }, until)).toEqual([])
})
