import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Role } from '#shared/access.ts'
import { makeAccess } from '../../access/index.ts'
import type { Source } from '../../access/port.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { House } from '../../command/room.fixture.ts'
import { adapterById, sourceKinds } from '../../intake/index.ts'
import type { Adapter } from '../../intake/port.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeLocalApp } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi } from '../trial/index.ts'

const clock = trialClock()
const access = makeAccess({ ...trialParts(makeMemoryStore(), clock), kinds: sourceKinds })
const adapter = adapterById('webhook/intake') as Adapter
/** Read by today's adapter, which has become kinder. */
const kinder: Adapter = {
  ...adapter,
  parse(raw) {
    const text = Buffer.from(raw.body).toString().replaceAll('"titel"', '"title"')
    return adapter.parse({ ...raw, body: Buffer.from(text) })
  },
}

let house: House
let source: Source
let mended = false
const roles: Role[] = []
let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>

beforeAll(async () => {
  house = await House.open()
  source = (await access.sources.add({ by: 'system:ops', address: null }, { kind: 'webhook', name: 'Shop' })).source
  house.readers.set(source.id, () => ({ source, adapter: mended ? kinder : adapter, settings: {} }))
  const identity = {
    actor: { id: 'system:ops', personId: null, roles },
    credentialId: 'local',
    via: 'local' as const,
  }
  const parts = { access, read: house.store.read, clock, commandRoom: house.room }
  ;({ call, close } = await listenOn(makeLocalApp({ ...trialApi(parts), checkAnswers: true }, identity)))
})
beforeEach(() => {
  roles.splice(0, 9, 'administrator')
  mended = false
})
afterAll(() => close())

async function send(body: string | Uint8Array): Promise<void> {
  const raw = {
    body: Buffer.from(body),
    contentType: 'application/json',
    method: 'POST',
    path: '',
    query: '',
    headers: { 'webhook-id': 'msg_1' },
    settings: {},
    receivedAt: house.now,
  }
  await house.room.receive(source, adapter, raw, adapter.parse(raw))
}
const post = (path: string, body: unknown = {}) => call(path, { method: 'POST', body })
const waiting = async () => (await call('/api/lost?state=lost')).json.items as { id: string; reason: string }[]
const settle = () => post(`/api/sources/${source.id}/lost/discard`, { reason: 'the test before' })

