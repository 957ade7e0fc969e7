import { expect, it } from 'vitest'
import { catalogueSchema } from '#shared/catalogue.ts'
import { policySchema } from '#shared/policy.ts'
import type { Summary } from '#shared/wire.ts'
import { noRota, type Rota } from '../../duty/port.ts'
import { catalogueRoutes } from './catalogue.ts'
import type { Call } from './route.ts'

const at = Date.parse('2026-11-22T10:00:00.000Z')
const hourMs = 3_600_000
const people = [
  { id: 'ada', roles: ['responder'] },
  { id: 'bo', roles: ['responder'] },
  { id: 'cy', roles: ['commander'] },
]
const turn = { rotation: 'pay-first', layer: '1', person: 'ada', by: 'rotation', change: null } as const
const shift = { ...turn, from: at - hourMs, to: at + hourMs }
const rota: Rota = {
  ...noRota,
  onCall: (rotation) => (rotation === 'pay-first' ? ['ada'] : []),
  onCallOfTeam: (team) => (team === 'pay' ? ['ada'] : []),
  shifts: ({ team }) => (team === 'pay' ? [shift] : []),
}
const layers = [{ people: ['ada'], starts: '2026-01-05T09:00', turn: '1w' }]
const policy = policySchema.parse({
  teams: [
    {
      id: 'pay',
      name: 'Payments',
      members: ['ada', 'gone'],
      phone: { answered_by: 'rotation:pay-first', reach: 'desk 7' },
    },
    { id: 'ops', members: ['bo'], escalation: 'slow' },
  ],
  rotations: [{ id: 'pay-first', team: 'pay', time_zone: 'Europe/Berlin', layers }],
  services: [
    { id: 'checkout', team: 'pay', tier: 1, depends_on: ['db', 'bus'] },
    { id: 'db', team: 'ops', match: ['job="pg"'] },
    { id: 'bus', depends_on: ['db'] },
  ],
  escalation_policies: [
    {
      id: 'usual',
      steps: [{ notify: ['on-call', 'channel:war-room'] }, { notify: ['commanders'], wait: '15m' }],
      repeat: 1,
    },
    {
      id: 'slow',
      steps: [
        { notify: ['gone'], wait: '2h' },
        { notify: ['rotation:pay-first', 'team:ops', 'gone'], wait: '1h' },
      ],
    },
  ],
})
const incident = (id: string, more: Partial<Summary>) => ({
  id,
  title: id,
  phase: 'triage',
  tier: null,
  owner: null,
  drill: false,
  ...more,
})
const incidents = [
  incident('INC-2', { service: 'db', openedAt: '2026-11-22T09:00:00.000Z' }),
  incident('INC-1', { service: 'db', openedAt: '2026-11-22T08:00:00.000Z' }),
  incident('INC-0', { service: 'db', openedAt: '2026-11-22T07:00:00.000Z', phase: 'closed' }),
]

const whoever = { identity: { actor: { id: 'person:ada', personId: 'ada', roles: [] } } } as unknown as Call

function asked(restricted: readonly unknown[] = []) {
  const [route] = catalogueRoutes({
    access: {
      nameOf: (id) => id.toUpperCase(),
      people: {
        mayRespond: (id: string) => people.some((one) => one.id === id),
        commanders: () => people.flatMap(({ id, roles }) => ((roles as string[]).includes('commander') ? id : [])),
        list: () => people,
      } as never,
    },
    picture: { board: () => ({ incidents }) as never, restrictedFor: () => restricted as never },
    rota,
    activePolicy: () => ({ policy, hash: '' }),
    now: () => at,
  })
  return catalogueSchema.parse(route?.run(whoever))
}

it('a service has both sides of its needs, who answers now and till when, and its open incidents, the oldest first', () => {
  const [checkout, db, bus] = asked().services
  expect(checkout).toMatchObject({ dependsOn: ['db', 'bus'], dependants: [], match: ['service="checkout"'] })
  expect(checkout?.answers).toEqual([
    {
      person: { id: 'ada', name: 'ADA' },
      rotation: { id: 'pay-first', name: 'pay-first' },
      until: '2026-11-22T11:00:00.000Z',
    },
  ])
  expect(db).toMatchObject({ dependants: ['checkout', 'bus'], match: ['job="pg"'], answers: [] })
  expect(db?.incidents.map(({ id }) => id)).toEqual(['INC-1', 'INC-2'])
  expect(bus).toMatchObject({ team: null, escalation: 'usual' })
})

it('RS1: a restricted incident stands with its service for whoever may see it, in its place; for others there is none', () => {
  const secret = incident('INC-SECRET', { service: 'db', openedAt: '2026-11-22T08:30:00.000Z' })
  const of = (restricted: readonly unknown[]) => asked(restricted).services.find(({ id }) => id === 'db')?.incidents
  expect(of([secret])?.map(({ id }) => id)).toEqual(['INC-1', 'INC-SECRET', 'INC-2'])
  expect(of([])?.map(({ id }) => id)).toEqual(['INC-1', 'INC-2'])
})

it('its escalation is the one that it names, else its team, else the first, with who that is now', () => {
  const { services, escalations } = asked()
  expect(services.map(({ escalation }) => escalation)).toEqual(['usual', 'slow', 'usual'])
  const steps = (id: string, team: string | null) =>
    escalations
      .find((one) => one.id === id && one.team === team)
      ?.steps.map(({ afterMs, notify }) => [
        afterMs,
        ...notify.map((one) => [one.kind, one.people.map((each) => each.id).join()]),
      ])
  expect(steps('usual', 'pay')).toEqual([
    [0, ['on-call', 'ada'], ['channel', '']],
    [5 * 60_000, ['commanders', 'cy']],
  ])
  // Of no team: whoever commands, as pages do (rule E5).
  expect(steps('usual', null)?.[0]).toEqual([0, ['on-call', 'cy'], ['channel', '']])
  // Nobody on call: all of the team (rule E6); and nobody who cannot respond.
  expect(steps('slow', 'ops')).toEqual([
    // Rule E7: what means nobody now is passed over at no cost.
    [null, ['person', '']],
    [0, ['rotation', 'ada'], ['team', 'bo'], ['person', '']],
  ])
  expect(escalations.find(({ id }) => id === 'usual')?.beginsAgainAfterMs).toBe(20 * 60_000)
})

it('a team says who answers its phone and how, its rotations, and who of it cannot respond', () => {
  const [pay, ops] = asked().teams
  expect(pay?.phone).toEqual({ person: { id: 'ada', name: 'ADA' }, reach: 'desk 7' })
  expect(pay?.rotations).toEqual([{ id: 'pay-first', name: 'pay-first' }])
  expect(pay?.members.map(({ id, responds }) => [id, responds])).toEqual([
    ['ada', true],
    ['gone', false],
  ])
  expect(ops).toMatchObject({ phone: null, rotations: [], services: ['db'] })
})
