import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Actor, can } from '#shared/access.ts'
import { type Alarm, linesBy } from '#shared/alarm-load.ts'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { errorTable, UxbridgeError } from '#shared/errors.ts'
import { policySchema } from '#shared/policy.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { type Heard, trialApi, trialCommandRoom } from '../trial/index.ts'
import type { Route } from './route.ts'
import { toteRoutes } from './tote.ts'

const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess(accessParts)
const people: Record<string, string> = {}
const who = { by: 'system:ops', address: null }
const policy = () =>
  policySchema.parse({
    teams: [
      { id: 'pair', members: [people.ana, people.ben], phone: { answered_by: people.ana, reach: 'desk 4400' } },
      { id: 'crew', members: [people.ana, people.ben, people.carla] },
    ],
  })
const room = trialCommandRoom(accessParts.record)
const api = trialApi({ access, read: store.read, clock, commandRoom: room })
let loads = 0
const parts = {
  ...api,
  activePolicy: () => ({ policy: policy(), hash: '' }),
  alarmLoad: {
    load: async (...asked: Parameters<typeof api.alarmLoad.load>) => {
      loads++
      const to = clock.now()
      const one = (person: string | undefined, team: string): Alarm => ({
        ...{ at: to - minuteMs, count: 2, kind: 'opened', incidentId: 'INC-1', what: 'A', rule: 'r' },
        ...{ team, person: person ?? null },
      })
      const alarms = [one(people.ana, 'pair'), one(people.ben, 'crew'), one(undefined, 'crew')]
      const from = to - 8 * hourMs
      const lines = { teams: linesBy(alarms, 'team', from, to), people: linesBy(alarms, 'person', from, to) }
      return { ...(await api.alarmLoad.load(...asked)), lines }
    },
  },
}

const routes = toteRoutes({ ...parts, now: () => clock.now() })

/** What somebody is answered, as the gate would have it: who may not is told 403, what is wrong 422. */
function as(name: string, ...roles: Actor['roles']) {
  const personId = people[name] ?? null
  const actor = { id: personId === null ? 'token:t' : `person:${personId}`, personId, roles }
  return async (
    path = '',
    method: Route['method'] = 'get',
    body?: unknown,
  ): Promise<Pick<Heard, 'status' | 'json'>> => {
    const person = path === '' || path === '/me' || path === '/beside' ? null : path.slice(1)
    const wanted = `/api/tote${person === null ? path : '/:person'}`
    const route = routes.find((each) => each.path === wanted && each.method === method)
    if (route === undefined) throw new Error(`there is no ${method} ${wanted}`)
    try {
      if (!can(actor, route.action)) throw new UxbridgeError('not-allowed', 'Your role does not include this.')
      const call = {
        ...{ params: { person }, query: {}, body: route.body?.parse(body) },
        ...{ identity: { actor, credentialId: name, via: 'local' as const }, who: { by: actor.id, address: null } },
        ...{ browser: { address: null, agent: '' }, reply: { setHeader: () => undefined, setCookie: () => undefined } },
        upload: { said: undefined, content: (async function* () {})() },
      }
      const json = await route.run(call)
      return { status: route.status, json: (route.answer as z.ZodType).parse(json) }
    } catch (error) {
      const { code, details } = error as UxbridgeError
      return { status: error instanceof z.ZodError ? 422 : errorTable[code].status, json: { code, details } }
    }
  }
}
beforeAll(async () => {
  for (const name of ['ana', 'ben', 'carla', 'vera']) {
    const roles = [
      name === 'carla' ? ('commander' as const) : name === 'vera' ? ('viewer' as const) : ('responder' as const),
    ]
    const { person } = await access.people.invite(who, { name, email: `${name}@house.example`, roles })
    people[name] = person.id
  }
})
describe('/api/tote', () => {
  it('says for me, until when, and takes it back', async () => {
    const ana = as('ana', 'responder')
    const said = await ana('/me', 'post', { state: 'available', inMin: 20, note: 'on the train' })
    expect([said.status, said.json.state, said.json.name]).toEqual([200, 'available', 'ana'])
    expect((await ana()).json.people.find(({ id }: { id: string }) => id === people.ana)).toMatchObject({
      state: 'available',
    })
    expect(room.audit.at(-1)).toMatchObject({
      by: `person:${people.ana}`,
      action: 'readiness.say',
      subject: people.ana,
    })
    expect((await ana('/me', 'delete')).json.state).toBe('released')
  })

  it('refuses what cannot be meant with the field, and who may not', async () => {
    const ana = as('ana', 'responder')
    const wrong = await ana('/me', 'post', { state: 'available' })
    expect([wrong.status, wrong.json.details.fields[0].path]).toEqual([422, 'inMin'])
    expect((await ana('/me', 'post', { state: 'asleep' })).status).toBe(422)
    expect((await ana(`/${people.ben}`, 'post', { state: 'ready' })).status).toBe(403)
    expect((await as('vera', 'viewer')('/me', 'post', { state: 'ready' })).status).toBe(403)
    expect((await as('bot', 'commander')('/me', 'post', { state: 'ready' })).status).toBe(403)
    const carla = as('carla', 'commander')
    expect((await carla('/p_nobody', 'post', { state: 'ready' })).status).toBe(404)
  })

  it('RD8: a commander says it for somebody, and the audit names them', async () => {
    const carla = as('carla', 'commander')
    const { status } = await carla(`/${people.ben}`, 'post', { state: 'released', note: 'sent home' })
    expect(status).toBe(200)
    expect(room.audit.at(-1)).toMatchObject({ by: `person:${people.carla}`, subject: people.ben })
  })

  it('RD10: notes are for those who respond or command; phones for who reads boards; a wall has neither', async () => {
    for (const [name, role] of [
      ['ana', 'responder'],
      ['carla', 'commander'],
    ] as const)
      expect((await as(name, role)('/beside')).json.notes).toEqual({ [people.ben ?? '']: 'sent home' })
    for (const role of ['viewer', 'auditor', 'api'] as const) {
      const { json } = await as(role, role)('/beside')
      expect([json.notes, json.phones], role).toEqual([{}, { pair: 'desk 4400' }])
    }
    expect((await as('ben', 'viewer')('/beside')).json.notes, 'one’s own').toEqual({
      [people.ben ?? '']: 'sent home',
    })
    for (const path of ['', '/beside']) expect((await as('hall', 'wall')(path)).status).toBe(403)
  })

  it('AL2: load of a person is for that person, commanders and administrators; small teams as their people', async () => {
    const seen = async (name: string, role: Actor['roles'][number]) =>
      (await as(name, role)('/beside')).json.load.map(({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`)
    expect(await seen('ana', 'responder')).toEqual(['team pair', 'team crew', `person ${people.ana}`])
    expect(await seen('vera', 'viewer')).toEqual(['team crew'])
    const all = ['team pair', 'team crew', `person ${people.ana}`, `person ${people.ben}`]
    expect(await seen('carla', 'commander')).toEqual(all)
    expect(await seen('vera', 'administrator')).toEqual(all)
    const before = loads
    await seen('ana', 'responder')
    expect(loads, 'worked out once for all who look').toBe(before)
    clock.pass(5000)
    await seen('carla', 'commander')
    expect(loads).toBe(before + 1)
  })
})
