import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberOf, restrictedIncidentId } from './ids.ts'

const chance = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((drawn) => drawn.toString(16).padStart(16, '0'))

describe('ids of restricted incidents', () => {
  it('RS9: it can be read aloud, fits wherever an id does, and is never a number of the sequence', () => {
    fc.assert(
      fc.property(chance, (drawn) => {
        const id = restrictedIncidentId(drawn)
        expect(id).toMatch(/^INC-[A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{7}$/)
        expect(numberOf(id)).toBeNull()
        expect(restrictedIncidentId(drawn)).toBe(id)
      }),
    )
  })

  it('RS9: every letter and digit stands about as often in every place, so that all of the space is used', () => {
    const counts = Array.from({ length: 8 }, () => new Map<string, number>())
    // The fractional part of multiples of the golden ratio: spread evenly, and the same in every run.
    let drawn = 0n
    const ids = new Set<string>()
    for (let n = 0; n < 32_000; n++) {
      drawn = (drawn + 0x9e3779b97f4a7c15n) % 2n ** 64n
      const id = restrictedIncidentId(drawn.toString(16).padStart(16, '0'))
      ids.add(id)
      for (const [place, letter] of [...id.slice(4)].entries())
        counts[place]?.set(letter, (counts[place]?.get(letter) ?? 0) + 1)
    }
    expect(ids.size).toBe(32_000)
    for (const [place, of] of counts.entries()) {
      expect(of.size).toBe(place === 0 ? 22 : 32)
      for (const count of of.values()) expect(count).toBeGreaterThan(place === 0 ? 1200 : 800)
    }
  })

  it('says what is wrong with too little chance', () => {
    expect(() => restrictedIncidentId('12345')).toThrow(RangeError)
    expect(() => restrictedIncidentId('zzzzzzzzzzzzzzzz')).toThrow(RangeError)
  })

  it('numbers are those of the sequence, and nothing else', () => {
    expect(numberOf('INC-1042')).toBe(1042)
    for (const other of ['INC-A042', 'INC-', '1042', 'INC-1042x', 'inc-1042']) expect(numberOf(other)).toBeNull()
  })
})
