import { z } from 'zod'
import { can } from '#shared/access.ts'
import {
  type AlarmLoad,
  alarmLoadSchema,
  benchmarkName,
  type LoadSpan,
  lineOf,
  loadSpans,
  teamIsPersonalBelow,
} from '#shared/alarm-load.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import type { Access, Actor } from '../../access/port.ts'
import type { AlarmLoadPicture, LoadOf } from '../../picture/port.ts'
import { iso, type Route, route, signedIn } from './route.ts'

const spans = Object.keys(loadSpans) as [LoadSpan, ...LoadSpan[]]

export interface AlarmLoadRouteParts {
  access: Pick<Access, 'nameOf' | 'people'>
  alarmLoad: AlarmLoadPicture
  activePolicy(): { policy: Policy }
}

/** Rule AL2: whose load an actor may see. */
export function loadRights(access: Pick<Access, 'people'>) {
  const responders = (members: readonly string[]) => members.filter((id) => access.people.mayRespond(id))
  /** Who has to see that nobody drowns. */
  const mayAll = (actor: Actor) => can(actor, 'incident.command') || can(actor, 'person.manage')
  return {
    responders,
    mayTeam(actor: Actor, members: readonly string[]): boolean {
      const isOwn = actor.personId !== null && members.includes(actor.personId)
      return isOwn || mayAll(actor) || responders(members).length >= teamIsPersonalBelow
    },
    mayPerson: (actor: Actor, id: string): boolean => id === actor.personId || mayAll(actor),
  }
}

/** Alarm load of everybody, of a team, of a person. */
export function alarmLoadRoutes({ access, alarmLoad, activePolicy }: AlarmLoadRouteParts): Route[] {
  const { responders, mayTeam, mayPerson } = loadRights(access)

  function asked(actor: Actor, { team, person }: { team?: string | undefined; person?: string | undefined }): LoadOf {
    if (team !== undefined && person !== undefined)
      throw new UxbridgeError('fields-invalid', 'Ask for a team or for a person, not for both.')
    if (team !== undefined) {
      const found = activePolicy().policy.teams.find(({ id }) => id === team)
      if (found === undefined) throw new UxbridgeError('not-found', 'There is no such team in the policy.')
      if (!mayTeam(actor, found.members))
        throw new UxbridgeError(
          'not-allowed',
          `Figures of a team of fewer than ${teamIsPersonalBelow} are figures of its people: they are for them, for commanders and for administrators. Ask one of these.`,
        )
      return { kind: 'team', id: team }
    }
    if (person === undefined) return { kind: 'everybody', id: null }
    const id = person === 'me' ? (actor.personId ?? '') : person
    if (!mayPerson(actor, id))
      throw new UxbridgeError(
        'not-allowed',
        'The load of a person is for that person, for commanders and for administrators. Ask one of these.',
      )
    if (!access.people.exists(id)) throw new UxbridgeError('not-found', 'There is no such person.')
    return { kind: 'person', id }
  }

  function described(of: LoadOf) {
    if (of.kind === 'everybody') return { ...of, name: 'Everybody', people: null }
    if (of.kind === 'person') return { ...of, name: access.nameOf(of.id), people: null }
    const team = activePolicy().policy.teams.find(({ id }) => id === of.id)
    return { ...of, name: team?.name ?? of.id, people: responders(team?.members ?? []).length }
  }

  function choicesFor(actor: Actor) {
    const teams = activePolicy().policy.teams.filter(({ members }) => mayTeam(actor, members))
    const people = access.people
      .list()
      .filter(({ id, disabled }) => !disabled && access.people.mayRespond(id) && mayPerson(actor, id))
    return {
      teams: teams.map(({ id, name = id }) => ({ id, name })),
      people: people.map(({ id, name }) => ({ id, name })),
    }
  }

  /** Rule AL2: a line for each that the actor may choose; what nobody has taken is nobody's data. */
  function linesFor(actor: Actor, load: Awaited<ReturnType<AlarmLoadPicture['load']>>): AlarmLoad['lines'] {
    const { lines, from, to } = load
    if (lines === null) return []
    const none = lineOf([], from, to)
    const { teams, people } = choicesFor(actor)
    const nobody = lines.people.get(null)
    return [
      ...teams.map((team) => ({ kind: 'team' as const, ...team, ...(lines.teams.get(team.id) ?? none) })),
      ...people.map((person) => ({ kind: 'person' as const, ...person, ...(lines.people.get(person.id) ?? none) })),
      ...(nobody === undefined ? [] : [{ kind: 'nobody' as const, id: null, name: 'Nobody so far', ...nobody }]),
    ].sort((a, b) => b.all - a.all || (a.name < b.name ? -1 : 1))
  }

  return [
    route({
      method: 'get',
      path: '/api/alarm-load',
      action: 'ledger.read',
      tag: 'Figures',
      summary:
        'Alarm load: how often responders are asked for something, beside the figures of ISA-18.2 and EEMUA 191; of one person for that person, commanders and administrators only',
      query: z.strictObject({
        last: z.enum(spans).default('24h'),
        team: z.string().min(1).max(80).optional().describe('Id of a team'),
        person: z.string().min(1).max(64).optional().describe('Id of a person, or me'),
      }),
      answer: alarmLoadSchema,
      run: async (call) => {
        const { actor } = signedIn(call)
        const { last } = call.query
        const of = asked(actor, call.query)
        const load = await alarmLoad.load(of, last, actor)
        const { start, periods, periodMs, flood, hours, chattering, standing } = load
        const { all, byKind, metrics, top, kinds, standingInAll, chatteringInAll } = load
        return {
          benchmark: benchmarkName,
          of: described(of),
          span: last,
          from: iso(load.from),
          to: iso(load.to),
          all,
          byKind,
          periods: { start: iso(start), ms: periodMs, counts: periods, flood },
          hours: { start: iso(hours.start), counts: hours.counts },
          metrics,
          top,
          kinds,
          chattering: chattering.map((each) => ({ ...each, at: iso(each.at) })),
          standing: standing.map((each) => ({ ...each, since: iso(each.since) })),
          standingInAll,
          chatteringInAll,
          lines: linesFor(actor, load),
          choices: choicesFor(actor),
        }
      },
    }),
  ]
}
