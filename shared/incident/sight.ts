import { z } from 'zod'

const people = z.array(z.strictObject({ id: z.string(), name: z.string() }))

/** Who sees an incident while it is restricted, or would if it were (rule RS1): whoever is in one of these. */
export const sightSchema = z.strictObject({
  team: z.string().nullable().describe('Its team, by name'),
  commanders: people,
  onCall: people.describe('Who answers for it now, by its team'),
  named: people.describe('Who has or had a part in it, or was asked to take one'),
})
export type SightView = z.output<typeof sightSchema>
