import type { RotationView, ShiftView } from '#shared/duty/view.ts'

/** Where a stretch lies on a line of time, as parts of its length; pure. Instants are epoch ms. */
export interface Span {
  from: number
  to: number
}

/** @returns null where nothing of it is within the window */
export function placeOf(stretch: Span, window: Span): { left: number; width: number } | null {
  const from = Math.max(stretch.from, window.from)
  const to = Math.min(stretch.to, window.to)
  if (from >= to) return null
  const length = window.to - window.from
  return { left: (from - window.from) / length, width: (to - from) / length }
}

export const spanOf = ({ from, to }: { from: string; to: string }): Span => ({
  from: Date.parse(from),
  to: Date.parse(to),
})

/** A stretch of a rotation in which one shift is asked first; null: nobody is. */
export interface Asked extends Span {
  shift: ShiftView | null
}

/**
 * Who is asked first, from the beginning of the window to its end without a hole: the shift of the layer that is written
 * first, of those that are on.
 */
export function askedFirst(rotation: Pick<RotationView, 'layers' | 'shifts'>, window: Span): Asked[] {
  const place = new Map(rotation.layers.map(({ name }, index) => [name, index]))
  const shifts = rotation.shifts
    .map((shift) => ({ shift, ...spanOf(shift), rank: place.get(shift.layer) ?? rotation.layers.length }))
    .filter(({ from, to }) => from < window.to && to > window.from)
    .sort((a, b) => a.rank - b.rank || a.from - b.from)
  const bounds = [window.from, window.to]
  for (const { from, to } of shifts) bounds.push(Math.max(from, window.from), Math.min(to, window.to))
  const turns = [...new Set(bounds)].sort((a, b) => a - b)
  const asked: Asked[] = []
  turns.slice(0, -1).forEach((from, index) => {
    const to = turns[index + 1] ?? window.to
    const shift = shifts.find((one) => one.from <= from && one.to >= to)?.shift ?? null
    const before = asked.at(-1)
    if (before !== undefined && before.shift === shift) before.to = to
    else asked.push({ from, to, shift })
  })
  return asked
}

/** What an override would come to, one stretch after another. */
export interface Change extends Span {
  before: string | null
  after: string
}

/**
 * Who answers before and after somebody is put in.
 * @param layer null: in place of whoever is asked first
 */
export function preview(
  rotation: Pick<RotationView, 'layers' | 'shifts'>,
  { layer, person, from, to }: Span & { layer: string | null; person: string },
): Change[] {
  const only = layer === null ? rotation.shifts : rotation.shifts.filter((shift) => shift.layer === layer)
  return askedFirst({ layers: rotation.layers, shifts: only }, { from, to }).map((asked) => ({
    from: asked.from,
    to: asked.to,
    before: asked.shift?.person ?? null,
    after: person,
  }))
}

/** Shifts that the person has meanwhile in other rotations. */
export function clashes(
  rotations: readonly RotationView[],
  { rotation, person, from, to }: Span & { rotation: string; person: string },
): ShiftView[] {
  return rotations
    .filter(({ id }) => id !== rotation)
    .flatMap(({ shifts }) => shifts.filter((shift) => shift.person === person))
    .filter((shift) => Date.parse(shift.from) < to && Date.parse(shift.to) > from)
}

/** All shifts of a person that have not ended, by their beginning. */
export function shiftsOf(rotations: readonly RotationView[], person: string, after: number): ShiftView[] {
  return rotations
    .flatMap(({ shifts }) => shifts.filter((shift) => shift.person === person && Date.parse(shift.to) > after))
    .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
}

/** `AO`: what stands for a name where there is no room for it. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

/** As much of a name as has room, whole: all of it, the first, its letters, or nothing. @param px how wide a text is */
export function labelFor(name: string, room: number, px: (text: string) => number): string {
  const [first = ''] = name.split(/\s+/)
  return [name, first, initials(name)].find((text) => px(text) <= room) ?? ''
}
