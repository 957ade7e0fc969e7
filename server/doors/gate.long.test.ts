import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { can, type Role, roles, scopes } from '#shared/access.ts'
import { makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import { makeMemoryStore } from '../store/index.ts'
import { apiRoutes, makeHttpDoor } from './http.ts'
import { makeRate } from './rate.ts'
import type { Route } from './routes/route.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from './trial/index.ts'

const ops = { by: 'system:ops', address: null }
const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess(accessParts)
const room = trialCommandRoom(accessParts.record)
const api = trialApi({ access, read: store.read, clock, commandRoom: room })
const routes = apiRoutes(api)

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let port = 0
let cookie = ''
const tokens = new Map<string, string>()
beforeAll(async () => {
  ;({ call, close, port } = await listenOn(makeHttpDoor({ ...api, staticDir: '/nowhere', trustProxy: false })))
  const ada = await access.people.add(ops, {
    name: 'Ada',
    email: 'ada@example.org',
    roles: ['administrator'],
    password: 'a long sentence',
  })
  const session = await access.sessions.signIn('ada@example.org', 'a long sentence', { address: null, agent: '' })
  cookie = session.cookie.split(';')[0] ?? ''
  expect(ada.roles).toEqual(['administrator'])
  for (const role of roles)
    tokens.set(role, (await access.tokens.create(ops, { name: role, personId: null, role, expiresAt: null })).token)
  for (const scope of scopes) {
    const machine = { name: scope, personId: null, role: null, scopes: [scope], expiresAt: null }
    tokens.set(scope, (await access.tokens.create(ops, machine)).token)
  }
})
beforeEach(() => {
  room.audit.length = 0
})
afterAll(() => close())

const pathOf = (route: Route) => route.path.replaceAll(/:\w+/g, 'none')
const isWrite = (route: Route) => route.method !== 'get'
/** A body that no route takes: whoever is let in is refused for it and changes nothing. */
const said = (route: Route): Said => ({
  method: route.method.toUpperCase(),
  ...(isWrite(route) && route.body !== null ? { body: { '-': 1 } } : {}),
})

describe('A1: every route declares its action', () => {
  it('and no two say different things of one address', () => {
    expect(routes.length).toBeGreaterThan(35)
    const names = routes.map(({ method, path }) => `${method} ${path}`)
    expect(new Set(names).size).toBe(names.length)
    for (const route of routes) expect(route.action, route.path).toBeTruthy()
  })

  it('what is public is a short list', () => {
    expect(routes.filter(({ action }) => action === 'public').map(({ method, path }) => `${method} ${path}`)).toEqual([
      'get /healthz',
      'get /readyz',
      'get /api/openapi.json',
      'get /api/errors',
      'get /api/policy.schema.json',
      'post /api/session',
      'get /api/setup',
      'post /api/setup',
      'post /api/invitations/look',
      'post /api/invitations/accept',
      'get /calendar/:name',
      'get /api/webhook.schema.json',
      'post /api/act/look',
      'post /api/act',
    ])
  })
})

describe('A1: role × route', () => {
  it.each(routes.map((route): [string, Route] => [`${route.method} ${route.path}`, route]))('%s', async (_, route) => {
    // From a proxy, so that being on this machine opens nothing.
    const headers = { 'x-forwarded-for': '192.0.2.1' }
    const nobody = await call(pathOf(route), { ...said(route), headers })
    expect(nobody.status === 401, 'nobody').toBe(route.action !== 'public')
    for (const role of [...roles, ...scopes]) {
      const answer = await call(pathOf(route), { ...said(route), headers, token: tokens.get(role) })
      const isScope = (scopes as readonly string[]).includes(role)
      const allowed = can(
        isScope ? { roles: [], scopes: [role as (typeof scopes)[number]] } : { roles: [role as Role] },
        route.action,
      )
      if (allowed) expect(answer.json?.details?.action, `${role} ${answer.text}`).toBeUndefined()
      else expect([answer.status, answer.json?.code], role).toEqual([403, route.refuse === null ? 'not-allowed' : 403])
      expect(answer.status, `${role} ${answer.text}`).not.toBe(500)
    }
  })
})

describe('refusals at the door', () => {
  it('of a role are in the audit, with who and from where', async () => {
    await call('/api/sources', { token: tokens.get('viewer') })
    expect(room.audit).toMatchObject([
      {
        by: expect.stringMatching(/^token:t_/),
        action: 'door.source.read',
        subject: '/api/sources',
        outcome: 'refused',
        detail: { code: 'not-allowed' },
        address: '127.0.0.1',
      },
    ])
  })

  it('of strangers are in the audit, but cannot fill it', async () => {
    const foreign = { method: 'POST', body: {}, headers: { origin: 'http://evil.example' } }
    for (let i = 0; i < 80; i++) await call('/api/session', foreign)
    expect(room.audit).toHaveLength(60)
    clock.pass(60_000)
    await call('/api/session', foreign)
    expect(room.audit).toHaveLength(61)
  })

  it('are given even when they cannot be written', async () => {
    store.fillUp()
    const answer = await call('/api/sources', { token: tokens.get('viewer') })
    await store.mend()
    expect(answer.status).toBe(403)
  })
})

describe('S3: writes by cookie', () => {
  const write = (headers: Record<string, string>) =>
    call('/api/tokens', { method: 'POST', body: { '-': 1 }, cookie, headers })
  it('from another site are refused, from our own and from tools are taken', async () => {
    const own = `127.0.0.1:${port}`
    expect((await write({ host: own, origin: `http://${own}` })).status).toBe(422)
    expect((await write({})).status).toBe(422)
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${port + 1}` },
      { 'sec-fetch-site': 'cross-site' },
    ])
      expect((await write(headers as Record<string, string>)).json.code, JSON.stringify(headers)).toBe('origin-refused')
  })

  it('a sign-in from another site is refused too; a bearer token needs no origin', async () => {
    const headers = { origin: 'http://evil.example' }
    expect(
      (await call('/api/session', { method: 'POST', body: { email: 'a', password: 'b' }, headers })).json.code,
    ).toBe('origin-refused')
    expect(
      (await call('/api/tokens', { method: 'POST', body: { '-': 1 }, token: tokens.get('viewer'), headers })).status,
    ).toBe(422)
  })

  it('A3: the body of a stranger is not read', async () => {
    const answer = await call('/api/people', {
      method: 'POST',
      bytes: '{"a":',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.json.code).toBe('not-signed-in')
  })
})

describe('limits', () => {
  it('a client that asks too fast is told to wait; others are not held up', async () => {
    const rate = makeRate(clock, { burst: 3, perSecond: 2 })
    const spend = (client: string) => {
      try {
        rate.spend(client)
        return 'ok'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(['a', 'a', 'a', 'a', 'b'].map(spend)).toEqual(['ok', 'ok', 'ok', 'rate-exceeded', 'ok'])
    clock.pass(500)
    expect(['a', 'a'].map(spend)).toEqual(['ok', 'rate-exceeded'])
  })

  it('the door has them', async () => {
    const token = tokens.get('reporter')
    const statuses = new Set<number>()
    for (let i = 0; i < 520; i++) statuses.add((await call('/api/picture', { token })).status)
    expect([...statuses]).toEqual([200, 429])
    clock.pass(1000)
    expect((await call('/api/picture', { token })).status).toBe(200)
  })

  it('who watches the server is answered, however fast strangers at the same address ask', async () => {
    const statuses = new Set<number>()
    for (let i = 0; i < 520; i++) statuses.add((await call('/api/setup')).status)
    expect([...statuses]).toEqual([200, 429])
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await call(path)).status, path).toBe(200)
    clock.pass(10_000)
  })

  it('a large body of a stranger is refused with an answer, not with a broken connection', async () => {
    const answer = await call('/api/people', {
      method: 'POST',
      bytes: Buffer.alloc(8_000_000, 32),
      headers: { 'content-type': 'application/json' },
    })
    expect([answer.status, answer.json.code]).toEqual([401, 'not-signed-in'])
  })
})

describe('addresses', () => {
  it('X-Forwarded-For is believed from one proxy only where we are told of one', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.66, 198.51.100.7', authorization: `Bearer ${tokens.get('viewer')}` }
    const behind = await listenOn(makeHttpDoor({ ...api, staticDir: '/nowhere', trustProxy: true }))
    await behind.call('/api/sources', { headers })
    await behind.close()
    await call('/api/sources', { headers })
    expect(room.audit.map(({ address }) => address)).toEqual(['198.51.100.7', '127.0.0.1'])
  })
})

describe('metrics', () => {
  it('are for this machine, but not through a proxy on it, and for the role', async () => {
    expect((await call('/metrics')).status).toBe(200)
    for (const name of ['x-forwarded-for', 'x-real-ip', 'via', 'x-forwarded-proto'])
      expect((await call('/metrics', { headers: { [name]: '192.0.2.1' } })).status, name).toBe(401)
    expect((await call('/metrics', { headers: { host: 'rebound.example' } })).status).toBe(401)
    const answer = await call('/metrics', { token: tokens.get('api'), headers: { forwarded: 'for=192.0.2.1' } })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(answer.text).toContain('uxbridge_http_request_seconds')
  })
})
