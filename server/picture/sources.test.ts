import { expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { makeHourBook } from './sources.ts'

test('what was read once more counts, and makes its source no younger', () => {
  const book = makeHourBook([])
  book.add('s', 0, { opened: 1, rejected: 1 })
  book.add('s', 5 * minuteMs, { opened: 1 }, false)
  expect(book.heardAt('s')).toBe(0)
  expect(book.sum(5 * minuteMs)).toEqual({ accepted: 3, outcomes: { opened: 2, rejected: 1 } })
})
