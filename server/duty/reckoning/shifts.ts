import { hourMs } from '#shared/clocks.ts'
import { layerName, type Rotation } from '#shared/duty/roster.ts'
import type { Shift } from '#shared/duty/rotation.ts'
import { type HoursParts, hoursOf, type Stretch } from './hours.ts'
import { makeTurns, type Piece } from './turns.ts'

/** Somebody answers in place of another: made by hand, by a swap, or by a calendar that was imported. */
export interface Change extends Stretch {
  id: string
  by: 'override' | 'swap' | 'calendar'
  rotation: string
  /** Null: of whichever layer is asked first then; where none is on, of the first. */
  layer: string | null
  person: string
  /** Of a swap: whose shift it was. Where the layer is not theirs, it changes nothing. */
  insteadOf: string | null
  /** Epoch ms: when it took effect. Later ones go over earlier ones. */
  at: number
}

/** Who answers from `from` until just before `to`, in each layer. */
export interface Part extends Stretch {
  on: readonly (Held | null)[]
  /** In the order in which they are asked, each once. */
  people: readonly string[]
}
interface Held {
  person: string
  by: Shift['by']
  change: string | null
  /** What it is a part of: neighbours of one are one shift. */
  of: Piece | Change
}

/** A rotation as it comes out, with all that was changed. */
export interface Roster {
  rotation: Rotation
  /** Epoch ms: before it nobody is expected to answer. */
  starts: number
  /** Shifts that touch `[from, to)`, whole, by their beginning. */
  shifts(from: number, to: number): Shift[]
  /** The part that has the instant. */
  at(at: number): Part
  /** Parts that cover `[from, to)`, clipped to it, in order. */
  parts(from: number, to: number): Part[]
  /** Where somebody should answer, within `[from, to)`. */
  covered(from: number, to: number): Stretch[]
}

const blockMs = 7 * 24 * hourMs
const mostBlocks = 16

/** @param changes of this rotation, in the order in which they took effect */
export function makeRoster(rotation: Rotation, changes: readonly Change[], parts: HoursParts): Roster {
  const names = rotation.layers.map(layerName)
  const turns = rotation.layers.map((layer) => makeTurns(layer, parts))
  const covers = rotation.covers === undefined ? null : hoursOf(rotation.covers, parts)
  const blocks = new Map<number, readonly Part[]>()
  const starts = Math.min(...turns.map((each) => each.starts))

  /** Who answers when within `[from, to)`: neighbours may be the same. */
  function sweep(from: number, to: number): Part[] {
    const pieces = turns.map((each) => each.pieces(from, to))
    const touching = changes.filter((change) => change.from < to && change.to > from)
    const edges = new Set([from, to])
    for (const each of [...pieces.flat(), ...touching])
      for (const edge of [each.from, each.to]) if (edge > from && edge < to) edges.add(edge)
    const sorted = [...edges].sort((a, b) => a - b)
    const next = pieces.map(() => 0)
    return sorted.slice(0, -1).map((begin, index): Part => {
      const on = pieces.map((list, layer): Held | null => {
        while ((list[next[layer] as number]?.to ?? Number.POSITIVE_INFINITY) <= begin)
          next[layer] = (next[layer] ?? 0) + 1
        const piece = list[next[layer] as number]
        return piece === undefined || piece.from > begin
          ? null
          : { person: piece.person, by: 'rotation', change: null, of: piece }
      })
      for (const change of touching) if (change.from <= begin && change.to > begin) apply(change, on)
      const people = [...new Set(on.flatMap((held) => held?.person ?? []))]
      return { from: begin, to: sorted[index + 1] as number, on, people }
    })
  }

  /** Rule RO4: what took effect later goes over what did earlier; a swap takes a shift from whom it was offered by only. */
  function apply(change: Change, on: (Held | null)[]): void {
    const layer =
      change.layer === null
        ? Math.max(
            0,
            on.findIndex((held) => held !== null),
          )
        : names.indexOf(change.layer)
    if (layer === -1) return
    if (change.insteadOf !== null && on[layer]?.person !== change.insteadOf) return
    on[layer] = { person: change.person, by: change.by, change: change.id, of: change }
  }

  function blockOf(index: number): readonly Part[] {
    let block = blocks.get(index)
    if (block === undefined) {
      if (blocks.size >= mostBlocks) blocks.clear()
      block = sweep(index * blockMs, (index + 1) * blockMs)
      blocks.set(index, block)
    }
    return block
  }

  return {
    rotation,
    starts,
    shifts(from, to) {
      if (from >= to) return []
      const pieces = turns.map((each) => each.pieces(from, to))
      const touching = changes.filter((change) => change.from < to && change.to > from)
      // As far as anything reaches that touches the time asked for: so every shift that is told is whole.
      const reach = [...pieces.flat(), ...touching]
      const first = Math.min(from, ...reach.map((each) => each.from))
      const last = Math.max(to, ...reach.map((each) => each.to))
      // What changes a shift after the time asked for ends it all the same.
      if (!changes.some((change) => change.from < last && change.to > first))
        return pieces
          .flatMap((each, index) =>
            each.map(
              (piece): Shift => ({
                ...{
                  rotation: rotation.id,
                  layer: names[index] ?? '',
                  person: piece.person,
                  from: piece.from,
                  to: piece.to,
                },
                ...{ by: 'rotation', change: null },
              }),
            ),
          )
          .sort((a, b) => a.from - b.from)
      const found: Shift[] = []
      names.forEach((layer, index) => {
        let open: { held: Held; shift: Shift } | null = null
        for (const part of sweep(first, last)) {
          const held = part.on[index] ?? null
          if (held === null) open = null
          else if (open !== null && open.held.of === held.of) open.shift.to = part.to
          else {
            const { person, by, change } = held
            const shift: Shift = { rotation: rotation.id, layer, person, from: part.from, to: part.to, by, change }
            found.push(shift)
            open = { held, shift }
          }
        }
      })
      return found.filter((shift) => shift.from < to && shift.to > from).sort((a, b) => a.from - b.from)
    },
    at(at) {
      const block = blockOf(Math.floor(at / blockMs))
      let low = 0
      let high = block.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((block[middle] as Part).from <= at) low = middle
        else high = middle - 1
      }
      return block[low] as Part
    },
    parts(from, to) {
      if (to - from > mostBlocks * blockMs) return sweep(from, to)
      const found: Part[] = []
      for (let index = Math.floor(from / blockMs); index * blockMs < to; index++)
        for (const part of blockOf(index)) {
          if (part.from >= from && part.to <= to) found.push(part)
          else if (part.from < to && part.to > from)
            found.push({ ...part, from: Math.max(part.from, from), to: Math.min(part.to, to) })
        }
      return found
    },
    covered: (from, to) => {
      const begin = Math.max(from, starts)
      if (begin >= to) return []
      return covers === null ? [{ from: begin, to }] : covers(begin, to)
    },
  }
}
