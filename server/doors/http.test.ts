import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { errorTable } from '#shared/errors.ts'
import { type Access, makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import { makeMemoryStore } from '../store/index.ts'
import { makeHttpDoor } from './http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from './trial/index.ts'

const secret = 'a long enough sentence'
const staticDir = mkdtempSync(join(tmpdir(), 'uxbridge-site-'))
mkdirSync(join(staticDir, 'assets'))
writeFileSync(join(staticDir, 'index.html'), '<!doctype html><title>board</title>')
writeFileSync(join(staticDir, 'assets', 'board-abc123.js'), 'export {}')

const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access: Access = makeAccess({
  ...accessParts,
  kinds: [{ kind: 'generic', defaultGroup: 'source', keyFormat: 'bearer' }],
})
const room = trialCommandRoom(accessParts.record)
const api = trialApi({ access, read: store.read, clock, commandRoom: room })
const app = makeHttpDoor({ ...api, staticDir, trustProxy: false })

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let cookie = ''
let ada = ''
beforeAll(async () => {
  ;({ call, close } = await listenOn(app))
  const link = await access.links.issueSetup()
  const set = await call('/api/setup', {
    method: 'POST',
    body: { token: link?.token, name: 'Ada', email: 'ada@example.org', password: secret },
  })
  expect(set.status).toBe(201)
  ada = set.json.id
  cookie = String(set.headers['set-cookie']).split(';')[0] ?? ''
})
beforeEach(() => {
  api.logged.length = 0
  room.audit.length = 0
})
afterAll(async () => {
  await close()
  rmSync(staticDir, { recursive: true })
})

const post = (path: string, body: unknown, said: Said = {}) => call(path, { method: 'POST', body, cookie, ...said })

describe('signing in', () => {
  it('sets a cookie, says who I am, lists where I am signed in, signs out', async () => {
    const signed = await post('/api/session', { email: 'ADA@example.org', password: secret }, { cookie: undefined })
    expect(signed.status).toBe(200)
    expect(signed.json).toMatchObject({ id: ada, name: 'Ada', roles: ['commander', 'administrator'], teams: [] })
    const second = String(signed.headers['set-cookie']).split(';')[0]
    const { sessions } = (await call('/api/sessions', { cookie: second })).json
    expect(sessions.filter((session: { current: boolean }) => session.current)).toHaveLength(1)
    const out = await call('/api/session', { method: 'DELETE', cookie: second })
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([
      204,
      'uxbridge=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    ])
    expect((await call('/api/session', { cookie: second })).json.code).toBe('not-signed-in')
  })

  it('too many tries are told how long to wait', async () => {
    const attempt = () => post('/api/session', { email: 'mallory@example.org', password: 'no' }, { cookie: undefined })
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await attempt())
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429])
    expect(answers[5]?.headers['retry-after']).toBe('1')
    clock.pass(1000)
    expect((await attempt()).status).toBe(401)
  })

  it('the set-up link is spent, and says what to do', async () => {
    expect((await call('/api/setup')).json).toEqual({ needed: false })
    const again = await post(
      '/api/setup',
      { token: 'x', name: 'E', email: 'e@example.org', password: secret },
      { cookie: undefined },
    )
    expect([again.status, again.json.code]).toEqual([410, 'link-spent'])
  })
})

