import { z } from 'zod'
import { type GettableSilence, gettableSilenceSchema } from '#shared/alertmanager/api.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { readInstant } from '#shared/event.ts'
import type { CompiledMatcher, Matcher } from '#shared/matchers.ts'
import { type Silence, type SilenceState, silenceStateOf, type WantedSilence } from '#shared/silence.ts'
import type { SilenceDesk, Silencer } from '../../../command/port.ts'
import { type Call, iso, type Route, route, signedIn } from '../route.ts'
import { isAskedFor, matchersOf, silenceQuerySchema } from './query.ts'
import { absent, broken, refuseAsAlertmanager, unfit, unparsable } from './refusal.ts'

const tag = 'Alertmanager'
const postableSchema = z.looseObject({
  id: z.string().optional().describe('Of the silence to change'),
  matchers: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().nullish().describe('Default: true'),
      }),
    )
    .min(1),
  startsAt: z.string().describe('RFC 3339'),
  endsAt: z.string().describe('RFC 3339'),
  createdBy: z.string(),
  comment: z.string(),
  annotations: z.record(z.string(), z.string()).nullish().describe('Not kept here: must be empty'),
})
const idParams = z.strictObject({ silenceID: z.string() })

/** A silence as it was posted, its instants read. */
type Postable = z.output<typeof postableSchema> & { from: number | null; until: number | null }

/**
 * Reads a posted silence, with the answers of Alertmanager's generated checks: first what is no JSON of these types, then
 * what is absent, by name.
 * @throws UxbridgeError 400 or 422 in Alertmanager's words
 */
