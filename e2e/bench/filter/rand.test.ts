import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adjustedRandIndex } from './rand.ts'

const labels = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z')), { maxLength: 30 })

describe('the adjusted Rand index', () => {
  it.each([
    // The examples in scikit-learn's documentation of adjusted_rand_score.
    ['0011', '0011', 1],
    ['0011', '1100', 1],
    ['0012', '0011', 0.571_428_571],
    ['0011', '0012', 0.571_428_571],
    ['0000', '0123', 0],
    // The worst that four things can do.
    ['0011', '0101', -0.5],
    // Worked by hand: 2 pairs together in both, 6 in the one, 3 in the other, of 15; 0.8 / 3.3.
    ['000111', '001122', 0.242_424_242],
  ])('of %s and %s is %d', (one, other, value) => {
    expect(adjustedRandIndex([...one], [...other])).toBeCloseTo(value, 8)
  })

  it('is 1 for what is the same, in either order the same, and never above 1', () => {
    fc.assert(
      fc.property(labels, (pairs) => {
        const one = pairs.map(([block]) => block)
        const other = pairs.map(([, block]) => block)
        const index = adjustedRandIndex(one, other)
        expect(adjustedRandIndex(one, one)).toBe(1)
        expect(adjustedRandIndex(other, one)).toBeCloseTo(index, 12)
        expect(index).toBeLessThanOrEqual(1 + 1e-12)
      }),
    )
  })

  it('refuses partitions of different things', () => {
    expect(() => adjustedRandIndex(['a'], [])).toThrow(RangeError)
  })
})
