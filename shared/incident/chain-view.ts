import { z } from 'zod'
import { roleNameSchema } from './roles.ts'

/** ISO 8601 UTC with milliseconds. */
const instant = z.iso.datetime({ precision: 3 })
const personRef = z.strictObject({ id: z.string(), name: z.string() })

/** A stretch of the hand-off chain as a card shows it. `holder` null = nobody held it. */
export const hopSchema = z.strictObject({
  holder: personRef.nullable(),
  from: instant,
  to: instant.nullable(),
  began: z.enum(['declared', 'claimed', 'accepted', 'taken-over', 'released', 'reopened', 'unmerged']),
  readBack: z.string().nullable(),
  reason: z.string().nullable(),
  situation: z.string().nullable().describe('The situation line of the brief that was accepted'),
})
export type HopView = z.output<typeof hopSchema>

/** An open offer, of ownership or of a role. */
export const offerViewSchema = z.strictObject({
  to: z.strictObject({ id: z.string(), name: z.string() }).describe('id is a person id or team:<id>'),
  eligible: z.array(z.string()),
  deadline: instant,
  revision: z.number(),
})

/** A role of an incident, with its own chain of holders. */
export const roleViewSchema = z.strictObject({
  role: roleNameSchema,
  holder: personRef.nullable(),
  offer: offerViewSchema.nullable(),
  note: z.string().nullable().describe('What the giver of the open offer says'),
  chain: z.array(hopSchema),
  handovers: z.number(),
})
export type RoleView = z.output<typeof roleViewSchema>

/** How far the house has got in telling people of what nobody owns. */
export const pagingViewSchema = z.strictObject({
  step: z.number().describe('From 1; 0: none yet'),
  round: z.number().describe('From 1'),
  at: instant,
  people: z.array(personRef).describe('Who was told last'),
  nextAt: instant.nullable().describe('When the next are told; null: nobody is left to tell'),
  quiet: z.boolean().describe('It waits until `nextAt`, because its tier can'),
})
export type PagingView = z.output<typeof pagingViewSchema>

/** The end of the owner's shift, from a quarter of an hour before. */
export const shiftEndViewSchema = z.strictObject({
  rotation: z.string(),
  endsAt: instant,
  to: z.array(personRef).describe('Who comes on then'),
  told: z.boolean().describe('It is over, and the commander knows that the owner stayed'),
})
