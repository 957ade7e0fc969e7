import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '#shared/access.ts'
import type { LoadSpan } from '#shared/alarm-load.ts'
import { policySchema } from '#shared/policy.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import type { LoadOf } from '../../picture/port.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeLocalApp } from '../http.ts'
import { type Heard, listenOn, trialApi, trialCommandRoom } from '../trial/index.ts'

const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess(accessParts)
const asked: [LoadOf, LoadSpan][] = []
const people: Record<string, string> = {}
const who = { by: 'system:ops', address: null }
const policy = () =>
  policySchema.parse({
    teams: [
      { id: 'pair', members: [people.ana, people.ben] },
      { id: 'crew', name: 'The crew', members: [people.ana, people.ben, people.carla] },
    ],
  })
const api = trialApi({ access, read: store.read, clock, commandRoom: trialCommandRoom(accessParts.record) })
const { load } = api.alarmLoad
const parts = {
  ...api,
  activePolicy: () => ({ policy: policy(), hash: '' }),
  alarmLoad: {
    load: (of: LoadOf, span: LoadSpan, actor: Actor | null) => {
      asked.push([of, span])
      return load(of, span, actor)
    },
  },
}

const closing: (() => Promise<void>)[] = []
async function as(name: string, ...roles: Actor['roles']): Promise<(query?: string) => Promise<Heard>> {
  const personId = people[name] ?? null
  const actor = { id: personId === null ? 'token:t' : `person:${personId}`, personId, roles }
  const { call, close } = await listenOn(makeLocalApp(parts, { actor, credentialId: name, via: 'local' }))
  closing.push(close)
  return (query = '') => call(`/api/alarm-load${query}`)
}
beforeAll(async () => {
  for (const name of ['ana', 'ben', 'carla', 'dora']) {
    const roles = [name === 'carla' ? ('commander' as const) : ('responder' as const)]
    const { person } = await access.people.invite(who, { name, email: `${name}@house.example`, roles })
    people[name] = person.id
  }
})
afterAll(async () => {
  for (const close of closing) await close()
})

describe('GET /api/alarm-load', () => {
  it('answers the load of everybody to whoever may read the ledger, and nobody else', async () => {
    const viewer = await as('viewer', 'viewer')
    const { status, json } = await viewer('?last=8h')
    expect(status).toBe(200)
    expect(json).toMatchObject({ of: { kind: 'everybody', name: 'Everybody' }, all: 1, span: '8h' })
    expect(json.benchmark).toBe('process-industry benchmark (ISA-18.2 / EEMUA 191)')
    expect(asked.at(-1)).toEqual([{ kind: 'everybody', id: null }, '8h'])
    expect((await (await as('wall', 'wall'))()).status).toBe(403)
    expect((await viewer('?last=1y')).status).toBe(422)
  })

  it('AL2: shows the load of a person to that person, to commanders and to administrators alone', async () => {
    const ana = await as('ana', 'responder')
    expect((await ana('?person=me')).json.of).toEqual({ kind: 'person', id: people.ana, name: 'ana', people: null })
    const refused = await ana(`?person=${people.ben}`)
    expect([refused.status, refused.json.code]).toEqual([403, 'not-allowed'])
    for (const role of ['commander', 'administrator'] as const) {
      const of = await (await as('carla', role))(`?person=${people.ben}`)
      expect([of.status, of.json.of.name]).toEqual([200, 'ben'])
    }
    for (const role of ['viewer', 'auditor', 'privacy', 'api'] as const)
      expect((await (await as(role, role))(`?person=${people.ben}`)).status, role).toBe(403)
    expect((await (await as('carla', 'commander'))('?person=p_nobody')).status).toBe(404)
  })

  it('AL2: a team of fewer than three is as good as its people', async () => {
    const dora = await as('dora', 'responder')
    expect((await dora('?team=pair')).status).toBe(403)
    const crew = await dora('?team=crew')
    expect(crew.json.of).toEqual({ kind: 'team', id: 'crew', name: 'The crew', people: 3 })
    expect((await (await as('ana', 'responder'))('?team=pair')).status).toBe(200)
    expect((await (await as('carla', 'commander'))('?team=pair')).status).toBe(200)
    expect((await dora('?team=none')).status).toBe(404)
    expect((await dora(`?team=crew&person=${people.dora}`)).status).toBe(422)
  })

  it('AL2: offers to choose from what one may see', async () => {
    const { choices } = (await (await as('dora', 'responder'))()).json
    expect(choices).toEqual({
      teams: [{ id: 'crew', name: 'The crew' }],
      people: [{ id: people.dora, name: 'dora' }],
    })
    const all = (await (await as('carla', 'commander'))()).json.choices
    expect([all.teams.length, all.people.length]).toEqual([2, 4])
    // Lines are of those that may be chosen, and of nobody else.
    const linesOf = async (name: string, role: 'responder' | 'commander' | 'viewer') =>
      (await (await as(name, role))()).json.lines.map(({ name: who }: { name: string }) => who)
    expect(await linesOf('dora', 'responder')).toEqual(['The crew', 'dora'])
    expect(await linesOf('nobody', 'viewer')).toEqual(['The crew'])
    expect(await linesOf('carla', 'commander')).toEqual(['The crew', 'ana', 'ben', 'carla', 'dora', 'pair'])
    expect((await (await as('dora', 'responder'))('?person=me')).json.lines).toEqual([])
  })
})
