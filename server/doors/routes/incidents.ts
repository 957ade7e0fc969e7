import { z } from 'zod'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { isOfDrill } from '#shared/drill.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { marksSchema, stepSchema } from '#shared/filter-room.ts'
import { commandSchema, declareSchema } from '#shared/incident/commands.ts'
import { phaseSchema } from '#shared/incident/state.ts'
import { leadTimeSchema } from '#shared/lead-time.ts'
import { outcomes, unaccounted } from '#shared/outcome.ts'
import {
  alertViewSchema,
  commandAnswerSchema,
  factViewSchema,
  incidentViewSchema,
  ledgerSumSchema,
  sourceVitalsSchema,
  summarySchema,
} from '#shared/wire.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { FilterPicture, Picture } from '../../picture/port.ts'
import { readCommand } from '../body.ts'
import { idParams, instant, iso, type Route, route, signedIn } from './route.ts'

const tag = 'Incidents'
const originSchema = z.strictObject({
  definition: z.string().nullable().describe('What made it an incident; null: declared by hand'),
  by: z.strictObject({ id: z.string(), name: z.string() }),
  at: instant,
  joined: z
    .array(z.strictObject({ rule: z.string(), alerts: z.number(), at: instant }))
    .describe('Rules of correlation that brought alerts into it'),
  corrections: z.array(factViewSchema).describe('Merges, splits and what else was put right later'),
})
const outcomeCounts = z.partialRecord(z.enum(outcomes), z.number())

/** `phase=triage&phase=fixing` and `phase=triage,fixing` mean the same. */
const oneOrMore = <T extends z.ZodType<unknown, string>>(item: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => (Array.isArray(given) ? given : [given]).flatMap((part) => part.split(',')))
    .pipe(z.array(item).max(20))

const tierWord = z
  .enum(['1', '2', '3', 'unclassified'])
  .transform((word) => (word === 'unclassified' ? null : (Number(word) as 1 | 2 | 3)))

