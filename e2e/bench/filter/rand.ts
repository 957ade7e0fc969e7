/**
 * How well two partitions of the same things agree: 1 = the same, 0 = as by chance, below = worse.
 * Source: Hubert and Arabie, Comparing partitions, Journal of Classification 2 (1985), the adjusted Rand index. Two partitions that
 * are both one block, or both only single things, agree.
 * @param one,other name of the block of each thing
 * @throws RangeError when they are not of equal length
 */
export function adjustedRandIndex(one: readonly string[], other: readonly string[]): number {
  if (one.length !== other.length) throw new RangeError('both must partition the same things')
  const blocks = new Map<string, number>()
  const others = new Map<string, number>()
  const both = new Map<string, number>()
  one.forEach((block, index) => {
    const beside = other[index] ?? ''
    blocks.set(block, (blocks.get(block) ?? 0) + 1)
    others.set(beside, (others.get(beside) ?? 0) + 1)
    const pair = JSON.stringify([block, beside])
    both.set(pair, (both.get(pair) ?? 0) + 1)
  })
  const together = pairsIn(both)
  const inOne = pairsIn(blocks)
  const inOther = pairsIn(others)
  const all = (one.length * (one.length - 1)) / 2
  const byChance = all === 0 ? 0 : (inOne * inOther) / all
  const most = (inOne + inOther) / 2
  return most === byChance ? 1 : (together - byChance) / (most - byChance)
}

function pairsIn(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += (count * (count - 1)) / 2
  return sum
}
