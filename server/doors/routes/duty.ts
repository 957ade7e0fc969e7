import { z } from 'zod'
import { can } from '#shared/access.ts'
import { hourMs } from '#shared/clocks.ts'
import {
  feedsSchema,
  freshFeedSchema,
  importViewSchema,
  newFeedSchema,
  newImportSchema,
  newOverrideSchema,
  newSwapSchema,
  overrideViewSchema,
  removeQuerySchema,
  rotaNowSchema,
  rotaQuerySchema,
  rotaViewSchema,
  swapAnswerSchema,
  swapViewSchema,
} from '#shared/duty/view.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Asker, DutyDesk } from '../../duty/port.ts'
import { type Call, idParams, type Route, route, signedIn } from './route.ts'

const tag = 'Rota'
const dayMs = 24 * hourMs
const usualDays = 14
/** A file of the longest length, as JSON writes what is not plain. */
const importBytes = 4 * 1024 * 1024

export interface DutyRouteParts {
  duty: DutyDesk
  baseUrl(): string
  now(): number
}

function askerOf(call: Pick<Call, 'identity' | 'who'>): Asker {
  const { actor } = signedIn(call)
  return { ...call.who, personId: actor.personId, mayManage: can(actor, 'rota.manage') }
}

/** Who is on duty, what is changed in it and by whom, and calendars of it. */
export function dutyRoutes({ duty, baseUrl, now }: DutyRouteParts): Route[] {
  const swapAct = (
    act: 'accept' | 'decline' | 'withdraw',
    summary: string,
    run: (asker: Asker, id: string, reason: string | undefined) => ReturnType<DutyDesk['accept']>,
  ): Route =>
    route({
      method: 'post',
      path: `/api/rota/swaps/:id/${act}`,
      action: 'rota.swap',
      ...{ tag, summary, params: idParams, body: swapAnswerSchema, answer: swapViewSchema },
      run: (call) => run(askerOf(call), call.params.id, call.body.reason),
    })

  return [
    route({
      method: 'get',
      path: '/api/rota',
      action: 'rota.read',
      tag,
      summary: 'All rotations with their shifts, what was changed in them, and what is wrong with them',
      query: rotaQuerySchema,
      answer: rotaViewSchema,
      run: (call) => {
        const { query } = call
        const from = query.from === undefined ? Math.floor(now() / dayMs) * dayMs : Date.parse(query.from)
        const to = query.to === undefined ? from + usualDays * dayMs : Date.parse(query.to)
        return duty.view(askerOf(call), from, to)
      },
    }),
    route({
      method: 'get',
      path: '/api/rota/now',
      action: 'rota.read',
      tag,
      summary: 'Who answers now and next, for each rotation and team, who answers the phone, and my own shifts',
      answer: rotaNowSchema,
      run: (call) => duty.now(askerOf(call)),
    }),
    route({
      method: 'post',
      path: '/api/rota/overrides',
      action: 'rota.override',
      tag,
      summary: 'Put somebody in, whoever’s turn it is: anybody by a commander, themselves by members of the team',
      body: newOverrideSchema,
      answer: overrideViewSchema,
      status: 201,
      run: (call) => duty.override(askerOf(call), call.body),
    }),
    route({
      method: 'delete',
      path: '/api/rota/overrides/:id',
      action: 'rota.override',
      tag,
      summary: 'Remove an override that is to come, or end one that is on',
      params: idParams,
      query: removeQuerySchema,
      answer: null,
      run: async (call) => {
        await duty.removeOverride(askerOf(call), call.params.id, call.query.reason)
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/api/rota/swaps',
      action: 'rota.swap',
      tag,
      summary: 'Offer a stretch of my own shift to a person or a team; it stays mine until somebody accepts',
      body: newSwapSchema,
      answer: swapViewSchema,
      status: 201,
      run: (call) => duty.offer(askerOf(call), call.body),
    }),
    swapAct('accept', 'Take over the shift that is offered', (asker, id) => duty.accept(asker, id)),
    swapAct('decline', 'Say no to an offer', (asker, id, reason) => duty.decline(asker, id, reason)),
    swapAct('withdraw', 'Take an offer back', (asker, id, reason) => duty.withdraw(asker, id, reason)),
    route({
      method: 'get',
      path: '/api/rota/feeds',
      action: 'rota.read',
      tag,
      summary: 'My calendars to subscribe to',
      answer: feedsSchema,
      run: (call) => ({ feeds: duty.feeds(askerOf(call)) }),
    }),
    route({
      method: 'post',
      path: '/api/rota/feeds',
      action: 'rota.read',
      tag,
      summary: 'A new calendar, of my own shifts or a team’s; the address is shown once',
      body: newFeedSchema,
      answer: freshFeedSchema,
      status: 201,
      run: (call) => duty.addFeed(askerOf(call), call.body.of, baseUrl()),
    }),
    route({
      method: 'post',
      path: '/api/rota/feeds/:id/renew',
      action: 'rota.read',
      tag,
      summary: 'Another address for a calendar; the one before shows nothing any more',
      params: idParams,
      answer: freshFeedSchema,
      run: (call) => duty.renewFeed(askerOf(call), call.params.id, baseUrl()),
    }),
    route({
      method: 'delete',
      path: '/api/rota/feeds/:id',
      action: 'rota.read',
      tag,
      summary: 'End a calendar',
      params: idParams,
      answer: null,
      run: async (call) => {
        await duty.revokeFeed(askerOf(call), call.params.id)
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/api/rota/import',
      action: 'rota.manage',
      tag,
      summary: 'Import an iCalendar file as holidays or as who answers, or say what would come of it',
      body: newImportSchema,
      bodyBytes: importBytes,
      answer: importViewSchema,
      run: (call) => duty.import(askerOf(call), call.body),
    }),
    route({
      method: 'get',
      path: '/calendar/:name',
      action: 'public',
      tag,
      summary: 'A calendar as text/calendar (RFC 5545), by its secret address; answers 304 to who has it already',
      params: z.strictObject({ name: z.string().max(100) }),
      answer: 'text',
      run: ({ params, reply }) => {
        const calendar = duty.calendar(params.name.replace(/\.ics$/, ''))
        if (calendar === null)
          throw new UxbridgeError('not-found', 'There is no calendar at this address, or it was renewed or revoked.')
        reply.setHeader('Content-Type', 'text/calendar; charset=utf-8')
        reply.setHeader('Content-Disposition', `inline; filename="${calendar.name}"`)
        // Express answers 304 where the reader shows this tag.
        reply.setHeader('ETag', calendar.tag)
        reply.setHeader('Cache-Control', 'private, no-cache')
        reply.setHeader('X-Robots-Tag', 'noindex')
        return calendar.text
      },
    }),
  ]
}
