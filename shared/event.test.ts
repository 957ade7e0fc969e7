import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readInstant, safeLink } from './event.ts'

describe('readInstant', () => {
  it.each([
    [null],
    [undefined],
    [0],
    [''],
    ['0'],
    ['null'],
    ['0001-01-01T00:00:00Z'],
    ['0001-01-01T00:00:00.000Z'],
    ['0000-00-00T00:00:00Z'],
  ])('takes %j as absent', (raw) => {
    expect(readInstant(raw)).toBeNull()
  })

  it.each([
    ['2026-11-22T00:50:29.632Z', '2026-11-22T00:50:29.632Z'],
    ['2026-11-22T00:50:29.632123456Z', '2026-11-22T00:50:29.632Z'],
    ['2026-11-22T01:50:29+01:00', '2026-11-22T00:50:29.000Z'],
    ['2015-07-17T08:42:58.315+0000', '2015-07-17T08:42:58.315Z'],
    ['2026-11-22 00:50:29', '2026-11-22T00:50:29.000Z'],
    ['2026-11-22T00:50', '2026-11-22T00:50:00.000Z'],
    ['2026-11-22t00:50:29z', '2026-11-22T00:50:29.000Z'],
  ])('reads %s', (raw, iso) => {
    expect(new Date(readInstant(raw) ?? Number.NaN).toISOString()).toBe(iso)
  })

  it.each([
    ['1'],
    ['2026'],
    ['yesterday'],
    ['Nov 5'],
    ['2026-13-01T00:00:00Z'],
    [1],
    [true],
    [{}],
    ['2026-11-22T00:50:29 BST'],
  ])('refuses %j, which is present and no instant', (raw) => {
    expect(() => readInstant(raw)).toThrow(RangeError)
  })

  it('reads back every instant that a Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0002-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(readInstant(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })
})

describe('safeLink', () => {
  it('keeps http and https', () => {
    expect(safeLink('http://vm:9090/graph?g0.expr=up', 'Source')).toEqual({
      href: 'http://vm:9090/graph?g0.expr=up',
      text: 'Source',
    })
    expect(safeLink('HTTPS://example.com', 'x')).not.toBeNull()
  })

  it.each([
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    ['/graph'],
    [' https://x'],
    ['https://x y'],
    [''],
    [7],
    [null],
    [`https://${'x'.repeat(3000)}`],
  ])('drops %j', (href) => {
    expect(safeLink(href, 'x')).toBeNull()
  })
})
