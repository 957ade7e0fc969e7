import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { type LostBytesView, type LostView, lostBytesSchema, lostViewSchema } from '#shared/lost.ts'
import type { Policy } from '#shared/policy.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom, LostBytes, LostTried } from '../../command/port.ts'
import type { LostItem, LostKey, Reader } from '../../store/port.ts'
import { type Call, idParams, iso, isoOrNull, type Route, route, signedIn } from './route.ts'

const tag = 'Lost property'
/** So much of a request is shown; all of it can be taken away. Bytes. */
const shownBytes = 64 * 1024

const reason = z
  .string()
  .trim()
  .min(3, 'say why, in a few words')
  .max(500)
  .describe('Why, in your own words: kept in the audit, encrypted')
const itemParams = z.strictObject({ id: z.string().regex(/^\d{1,15}\.\d{1,9}$/, 'is not the id of lost property') })
const keyOf = (id: string): LostKey => {
  const [pos = 0, index = 0] = id.split('.').map(Number)
  return { pos, index }
}
const idOf = ({ pos, index }: LostKey): string => `${pos}.${index}`

const listQuery = z.strictObject({
  source: z.string().max(80).optional().describe('Id of a source'),
  state: z.enum(['lost', 'found', 'discarded']).optional(),
  cursor: itemParams.shape.id.optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

const triedAnswer = z.strictObject({
  found: z.number().describe('Members that can be read now'),
  still: z.number().describe('Members that still cannot'),
  events: z.number().describe('Events taken in: what says nothing to be kept gives none'),
  incidents: z.array(z.string()).describe('Incidents that these opened, joined or ended'),
  items: z.array(
    z.strictObject({
      id: z.string(),
      state: z.enum(['lost', 'found', 'discarded']),
      reason: z.string(),
      count: z.number(),
      events: z.number(),
    }),
  ),
})
const discardedAnswer = z.strictObject({ discarded: z.number().describe('Members, without those discarded before') })

export interface LostRouteParts {
  access: Access
  commandRoom: CommandRoom
  read: Reader
  activePolicy(): { policy: Policy }
}

/** What could not be read: listed, looked at, tried again, discarded. */
export function lostRoutes({ access, commandRoom, read, activePolicy }: LostRouteParts): Route[] {
  const { lost } = commandRoom
  const keptMs = () => activePolicy().policy.retention.lost_property
  const sourceOf = (id: string): LostView['source'] => {
    const source = access.sources.get(id)
    return { id, name: source?.name ?? 'Former source', kind: source?.kind ?? null }
  }
  const view = (item: LostItem): LostView => ({
    id: idOf(item),
    source: sourceOf(item.sourceId),
    receivedAt: iso(item.at),
    reason: item.reason,
    count: item.count,
    members: item.members,
    state: item.state,
    changedAt: isoOrNull(item.changedAt),
    changedBy: item.changedBy === null ? null : { id: item.changedBy, name: access.actorName(item.changedBy) },
    tries: item.tries,
    expiresAt: iso(item.at + keptMs()),
  })
  /** What was taken in may have come to incidents that whoever tried it may not see. */
  const triedFor = (call: Pick<Call, 'identity'>, tried: readonly LostTried[]) => {
    const { actor } = signedIn(call)
    return triedView(tried, (id) => commandRoom.sees(actor, id))
  }
  function knownSource(id: string): string {
    if (access.sources.get(id) === undefined && lost.waiting(id) === 0)
      throw new UxbridgeError('not-found', `There is no source ${id.slice(0, 40)}.`)
    return id
  }

  return [
    route({
      method: 'get',
      path: '/api/lost',
      action: 'lost.read',
      tag,
      summary: 'What could not be read of accepted requests, newest first, and how much of it waits per source',
      query: listQuery,
      answer: z.strictObject({
        items: z.array(lostViewSchema),
        next: z.string().nullable(),
        sources: z
          .array(
            z.strictObject({
              id: z.string(),
              name: z.string(),
              waiting: z.number().describe('Members'),
              madeRoom: z.number().describe('Members pushed out by newer ones: they can be neither seen nor tried'),
            }),
          )
          .describe('Sources of which something waits, or was pushed out'),
        keptMs: z.number().describe('For how long, in milliseconds'),
      }),
      run: async ({ query: { source, state, cursor, limit } }) => {
        const page = await read.lost({
          ...(source === undefined ? {} : { sourceId: source }),
          ...(state === undefined ? {} : { state }),
          ...(cursor === undefined ? {} : { before: keyOf(cursor) }),
          limit: limit + 1,
        })
        const items = page.slice(0, limit)
        const last = items.at(-1)
        const ids = new Set([...access.sources.list().map(({ id }) => id), ...items.map(({ sourceId }) => sourceId)])
        return {
          items: items.map(view),
          next: page.length > limit && last !== undefined ? idOf(last) : null,
          sources: [...ids]
            .map((id) => ({ id, name: sourceOf(id).name, waiting: lost.waiting(id), madeRoom: lost.madeRoom(id) }))
            .filter(({ waiting, madeRoom }) => waiting + madeRoom > 0),
          keptMs: keptMs(),
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/lost/:id',
      action: 'lost.read',
      tag,
      summary: 'One of them',
      params: itemParams,
      answer: lostViewSchema,
      run: ({ params }) => {
        const item = lost.get(keyOf(params.id))
        if (item === undefined) throw new UxbridgeError('not-found', 'There is no such lost property, or no more.')
        return view(item)
      },
    }),
    route({
      method: 'post',
      path: '/api/lost/:id/bytes',
      action: 'lost.bytes',
      tag,
      summary: 'The request that it was in, as it was received; audited with your reason',
      params: itemParams,
      body: z.strictObject({
        reason,
        whole: z.boolean().default(false).describe('All of it; without: the first 64 KiB'),
      }),
      answer: lostBytesSchema,
      run: async ({ who, params, body }) =>
        bytesView(await lost.bytes(who, keyOf(params.id), body.reason, body.whole), body.whole),
    }),
    route({
      method: 'post',
      path: '/api/lost/:id/retry',
      action: 'lost.settle',
      tag,
      summary: 'Read it again with the adapter and the settings of today; what can be read now is taken in, once',
      params: itemParams,
      body: z.strictObject({}),
      answer: triedAnswer,
      run: async (call) => triedFor(call, await lost.retry(call.who, keyOf(call.params.id))),
    }),
    route({
      method: 'post',
      path: '/api/lost/:id/discard',
      action: 'lost.settle',
      tag,
      summary: 'Say that it is not needed; it stays listed until its time ends',
      params: itemParams,
      body: z.strictObject({ reason }),
      answer: discardedAnswer,
      run: async ({ who, params, body }) => ({ discarded: await lost.discard(who, keyOf(params.id), body.reason) }),
    }),
    route({
      method: 'post',
      path: '/api/sources/:id/lost/retry',
      action: 'lost.settle',
      tag,
      summary: 'The same with everything of a source that waits',
      params: idParams,
      body: z.strictObject({}),
      answer: triedAnswer,
      run: async (call) => triedFor(call, await lost.retryAll(call.who, knownSource(call.params.id))),
    }),
    route({
      method: 'post',
      path: '/api/sources/:id/lost/discard',
      action: 'lost.settle',
      tag,
      summary: 'Discard everything of a source that waits',
      params: idParams,
      body: z.strictObject({ reason }),
      answer: discardedAnswer,
      run: async ({ who, params, body }) => ({
        discarded: await lost.discardAll(who, knownSource(params.id), body.reason),
      }),
    }),
  ]
}

function triedView(tried: readonly LostTried[], sees: (incidentId: string) => boolean): z.output<typeof triedAnswer> {
  const sum = (of: LostTried['state']) =>
    tried.filter(({ state }) => state === of).reduce((total, { count }) => total + count, 0)
  return {
    found: sum('found'),
    still: sum('lost'),
    events: tried.reduce((total, { events }) => total + events, 0),
    incidents: [...new Set(tried.flatMap(({ incidents }) => incidents))].filter(sees),
    items: tried.map(({ pos, index, state, reason, count, events }) => ({
      id: idOf({ pos, index }),
      state,
      reason,
      count,
      events,
    })),
  }
}

function bytesView({ body, member, adapterId, ...about }: LostBytes, whole: boolean): LostBytesView {
  const part = whole ? body : body.subarray(0, shownBytes)
  // A character that was cut in two is left out.
  const text = whole || !isUtf8(body) ? null : new TextDecoder().decode(part, { stream: true })
  return {
    ...about,
    adapter: adapterId,
    size: body.length,
    shown: part.length,
    text,
    base64: text === null ? Buffer.from(part).toString('base64') : null,
    member: whole ? null : (member?.slice(0, shownBytes) ?? null),
  }
}
