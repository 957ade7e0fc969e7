import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LostItem, LostKey, SettingRow } from '../../store/port.ts'
import { LostBook, lostCountKind, lostId, lostLimits, lostOf } from './book.ts'
import { readMembers } from './members.ts'

const request = { pos: 7, sourceId: 's', at: 1000 }
const bad = (...indexes: number[]) => indexes.map((index) => ({ index, reason: `member ${index}` }))
const item = (pos: number, sourceId: string, more: Partial<LostItem> = {}): LostItem =>
  ({ ...lostOf({ pos, sourceId, at: pos }, bad(0), false)[0], ...more }) as LostItem

describe('rule LP1: every unreadable member is in exactly one row', () => {
  test('one for each, and one for all beyond the twentieth', () => {
    const rows = lostOf(request, bad(...Array.from({ length: 30 }, (_, i) => i * 2)), false)
    expect(rows).toHaveLength(lostLimits.perRequest + 1)
    expect(rows[3]).toMatchObject({ pos: 7, index: 6, members: '6', count: 1, reason: 'member 6', state: 'lost' })
    expect(rows[20]).toMatchObject({ index: 40, members: '40,42,44,46,48,50,52,54,56,58', count: 10 })
    expect(rows[20]?.reason).toBe('and 10 more; the first: member 40')
  })
  test('a request of which nothing was read is one row for all that it says', () => {
    expect(lostOf(request, bad(0), true)).toMatchObject([{ index: 0, members: '*', count: 1 }])
    expect(lostOf(request, bad(0, 1), true)).toMatchObject([{ members: '0' }, { members: '1' }])
    expect(lostOf(request, [], true)).toEqual([])
  })
  test('whatever is unreadable, in whatever order, even twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 120 }), (indexes) => {
        const rows = lostOf(request, bad(...indexes), false)
        const named = rows.flatMap(({ members }) => readMembers(members))
        expect(named.sort((a, b) => a - b)).toEqual([...new Set(indexes)].sort((a, b) => a - b))
        expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(new Set(indexes).size)
        expect(new Set(rows.map(lostId)).size).toBe(rows.length)
      }),
    )
  })
  test('what cannot be named any more is counted, and said', () => {
    const [last] = lostOf(request, bad(...Array.from({ length: 4000 }, (_, i) => i * 2)), false).slice(-1)
    expect(last?.count).toBe(3980)
    expect(last?.members.length).toBeLessThanOrEqual(2000)
    expect(last?.reason).toMatch(/^and 3980 more, of which \d+ can only be seen in the bytes; the first: member 40$/)
  })
  test('a long reason is cut', () => {
    expect(lostOf(request, [{ index: 0, reason: 'x'.repeat(1000) }], true)[0]?.reason).toHaveLength(300)
  })
})

/** What a store holds after the changes. */
class Shelf {
  rows = new Map<string, LostItem>()
  counts = new Map<string, SettingRow>()
  take({ lost, unlost, put }: { lost: LostItem[]; unlost: LostKey[]; put: SettingRow[] }): void {
    for (const row of lost) this.rows.set(lostId(row), row)
    for (const key of unlost) this.rows.delete(lostId(key))
    for (const row of put) this.counts.set(row.id, row)
  }
  again(): LostBook {
    return LostBook.of(this.rows.values(), this.counts.values())
  }
}

describe('rule LP2: lost property is bounded', () => {
  test('of one source the oldest make room, settled ones first, and those that still waited are counted', () => {
    const book = new LostBook()
    const shelf = new Shelf()
    for (let pos = 1; pos <= lostLimits.perSource; pos++) shelf.take(book.put([item(pos, 's')], pos))
    shelf.take(book.put([item(9, 's', { state: 'found' })], 900))
    const first = book.put([item(1001, 's')], 1001)
    expect(first).toMatchObject({ unlost: [{ pos: 9, index: 0 }], put: [] })
    const second = book.put([item(1002, 's')], 1002)
    expect(second).toMatchObject({
      unlost: [{ pos: 1, index: 0 }],
      put: [{ kind: lostCountKind, id: 's', doc: { members: 1, at: 1002 } }],
    })
    expect(book.madeRoom('s')).toBe(1)
    expect(book.rows()).toBe(lostLimits.perSource)
  })
  test('in all, the source with most gives way: a noisy one never costs a quiet one its own', () => {
    const book = new LostBook()
    const quiet = item(1, 'quiet')
    book.put([quiet], 1)
    for (let n = 0; n < 12; n++)
      for (let i = 0; i < lostLimits.perSource; i++) book.put([item(10_000 + n * 1000 + i, `noisy ${n}`)], 2)
    expect(book.rows()).toBe(lostLimits.inAll)
    expect(book.get(quiet)).toEqual(quiet)
    expect(book.madeRoom('quiet')).toBe(0)
  })
  test('whatever comes and goes, what the book remembers is what the store was told, and both stay within limits', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ source: fc.constantFrom('a', 'b'), rows: fc.integer({ min: 1, max: 300 }) }),
      },
      { weight: 2, arbitrary: fc.record({ settle: fc.nat(50) }) },
      { weight: 1, arbitrary: fc.record({ before: fc.nat(2000) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const book = new LostBook()
        const shelf = new Shelf()
        let pos = 0
        for (const each of steps) {
          if ('rows' in each)
            shelf.take(
              book.put(
                Array.from({ length: each.rows }, () => item(++pos, each.source)),
                pos,
              ),
            )
          else if ('settle' in each) {
            const settled = book.waiting().slice(0, each.settle)
            shelf.take(
              book.put(
                settled.map((row) => ({ ...row, state: 'discarded' as const })),
                pos,
              ),
            )
          } else {
            const { gone, remove } = book.expire(each.before)
            shelf.take({ lost: [], unlost: gone, put: [] })
            for (const { id } of remove) shelf.counts.delete(id)
            expect(gone.every(({ at }) => at < each.before)).toBe(true)
          }
          const again = shelf.again()
          for (const source of ['a', 'b']) {
            expect(again.waiting(source)).toEqual(book.waiting(source))
            expect(again.madeRoom(source)).toBe(book.madeRoom(source))
          }
          expect(again.rows()).toBe(book.rows())
          expect(book.rows()).toBeLessThanOrEqual(2 * lostLimits.perSource)
        }
      }),
      { numRuns: 40 },
    )
  })
})
