import { z } from 'zod'
import { can } from '#shared/access.ts'
import { benchmarkName, type LoadLine } from '#shared/alarm-load.ts'
import { secondMs } from '#shared/clocks.ts'
import type { Policy } from '#shared/policy.ts'
import { type BesideTote, besideToteSchema, readinessSchema, sayingSchema, toteSchema } from '#shared/readiness.ts'
import type { Access, Actor } from '../../access/port.ts'
import type { AlarmLoadPicture, TotePicture } from '../../picture/port.ts'
import { loadRights } from './alarm-load.ts'
import { iso, personOf, type Route, route, signedIn } from './route.ts'

const tag = 'Tote'
/** Loads are worked out anew at most once in so long, however many look. */
const loadEveryMs = 5 * secondMs
/** Asks in nobody's name, for what is shown to those who may see all of it. */
const seesAll: Actor = { id: 'system:tote', personId: null, roles: ['commander'] }
const personParams = z.strictObject({ person: z.string().min(1).max(64) })

export interface ToteRouteParts {
  access: Pick<Access, 'people'>
  tote: TotePicture
  alarmLoad: AlarmLoadPicture
  activePolicy(): { policy: Policy }
  now: () => number
}

type Lines = Map<string | null, LoadLine>

/** The tote, and what people say of how ready they are. */
export function toteRoutes({ access, tote, alarmLoad, activePolicy, now }: ToteRouteParts): Route[] {
  const { mayTeam, mayPerson } = loadRights(access)
  const known = new Map<'all' | 'public', { at: number; lines: Promise<{ teams: Lines; people: Lines } | null> }>()

  /** Of what everybody sees, or of all there is. */
  function lines(which: 'all' | 'public') {
    const at = now()
    const before = known.get(which)
    if (before !== undefined && at >= before.at && at - before.at < loadEveryMs) return before.lines
    const actor = which === 'all' ? seesAll : null
    const lines = alarmLoad.load({ kind: 'everybody', id: null }, '8h', actor).then(({ lines }) => lines)
    known.set(which, { at, lines })
    return lines
  }

  /** Rule AL2, as on the page of the load. */
  async function loadFor(actor: Actor): Promise<BesideTote['load']> {
    const found = await lines(can(actor, 'restricted.read') ? 'all' : 'public')
    // Whoever has a part in what is restricted sees it: their own load is whole.
    const own = actor.personId === null ? null : await lines('all')
    const lineOf = (id: string | null) => (id === actor.personId ? own : found)?.people.get(id)
    const of = (kind: 'team' | 'person', id: string, line: LoadLine | undefined): BesideTote['load'] =>
      line === undefined || line.lastHour === 0
        ? []
        : [{ kind, id, lastTenMinutes: line.lastTenMinutes, lastHour: line.lastHour }]
    const teams = activePolicy().policy.teams.filter(({ members }) => mayTeam(actor, members))
    const ids = new Set([...(found?.people.keys() ?? []), actor.personId])
    const people = [...ids].filter((id) => id !== null && mayPerson(actor, id))
    return [
      ...teams.flatMap(({ id }) => of('team', id, found?.teams.get(id))),
      ...people.flatMap((id) => of('person', id ?? '', lineOf(id))),
    ]
  }

  async function besideFor(actor: Actor): Promise<BesideTote> {
    const load = await loadFor(actor)
    const { teams } = activePolicy().policy
    // Rule RD10: words about somebody are for those who work with them, and for themselves.
    const may = can(actor, 'incident.respond') || can(actor, 'incident.command')
    const notes = [...tote.notes()].filter(([person]) => may || person === actor.personId)
    const phones = teams.flatMap(({ id, phone }) => (phone?.reach === undefined ? [] : [[id, phone.reach]]))
    const holds = Object.fromEntries(tote.heldUnseen(actor))
    return {
      notes: Object.fromEntries(notes),
      holds,
      phones: Object.fromEntries(phones),
      benchmark: benchmarkName,
      load,
    }
  }

  return [
    route({
      method: 'get',
      path: '/api/tote',
      action: 'picture.read',
      tag,
      summary:
        'How ready everybody is, team by team; notes for those who respond or command, load for whom it concerns. Live in the socket’s room `tote`',
      answer: toteSchema,
      run: async (call) => {
        const beside = await besideFor(signedIn(call).actor)
        return { ...tote.view(), seq: tote.seq(), at: iso(now()), ...beside }
      },
    }),
    route({
      method: 'get',
      path: '/api/tote/beside',
      action: 'picture.read',
      tag,
      summary: 'What the room `tote` does not tell to everybody: notes, phones, load',
      answer: besideToteSchema,
      run: (call) => besideFor(signedIn(call).actor),
    }),
    route({
      method: 'post',
      path: '/api/tote/me',
      action: 'incident.respond',
      tag,
      summary: 'Say how ready you are, until when; it ends then, or when you take an incident',
      body: sayingSchema,
      answer: readinessSchema,
      run: (call) => tote.say(call.who, personOf(call), call.body),
    }),
    route({
      method: 'delete',
      path: '/api/tote/me',
      action: 'incident.respond',
      tag,
      summary: 'Take back what was said of you: what follows from rotations and incidents counts again',
      answer: readinessSchema,
      run: (call) => tote.unsay(call.who, personOf(call)),
    }),
    route({
      method: 'post',
      path: '/api/tote/:person',
      action: 'incident.command',
      tag,
      summary: 'Say how ready somebody is, in your name',
      params: personParams,
      body: sayingSchema,
      answer: readinessSchema,
      run: (call) => tote.say(call.who, call.params.person, call.body),
    }),
    route({
      method: 'delete',
      path: '/api/tote/:person',
      action: 'incident.command',
      tag,
      summary: 'Take back what was said of somebody',
      params: personParams,
      answer: readinessSchema,
      run: (call) => tote.unsay(call.who, call.params.person),
    }),
  ]
}
