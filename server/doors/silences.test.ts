import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import { House } from '../command/room.fixture.ts'
import { makeMemoryStore } from '../store/index.ts'
import { makeHttpDoor } from './http.ts'
import { type Heard, listenOn, type Said, trialApi } from './trial/index.ts'

const ops = { by: 'system:ops', address: null }
const down = { name: 'alertname', op: '=', value: 'Down' }

let house: House
let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let adaToken = ''
let viewerToken = ''
let apiToken = ''
let adaId = ''
beforeAll(async () => {
  const clock = trialClock()
  const store = makeMemoryStore()
  house = await House.open(makeMemoryStore(), clock.now())
  const access = makeAccess(trialParts(store, clock))
  const api = trialApi({ access, read: store.read, clock, commandRoom: house.room })
  ;({ call, close } = await listenOn(makeHttpDoor({ ...api, staticDir: '/nowhere', trustProxy: false })))
  const ada = await access.people.add(ops, {
    name: 'Ada',
    email: 'ada@example.org',
    roles: ['responder'],
    password: 'a long sentence',
  })
  adaId = ada.id
  const token = async (name: string, personId: string | null, role: 'viewer' | 'api' | null) =>
    (await access.tokens.create(ops, { name, personId, role, expiresAt: null })).token
  adaToken = await token('laptop', ada.id, null)
  viewerToken = await token('screen', null, 'viewer')
  apiToken = await token('reader', null, 'api')
})
afterAll(() => close())

const soon = (minutes: number) => new Date(house.now + minutes * 60_000).toISOString()
const make = (body: object, token = adaToken) => call('/api/silences', { method: 'POST', body, token })

