import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Decision } from '#shared/outcome.ts'
import type { KeptDecision } from '../../store/port.ts'
import { isJudgedAgain, RuleBook } from './book.ts'

const noon = Date.UTC(2026, 0, 5, 12)
const decision = (pos: number, more: Partial<Decision> = {}): Decision => ({
  pos,
  index: 0,
  sourceId: 's_1',
  outcome: 'silenced',
  stage: 'silence',
  rule: 'a',
  reason: 'silenced until …',
  alertId: 'a1',
  incidentId: null,
  ...more,
})
/** A store's side of it: newest first. */
const reader = (rows: readonly KeptDecision[]) => ({
  decisions: async ({ before = Number.POSITIVE_INFINITY, limit }: { before?: number; limit: number }) =>
    rows
      .filter(({ n }) => n < before)
      .toReversed()
      .slice(0, limit),
})

describe('what every rule decided', () => {
  test('is counted by outcome and minute for an hour, and in all for a day', () => {
    const book = new RuleBook()
    for (let minute = 0; minute < 120; minute++) book.comes(decision(minute), noon + minute * minuteMs)
    book.comes(decision(120, { outcome: 'shed' }), noon + 119 * minuteMs)
    const done = book.of('silence', 'a', noon + 119 * minuteMs)
    expect(done).toMatchObject({ outcomes: { silenced: 60, shed: 1 }, day: 121, again: 0 })
    expect(done?.minutes).toHaveLength(60)
    expect(done?.minutes.at(-1)).toBe(2)
    expect(book.of('silence', 'a', noon + 5 * hourMs)).toMatchObject({ outcomes: {}, minutes: [], day: 121 })
    expect(book.of('silence', 'a', noon + 27 * hourMs)).toMatchObject({ day: 0, lastAt: null })
    expect(book.of('silence', 'b', noon)).toBeNull()
  })

  test('what was judged again is counted apart', () => {
    const book = new RuleBook()
    book.comes(decision(1, { reason: 'the storm is over; opened INC-1' }), noon)
    expect(book.of('silence', 'a', noon)).toMatchObject({ outcomes: {}, again: 1, day: 0, lastAt: noon })
    expect(isJudgedAgain('silenced until …')).toBe(false)
  })

  test('rules that did nothing for a day are forgotten', () => {
    const book = new RuleBook()
    book.comes(decision(1), noon)
    book.comes(decision(2, { rule: 'b' }), noon + 2 * hourMs)
    book.tidy(noon + 25 * hourMs)
    expect(book.rulesOf('silence')).toEqual(['b'])
  })

  test('of a very long day only the newest is read back, and since when is said', async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => ({ ...decision(n), n: n + 1, at: noon + n * 1000 }))
    const book = new RuleBook()
    await book.readBack(reader(rows), noon + hourMs, 2000)
    expect(book.of('silence', 'a', noon + hourMs)?.day).toBe(2000)
    expect(book.since).toBe(noon + 1000 * 1000)
  })

  test('FR1 whatever becomes durable while the day is read back, each decision is counted once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 60 }),
        fc.nat(60),
        fc.nat(60),
        fc.boolean(),
        async (sizes, splitAt, seenAt, early) => {
          const all: KeptDecision[] = []
          sizes.forEach((size, pos) => {
            for (let index = 0; index < size; index++)
              all.push({ ...decision(pos + 1, { index }), n: all.length + 1, at: noon + pos * 1000 })
          })
          // What is durable when the book begins; what the reader sees may already have more of it than came by itself.
          const stored = Math.min(splitAt, sizes.length)
          const seen = Math.min(sizes.length, stored + seenAt)
          const book = new RuleBook()
          const live = all.filter(({ pos }) => pos > stored)
          const come = (rows: readonly KeptDecision[]) => {
            for (const { at, n: _, ...row } of rows) book.comes(row, at)
          }
          const reading = book.readBack(reader(all.filter(({ pos }) => pos <= seen)), noon + hourMs - 1)
          if (early) come(live)
          await reading
          if (!early) come(live)
          expect(book.of('silence', 'a', noon + hourMs - 1)?.day ?? 0).toBe(all.length)
        },
      ),
      { numRuns: 100 },
    )
  })
})
