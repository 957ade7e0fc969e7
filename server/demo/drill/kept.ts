import { z } from 'zod'
import { drillViewSchema } from '#shared/drill.ts'

/** Kind of the settings that exercises are kept under. */
export const keptKind = 'drill'

const instant = z.number().int()
const said = drillViewSchema.pick({
  ...{ scenario: true, graph: true, seed: true, speed: true, forMs: true },
  ...{ ended: true, told: true, refused: true, incidents: true },
})

/** What is kept of an exercise; instants in epoch ms. `startedBy` and `endedBy` are ids of actors. */
const keptSchema = z.strictObject({
  ...said.shape,
  startedAt: instant,
  startedBy: z.string(),
  endsAt: instant,
  endedAt: instant.nullable(),
  endedBy: z.string().nullable(),
  truth: z.array(z.string()),
})

export interface KeptDrill {
  id: string
  doc: z.output<typeof keptSchema>
}

/** The newest first. @throws ZodError for what is not ours */
export function keptDrills(rows: readonly { id: string; doc: unknown }[]): KeptDrill[] {
  const all = rows.map(({ id, doc }) => ({ id, doc: keptSchema.parse(doc) }))
  return all.sort((a, b) => b.doc.startedAt - a.doc.startedAt)
}
