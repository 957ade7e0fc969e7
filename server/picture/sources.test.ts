import { expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { unaccounted } from '#shared/outcome.ts'
import { makeHourBook } from './sources.ts'

test('what was read once more counts, and makes its source no younger', () => {
  const book = makeHourBook([])
  book.add('s', 0, 2, { opened: 1, rejected: 1 })
  book.add('s', 5 * minuteMs, 1, { opened: 1 }, false)
  expect(book.heardAt('s')).toBe(0)
  expect(book.sum(5 * minuteMs)).toEqual({ accepted: 3, outcomes: { opened: 2, rejected: 1 } })
})

test('F1: what the door counted is not made of what became of it: where the two differ, it shows', () => {
  const book = makeHourBook([{ minute: 0, sourceId: 's', accepted: 3, counts: { opened: 1 } }])
  book.add('t', 1000, 1, { opened: 2 })
  expect(book.sum(minuteMs)).toEqual({ accepted: 4, outcomes: { opened: 3 } })
  expect(unaccounted({ accepted: 3, counts: { opened: 1 } })).toBe(2)
  expect(unaccounted({ accepted: 1, counts: { opened: 2 } })).toBe(-1)
  expect([book.perMinute('s', minuteMs), book.minutes('t', 0).at(-1)]).toEqual([3, 1])
})
