import { z } from 'zod'
import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { type Occurrence, type Recurrence, recurrenceSchema } from '#shared/recurrence.ts'
import {
  endedSilencesSchema,
  type MaintenanceView,
  matcherSchema,
  type OccurrenceView,
  type Silence,
  type SilenceView,
  silenceListSchema,
  silencePreviewSchema,
  silenceStateOf,
  silenceStates,
  silenceViewSchema,
} from '#shared/silence.ts'
import type { Access } from '../../access/port.ts'
import type { CommandRoom, MaintenanceWindow } from '../../command/port.ts'
import type { Picture } from '../../picture/port.ts'
import { type Call, idParams, iso, type Route, route, signedIn } from './route.ts'

const tag = 'Silences'
/** Incidents that a preview names. */
const incidentsShown = 50
const given = z.iso.datetime({ offset: true })
/** Times of a recurrence that are shown. */
const timesShown = 5
const recurs = recurrenceSchema.extend({
  until: given
    .optional()
    .describe('What would begin then or later does not come; at most a year ahead, and that without'),
})
const wantedRecurrence = ({ until, ...said }: z.output<typeof recurs>): Recurrence =>
  until === undefined ? said : { ...said, until: Date.parse(until) }
const occurrenceView = ({ startsAt, endsAt }: Occurrence): OccurrenceView => ({
  startsAt: iso(startsAt),
  endsAt: iso(endsAt),
})
const matchers = z.array(matcherSchema).max(100).describe('All must match; absent labels count as empty')

export interface SilenceRouteParts {
  access: Pick<Access, 'actorName' | 'nameOf' | 'sources'>
  commandRoom: Pick<CommandRoom, 'silences'>
  picture: Pick<Picture, 'summary'>
  now: () => number
}

