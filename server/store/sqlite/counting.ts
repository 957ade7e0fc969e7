import type { Counting } from '../sql/queries.ts'
import type { CheckpointRow } from '../sql/tables.ts'

/** What the row of the checkpoint says about rows of alerts; without one, none counts. */
export function countingOf(checkpoint: CheckpointRow | undefined): Counting {
  if (checkpoint === undefined) return { gen: 0, voided: [] }
  return { gen: checkpoint.gen, voided: JSON.parse(checkpoint.void) as number[] }
}