describe('people, sources and tokens', () => {
  it('an invitation passes through the whole circle; e-mails are for administrators', async () => {
    const invited = await post('/api/people', { name: 'Bob', email: 'bob@example.org', roles: ['responder'] })
    expect(invited.status).toBe(201)
    expect(invited.json.link.url).toMatch(/^http:\/\/board\.test\/invitation#[\w-]{43}$/)
    const token = invited.json.link.url.split('#')[1]
    const look = await post('/api/invitations/look', { token }, { cookie: undefined })
    expect(look.json).toMatchObject({ purpose: 'invitation', name: 'Bob', email: 'bob@example.org' })
    const accepted = await post('/api/invitations/accept', { token, password: secret }, { cookie: undefined })
    const bob = String(accepted.headers['set-cookie']).split(';')[0]
    expect(accepted.json.actions).toContain('incident.respond')
    const seen = (await call('/api/people', { cookie: bob })).json.people
    expect(seen.map(({ name, email }: { name: string; email: string | null }) => [name, email])).toEqual([
      ['Ada', null],
      ['Bob', null],
    ])
    expect((await call('/api/people', { cookie })).json.people[1].email).toBe('bob@example.org')
    const taken = await call(`/api/people/${ada}`, { method: 'PATCH', body: { roles: ['viewer'] }, cookie })
    expect([taken.status, taken.json.code]).toEqual([409, 'last-administrator'])
  })

  it('nobody sets another person’s password over the network', async () => {
    const answer = await post('/api/people/with-password', {
      name: 'E',
      email: 'e@example.org',
      roles: ['viewer'],
      password: secret,
    })
    expect([answer.status, answer.json.code]).toEqual([403, 'not-allowed'])
  })

  it('a source’s key is shown once, with configuration to paste', async () => {
    const added = await post('/api/sources', { kind: 'generic', name: 'Shop' })
    expect(added.status).toBe(201)
    const { key, url, source, connect } = added.json
    expect(url).toBe(`http://board.test/intake/${source.id}`)
    expect(connect[0].text).toContain(key)
    const rotated = await post(`/api/sources/${source.id}/rotate`, {})
    expect(rotated.json.source.keys).toHaveLength(2)
    await post(`/api/sources/${source.id}/revoke`, { key: source.keys[0].id })
    const list = await call('/api/sources', { cookie })
    expect(list.text).not.toContain(key)
    expect(
      list.json.sources[0].keys.map(({ revokedAt }: { revokedAt: string | null }) => revokedAt !== null).sort(),
    ).toEqual([false, true])
    expect(access.keys.find(key)).toMatchObject({ ok: false, status: 403 })
    const renamed = await call(`/api/sources/${source.id}`, { method: 'PATCH', body: { name: 'Shop 2' }, cookie })
    expect(renamed.json.name).toBe('Shop 2')
  })

  it('a token of mine acts as me; it cannot make another, and ends when I say', async () => {
    const made = await post('/api/tokens', { name: 'laptop' })
    expect(made.status).toBe(201)
    const { token, view } = made.json
    expect((await call('/api/session', { token })).json.id).toBe(ada)
    expect((await call('/api/tokens', { method: 'POST', body: { name: 'more' }, token })).json.code).toBe('not-allowed')
    expect((await call(`/api/tokens/${view.id}`, { method: 'DELETE', cookie })).status).toBe(204)
    expect((await call('/api/session', { token })).status).toBe(401)
  })
})

describe('incidents', () => {
  it('the loser of a claim is told who won, by name', async () => {
    const first = await post('/api/incidents/INC-1001/commands', { id: 'c1', type: 'claim' })
    expect([first.status, first.json.seq, first.json.facts[0].type]).toEqual([200, 2, 'claimed'])
    const second = await post('/api/incidents/INC-1001/commands', { id: 'c2', type: 'claim' })
    expect(second.status).toBe(409)
    expect(second.json).toMatchObject({
      code: 'already-owned',
      message: 'Ada owns it.',
      details: { owner: { id: ada, name: 'Ada' } },
    })
  })

  it('an unknown command gets the list of those there are; wrong fields get their paths', async () => {
    const unknown = await post('/api/incidents/INC-1001/commands', { id: 'c3', type: 'explode' })
    expect([unknown.status, unknown.json.code]).toEqual([422, 'command-unknown'])
    expect(unknown.json.details.known).toContain('claim')
    const wrong = await post('/api/incidents/INC-1001/commands', {
      id: 'c4',
      type: 'offer',
      to: 'p_x',
      brief: { situation: '', extra: 1 },
    })
    expect(wrong.json.code).toBe('fields-invalid')
    expect(wrong.json.details.fields.map(({ path }: { path: string }) => path).sort()).toEqual([
      'brief.extra',
      'brief.situation',
    ])
  })

  it('filters and pages are read strictly', async () => {
    await call(
      `/api/incidents?phase=triage,fixing&phase=containing&tier=1,unclassified&owner=me&open=true&cursor=9&limit=5`,
      { cookie },
    )
    expect(api.picture).toHaveProperty('asked')
    expect((api.picture as unknown as { asked: unknown[] }).asked.at(-1)).toEqual({
      limit: 5,
      phase: ['triage', 'fixing', 'containing'],
      tier: [1, null],
      owner: ada,
      open: true,
      beforeSeq: 9,
    })
    for (const bad of ['phase=nap', 'tier=4', 'limit=0', 'limit=1000', 'cursor=x', 'colour=red', 'open=perhaps'])
      expect((await call(`/api/incidents?${bad}`, { cookie })).status, bad).toBe(422)
  })

  it('reads one, its facts, alerts, why and lead time; declares; the ledger adds up', async () => {
    for (const part of ['', '/facts', '/alerts', '/why', '/lead-time', '/briefs']) {
      expect((await call(`/api/incidents/INC-1001${part}`, { cookie })).status).toBe(200)
      expect((await call(`/api/incidents/INC-9${part}`, { cookie })).json.code).toBe('not-found')
    }
    const declared = await post('/api/incidents', { title: 'The door is stuck' })
    expect([declared.status, declared.headers.location, declared.json.id]).toEqual([
      201,
      '/api/incidents/INC-1002',
      'INC-1002',
    ])
    const { rows, conservation } = (await call('/api/ledger?since=2026-01-05T08:30:30Z', { cookie })).json
    expect(conservation).toEqual({ holds: true, accepted: 2, drills: 0, unaccounted: 0, broken: [] })
    expect(rows[0]).toEqual({
      minute: '2026-01-05T08:30:00.000Z',
      sourceId: 's_one',
      drill: false,
      accepted: 2,
      outcomes: { opened: 1, repeated: 1 },
    })
    expect((await call('/api/picture', { cookie })).json.incidents[0].id).toBe('INC-1001')
  })
})

describe('errors', () => {
  const json = { 'content-type': 'application/json' }
  it.each<[string, Said & { path?: string }, number, string]>([
    ['no JSON', { bytes: '{"id": ', headers: json }, 400, 'body-malformed'],
    ['not UTF-8', { bytes: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), headers: json }, 400, 'body-malformed'],
    ['too deep', { bytes: `${'['.repeat(65)}${']'.repeat(65)}`, headers: json }, 400, 'body-too-deep'],
    ['far too deep', { bytes: '[{"a":'.repeat(20_000), headers: json }, 400, 'body-too-deep'],
    ['too large', { bytes: JSON.stringify('x'.repeat(300_000)), headers: json }, 413, 'body-too-large'],
    [
      'too large unpacked',
      { bytes: gzipSync('x'.repeat(10_000_000)), headers: { ...json, 'content-encoding': 'gzip' } },
      413,
      'body-too-large',
    ],
    ['broken gzip', { bytes: 'not gzip', headers: { ...json, 'content-encoding': 'gzip' } }, 400, 'body-malformed'],
    [
      'unknown encoding',
      { bytes: '{}', headers: { ...json, 'content-encoding': 'lzma' } },
      415,
      'media-type-unsupported',
    ],
    [
      'a form',
      { bytes: 'type=claim', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'media-type-unsupported',
    ],
    [
      'text that could be sent cross-site',
      { bytes: '{}', headers: { 'content-type': 'text/plain' } },
      415,
      'media-type-unsupported',
    ],
    ['no body', {}, 415, 'media-type-unsupported'],
    ['an array', { body: [] }, 422, 'fields-invalid'],
    ['null', { body: null }, 422, 'fields-invalid'],
    ['a prototype', { bytes: '{"__proto__":{"type":"claim"},"constructor":1}', headers: json }, 422, 'fields-invalid'],
  ])('%s', async (_, said, status, code) => {
    const answer = await call('/api/incidents/INC-1001/commands', { method: 'POST', cookie, ...said })
    expect([answer.status, answer.json.code]).toEqual([status, code])
    expect(answer.json.message.length).toBeGreaterThan(10)
  })

  it('what is not there, a wrong method, and a wrong encoding of the path', async () => {
    const nowhere = await call('/api/nowhere', { cookie })
    expect([nowhere.status, nowhere.json.code]).toEqual([404, 'not-found'])
    const wrong = await call('/api/picture', { method: 'DELETE', cookie })
    expect([wrong.status, wrong.json.code, wrong.headers.allow]).toEqual([405, 'method-not-allowed', 'GET'])
    expect((await call('/api/incidents/%E0%A4%A', { cookie })).json.code).toBe('not-found')
    expect((await post('/elsewhere', {})).json.code).toBe('not-found')
  })

  it('a fault of ours is logged under a number, and its words stay here', async () => {
    const answer = await post('/api/incidents/INC-1001/commands', { id: 'c9', type: 'note', text: 'hello' })
    expect([answer.status, answer.json.code]).toEqual([500, 'internal'])
    expect(answer.text).not.toContain('hunter2')
    expect(api.logged.join()).toContain(answer.json.details.incident)
  })

  it('not ready, and a full disk, are 503 with a time to come back', async () => {
    room.isReady = false
    const ready = await call('/readyz')
    room.isReady = true
    expect([ready.status, ready.json.code, ready.headers['retry-after']]).toEqual([503, 'not-ready', '5'])
    expect((await call('/readyz')).status).toBe(200)
    store.fillUp()
    const full = await post('/api/sources', { kind: 'generic', name: 'Too late' })
    await store.mend()
    expect([full.status, full.json.code]).toEqual([503, 'store-full'])
    expect(access.sources.list().map(({ name }) => name)).not.toContain('Too late')
  })

  it('fuzz: any bytes get an answer in the one shape, never a fault', async () => {
    const places = [
      '/api/session',
      '/api/setup',
      '/api/people',
      '/api/sources',
      '/api/tokens',
      '/api/incidents',
      '/api/incidents/INC-1001/commands',
      '/api/invitations/accept',
      '/api/incidents?limit=1',
    ]
    const bytes = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)),
      fc
        .record(
          {
            id: fc.anything(),
            type: fc.constantFrom('claim', 'offer', 'accept', 'update', 'zap'),
            revision: fc.anything(),
            brief: fc.object(),
          },
          { requiredKeys: ['type'] },
        )
        .map((body) => Buffer.from(JSON.stringify(body))),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), bytes, async (path, body) => {
        const answer = await call(path, {
          method: 'POST',
          cookie,
          bytes: body,
          headers: { 'content-type': 'application/json' },
        })
        expect(answer.status).not.toBe(500)
        if (answer.status >= 400) expect(errorTable).toHaveProperty(answer.json.code)
      }),
      { numRuns: 150 },
    )
  })
})

