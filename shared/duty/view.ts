import { z } from 'zod'
import { localDateSchema } from './roster.ts'
import { targetSchema } from './rotation.ts'

/** What the rota's routes answer and take, as it goes over the wire. Instants are ISO 8601 UTC with milliseconds. */
const instant = z.iso.datetime({ precision: 3 })
const personRef = z.strictObject({ id: z.string(), name: z.string() })
const personId = z.string().min(1).max(64)
const reason = z.string().trim().min(1, 'say why').max(500)

export const shiftViewSchema = z.strictObject({
  rotation: z.string(),
  layer: z.string().describe('Name of the layer; of several that are on at once, the one written first is asked first'),
  person: z.string().describe('Id; the name is under `people`'),
  from: instant,
  to: instant,
  by: z.enum(['rotation', 'override', 'swap', 'calendar']).describe('Where the person comes from'),
  change: z.string().nullable().describe('Id of the override or swap; null where it is their turn'),
})
export type ShiftView = z.output<typeof shiftViewSchema>

export const troubleViewSchema = z.strictObject({
  rotation: z.string(),
  from: instant,
  to: instant,
  kind: z
    .enum(['gap', 'double', 'gone'])
    .describe('`gap`: nobody answers. `double`: one person in two rotations. `gone`: somebody who cannot respond'),
  people: z.array(z.string()).describe('Ids'),
  other: z.string().nullable().describe('Of a double booking: the other rotation'),
})
export type TroubleView = z.output<typeof troubleViewSchema>

export const overrideViewSchema = z.strictObject({
  id: z.string(),
  rotation: z.string(),
  layer: z.string().nullable().describe('Null: in place of whoever is asked first then'),
  person: z.string(),
  from: instant,
  to: instant,
  by: z.string().describe('Who made it, by name'),
  at: instant.describe('When it was made'),
  reason: z.string().nullable().describe('Null: its author was erased'),
  imported: z.boolean().describe('It came from a calendar file'),
  mayRemove: z.boolean().describe('By whoever asks'),
})
export type OverrideView = z.output<typeof overrideViewSchema>

export const swapStates = ['open', 'accepted', 'declined', 'withdrawn', 'expired'] as const
const stretchSchema = z.strictObject({ rotation: z.string(), layer: z.string(), from: instant, to: instant })

export const swapViewSchema = z.strictObject({
  id: z.string(),
  ...stretchSchema.shape,
  person: z.string().describe('Whose shift it is'),
  offeredTo: z.string().describe('A person’s id, or team:<id>'),
  eligible: z.array(z.string()).describe('Ids of who may accept it now'),
  inReturn: stretchSchema.nullable().describe('A shift of theirs that is wanted in return'),
  state: z.enum(swapStates).describe('`expired`: it began before anybody accepted'),
  by: z.string().nullable().describe('Id of who accepted or declined'),
  at: instant.describe('When it was offered'),
  endedAt: instant.nullable(),
  reason: z.string().nullable(),
  answer: z.string().nullable().describe('What was said to it, where it was declined'),
  holds: z
    .boolean()
    .describe(
      'Whether the shift is still as the offer says; where not, it cannot be accepted, or has no effect any more',
    ),
  clashes: z
    .array(z.strictObject({ person: z.string(), rotation: z.string(), from: instant, to: instant }))
    .describe('Of an open one: shifts that those who may accept have meanwhile'),
  mine: z.enum(['offered', 'asked', 'other']).describe('Whether whoever asks offered it, may accept it, or neither'),
})
export type SwapView = z.output<typeof swapViewSchema>

export const layerViewSchema = z.strictObject({
  name: z.string(),
  people: z.array(z.string()).describe('Ids, in the order of their turns'),
  starts: z.string().describe('Local date and time'),
  ends: z.string().nullable(),
  turnMs: z.number().describe('By the local clock'),
  restricted: z.boolean().describe('Whether it is on at certain times only'),
  holidays: z.array(z.string()).describe('Ids of the calendars it heeds'),
})
export const rotationViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  team: z.strictObject({ id: z.string(), name: z.string() }),
  timeZone: z.string(),
  layers: z.array(layerViewSchema),
  shifts: z.array(shiftViewSchema).describe('All that touch the time asked for, whole, by their beginning'),
  onCall: z.array(z.string()).describe('Ids of who answers now, the first to be asked first'),
  mayOverride: z.enum(['anybody', 'myself', 'nobody']).describe('Whom whoever asks may put in'),
})
export type RotationView = z.output<typeof rotationViewSchema>

export const holidayViewSchema = z.strictObject({
  calendar: z.string(),
  name: z.string().nullable(),
  date: localDateSchema,
  until: localDateSchema.describe('Its last day'),
  imported: z.boolean(),
})

/** GET /api/rota */
export const rotaViewSchema = z.strictObject({
  at: instant,
  from: instant,
  to: instant,
  people: z
    .array(personRef)
    .describe('Everybody who is named below by id, and all members of the teams with rotations'),
  rotations: z.array(rotationViewSchema),
  troubles: z.array(troubleViewSchema).describe('Within the time asked for, by their beginning'),
  ahead: z.array(troubleViewSchema).describe('Within the next 28 days, whatever was asked for'),
  overrides: z.array(overrideViewSchema).describe('That touch the time asked for'),
  swaps: z.array(swapViewSchema).describe('Open ones, and those that touch the time asked for'),
  calendars: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  holidays: z.array(holidayViewSchema).describe('That touch the time asked for'),
  me: z.string().nullable().describe('Id of whoever asks; null for a machine'),
  mayManage: z.boolean(),
})
export type RotaView = z.output<typeof rotaViewSchema>
/** Longest time that may be asked for at once, days. */
export const mostRotaDays = 186
export const rotaQuerySchema = z.strictObject({
  from: instant.optional().describe('Without: the beginning of this day, UTC'),
  to: instant.optional().describe(`Without: 14 days later; at most ${mostRotaDays} days`),
})