const listQuery = z.strictObject({
  phase: oneOrMore(phaseSchema).optional().describe('One or more phases, separated by commas'),
  tier: oneOrMore(tierWord).optional().describe('1, 2, 3 or unclassified; separated by commas'),
  owner: z.string().max(64).optional().describe('Id of a person, or me'),
  service: z.string().max(80).optional(),
  open: z.stringbool().optional().describe('true: being worked on; false: ended'),
  cursor: z.coerce.number().int().positive().optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const noIncident = (id: string) => new UxbridgeError('not-found', `There is no incident ${id.slice(0, 40)}.`)
async function found<T>(id: string, value: Promise<T | null>): Promise<T> {
  const got = await value
  if (got === null) throw noIncident(id)
  return got
}

export function incidentRoutes({
  picture,
  filterRoom,
  commandRoom,
  now,
}: {
  picture: Picture
  filterRoom: FilterPicture
  commandRoom: CommandRoom
  now: () => number
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/picture',
      action: 'picture.read',
      tag,
      summary: 'The board: every open incident, the sources, and what became of all events',
      answer: z.strictObject({
        seq: z.number(),
        incidents: z.array(summarySchema),
        sources: z.array(sourceVitalsSchema),
        ledger: ledgerSumSchema,
        heldBack: z.number().describe('Firing alerts that are held back now'),
      }),
      run: (call) => {
        const { incidents, ...board } = picture.board()
        return { ...board, incidents: [...incidents, ...picture.restrictedFor(signedIn(call).actor)] }
      },
    }),
    route({
      method: 'get',
      path: '/api/incidents',
      action: 'incident.read',
      tag,
      summary: 'Incidents, newest first, by filter; page by cursor',
      query: listQuery,
      answer: z.strictObject({ incidents: z.array(summarySchema), next: z.string().nullable() }),
      run: (call) => {
        const { phase, tier, owner, service, open, cursor, limit } = call.query
        const ownerId = owner === 'me' ? (signedIn(call).actor.personId ?? '') : owner
        const asked = {
          limit,
          ...(phase === undefined ? {} : { phase }),
          ...(tier === undefined ? {} : { tier }),
          ...(ownerId === undefined ? {} : { owner: ownerId }),
          ...(service === undefined ? {} : { service }),
          ...(open === undefined ? {} : { open }),
          ...(cursor === undefined ? {} : { beforeSeq: cursor }),
        }
        return picture.list(asked, signedIn(call).actor)
      },
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id',
      action: 'incident.read',
      tag,
      summary: 'One incident in full',
      params: idParams,
      answer: incidentViewSchema,
      run: ({ params }) => found(params.id, picture.incident(params.id)),
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id/facts',
      action: 'incident.read',
      tag,
      summary: 'What happened to it, oldest first',
      params: idParams,
      query: z.strictObject({
        after: z.coerce.number().int().nonnegative().optional().describe('Only facts of a later version'),
      }),
      answer: z.strictObject({ facts: z.array(factViewSchema) }),
      run: async ({ params, query }) => ({ facts: await found(params.id, picture.facts(params.id, query.after)) }),
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id/alerts',
      action: 'incident.read',
      tag,
      summary: 'Its alerts, firing first',
      params: idParams,
      answer: z.strictObject({ alerts: z.array(alertViewSchema) }),
      run: async ({ params }) => ({ alerts: await found(params.id, picture.alerts(params.id)) }),
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id/lead-time',
      action: 'incident.read',
      tag,
      summary: 'What decides how long it takes: hand-overs, classification, information, ownership, updates',
      params: idParams,
      answer: leadTimeSchema,
      run: async ({ params }) => found(params.id, picture.leadTime(params.id)),
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id/why',
      action: 'incident.read',
      tag,
      summary: 'How it came to be, and why each of its alerts is here: the rules that decided',
      params: idParams,
      answer: z.strictObject({
        origin: originSchema,
        why: z.array(
          z.strictObject({
            alert: alertViewSchema.nullable(),
            marks: marksSchema.nullable().describe('What marks it now; null while it does not fire'),
            path: z.array(stepSchema).describe('The stages as the last of the decisions passed them'),
            decisions: z.array(
              z.strictObject({
                pos: z.number(),
                index: z.number(),
                sourceId: z.string(),
                outcome: z.enum(outcomes),
                stage: z.string(),
                rule: z.string(),
                reason: z.string(),
                alertId: z.string().nullable(),
                incidentId: z.string().nullable(),
              }),
            ),
          }),
        ),
      }),
      run: async (call) => {
        const { id } = call.params
        const { actor } = signedIn(call)
        const [why, origin] = await Promise.all([found(id, picture.why(id)), found(id, filterRoom.origin(id))])
        // Of what went to another incident since, only who sees that one is told anything.
        const isHere = (alertId: string | null) => picture.sees(actor, (alertId && picture.homeOf(alertId)) ?? id)
        const told = why.filter(({ decisions }) => isHere(decisions[0]?.alertId ?? null))
        return {
          origin,
          why: told.map((one) => ({ ...one, ...filterRoom.placed(one.alert?.id ?? null, one.decisions, actor) })),
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/incidents',
      action: 'incident.declare',
      tag,
      summary: 'Declare an incident by hand',
      body: declareSchema,
      answer: z.strictObject({ id: z.string(), seq: z.number(), facts: z.array(factViewSchema) }),
      status: 201,
      run: async (call) => {
        const { incidentId, seq, facts } = await commandRoom.declare(signedIn(call).actor, call.body, {
          address: call.who.address,
        })
        call.reply.setHeader('Location', `/api/incidents/${incidentId}`)
        return { id: incidentId, seq, facts: facts.map(picture.factView) }
      },
    }),
    route({
      method: 'post',
      path: '/api/incidents/:id/commands',
      // Who may read it may ask; the command room asks for the action of each command, and keeps the answer.
      action: 'incident.read',
      tag,
      summary: 'Claim, offer, accept, and every other command',
      params: idParams,
      body: commandSchema,
      read: readCommand,
      answer: commandAnswerSchema,
      run: async (call) => {
        const { seq, facts } = await commandRoom.command(signedIn(call).actor, call.params.id, call.body, {
          address: call.who.address,
        })
        return { seq, facts: facts.map(picture.factView) }
      },
    }),
    route({
      method: 'get',
      path: '/api/ledger',
      action: 'ledger.read',
      tag: 'Ledger',
      summary:
        'Conservation: per source and minute, what the door accepted, counted before the filter saw it, and what became of it',
      query: z.strictObject({
        since: z.iso.datetime({ offset: true }).optional().describe('Default: an hour ago; at most a week'),
      }),
      answer: z.strictObject({
        since: instant,
        conservation: z
          .strictObject({
            holds: z.boolean().describe('Of each source and in each minute: accepted = sum of outcomes'),
            accepted: z.number().describe('Without exercises'),
            drills: z.number().describe('Accepted from sources of exercises'),
            unaccounted: z
              .number()
              .describe('Accepted and in no outcome, over all rows that do not add up; those counted twice as well'),
            broken: z
              .array(z.strictObject({ minute: instant, sourceId: z.string(), unaccounted: z.number() }))
              .describe('The first 100 rows that do not add up; less than 0: counted twice'),
          })
          .describe('The check, made by the server from the rows below'),
        rows: z.array(
          z.strictObject({
            minute: instant,
            sourceId: z.string(),
            drill: z.boolean().describe('Its source is of an exercise'),
            accepted: z.number(),
            outcomes: outcomeCounts,
          }),
        ),
      }),
      run: async ({ query }) => {
        const asked = query.since === undefined ? now() - hourMs : Date.parse(query.since)
        const from = Math.max(asked, now() - 7 * 24 * hourMs)
        const since = from - (from % minuteMs)
        const rows = await picture.ledger(since)
        const acceptedOf = (ofDrill: boolean) =>
          rows.reduce((sum, { sourceId, accepted }) => sum + (isOfDrill(sourceId) === ofDrill ? accepted : 0), 0)
        const broken = rows.flatMap((row) => {
          const left = unaccounted(row)
          return left === 0 ? [] : [{ minute: iso(row.minute), sourceId: row.sourceId, unaccounted: left }]
        })
        return {
          since: iso(since),
          conservation: {
            holds: broken.length === 0,
            accepted: acceptedOf(false),
            drills: acceptedOf(true),
            unaccounted: broken.reduce((sum, { unaccounted }) => sum + Math.abs(unaccounted), 0),
            broken: broken.slice(0, 100),
          },
          rows: rows.map(({ minute, sourceId, accepted, counts }) => ({
            minute: iso(minute),
            sourceId,
            drill: isOfDrill(sourceId),
            accepted,
            outcomes: counts,
          })),
        }
      },
    }),
  ]
}