describe('silences by HTTP', () => {
  it('are made in the name of whoever asks, listed by urgency, changed in place, and ended', async () => {
    const made = await make({ matchers: [down], endsAt: soon(60), comment: ' replaced ' })
    expect(made.status).toBe(200)
    expect(made.json).toEqual({
      id: expect.any(String),
      state: 'active',
      matchers: [down],
      startsAt: soon(0),
      endsAt: soon(60),
      createdBy: 'Ada',
      comment: 'replaced',
      updatedAt: soon(0),
      by: { id: expect.stringMatching(/^token:/), name: 'laptop' },
      firing: 0,
      recurs: null,
    })
    const later = await make({
      matchers: [down],
      startsAt: soon(5),
      endsAt: soon(6),
      comment: 'x',
      createdBy: 'Night shift',
    })
    expect(later.json).toMatchObject({ state: 'pending', createdBy: 'Night shift' })
    const first = await make({ matchers: [down], endsAt: soon(30), comment: 'ends first' })
    await house.alert({ alertname: 'Down', service: 'checkout' })

    const list = await call('/api/silences', { token: viewerToken })
    expect(list.json.silences.map(({ id, firing }: { id: string; firing: number }) => [id, firing])).toEqual([
      [first.json.id, 1],
      [made.json.id, 1],
      [later.json.id, 0],
    ])
    const changed = await make({ id: made.json.id, matchers: [down], endsAt: soon(90), comment: 'takes longer' })
    expect(changed.json).toMatchObject({
      id: made.json.id,
      startsAt: soon(0),
      endsAt: soon(90),
      comment: 'takes longer',
    })
    expect((await call(`/api/silences/${made.json.id}`, { token: apiToken })).json).toEqual(changed.json)
    const ended = await call(`/api/silences/${made.json.id}`, { method: 'DELETE', token: adaToken })
    expect(ended.json).toMatchObject({ state: 'expired', endsAt: soon(0) })
    const expired = await call('/api/silences?state=expired', { token: viewerToken })
    expect(expired.json.silences).toEqual([ended.json])
    const rows = await house.store.read.settings('silence')
    expect(rows.find(({ id }) => id === made.json.id)?.doc).toMatchObject({ author: adaId })
  })

  it('can be tried first: what fires, and the incidents it is in', async () => {
    const { status, json } = await call('/api/silences/preview', {
      method: 'POST',
      body: { matchers: [down] },
      token: viewerToken,
    })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      firing: 1,
      silenced: 1,
      incidents: [],
      incidentsInAll: 0,
      alerts: [{ title: 'Down', source: { id: 's_1', name: 'Former source' }, incidentId: null }],
    })
  })

  it('Q9: come again by a rule: told with their next times, extended, changed into one that comes once, and previewed', async () => {
    const start = new Date(house.now + 30 * 60_000).toISOString().slice(0, 16)
    const recurs = { rrule: 'FREQ=DAILY', starts: start, lastsMs: 3_600_000, timeZone: 'UTC' }
    const tried = await call('/api/silences/preview', {
      method: 'POST',
      body: { matchers: [], recurs },
      token: viewerToken,
    })
    expect(tried.json.occurrences).toHaveLength(5)
    const matchers = [{ ...down, value: 'Daily' }]
    const made = await make({ matchers, recurs, comment: 'each day' })
    expect(made.json).toMatchObject({
      state: 'pending',
      startsAt: `${start}:00.000Z`,
      recurs: { ...recurs, next: tried.json.occurrences },
    })
    const { id } = made.json
    const early = await call(`/api/silences/${id}/extend`, {
      method: 'POST',
      body: { byMs: 3_600_000 },
      token: adaToken,
    })
    expect(early).toMatchObject({ status: 422, json: { details: { fields: [{ path: 'id' }] } } })
    const plain = { id, matchers, endsAt: soon(90), comment: 'once' }
    expect((await make({ ...plain, recurs: null })).json).toMatchObject({ recurs: null })
    const again = await make({
      matchers,
      recurs: { ...recurs, starts: `${start.slice(0, 11)}00:00`, lastsMs: 23 * 3_600_000 },
      comment: 'all day',
    })
    expect(again.json).toMatchObject({ state: 'active', recurs: { next: expect.anything() } })
    const until = Date.parse(again.json.endsAt)
    const longer = await call(`/api/silences/${again.json.id}/extend`, {
      method: 'POST',
      body: { byMs: 3_600_000 },
      token: adaToken,
    })
    expect(longer.json).toMatchObject({ endsAt: new Date(until + 3_600_000).toISOString() })
    const ids = [id, again.json.id, 'none']
    expect(
      (await call('/api/silences/end', { method: 'POST', body: { ids, reason: ' ' }, token: adaToken })).status,
    ).toBe(422)
    const ended = await call('/api/silences/end', { method: 'POST', body: { ids, reason: 'done' }, token: adaToken })
    expect(ended.json.results).toEqual([
      { id, ended: true, message: null },
      { id: again.json.id, ended: true, message: null },
      { id: 'none', ended: false, message: expect.stringMatching(/no such silence/) },
    ])
  })

  it('are refused with what to do', async () => {
    const recurs = { rrule: 'FREQ=DAILY', starts: '2026-01-01T02:00', lastsMs: 3_600_000, timeZone: 'UTC' }
    const twice = await make({ matchers: [down], endsAt: soon(60), recurs, comment: 'x' })
    expect(twice).toMatchObject({ status: 422, json: { details: { fields: [{ path: 'recurs' }] } } })
    expect(await make({ matchers: [down], comment: 'x' })).toMatchObject({
      status: 422,
      json: { details: { fields: [{ path: 'endsAt', message: 'say when it ends, or how it recurs' }] } },
    })
    const unreadRule = await make({ matchers: [down], recurs: { ...recurs, rrule: 'daily' }, comment: 'x' })
    expect(unreadRule).toMatchObject({ status: 422, json: { details: { fields: [{ path: 'recurs.rrule' }] } } })
    const body = { matchers: [down], endsAt: soon(60), comment: 'x' }
    expect((await make(body, viewerToken)).status).toBe(403)
    expect((await make(body, apiToken)).status).toBe(403)
    const unsaid = await make({ ...body, comment: '  ' })
    expect(unsaid).toMatchObject({
      status: 422,
      json: { details: { fields: [{ path: 'comment', message: 'say why' }] } },
    })
    const past = await make({ ...body, startsAt: soon(-9), endsAt: soon(-1) })
    expect(past).toMatchObject({
      status: 422,
      json: { message: "The silence is wrong at endsAt: end time can't be in the past." },
    })
    const all = await make({ ...body, matchers: [{ name: 'alertname', op: '=~', value: '.*' }] })
    expect(all).toMatchObject({ status: 422, json: { details: { fields: [{ path: 'matchers' }] } } })
    expect((await make({ ...body, id: 'none' })).status).toBe(404)
    expect((await call('/api/silences/none', { token: adaToken })).status).toBe(404)
    expect((await call('/api/silences/none', { method: 'DELETE', token: adaToken })).status).toBe(404)
    const unread = await call('/api/silences/preview', {
      method: 'POST',
      body: { matchers: [{ ...down, op: '=~', value: '(' }] },
      token: adaToken,
    })
    expect(unread).toMatchObject({ status: 422, json: { details: { fields: [{ path: 'matchers.0.value' }] } } })
  })
})
