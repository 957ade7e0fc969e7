import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ageWords, countWords, lapseWords, leftWords } from './time-words.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('durations in words', () => {
  it('ages are rounded down: information is never made older', () => {
    expect(
      [0, 999, 59_999, 60_000, 3_599_999, 3_600_000, 4_320_000, 90_000_000].map((ms) => plain(ageWords(ms))),
    ).toEqual(['0 s', '0 s', '59 s', '1 min', '59 min', '1 h', '1 h 12 min', '1 d 1 h'])
  })

  it('a countdown shows 0:00 only when it is over, and a true minus afterwards', () => {
    expect(countWords(1)).toBe('0:01')
    expect(countWords(0)).toBe('0:00')
    expect(countWords(-999)).toBe('0:00')
    expect(countWords(-125_000)).toBe('−2:05')
    expect(countWords(3_729_000)).toBe('1:02:09')
  })

  it('counting up never shows a second that has not passed', () => {
    expect(lapseWords(134_999)).toBe('2:14')
    expect(lapseWords(-5)).toBe('0:00')
  })

  it('far deadlines are coarse, near ones exact', () => {
    expect(leftWords(250_000)).toBe('4:10')
    expect(plain(leftWords(38 * 60_000))).toBe('38 min')
    expect(plain(leftWords(-38 * 60_000))).toBe('−38 min')
  })

  it('says something short for every duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        for (const words of [ageWords(ms), countWords(ms), lapseWords(ms), leftWords(ms)]) {
          expect(words).not.toMatch(/NaN|undefined/)
          expect(words.length).toBeLessThan(14)
        }
      }),
    )
  })
})