/** GET /api/rota/now */
export const rotaNowSchema = z.strictObject({
  at: instant,
  rotations: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      team: z.strictObject({ id: z.string(), name: z.string() }),
      timeZone: z.string(),
      onCall: z
        .array(
          z.strictObject({
            person: personRef,
            layer: z.string(),
            since: instant,
            until: instant.describe('When they are relieved: shifts that follow each other are one'),
            by: shiftViewSchema.shape.by,
          }),
        )
        .describe('The first to be asked first; empty: nobody answers'),
      next: z
        .strictObject({ at: instant, people: z.array(personRef).describe('Empty: nobody') })
        .nullable()
        .describe('When who answers changes next, within 28 days'),
    }),
  ),
  teams: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      onCall: z.array(personRef),
      phone: z
        .strictObject({
          person: personRef.nullable().describe('Who answers it now; null: nobody'),
          answeredBy: z.string().describe('rotation:<id>, or a person’s id'),
          reach: z.string().nullable().describe('How: a number or a line of the desk'),
        })
        .nullable(),
    }),
  ),
  mine: z
    .strictObject({
      on: z.strictObject({ rotation: z.string(), endsAt: instant, next: z.array(personRef) }).nullable(),
      next: shiftViewSchema.nullable().describe('The next shift that has not begun, within 56 days'),
      asked: z.array(swapViewSchema).describe('Open swaps that wait for an answer by whoever asks'),
      offered: z.array(swapViewSchema).describe('Open ones of their own'),
    })
    .nullable()
    .describe('Null for a machine'),
})
export type RotaNow = z.output<typeof rotaNowSchema>

/** POST /api/rota/overrides */
export const newOverrideSchema = z.strictObject({
  rotation: z.string().min(1).max(80),
  layer: z.string().min(1).max(80).nullable().default(null).describe('Null: in place of whoever is asked first then'),
  person: personId,
  from: instant.describe('A beginning in the past is now'),
  to: instant,
  reason,
})
/** DELETE /api/rota/overrides/:id: one to come goes, one that is on ends now. */
export const removeQuerySchema = z.strictObject({ reason: reason.optional() })

/** POST /api/rota/swaps */
export const newSwapSchema = z.strictObject({
  rotation: z.string().min(1).max(80),
  layer: z.string().min(1).max(80),
  from: instant.describe('In the future: until then somebody can accept'),
  to: instant,
  offerTo: targetSchema.describe('A person’s id, or team:<id>'),
  inReturn: z
    .strictObject({
      rotation: z.string().min(1).max(80),
      layer: z.string().min(1).max(80),
      from: instant,
      to: instant,
    })
    .nullable()
    .default(null)
    .describe('A stretch of a shift of the other person’s that is taken over in return'),
  reason,
})
/** POST /api/rota/swaps/:id/{accept,decline,withdraw}. */
export const swapAnswerSchema = z.strictObject({ reason: reason.optional() })

/** A calendar to subscribe to. */
export const feedViewSchema = z.strictObject({
  id: z.string(),
  of: z.string().describe('`person:<id>` or `team:<id>`'),
  name: z.string().describe('Of the person or team'),
  createdAt: instant,
  renewedAt: instant.nullable(),
})
export type FeedView = z.output<typeof feedViewSchema>
/** GET /api/rota/feeds: those of whoever asks; only they can read them. */
export const feedsSchema = z.strictObject({ feeds: z.array(feedViewSchema) })
/** POST /api/rota/feeds */
export const newFeedSchema = z.strictObject({
  of: z
    .string()
    .regex(/^(me|team:.{1,80})$/, 'write me or team:<id>')
    .describe('`me`, or `team:<id>` for all of a team’s rotations'),
})
/** Answer of creating and of renewing one. */
export const freshFeedSchema = z.strictObject({
  feed: feedViewSchema,
  url: z.string().describe('For a calendar programme to subscribe to. Shown once; who has it can read it'),
})

/** POST /api/rota/import: an .ics file, pasted. */
export const mostIcsChars = 1_000_000
export const newImportSchema = z.strictObject({
  ics: z.string().min(1).max(mostIcsChars).describe('Text of the file'),
  as: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('holidays'), calendar: z.string().min(1).max(80) }),
    z.strictObject({
      kind: z.literal('overrides'),
      rotation: z.string().min(1).max(80),
      layer: z
        .string()
        .min(1)
        .max(80)
        .nullable()
        .default(null)
        .describe('Null: in place of whoever is asked first then'),
    }),
  ]),
  dryRun: z.boolean().default(false).describe('Only say what would come of it'),
  reason,
})
export const importViewSchema = z.strictObject({
  holidays: z
    .array(holidayViewSchema)
    .describe('Days that the calendar has from this file; those of the file before go'),
  overrides: z
    .array(z.strictObject({ person: z.string(), from: instant, to: instant, summary: z.string() }))
    .describe('Shifts that were made; those of the file before that have not begun go'),
  people: z.array(personRef),
  skipped: z
    .array(z.strictObject({ summary: z.string(), at: z.string().nullable(), why: z.string() }))
    .describe('Events of the file that nothing came of, the first 200'),
  skippedInAll: z.number(),
  done: z.boolean().describe('False where it was only tried'),
})
export type ImportView = z.output<typeof importViewSchema>
