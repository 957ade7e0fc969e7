import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role, Scope } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { makeAccess } from '../../../access/index.ts'
import { trialClock, trialParts } from '../../../access/trial.ts'
import { makeAlertmanagerPicture } from '../../../picture/index.ts'
import { makeMemoryStore } from '../../../store/index.ts'
import { makeHttpDoor } from '../../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../../trial/index.ts'

const ops = { by: 'system:ops', address: null }
/** When the trial's silences are judged. */
const clock = trialClock()
const at = clock.now()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess(accessParts)
const room = trialCommandRoom(accessParts.record)
let reload = async (): Promise<void> => undefined
const api = trialApi({ access, read: store.read, clock, commandRoom: room })
const alertmanager = makeAlertmanagerPicture({
  alerts: () => [],
  alert: () => undefined,
  policy: () => builtInPolicy,
  sees: () => true,
  clock,
  version: '1.2.3',
})

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let sourceKey = ''
const tokens = { alerts: '', silences: '', administrator: '' }
beforeAll(async () => {
  ;({ call, close } = await listenOn(
    makeHttpDoor({ ...api, alertmanager, reloadPolicy: () => reload(), staticDir: '/nowhere', trustProxy: false }),
  ))
  const token = async (role: Role | null, scopes: Scope[]) =>
    (await access.tokens.create(ops, { name: 'x', personId: null, role, scopes, expiresAt: null })).token
  tokens.alerts = await token(null, ['alerts'])
  tokens.silences = await token(null, ['silences'])
  tokens.administrator = await token('administrator', [])
  sourceKey = (await access.sources.add(ops, { kind: accessParts.kinds[0]?.kind ?? '', name: 'one' })).key
})
afterAll(() => close())

const iso = (offsetMs: number) => new Date(at + offsetMs).toISOString()
const hourMs = 3_600_000
const matcher = { name: 'alertname', value: 'Slow', isRegex: false }
const good = { matchers: [matcher], startsAt: iso(-hourMs), endsAt: iso(hourMs), createdBy: 'me', comment: 'why' }
const post = (body: unknown) => call('/api/v2/silences', { method: 'POST', body, token: tokens.silences })

describe('who may', () => {
  it('a source key only writes: it is told so, and that a token is needed', async () => {
    const answer = await call('/api/v2/alerts', { token: sourceKey })
    expect(answer.status).toBe(403)
    expect(answer.json).toEqual({ code: 403, message: expect.stringMatching(/only writes events.*token create/) })
    const basic = `Basic ${Buffer.from(`x:${sourceKey}`).toString('base64')}`
    expect((await call('/api/v2/silences', { headers: { authorization: basic } })).status).toBe(403)
  })

  it('nobody is asked for a token, in Alertmanager’s shape', async () => {
    const answer = await call('/api/v2/alerts/groups')
    expect([answer.status, answer.json, answer.headers['www-authenticate']]).toEqual([
      401,
      { code: 401, message: expect.stringContaining('API token') },
      'Bearer',
    ])
  })

  it('a token with the scope reads, as a bearer token and as the password of HTTP basic; only the other scope writes', async () => {
    const basic = (token: string) => ({ authorization: `Basic ${Buffer.from(`amtool:${token}`).toString('base64')}` })
    for (const path of ['status', 'alerts', 'alerts/groups', 'receivers', 'silences']) {
      expect((await call(`/api/v2/${path}`, { token: tokens.alerts })).status, path).toBe(200)
      expect((await call(`/api/v2/${path}`, { headers: basic(tokens.alerts) })).status, path).toBe(200)
    }
    const headers = basic(tokens.silences)
    expect((await call('/api/v2/silences', { method: 'POST', body: good, token: tokens.alerts })).status).toBe(403)
    expect((await call('/api/v2/silences', { method: 'POST', body: good, headers })).status).toBe(200)
    expect((await call('/api/incidents', { token: tokens.silences })).status).toBe(403)
  })

  it('S3: a password that a browser remembers does not write for another site', async () => {
    const headers = {
      authorization: `Basic ${Buffer.from(`x:${tokens.silences}`).toString('base64')}`,
      origin: 'http://evil.example',
    }
    const answer = await call('/api/v2/silences', { method: 'POST', body: good, headers })
    expect([answer.status, answer.json.code]).toEqual([403, 403])
  })
})