function readPostable(value: unknown): Postable {
  const nulls = postableSchema.extend({
    matchers: z
      .array(z.looseObject({ ...nullish('name', 'value'), isRegex: z.boolean().nullish() }).nullable())
      .nullish(),
    ...nullish('comment', 'createdBy', 'endsAt', 'startsAt'),
  })
  const typed = nulls.safeParse(value ?? {})
  if (!typed.success) {
    const [issue] = typed.error.issues
    throw unparsable(`${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
  }
  const said = typed.data
  const from = instantOf('startsAt', said.startsAt)
  const until = instantOf('endsAt', said.endsAt)
  for (const name of ['comment', 'createdBy', 'endsAt', 'matchers', 'startsAt'] as const) {
    if (said[name] === undefined || said[name] === null) throw unfit(602, `${name} in body is required`)
    if (name === 'matchers' && said.matchers?.length === 0)
      throw unfit(612, 'matchers in body should have at least 1 items')
  }
  const matchers = (said.matchers ?? []).filter((matcher) => matcher !== null)
  for (const [index, matcher] of matchers.entries())
    for (const name of ['isRegex', 'name', 'value'] as const)
      if (matcher[name] === undefined || matcher[name] === null)
        throw unfit(602, `matchers.${index}.${name} in body is required`)
  if (Object.keys(said.annotations ?? {}).length > 0)
    throw broken('invalid silence: annotations are not kept here; say it in the comment')
  return { ...(said as z.output<typeof postableSchema>), matchers: matchers as Postable['matchers'], from, until }
}

function nullish<N extends string>(...names: N[]) {
  return Object.fromEntries(names.map((name) => [name, z.string().nullish()])) as Record<
    N,
    z.ZodOptional<z.ZodNullable<z.ZodString>>
  >
}

function instantOf(name: string, text: string | null | undefined): number | null {
  try {
    return readInstant(text ?? null)
  } catch (error) {
    throw unparsable(`${name}: ${(error as RangeError).message}`)
  }
}

function opOf({ isEqual, isRegex }: Postable['matchers'][number]): Matcher['op'] {
  if (isRegex) return isEqual === false ? '!~' : '=~'
  return isEqual === false ? '!=' : '='
}

/** @throws UxbridgeError 400 in Alertmanager's words */
function wantedOf(posted: Postable, now: number): WantedSilence {
  const startsAt = posted.from ?? now
  const endsAt = posted.until ?? 0
  // An absent start is the beginning of time here, and now only once it is made.
  if ((posted.from ?? 0) >= endsAt) throw broken('Failed to create silence: start time must be before end time')
  if (endsAt < now) throw broken("Failed to create silence: end time can't be in the past")
  const { id, createdBy, comment, matchers } = posted
  return {
    ...(id === undefined || id === '' ? {} : { id }),
    matchers: matchers.map((matcher) => ({ name: matcher.name, op: opOf(matcher), value: matcher.value })),
    startsAt,
    endsAt,
    createdBy,
    comment,
  }
}

function viewOf(silence: Silence, now: number): GettableSilence {
  return {
    id: silence.id,
    status: { state: silenceStateOf(silence, now) },
    updatedAt: iso(silence.updatedAt),
    annotations: {},
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: iso(silence.endsAt),
    matchers: silence.matchers.map(({ name, op, value }) => ({
      isEqual: op === '=' || op === '=~',
      isRegex: op === '=~' || op === '!~',
      name,
      value,
    })),
    startsAt: iso(silence.startsAt),
  }
}

const stateOrder: Readonly<Record<SilenceState, number>> = { active: 1, pending: 2, expired: 3 }

/**
 * Active ones first, the next to end before the others; then those to come, the next to begin first; then ended ones,
 * the last to end first. Source: prometheus/alertmanager api/v2/api.go (SortSilences).
 */
function inOrder(silences: readonly Silence[], now: number): Silence[] {
  return silences.toSorted((a, b) => {
    const state = silenceStateOf(a, now)
    const other = silenceStateOf(b, now)
    if (state !== other) return stateOrder[state] - stateOrder[other]
    if (state === 'pending') return a.startsAt - b.startsAt
    return state === 'active' ? a.endsAt - b.endsAt : b.endsAt - a.endsAt
  })
}

/** For each matcher of the filter the silence has the same one. */
function has(silence: Silence, filter: readonly CompiledMatcher[]): boolean {
  return filter.every((asked) =>
    silence.matchers.some(({ name, op, value }) => name === asked.name && op === asked.op && value === asked.value),
  )
}

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i
/** @throws UxbridgeError 422 in Alertmanager's words */
function requireUuid(id: string): string {
  if (!uuid.test(id)) throw unfit(601, `silenceID in path must be of type uuid: ${JSON.stringify(id)}`)
  return id.toLowerCase()
}

/** Runs a change of silences; its refusals leave in Alertmanager's words. */
async function changed<T>(change: () => Promise<T>, unknown: () => UxbridgeError): Promise<T> {
  try {
    return await change()
  } catch (error) {
    if (!(error instanceof UxbridgeError)) throw error
    if (error.code === 'not-found') throw unknown()
    if (error.code !== 'fields-invalid') throw error
    const fields = error.details?.fields as { message: string }[] | undefined
    throw broken(`invalid silence: ${fields?.[0]?.message ?? error.message}`)
  }
}

const whoOf = (call: Pick<Call, 'identity' | 'who'>): Silencer => ({
  ...call.who,
  personId: signedIn(call).actor.personId,
})

/** The silences of Alertmanager's API: those of our own screens, and the other way round. */
export function silenceRoutes(silences: SilenceDesk, now: () => number): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v2/silences',
      action: 'silence.read',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'Silences: active ones, those to come, and those that have ended lately',
      query: silenceQuerySchema,
      answer: z.array(gettableSilenceSchema),
      run: ({ query }) => {
        const filter = matchersOf(query.filter)
        const at = now()
        const shown = {
          active: isAskedFor(query.active),
          expired: isAskedFor(query.expired),
          pending: isAskedFor(query.pending),
        }
        return inOrder(silences.list(), at)
          .filter((silence) => shown[silenceStateOf(silence, at)] && has(silence, filter))
          .map((silence) => viewOf(silence, at))
      },
    }),
    route({
      method: 'post',
      path: '/api/v2/silences',
      action: 'silence.manage',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'Make a silence, or change one; another id in the answer means that the old one has ended',
      body: postableSchema,
      read: readPostable,
      answer: z.strictObject({ silenceID: z.string() }),
      run: async (call) => {
        const wanted = wantedOf(call.body as Postable, now())
        const made = await changed(
          () => silences.set(whoOf(call), wanted),
          () => broken('silence not found', 'not-found', 404),
        )
        return { silenceID: made.id }
      },
    }),
    route({
      method: 'get',
      path: '/api/v2/silence/:silenceID',
      action: 'silence.read',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'One silence',
      params: idParams,
      answer: gettableSilenceSchema,
      run: ({ params }) => {
        const silence = silences.get(requireUuid(params.silenceID))
        if (silence === undefined) throw absent('silence')
        return viewOf(silence, now())
      },
    }),
    route({
      method: 'delete',
      path: '/api/v2/silence/:silenceID',
      action: 'silence.manage',
      refuse: refuseAsAlertmanager,
      tag,
      summary: 'End a silence; one that has ended stays as it is',
      params: idParams,
      answer: null,
      status: 200,
      run: async (call) => {
        const id = requireUuid(call.params.silenceID)
        await changed(
          () => silences.expire(whoOf(call), id),
          () => absent('silence'),
        )
        return undefined
      },
    }),
  ]
}