/** Silences for our own screens; Alertmanager's API shows the same ones. */
export function silenceRoutes({ access, commandRoom: { silences }, picture, now }: SilenceRouteParts): Route[] {
  const view = (silence: Silence, firing: (id: string) => number): SilenceView => {
    const { id, matchers, startsAt, endsAt, createdBy, comment, updatedAt, by, recurs } = silence
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
      firing: firing(id),
      recurs:
        recurs === undefined
          ? null
          : {
              ...recurrenceView(recurs),
              until: iso(recurs.until === 0 ? endsAt : recurs.until),
              next: silences.next(silence, timesShown).map(occurrenceView),
            },
    }
  }
  const windowView = (window: MaintenanceWindow, index: number, firing: (id: string) => number): MaintenanceView => {
    const { id, name, state, matchers, reason, occurrence, later, intervals, recurs } = window
    return {
      ...{ id, name, state, reason },
      matchers: matchers.map((matcher) => ({ ...matcher })),
      place: `filters.maintenance.${index}`,
      startsAt: occurrence === null ? null : iso(occurrence.startsAt),
      endsAt: occurrence === null ? null : iso(occurrence.endsAt),
      intervals: intervals === null ? null : [...intervals],
      recurs: recurs === null ? null : recurrenceView(recurs),
      next: occurrence === null ? [] : [occurrence, ...later].map(occurrenceView),
      firing: firing(id),
    }
  }
  const firingFor = (call: Pick<Call, 'identity'>) => silences.firingFor(signedIn(call).actor)
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
        'Silences: those in force by their end, those to come by their start, those that ended in the last five days; and the maintenance windows of the policy',
      query: z.strictObject({ state: z.enum(silenceStates).optional() }),
      answer: silenceListSchema,
      run: (call) => {
        const { state: wanted } = call.query
        const asked = ({ state }: { state: string }) => wanted === undefined || state === wanted
        const firing = firingFor(call)
        const list = silences.list().map((silence) => view(silence, firing))
        const windows = silences.windows().map((window, index) => windowView(window, index, firing))
        return { silences: list.filter(asked).sort(byUrgency), maintenance: windows.filter(asked) }
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
      run: (call) => {
        const silence = silences.get(call.params.id)
        if (silence === undefined)
          throw new UxbridgeError('not-found', 'There is no such silence; it may have ended more than five days ago.')
        return view(silence, firingFor(call))
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
        endsAt: given.optional().describe('Without `recurs`'),
        recurs: recurs
          .nullable()
          .optional()
          .describe(
            'Instead of `startsAt` and `endsAt`: it comes again, by an iCalendar rule. null: one that came again comes once from now on',
          ),
        createdBy: z.string().trim().min(1).max(200).optional().describe('Default: your name'),
        comment: z.string().trim().min(1, 'say why').max(4000),
      }),
      answer: silenceViewSchema,
      run: async (call) => {
        const { actor } = signedIn(call)
        const { id, matchers, endsAt, comment, createdBy, startsAt: start, recurs } = call.body
        const said = {
          ...(id === undefined ? {} : { id }),
          matchers,
          createdBy:
            createdBy ?? (actor.personId === null ? access.actorName(actor.id) : access.nameOf(actor.personId)),
          comment,
        }
        if (recurs !== undefined && recurs !== null) {
          if (start !== undefined || endsAt !== undefined)
            throw wrongAt('recurs', 'say either recurs, or startsAt and endsAt')
          const made = await silences.setRecurring(silencer(call), { ...said, recurs: wantedRecurrence(recurs) })
          return view(made, firingFor(call))
        }
        if (endsAt === undefined) throw wrongAt('endsAt', 'say when it ends, or how it recurs')
        const before = id === undefined ? undefined : silences.get(id)?.startsAt
        const silence = await silences.set(silencer(call), {
          ...said,
          startsAt: start === undefined ? (before ?? now()) : Date.parse(start),
          endsAt: Date.parse(endsAt),
          once: recurs === null,
        })
        return view(silence, firingFor(call))
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
      run: async (call) => view(await silences.expire(silencer(call), call.params.id), firingFor(call)),
    }),
    route({
      method: 'post',
      path: '/api/silences/:id/extend',
      action: 'silence.manage',
      tag,
      summary: 'Move the end of a silence in force; of one that comes again, of the time that is on',
      params: idParams,
      body: z.strictObject({
        byMs: z.number().int().min(minuteMs).max(mostExtendedMs).describe('How much later it ends'),
      }),
      answer: silenceViewSchema,
      run: async (call) => view(await silences.extend(silencer(call), call.params.id, call.body.byMs), firingFor(call)),
    }),
    route({
      method: 'post',
      path: '/api/silences/end',
      action: 'silence.manage',
      tag,
      summary: 'End many silences together, for one reason; what they hold back and still fires is heard of at once',
      body: z.strictObject({
        ids: z.array(z.string().min(1).max(64)).min(1).max(500),
        reason: z.string().trim().min(1, 'say why').max(1000).describe('Kept in the audit'),
      }),
      answer: endedSilencesSchema,
      run: async (call) => {
        const ended = await silences.expireAll(silencer(call), call.body.ids, call.body.reason)
        return {
          results: ended.map(({ id, silence }) => ({
            id,
            ended: silence !== null,
            message: silence === null ? 'There is no such silence; it may have ended more than five days ago.' : null,
          })),
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/silences/preview',
      action: 'silence.read',
      tag,
      summary: 'What matchers would hold back if they were a silence now, and when a recurrence would come',
      body: z.strictObject({ matchers, recurs: recurs.optional() }),
      answer: silencePreviewSchema,
      run: (call) => {
        const { body } = call
        const times = body.recurs === undefined ? [] : silences.nextOf(wantedRecurrence(body.recurs), timesShown)
        const { firing, silenced, incidents, alerts } = silences.preview(body.matchers, signedIn(call).actor)
        return {
          occurrences: times.map(occurrenceView),
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

const mostExtendedMs = 7 * 24 * 60 * minuteMs

function wrongAt(path: string, message: string): UxbridgeError {
  return new UxbridgeError('fields-invalid', `The silence is wrong at ${path}: ${message}.`, {
    fields: [{ path, message }],
  })
}

function recurrenceView({ rrule, starts, lastsMs, timeZone }: Recurrence) {
  return { rrule, starts, lastsMs, timeZone }
}

/** As Alertmanager sorts them: in force, to come, ended; what changes next comes first, what ended last comes first. */
function byUrgency(a: SilenceView, b: SilenceView): number {
  if (a.state !== b.state) return rank[a.state] - rank[b.state]
  const order = a.state === 'pending' ? compare(a.startsAt, b.startsAt) : compare(a.endsAt, b.endsAt)
  return (a.state === 'expired' ? -order : order) || compare(a.id, b.id)
}
const rank = { active: 0, pending: 1, expired: 2 } as const
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
