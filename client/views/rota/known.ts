import type { RotationView, RotaView, ShiftView, SwapView } from '#shared/duty/view.ts'
import { type Names, namesOf } from './words.ts'

/** What every part of the rota's screen is told from: the answer of the server, with its ids made easy. */
export interface Known {
  view: RotaView
  names: Names
  rotations: ReadonlyMap<string, RotationView>
  teams: ReadonlyMap<string, string>
  /** Time zone of the viewer. */
  here: string
  /** Epoch ms, of this minute. */
  now: number
}

export function knownOf(view: RotaView, here: string, now: number): Known {
  return {
    view,
    names: namesOf(view),
    rotations: new Map(view.rotations.map((rotation) => [rotation.id, rotation])),
    teams: new Map(view.rotations.map(({ team }) => [team.id, team.name])),
    here,
    now,
  }
}

/** What is begun: each is a form over the page. Instants are epoch ms. */
export type Doing =
  | { kind: 'shift'; shift: ShiftView }
  | { kind: 'override'; rotation: string | null; layer: string | null; from: number | null; to: number | null }
  | { kind: 'remove'; override: string }
  | { kind: 'offer'; shift: ShiftView }
  | { kind: 'answer'; swap: SwapView; how: 'accept' | 'decline' | 'withdraw' }
  | { kind: 'import' }
  | { kind: 'feeds' }
export type Begin = (doing: Doing) => void

/** What one may do with a shift. */
export function waysOf(shift: ShiftView, { view, rotations, now }: Known): { override: boolean; offer: boolean } {
  const isOver = Date.parse(shift.to) <= now
  const mine = view.me !== null && shift.person === view.me
  const offered = view.swaps.some(
    ({ state, person, rotation, layer, from, to }) =>
      state === 'open' &&
      person === shift.person &&
      rotation === shift.rotation &&
      layer === shift.layer &&
      from < shift.to &&
      to > shift.from,
  )
  return {
    override: !isOver && (rotations.get(shift.rotation)?.mayOverride ?? 'nobody') !== 'nobody',
    offer: !isOver && mine && !offered,
  }
}
