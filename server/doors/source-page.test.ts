import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import type { Received } from '../command/port.ts'
import { sourceKinds } from '../intake/index.ts'
import type { RawRequest } from '../intake/port.ts'
import { makeMemoryStore } from '../store/index.ts'
import { makeLocalApp } from './http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from './trial/index.ts'

const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess({ ...accessParts, kinds: sourceKinds })
const room = trialCommandRoom(accessParts.record)
const taken: { adapter: string; raw: RawRequest }[] = []
const receive = async (_source: object, adapter: { id: string }, raw: RawRequest): Promise<Received> => {
  taken.push({ adapter: adapter.id, raw })
  const decision = {
    pos: 7,
    index: 0,
    sourceId: 's',
    stage: 'parse',
    rule: 'test',
    reason: 'a test tells of no condition',
  }
  return {
    pos: 7,
    decisions: [{ ...decision, outcome: 'recorded', alertId: null, incidentId: null }],
    touched: new Set(),
  }
}
const asked: (string | null)[] = []
const troublesOf = (sourceId: string | null) => {
  asked.push(sourceId)
  const sort = { reason: 'No source has this key.', count: 3, lastAt: clock.now() }
  return { sinceAt: clock.now(), refused: [{ ...sort, status: 401 }], unreadable: [sort], others: 2 }
}
const api = {
  ...trialApi({ access, read: store.read, clock, commandRoom: { ...room, receive } }),
  kinds: sourceKinds,
  troublesOf,
  checkAnswers: true,
}
const identity = {
  actor: { id: 'system:ops', personId: null, roles: ['administrator' as const] },
  credentialId: 'local',
  via: 'local' as const,
}

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
beforeAll(async () => {
  ;({ call, close } = await listenOn(makeLocalApp(api, identity)))
})
afterAll(() => close())

const add = async (kind: string, name: string) =>
  (await call('/api/sources', { method: 'POST', body: { kind, name } })).json.source.id as string

it('the page of a source of each kind has its configuration with a place for the key, and never a key', async () => {
  for (const { kind, connect } of sourceKinds) {
    const id = await add(kind, `A ${kind}`)
    const { status, json, text } = await call(`/api/sources/${id}`)
    expect([kind, status]).toEqual([kind, 200])
    expect(json).toMatchObject({
      source: { id, kind },
      kind: { kind },
      minutes: new Array(60).fill(0),
      firing: { alerts: 0 },
    })
    const where = { baseUrl: 'http://board.test', sourceId: id, secret: null, settings: {} }
    const named = (texts: readonly { text: string }[], key: string) => texts.some((each) => each.text.includes(key))
    // Those that sign, or come by a door of their own, are told no key.
    expect([kind, named(json.connect, json.keyPlace)]).toEqual([kind, named(connect({ ...where, key: 'K3Y' }), 'K3Y')])
    expect(text).not.toMatch(/uxs_\w{8}[^…"]/)
  }
  expect((await call('/api/sources/s_none')).status).toBe(404)
})

it('K1 it says what came to nothing and since when; what belongs to no source is told apart', async () => {
  const id = await add('prometheus', 'Troubled')
  asked.length = 0
  const trouble = { reason: 'No source has this key.', count: 3, lastAt: new Date(clock.now()).toISOString() }
  const { json } = await call(`/api/sources/${id}`)
  expect(json.troubles).toEqual({
    since: trouble.lastAt,
    refused: [{ ...trouble, status: 401 }],
    unreadable: [trouble],
    others: 2,
  })
  expect((await call('/api/strangers')).json).toEqual(json.troubles)
  expect(asked).toEqual([id, null])
})

it('K2 a test goes the way of all events as a test, is noted in the audit, and says what became of it', async () => {
  const id = await add('pagerduty', 'Back office')
  taken.length = 0
  room.audit.length = 0
  const { status, json } = await call(`/api/sources/${id}/test`, { method: 'POST', body: {} })
  expect(status).toBe(200)
  expect(taken.map(({ adapter }) => adapter)).toEqual(['test/page'])
  expect(json).toMatchObject({
    sent: { contentType: 'application/json' },
    answer: { status: 202, body: { status: 'success' } },
    events: [{ title: 'A test from the page of this source', outcome: 'recorded', rule: 'test', incidentId: null }],
  })
  expect(room.audit).toMatchObject([{ action: 'source.test', subject: id, outcome: 'done' }])
  expect((await call('/api/sources/s_none/test', { method: 'POST', body: {} })).status).toBe(404)
})