describe('reads answer as Alertmanager does', () => {
  const get = (path: string) => call(`/api/v2/${path}`, { token: tokens.alerts })

  it('a bad matcher or pattern is 400 with a bare string', async () => {
    for (const path of ['alerts', 'alerts/groups', 'silences']) {
      const answer = await get(`${path}?filter=ok%3D1&filter=bad`)
      expect([answer.status, answer.json], path).toEqual([400, 'bad matcher format: bad'])
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
    }
    for (const path of ['alerts', 'alerts/groups'])
      expect((await get(`${path}?receiver=(`)).json).toMatch(/^failed to parse receiver param: /)
    expect((await get('receivers?receiver_matchers=bad')).json).toBe(
      'failed to parse receiver_matchers param: bad matcher format: bad',
    )
  })

  it('unknown parameters are left alone; what is no yes is no', async () => {
    expect((await get('alerts?active=banana&foo=1&silenced=&inhibited=0')).json).toEqual([])
  })

  it('other methods are 405 with what is allowed; nothing is made for HEAD', async () => {
    for (const [path, allow] of [
      ['/api/v2/alerts', 'POST, GET'],
      ['/api/v2/alerts/groups', 'GET'],
      ['/api/v2/silences', 'GET, POST'],
    ] as const) {
      const answer = await call(path, { method: 'DELETE', token: tokens.alerts })
      expect([answer.status, answer.headers.allow]).toEqual([405, allow])
      const named = allow.replace(', ', ',')
      expect(answer.json).toEqual({ code: 405, message: `method DELETE is not allowed, but [${named}] are` })
      expect((await call(path, { method: 'HEAD', token: tokens.alerts })).status).toBe(405)
    }
  })

  it('status and receivers say what is true of us', async () => {
    expect((await get('status')).json).toMatchObject({
      cluster: { status: 'ready' },
      versionInfo: { revision: '1.2.3' },
    })
    expect((await get('receivers')).json).toEqual([{ name: 'uxbridge', labels: { name: 'uxbridge' } }])
  })
})

