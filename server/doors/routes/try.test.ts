import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { sourceKinds } from '../../intake/index.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeHttpDoor } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../trial/index.ts'

const ops = { by: 'system:ops', address: null }
const clock = trialClock()
const store = makeMemoryStore()
const accessParts = { ...trialParts(store, clock), kinds: sourceKinds }
const access = makeAccess(accessParts)
const api = { ...trialApi({ access, read: store.read, clock, commandRoom: trialCommandRoom(accessParts.record) }) }

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let token = ''
const ids = new Map<string, string>()
beforeAll(async () => {
  const door = makeHttpDoor({ ...api, kinds: sourceKinds, staticDir: '/nowhere', trustProxy: false })
  ;({ call, close } = await listenOn(door))
  const made = await access.tokens.create(ops, { name: 'a', personId: null, role: 'administrator', expiresAt: null })
  token = made.token
  for (const kind of ['webhook', 'github', 'pagerduty', 'prometheus'])
    ids.set(kind, (await access.sources.add(ops, { kind, name: kind })).source.id)
})
afterAll(() => close())

const attempt = (kind: string, body: object) =>
  call(`/api/sources/${ids.get(kind)}/try`, { method: 'POST', token, body })

it('T1: the sample is read as a request of the source would be, and nothing of it is kept', async () => {
  const body = JSON.stringify([{ title: 'Queue is full', severity: 'high', key: 'q' }, { status: 'firing' }])
  const { status, json } = await attempt('webhook', { body })
  expect(status).toBe(200)
  expect(json).toMatchObject({
    events: [{ kind: 'alert', status: 'firing', key: 'q', severity: 'high', title: 'Queue is full', endsAt: null }],
    count: 1,
    unreadable: [{ index: 1, reason: '"title" is missing or empty' }],
    kept: true,
    answer: { status: 422, body: { code: 'fields-invalid' } },
  })
  expect((await store.read.restore({ settledAfter: 0 })).pos).toBe(0)
})

it('every kind of source can be tried with any text', async () => {
  for (const { kind } of sourceKinds) {
    const id = ids.get(kind) ?? (await access.sources.add(ops, { kind, name: kind })).source.id
    const { status, json } = await call(`/api/sources/${id}/try`, { method: 'POST', token, body: { body: '{' } })
    expect([kind, status], JSON.stringify(json)).toEqual([kind, 200])
  }
})

it('headers count where the adapter reads them, whatever their case', async () => {
  const body = JSON.stringify({ zen: 'Keep it logically awesome.' })
  const { json } = await attempt('github', { body, headers: { 'X-GitHub-Event': 'ping', Authorization: 'x' } })
  expect(json).toMatchObject({ count: 1, events: [{ kind: 'test' }] })
})

it('a media type that the door would refuse is answered so', async () => {
  const { json } = await attempt('prometheus', { body: '[]', contentType: 'text/xml' })
  expect(json).toMatchObject({ count: 0, kept: false, answer: { status: 415 } })
})

it('another door of the kind can be named; one that it has not is refused with those it has', async () => {
  const change = JSON.stringify({ routing_key: 'x'.repeat(32), payload: { summary: 'Deployed' } })
  expect((await attempt('pagerduty', { body: change, door: 'pagerduty-change' })).json.events[0].kind).toBe('change')
  const wrong = await attempt('pagerduty', { body: change, door: 'alerts-v2' })
  expect([wrong.status, wrong.json.details.fields[0].path]).toEqual([422, 'door'])
})

it('no such source', async () => {
  expect((await call('/api/sources/s_none/try', { method: 'POST', token, body: { body: '' } })).status).toBe(404)
})

describe('a mapping that stands in no policy yet', () => {
  const body = JSON.stringify({ state: 'ALARM', name: 'Pump' })
  const mapping =
    'fields:\n  title: "{/name} broke"\n  status: { pointer: /state, map: { ALARM: firing, OK: resolved } }\n'

  it('reads the sample', async () => {
    const { json } = await attempt('webhook', { body, mapping })
    expect(json).toMatchObject({ events: [{ title: 'Pump broke', status: 'firing' }], answer: { status: 200 } })
  })

  it('that is wrong says where, by line', async () => {
    const { status, json } = await attempt('webhook', { body, mapping: 'fields:\n  title: "{name}"' })
    expect([status, json.details.fields[0].path]).toEqual([422, 'mapping'])
    expect(json.details.fields[0].message).toContain('line 2: fields.title: "name" is no JSON pointer')
  })

  it('is for kinds that take one', async () => {
    expect((await attempt('github', { body, mapping })).status).toBe(422)
  })
})
