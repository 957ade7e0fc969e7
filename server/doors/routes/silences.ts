import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import {
  matcherSchema,
  type Silence,
  type SilenceView,
  silencePreviewSchema,
  silenceStateOf,
  silenceStates,
  silenceViewSchema,
} from '#shared/silence.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { Picture } from '../../picture/port.ts'
import { type Call, idParams, iso, type Route, route, signedIn } from './route.ts'

const tag = 'Silences'
/** Incidents that a preview names. */
const incidentsShown = 50
const given = z.iso.datetime({ offset: true })
const matchers = z.array(matcherSchema).max(100).describe('All must match; absent labels count as empty')

export interface SilenceRouteParts {
  access: Pick<Access, 'actorName' | 'nameOf' | 'sources'>
  commandRoom: Pick<CommandRoom, 'silences'>
  picture: Pick<Picture, 'summary'>
  now: () => number
}

/** Silences for our own screens; Alertmanager's API shows the same ones. */
export function silenceRoutes({ access, commandRoom: { silences }, picture, now }: SilenceRouteParts): Route[] {
  const view = (silence: Silence): SilenceView => {
    const { id, matchers, startsAt, endsAt, createdBy, comment, updatedAt, by } = silence
    return {
      id,
      state: silenceStateOf(silence, now()),
      matchers: matchers.map((matcher) => ({ ...matcher })),
      startsAt: iso(startsAt),
      endsAt: iso(endsAt),
      createdBy,
      comment,
      updatedAt: iso(updatedAt),
      by: { id: by.startsWith('person:') ? by.slice('person:'.length) : by, name: access.actorName(by) },
      firing: silences.firingOf(id),
    }
  }
  const silencer = (call: Pick<Call, 'identity' | 'who'>) => ({
    ...call.who,
    personId: signedIn(call).actor.personId,
  })

  return [
    route({
      method: 'get',
      path: '/api/silences',
      action: 'silence.read',
      tag,
      summary:
        'Silences: those in force by their end, those to come by their start, those that ended in the last five days',
      query: z.strictObject({ state: z.enum(silenceStates).optional() }),
      answer: z.strictObject({ silences: z.array(silenceViewSchema) }),
      run: ({ query }) => {
        const all = silences.list().map(view).sort(byUrgency)
        return { silences: query.state === undefined ? all : all.filter(({ state }) => state === query.state) }
      },
    }),
    route({
      method: 'get',
      path: '/api/silences/:id',
      action: 'silence.read',
      tag,
      summary: 'One silence',
      params: idParams,
      answer: silenceViewSchema,
      run: ({ params }) => {
        const silence = silences.get(params.id)
        if (silence === undefined)
          throw new UxbridgeError('not-found', 'There is no such silence; it may have ended more than five days ago.')
        return view(silence)
      },
    }),
    route({
      method: 'post',
      path: '/api/silences',
      action: 'silence.manage',
      tag,
      summary: 'Make a silence, or change one; other matchers or another start end it and make a new one',
      body: z.strictObject({
        id: z.string().min(1).max(64).optional().describe('The silence to change'),
        matchers,
        startsAt: given.optional().describe('Default: now, or the start of the one that is changed'),
        endsAt: given,
        createdBy: z.string().trim().min(1).max(200).optional().describe('Default: your name'),
        comment: z.string().trim().min(1, 'say why').max(4000),
      }),
      answer: silenceViewSchema,
      run: async (call) => {
        const { actor } = signedIn(call)
        const { id, endsAt, comment, createdBy } = call.body
        const start = call.body.startsAt
        const before = id === undefined ? undefined : silences.get(id)?.startsAt
        const silence = await silences.set(silencer(call), {
          ...(id === undefined ? {} : { id }),
          matchers: call.body.matchers,
          startsAt: start === undefined ? (before ?? now()) : Date.parse(start),
          endsAt: Date.parse(endsAt),
          createdBy:
            createdBy ?? (actor.personId === null ? access.actorName(actor.id) : access.nameOf(actor.personId)),
          comment,
        })
        return view(silence)
      },
    }),
    route({
      method: 'delete',
      path: '/api/silences/:id',
      action: 'silence.manage',
      tag,
      summary: 'End a silence now: what it held back and still fires is heard of at once',
      params: idParams,
      answer: silenceViewSchema,
      run: async (call) => view(await silences.expire(silencer(call), call.params.id)),
    }),
    route({
      method: 'post',
      path: '/api/silences/preview',
      action: 'silence.read',
      tag,
      summary: 'What matchers would hold back if they were a silence now',
      body: z.strictObject({ matchers }),
      answer: silencePreviewSchema,
      run: ({ body }) => {
        const { firing, silenced, incidents, alerts } = silences.preview(body.matchers)
        return {
          firing,
          silenced,
          incidents: incidents.slice(0, incidentsShown).flatMap(({ id, firing }) => {
            const summary = picture.summary(id)
            if (summary === undefined) return []
            const { title, phase, tier } = summary
            return [{ id, title, phase, tier, firing }]
          }),
          incidentsInAll: incidents.length,
          alerts: alerts.map(({ id, title, severity, sourceId, startsAt, incidentId }) => ({
            id,
            title,
            severity,
            source: { id: sourceId, name: access.sources.get(sourceId)?.name ?? 'Former source' },
            startsAt: iso(startsAt),
            incidentId,
          })),
        }
      },
    }),
  ]
}

/** As Alertmanager sorts them: in force, to come, ended; what changes next comes first, what ended last comes first. */
function byUrgency(a: SilenceView, b: SilenceView): number {
  if (a.state !== b.state) return rank[a.state] - rank[b.state]
  const order = a.state === 'pending' ? compare(a.startsAt, b.startsAt) : compare(a.endsAt, b.endsAt)
  return (a.state === 'expired' ? -order : order) || compare(a.id, b.id)
}
const rank = { active: 0, pending: 1, expired: 2 } as const
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
