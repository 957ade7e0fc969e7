import type { Piece } from './pieces.ts'

export interface Placed {
  piece: Piece
  /** Px. */
  width: number
  /** The longest of its words that fits, or nothing. */
  label: string
}

/** Px between two stretches, and the extra room of a broken link. */
export const seam = 2
export const breakWidth = 12
/** Px of a stretch beside its words: both paddings and the edge. */
const dress = 13
const thinnest = 7
/** Px of a stretch that can be pressed: the least that a finger or a shaking hand can hit (WCAG 2.5.8). */
export const pressable = 24

/**
 * Gives each stretch its width: in proportion to the time held, never thinner than can be seen, and the stretch that
 * lasts (and an open offer) gets the room for its words before the past does.
 *
 * Rule C2: the widths and what is between them fill `width` and never more; a label is shown whole or not at all.
 * @param measure px of a text, bold or not
 * @param thin px that each stretch gets where there is room for it
 */
export function layoutChain(
  pieces: readonly Piece[],
  width: number,
  measure: (text: string, bold: boolean) => number,
  thin = thinnest,
): Placed[] {
  if (pieces.length === 0) return []
  const between = (pieces.length - 1) * seam + pieces.filter((piece) => piece.forced).length * breakWidth
  const room = Math.max(0, width - between)
  const least = Math.min(thin, room / pieces.length)
  const lasting = pieces.filter((piece) => piece.now)
  const wordsWidth = (piece: Piece, level: number) => {
    const label = piece.labels[Math.min(level, piece.labels.length - 1)]
    return label === undefined ? least : Math.max(least, measure(label, piece.now) + dress)
  }

  // The longest words of the lasting stretches that leave each of the past its initials; else that leave it its thinnest.
  const depth = Math.max(1, ...lasting.map((piece) => piece.labels.length))
  const bare = new Map(pieces.map((piece) => [piece, least]))
  const initialled = new Map(bare)
  for (const piece of pieces)
    if (!piece.now && piece.kind === 'held') initialled.set(piece, wordsWidth(piece, piece.labels.length - 1))
  const wishes = [initialled, bare].flatMap((past) =>
    Array.from({ length: depth }, (_, level) => {
      const floors = new Map(past)
      for (const piece of lasting) floors.set(piece, wordsWidth(piece, level))
      const crowds = past === bare && level < depth - 1 && lasting.length < pieces.length
      return { floors, limit: crowds ? room * 0.8 : room }
    }),
  )
  const sum = (floors: ReadonlyMap<Piece, number>) => [...floors.values()].reduce((total, floor) => total + floor, 0)
  const floors = wishes.find((wish) => sum(wish.floors) <= wish.limit)?.floors ?? bare

  const widths = share(pieces, floors, room)
  return pieces.map((piece) => {
    const own = widths.get(piece) ?? least
    const label = piece.labels.find((words) => measure(words, piece.now) + dress <= own + 0.5) ?? ''
    return { piece, width: own, label }
  })
}

/** Proportional shares with a floor each: whoever would fall below its floor gets the floor, the rest is shared again. */
function share(pieces: readonly Piece[], floors: ReadonlyMap<Piece, number>, room: number): Map<Piece, number> {
  const widths = new Map<Piece, number>()
  const floorOf = (piece: Piece) => floors.get(piece) ?? 0
  let open = [...pieces]
  let left = room
  for (;;) {
    const total = open.reduce((sum, piece) => sum + piece.heldMs, 0)
    const fixed = open.filter(
      (piece) => piece.kind === 'offer' || (total > 0 ? (piece.heldMs / total) * left : 0) < floorOf(piece),
    )
    if (fixed.length === 0) {
      for (const piece of open)
        widths.set(piece, total > 0 ? (piece.heldMs / total) * left : Math.max(floorOf(piece), left / open.length))
      break
    }
    for (const piece of fixed) {
      widths.set(piece, floorOf(piece))
      left -= floorOf(piece)
    }
    open = open.filter((piece) => !fixed.includes(piece))
    if (open.length === 0) {
      // Nobody has held it longer than a moment: the stretch that lasts takes what is left over.
      const heir = pieces.findLast((piece) => piece.kind !== 'offer') ?? pieces.at(-1)
      if (heir !== undefined) widths.set(heir, (widths.get(heir) ?? 0) + Math.max(0, left))
      break
    }
  }
  return widths
}
