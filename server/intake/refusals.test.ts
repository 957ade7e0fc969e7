import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { makeRefusalBook } from './refusals.ts'

const start = Date.UTC(2026, 10, 22)
function book() {
  const clock = { at: start, now: () => clock.at }
  return { clock, book: makeRefusalBook({ clock, isSource: (id) => id.startsWith('s_') }) }
}

it('K1 the same refusal is one line with its count and last time, whatever number stands in it; the newest first', () => {
  const { clock, book: refusals } = book()
  refusals.refused('s_a', 429, 'this source may send 5 requests per second')
  refusals.refused('s_a', 401, 'No source has this key.')
  clock.at += 1000
  refusals.refused('s_a', 429, 'this source may send 7 requests per second')
  refusals.unreadable('s_a', [
    { index: 0, reason: 'labels are missing' },
    { index: 3, reason: 'labels are missing' },
  ])
  expect(refusals.of('s_a')).toEqual({
    sinceAt: start,
    refused: [
      { status: 429, reason: 'this source may send 7 requests per second', count: 2, lastAt: start + 1000 },
      { status: 401, reason: 'No source has this key.', count: 1, lastAt: start },
    ],
    unreadable: [{ reason: 'labels are missing', count: 2, lastAt: start + 1000 }],
    others: 0,
  })
})

it('K1 what is older than a day is no longer counted, and the page says since when', () => {
  const { clock, book: refusals } = book()
  refusals.refused('s_a', 415, 'unsupported')
  clock.at += 23 * hourMs
  refusals.refused('s_a', 415, 'unsupported')
  expect(refusals.of('s_a').refused).toMatchObject([{ count: 2 }])
  clock.at += 2 * hourMs
  expect(refusals.of('s_a')).toMatchObject({ sinceAt: clock.at - 24 * hourMs, refused: [{ count: 1 }] })
  clock.at += 24 * hourMs
  expect(refusals.of('s_a').refused).toEqual([])
})

it('K1 whoever names a source that is none is nobody: addresses that are made up take no room', () => {
  const { book: refusals } = book()
  for (let i = 0; i < 1000; i++) refusals.refused(`made-up-${i}`, 404, 'There is no such source')
  refusals.refused(null, 401, 'No source has this key.')
  expect(refusals.of('made-up-7').refused).toEqual([])
  expect(refusals.of(null).refused.map(({ status, count }) => [status, count])).toEqual([
    [404, 1000],
    [401, 1],
  ])
})

it('K1 at most 50 sorts per source are told apart, and nothing that is forgotten goes uncounted', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,2}$/), { maxLength: 300 }), (reasons) => {
      const { book: refusals } = book()
      for (const reason of reasons) refusals.unreadable('s_a', [{ index: 0, reason }])
      const { unreadable, others } = refusals.of('s_a')
      expect(unreadable.length).toBeLessThanOrEqual(50)
      expect(unreadable.reduce((sum, { count }) => sum + count, others)).toBe(reasons.length)
    }),
    { numRuns: 50 },
  )
})
