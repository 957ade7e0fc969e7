import type { Layer } from '#shared/duty/roster.ts'
import { clipped, type HoursParts, holidayHours, hoursOf, joined, type Stretch, without } from './hours.ts'

/** A part of a turn: whose it is, before anybody changed it. */
export interface Piece extends Stretch {
  person: string
}

/** The turns of one layer: who would answer if nobody changed anything. */
export interface Turns {
  /** Epoch ms: before it nobody is on. */
  starts: number
  /** Pieces that touch `[from, to)`, whole, by their beginning. */
  pieces(from: number, to: number): Piece[]
}

/** Turns whose pieces are kept ready. */
const mostKept = 400

/** A local date and time of the policy, as if it were UTC, ms. */
export const localOf = (text: string): number => Date.parse(`${text}:00Z`)

/**
 * Rule RO3: turns are counted by the local clock from `starts`, so that each hand-over is at the local hour of the first,
 * whatever the clock was set in between. Turn k is of the k-th of the people, beginning again after the last.
 */
export function makeTurns(layer: Layer, parts: HoursParts): Turns {
  const { zone } = parts
  const { people, turn } = layer
  const firstLocal = localOf(layer.starts)
  const ends = layer.ends === undefined ? Number.POSITIVE_INFINITY : zone.instantOf(localOf(layer.ends))
  const hours = layer.on === undefined ? null : hoursOf(layer.on, parts)
  const off = layer.holidays === undefined ? null : holidayHours(parts.daysOf(layer.holidays.calendars), zone)
  const kept = new Map<number, readonly Piece[]>()
  const starts = zone.instantOf(firstLocal)
  const beginOf = (index: number): number => zone.instantOf(firstLocal + index * turn)
  const personOf = (from: readonly string[], index: number): string => from[index % from.length] as string

  function piecesOf(index: number): readonly Piece[] {
    let pieces = kept.get(index)
    if (pieces === undefined) {
      if (kept.size >= mostKept) kept.clear()
      pieces = read(index)
      kept.set(index, pieces)
    }
    return pieces
  }

  function read(index: number): Piece[] {
    const [whole] = clipped({ from: beginOf(index), to: beginOf(index + 1) }, starts, ends)
    if (whole === undefined) return []
    const on = hours === null ? [whole] : hours(whole.from, whole.to)
    const person = personOf(people, index)
    if (off === null) return on.map((stretch) => ({ ...stretch, person }))
    const holidays = joined(off(whole.from, whole.to))
    const instead = layer.holidays?.people
    const usual = on.flatMap((stretch) => without(stretch, holidays)).map((stretch) => ({ ...stretch, person }))
    if (instead === undefined) return usual
    const replaced = on.flatMap((stretch) =>
      holidays
        .flatMap((holiday) => clipped(holiday, stretch.from, stretch.to))
        .map((part) => ({ ...part, person: personOf(instead, index) })),
    )
    return [...usual, ...replaced].sort((a, b) => a.from - b.from)
  }

  /** The turn that has the instant. */
  function indexAt(at: number): number {
    let index = Math.max(0, Math.floor((zone.localAt(at) - firstLocal) / turn))
    // Where the clock is set back it shows a time that is past.
    while (index > 0 && beginOf(index) > at) index--
    while (beginOf(index + 1) <= at) index++
    return index
  }

  return {
    starts,
    pieces(from, to) {
      const found: Piece[] = []
      if (to <= starts || from >= ends) return found
      const last = Math.min(to, ends)
      let index = indexAt(Math.max(from, starts))
      for (let begin = beginOf(index); begin < last; begin = beginOf(index)) {
        for (const piece of piecesOf(index)) if (piece.from < to && piece.to > from) found.push(piece)
        index++
      }
      return found
    },
  }
}