describe('the site', () => {
  it('serves hashed files for ever, its page to any address, and nothing else', async () => {
    const html = { accept: 'text/html' }
    for (const path of ['/', '/incidents/INC-1001', '/setup']) {
      const page = await call(path, { headers: html })
      expect([page.status, page.headers['cache-control'], page.text.includes('<title>board')]).toEqual([
        200,
        'no-cache',
        true,
      ])
    }
    expect((await call('/assets/board-abc123.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await call('/assets/board-old.js', { headers: html })).status).toBe(404)
    expect((await call('/favicon.png', { headers: { accept: 'image/png' } })).status).toBe(404)
    expect((await call('/api/nothing', { headers: html })).json.code).toBe('not-found')
    for (const path of ['/assets/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '/assets/%00', '/.env'])
      expect((await call(path)).status, path).toBe(404)
  })

  it('headers forbid everything that is not ours', async () => {
    const { headers } = await call('/', { headers: { accept: 'text/html' } })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(policy).not.toContain('upgrade-insecure-requests')
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
    expect((await call('/api/session')).headers['cache-control']).toBe('no-store')
  })

  it('over https a browser is told to insist on it', async () => {
    const secure = await listenOn(
      makeHttpDoor({ ...api, publicUrl: 'https://board.test', staticDir, trustProxy: false }),
    )
    const { headers } = await secure.call('/healthz')
    await secure.close()
    expect(headers['strict-transport-security']).toBe('max-age=31536000')
    expect(headers['content-security-policy']).toContain('upgrade-insecure-requests')
  })
})
