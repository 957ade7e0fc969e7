import { z } from 'zod'

/** Whoever answers: `rotation:<id>`, `team:<id>`, `channel:<id>` (shared, nobody in person), or a person's id. */
export type Target = string
export const targetSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^((rotation|team|channel):)?[A-Za-z0-9][A-Za-z0-9_.\-/ ]*$/, {
    error: 'write rotation:<id>, team:<id>, channel:<id>, or the id of a person',
  })

/** A stretch in which one person answers for a rotation, with overrides and swaps applied. Instants are epoch ms. */
export interface Shift {
  rotation: string
  /** The layer that it is of; where two layers are on at once, the one written first answers first. */
  layer: string
  person: string
  from: number
  to: number
  /** Where the person comes from. */
  by: 'rotation' | 'override' | 'swap' | 'calendar'
  /** Id of the override or swap; null where it is their turn. */
  change?: string | null
}

/** A stretch for which something is wrong with a rotation. Shown before it hurts. */
export interface RotaTrouble {
  rotation: string
  from: number
  to: number
  /** `gap`: nobody answers. `double`: one person in two rotations at once. `gone`: somebody who may not respond any more. */
  kind: 'gap' | 'double' | 'gone'
  people: readonly string[]
  /** Of a double booking: the other rotation. */
  other: string | null
}