describe('lost property over HTTP', () => {
  it('is listed newest first, by source and state, page by page, with what waits per source', async () => {
    await send('[{"title":"a"},{"x":1},{"x":2}]')
    await send('nonsense')
    const { json } = await call('/api/lost?limit=2')
    expect(json.items).toMatchObject([
      { members: '*', state: 'lost', source: { id: source.id, name: 'Shop', kind: 'webhook' }, tries: 0 },
      { members: '2', count: 1, reason: '"title" is missing or empty', changedBy: null },
    ])
    expect(Date.parse(json.items[0].expiresAt) - Date.parse(json.items[0].receivedAt)).toBe(json.keptMs)
    expect(json.keptMs).toBe(14 * 24 * 3_600_000)
    expect(json.sources).toEqual([{ id: source.id, name: 'Shop', waiting: 3, madeRoom: 0 }])
    const rest = (await call(`/api/lost?limit=2&cursor=${json.next}`)).json
    expect(rest.items).toMatchObject([{ members: '1' }])
    expect(rest.next).toBeNull()
    expect((await call(`/api/lost/${json.items[1].id}`)).json).toEqual(json.items[1])
    expect((await call('/api/lost?source=other')).json.items).toEqual([])
    expect((await call('/api/sources')).json.sources[0].lost).toBe(3)
    expect((await settle()).json).toEqual({ discarded: 3 })
    expect((await call(`/api/lost?state=discarded&source=${source.id}`)).json.items).toMatchObject([
      { changedBy: { id: 'system:ops' } },
      {},
      {},
    ])
    expect((await call('/api/lost')).json.sources).toEqual([])
  })

  it('shows its bytes for a reason: the member alone, text as it is, the first 64 KiB, or all of it', async () => {
    const long = `[{"x":1},{"title":"${'ä'.repeat(40_000)}"}]`
    await send(long)
    await send(Uint8Array.of(0xff, 0x00))
    const [binary, text] = await waiting()
    const none = await post(`/api/lost/${text?.id}/bytes`, { reason: ' ' })
    expect([none.status, none.json.code]).toEqual([422, 'fields-invalid'])
    const seen = (await post(`/api/lost/${text?.id}/bytes`, { reason: 'to see it' })).json
    expect(seen).toMatchObject({
      member: '{"x":1}',
      size: Buffer.byteLength(long),
      shown: 65_536,
      base64: null,
      method: 'POST',
      adapter: 'webhook/intake',
      headers: { 'webhook-id': 'msg_1' },
    })
    // Cut in the middle of a character, which is left out rather than broken.
    expect(long.startsWith(seen.text)).toBe(true)
    const whole = (await post(`/api/lost/${text?.id}/bytes`, { reason: 'to keep it', whole: true })).json
    expect(Buffer.from(whole.base64, 'base64').toString()).toBe(long)
    expect((await post(`/api/lost/${binary?.id}/bytes`, { reason: 'to see it' })).json).toMatchObject({
      text: null,
      base64: '/wA=',
      member: null,
    })
    const audit = (await house.store.read.audit(0, 99)).filter(({ action }) => action === 'lost.bytes')
    expect(audit.map(({ detail, reason }) => [detail.whole, reason])).toEqual([
      [false, 'to see it'],
      [true, 'to keep it'],
      [false, 'to see it'],
    ])
    await settle()
  })

  it('is tried again, one or all of a source, and says what it came to; what is settled says so', async () => {
    await send('[{"title":"a"},{"titel":"b"},{"titel":"c"},{"x":1}]')
    const [last, , first] = await waiting()
    expect((await post(`/api/lost/${first?.id}/retry`)).json).toMatchObject({ found: 0, still: 1, events: 0 })
    mended = true
    const one = (await post(`/api/lost/${first?.id}/retry`)).json
    expect(one).toMatchObject({ found: 1, still: 0, events: 1, items: [{ id: first?.id, state: 'found' }] })
    expect(one.incidents).toEqual([expect.stringMatching(/^INC-/)])
    const { sees } = house.room
    house.room.sees = () => false
    const unseen = (await post(`/api/sources/${source.id}/lost/retry`)).json
    house.room.sees = sees
    expect(unseen, 'RS1: not what it came to').toMatchObject({ found: 1, still: 1, events: 1, incidents: [] })
    const gone = await post(`/api/lost/${first?.id}/discard`, { reason: 'no' + ' more' })
    expect([gone.status, gone.json.code, gone.json.details]).toEqual([409, 'lost-settled', { state: 'found' }])
    house.readers.clear()
    const unknown = await post(`/api/lost/${last?.id}/retry`)
    expect([unknown.status, unknown.json.code]).toEqual([409, 'reader-gone'])
    await settle()
  })

  it('an id that is none, or of nothing, is told so', async () => {
    expect((await call('/api/lost/99.0')).status).toBe(404)
    expect((await call('/api/lost/../../etc')).status).toBe(404)
    expect((await call('/api/lost/nonsense')).status).toBe(422)
    expect((await call('/api/lost?cursor=1')).status).toBe(422)
    for (const act of ['bytes', 'discard', 'retry'])
      expect((await post(`/api/lost/99.0/${act}`, act === 'retry' ? {} : { reason: 'to see' })).status).toBe(404)
    expect((await post('/api/sources/nobody/lost/retry')).status).toBe(404)
  })

  it.each([
    ['responder', [200, 403, 403]],
    ['commander', [200, 404, 403]],
    ['privacy', [200, 403, 404]],
    ['administrator', [200, 404, 404]],
    ['viewer', [403, 403, 403]],
    ['auditor', [403, 403, 403]],
  ] as const)('A1: a %s may list, settle, look: %j', async (role, expected) => {
    roles.splice(0, 9, role)
    const got = [
      await call('/api/lost'),
      await post('/api/lost/99.0/retry'),
      await post('/api/lost/99.0/bytes', { reason: 'to see' }),
    ]
    expect(got.map(({ status }) => status)).toEqual(expected)
  })
})
