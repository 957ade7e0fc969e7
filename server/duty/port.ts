import type { RotaTrouble, Shift } from '#shared/duty/rotation.ts'

/** Who answers now and next: what the rest of the house asks of rotations. Instants are epoch ms; every answer is of the active policy. */
export interface Rota {
  /** People who answer for a rotation at `at`, the first to be asked first. Empty: a gap, or there is no such rotation. */
  onCall(rotation: string, at: number): readonly string[]
  /** The same for a team: those of its rotations in their order; empty where it has none. */
  onCallOfTeam(team: string, at: number): readonly string[]
  /** Shifts that touch `[from, to)`, of one rotation or of all, by their beginning. */
  shifts(of: { rotation?: string; person?: string; team?: string }, from: number, to: number): readonly Shift[]
  /** The shift that the person is in: of several the one that ends last. Null: off shift. Consecutive shifts of a rotation are one. */
  shiftOf(person: string, at: number): { rotation: string; endsAt: number; next: readonly string[] } | null
  /** What is wrong in `[from, to)`. */
  troubles(from: number, to: number): readonly RotaTrouble[]
}

/** Where no rotations are kept: nobody is ever on call. */
export const noRota: Rota = {
  onCall: () => [],
  onCallOfTeam: () => [],
  shifts: () => [],
  shiftOf: () => null,
  troubles: () => [],
}