describe('silences', () => {
  it('are made, read, listed by filter, changed and ended', async () => {
    const made = await post({
      ...good,
      matchers: [matcher, { name: 'job', value: 'a|b', isRegex: true, isEqual: false }],
    })
    expect(made).toMatchObject({ status: 200, json: { silenceID: expect.stringMatching(/^[0-9a-f-]{36}$/) } })
    const { silenceID } = made.json
    const one = await call(`/api/v2/silence/${silenceID}`, { token: tokens.alerts })
    expect(one.json).toEqual({
      id: silenceID,
      status: { state: 'active' },
      updatedAt: expect.any(String),
      annotations: {},
      comment: 'why',
      createdBy: 'me',
      endsAt: iso(hourMs),
      matchers: [
        { ...matcher, isEqual: true },
        { name: 'job', value: 'a|b', isRegex: true, isEqual: false },
      ],
      startsAt: iso(-hourMs),
    })
    const listed = async (query: string) =>
      (await call(`/api/v2/silences?${query}`, { token: tokens.alerts })).json.map(({ id }: { id: string }) => id)
    expect(await listed('filter=job!~%22a%7Cb%22&filter=alertname%3DSlow')).toEqual([silenceID])
    expect(await listed('filter=job%3D~%22a%7Cb%22')).toEqual([])
    expect(await listed('active=false')).toEqual([])
    const ended = await call(`/api/v2/silence/${silenceID}`, { method: 'DELETE', token: tokens.silences })
    expect([ended.status, ended.text]).toEqual([200, ''])
  })

  it('stand in Alertmanager’s order: active ones, those to come, ended ones', async () => {
    const span = (from: number, to: number) => ({ startsAt: from, endsAt: to })
    const spans = {
      'to come later': span(3, 9),
      'ended long ago': span(-9, -8),
      'active longer': span(-1, 5),
      'to come': span(2, 9),
      active: span(-1, 4),
      ended: span(-9, -2),
    }
    const list = Object.entries(spans).map(([comment, { startsAt, endsAt }], index) => ({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      matchers: [],
      startsAt: at + startsAt * hourMs,
      endsAt: at + endsAt * hourMs,
      createdBy: '',
      comment,
      updatedAt: at,
      by: 'token:x',
    }))
    const before = room.silences.list
    room.silences.list = () => list
    const { json } = await call('/api/v2/silences', { token: tokens.alerts })
    room.silences.list = before
    expect(json.map(({ comment }: { comment: string }) => comment)).toEqual([
      ...['active', 'active longer', 'to come', 'to come later'],
      ...['ended', 'ended long ago'],
    ])
  })

  const without = (name: keyof typeof good) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))
  it.each<[string, unknown, number, unknown]>([
    ['nothing', {}, 422, { code: 602, message: 'comment in body is required' }],
    ['no author', without('createdBy'), 422, { code: 602, message: 'createdBy in body is required' }],
    ['no end', { ...good, endsAt: null }, 422, { code: 602, message: 'endsAt in body is required' }],
    [
      'no matcher',
      { ...good, matchers: [] },
      422,
      { code: 612, message: 'matchers in body should have at least 1 items' },
    ],
    [
      'half a matcher',
      { ...good, matchers: [{ name: 'a', value: 'b' }] },
      422,
      { code: 602, message: 'matchers.0.isRegex in body is required' },
    ],
    ['wrong types', { ...good, comment: 1 }, 400, { code: 400, message: expect.stringContaining('comment') }],
    [
      'a time that is none',
      { ...good, startsAt: 'x' },
      400,
      { code: 400, message: expect.stringContaining('startsAt') },
    ],
    [
      'an end before the start',
      { ...good, startsAt: iso(9), endsAt: iso(8) },
      400,
      'Failed to create silence: start time must be before end time',
    ],
    [
      'an end in the past',
      { ...good, startsAt: iso(-9), endsAt: iso(-8) },
      400,
      "Failed to create silence: end time can't be in the past",
    ],
    [
      'what matches everything',
      { ...good, matchers: [{ ...matcher, value: '' }] },
      400,
      'invalid silence: at least one matcher must not match the empty string',
    ],
    [
      'a pattern that is none',
      { ...good, matchers: [{ ...matcher, value: '(', isRegex: true }] },
      400,
      expect.stringContaining('is no regular expression'),
    ],
    ['an id that is not there', { ...good, id: 'nix' }, 404, 'silence not found'],
    ['annotations', { ...good, annotations: { a: 'b' } }, 400, expect.stringContaining('annotations')],
  ])('%s is refused in its words', async (_, body, status, words) => {
    const answer = await post(body)
    expect([answer.status, answer.json]).toEqual([status, words])
  })

  it('a body that is no JSON, or says it is none, is refused in its shape', async () => {
    const send = (bytes: string, type: string) =>
      call('/api/v2/silences', { method: 'POST', bytes, headers: { 'content-type': type }, token: tokens.silences })
    expect(await send('{', 'application/json')).toMatchObject({ status: 400, json: { code: 400 } })
    expect(await send('{}', 'text/plain')).toMatchObject({ status: 415, json: { code: 415 } })
    expect(await send('[]', 'application/json')).toMatchObject({ status: 400, json: { code: 400 } })
  })

  it('an id that is no UUID is 422, one that nobody has 404 without words', async () => {
    for (const method of ['GET', 'DELETE']) {
      const wrong = await call('/api/v2/silence/nix', { method, token: tokens.silences })
      expect([wrong.status, wrong.json]).toEqual([
        422,
        { code: 601, message: 'silenceID in path must be of type uuid: "nix"' },
      ])
      const none = await call('/api/v2/silence/11111111-0000-4000-8000-000000000000', {
        method,
        token: tokens.silences,
      })
      expect([none.status, none.text]).toEqual([404, ''])
    }
  })
})

describe('POST /-/reload', () => {
  const ask = () => call('/-/reload', { method: 'POST', token: tokens.administrator })

  it('is for administrators, and answers 200 without a body', async () => {
    expect((await call('/-/reload', { method: 'POST', token: tokens.silences })).status).toBe(403)
    const answer = await ask()
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect((await call('/-/reload')).status).toBe(405)
  })

  it('says what is wrong with the file as Alertmanager does', async () => {
    reload = () => Promise.reject(new UxbridgeError('policy-invalid', 'policy:3 route: wrong'))
    const answer = await ask()
    expect([answer.status, answer.text]).toEqual([500, 'failed to reload config: policy:3 route: wrong\n'])
    reload = async () => undefined
  })
})
