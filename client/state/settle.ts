/**
 * Rule S1: nothing jumps under the hand. While the hand moves, rows stay where they are. When it rests, the order
 * settles around the row under it, which keeps its place; when it leaves, everything is in rank again.
 */
export interface Hand {
  /** The pointer moved, or a key was pressed in the list, a moment ago. */
  moving: boolean
  /** The row under the pointer, or the one with the focus. */
  on: string | null
}

/**
 * @param shown the order on screen
 * @param wanted the order by rank
 * @returns what to show now: `shown` itself where nothing changes
 */
export function settle(shown: readonly string[], wanted: readonly string[], hand: Hand): readonly string[] {
  if (sameOrder(shown, wanted)) return shown
  if (hand.moving && shown.length > 0) return appendNew(shown, wanted)
  const place = hand.on === null ? -1 : shown.indexOf(hand.on)
  if (hand.on === null || place === -1 || !wanted.includes(hand.on)) return wanted
  const others = wanted.filter((id) => id !== hand.on)
  const next = [...others.slice(0, place), hand.on, ...others.slice(place)]
  return sameOrder(shown, next) ? shown : next
}

/** What left keeps its (empty) row until the hand rests; what came waits below. */
function appendNew(shown: readonly string[], wanted: readonly string[]): readonly string[] {
  const known = new Set(shown)
  const fresh = wanted.filter((id) => !known.has(id))
  return fresh.length === 0 ? shown : [...shown, ...fresh]
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index])
}
