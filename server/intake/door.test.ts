import { request as httpRequest } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { bearer, open, opsgenieKey, pingKey, routingKey } from './door.fixture.ts'
import { intakeRoutes } from './door.ts'
import { fixture } from './sources/reading.fixture.ts'

const firing = new Uint8Array(fixture('prometheus-firing'))
const hook = new Uint8Array(fixture('webhook-firing'))
const small = '[{"labels":{"a":"b"}}]'

it('Prometheus: 200 and nothing, once it is received', async () => {
  const { post, received, clock } = await open()
  const answer = await post('/api/v2/alerts', firing, bearer('key-p'))
  expect([answer.status, await answer.text()]).toEqual([200, ''])
  expect(received).toMatchObject([
    { source: 's_p', adapter: 'prometheus/alerts-v2', raw: { receivedAt: clock.at, contentType: 'application/json' } },
  ])
  expect(Buffer.from(received[0]!.raw.body)).toEqual(Buffer.from(firing))
  expect(received[0]?.reading.events).toHaveLength(1)
})

it('the answer waits for what is durable', async () => {
  let release = () => {}
  let isReceived = () => {}
  const durable = new Promise<void>((resolve) => (release = resolve))
  const began = new Promise<void>((resolve) => (isReceived = resolve))
  const { post } = await open({
    receive: () => {
      isReceived()
      return durable
    },
  })
  const answer = post('/api/v2/alerts', small, bearer('key-p'))
  await began
  expect(await Promise.race([answer, new Promise((resolve) => setImmediate(() => resolve('waiting')))])).toBe('waiting')
  release()
  expect((await answer).status).toBe(200)
})

it('Alertmanager’s webhook at its source’s address, with key as bearer or basic password', async () => {
  const { post, received } = await open()
  expect((await post('/intake/s_a', hook, bearer('key-a'))).status).toBe(200)
  expect((await post('/intake/s_a?x=1', hook, { authorization: `Basic ${btoa('anybody:key-a')}` })).status).toBe(200)
  expect(received.map(({ adapter }) => adapter)).toEqual(['alertmanager/intake', 'alertmanager/intake'])
})

it('PagerDuty: the key is in the body, the answer has the dedup_key', async () => {
  const { post, received } = await open()
  const body = fixture('pdjs-trigger').toString().replace('0123456789abcdef0123456789abcdef', routingKey)
  for (const path of ['/v2/enqueue', '/intake/s_pd']) {
    const answer = await post(path, body)
    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual({ status: 'success', message: 'Event processed', dedup_key: 'srv01/mysql' })
  }
  expect(received.map(({ adapter }) => adapter)).toEqual(['pagerduty/pagerduty-enqueue', 'pagerduty/intake'])
})

it('PagerDuty: a change event has a door of its own', async () => {
  const { post, received } = await open()
  const answer = await post('/v2/change/enqueue', fixture('pagerduty-change').toString())
  expect([answer.status, await answer.json()]).toEqual([202, { status: 'success', message: 'Change event processed' }])
  expect(received).toMatchObject([{ source: 's_pd', adapter: 'pagerduty/pagerduty-change' }])
  expect((await post('/v2/change/enqueue', '{"routing_key":"short"}')).status).toBe(400)
  expect((await post('/v2/change/enqueue', '{}', bearer('key-p'))).status).toBe(400)
})

it('an empty batch is answered and not kept', async () => {
  const { post, received } = await open()
  expect((await post('/api/v2/alerts', '[]', bearer('key-p'))).status).toBe(200)
  expect(received).toEqual([])
})

it('a body that cannot be read is kept as one rejected event', async () => {
  const { post, received } = await open()
  const answer = await post('/api/v2/alerts', 'nope', bearer('key-p'))
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 400 })
  expect(received[0]?.reading).toMatchObject({ events: [], unreadable: [{ index: 0 }] })
})

it.each([
  ['/api/v2/alerts', {}, 401, { code: 401 }],
  ['/api/v2/alerts', bearer('wrong'), 401, { code: 401 }],
  ['/api/v2/alerts', { authorization: 'Digest x' }, 401, { code: 401 }],
  ['/api/v2/alerts', bearer('key-revoked'), 403, { code: 403 }],
  ['/api/v2/alerts', bearer(routingKey), 404, { code: 404 }],
  ['/intake/s_a', {}, 401, { code: 'not-signed-in' }],
  ['/intake/s_a', bearer('key-revoked'), 403, { code: 'key-revoked' }],
  ['/intake/nobody', bearer('key-a'), 404, { code: 'not-found' }],
])('%s with %j is %i, in its vendor’s shape, and nothing is kept', async (path, headers, status, body) => {
  const { post, received } = await open()
  const answer = await post(path, small, headers)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ ...body, message: expect.stringMatching(/\w/) })
  expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
  expect(received).toEqual([])
})

it.each([
  ['{"routing_key":"short","event_action":"trigger"}', 400],
  ['nope', 400],
  [`{"routing_key":"${'Z'.repeat(32)}"}`, 401],
])('PagerDuty %s is %i', async (body, status) => {
  const { post, received } = await open()
  const answer = await post('/v2/enqueue', body)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({
    status: 'invalid event',
    message: expect.any(String),
    errors: [expect.any(String)],
  })
  expect(received).toEqual([])
})

it('refuses before it reads, where the key is in a header', async () => {
  const { url } = await open()
  const { hostname, port } = new URL(url)
  // The body never comes: only a door that does not wait for it can answer.
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        path: '/api/v2/alerts',
        method: 'POST',
        headers: { 'content-length': '1000', ...bearer('wrong') },
      },
      (response) => {
        resolve(response.statusCode)
        request.destroy()
      },
    )
    request.on('error', reject)
    request.flushHeaders()
  })
  expect(status).toBe(401)
})

it.each([
  ['gzip', gzipSync(firing)],
  ['deflate', deflateSync(firing)],
  ['deflate', deflateRawSync(firing)],
  ['br', brotliCompressSync(firing)],
  ['identity', firing],
])('Content-Encoding %s', async (encoding, body) => {
  const { post, received } = await open()
  expect(
    (await post('/api/v2/alerts', new Uint8Array(body), { ...bearer('key-p'), 'content-encoding': encoding })).status,
  ).toBe(200)
  expect(Buffer.from(received[0]!.raw.body)).toEqual(Buffer.from(firing))
})

it('bytes that are not what Content-Encoding says are unreadable, not lost', async () => {
  const { post, received } = await open()
  const answer = await post('/api/v2/alerts', new Uint8Array(gzipSync(firing).subarray(0, 100)), {
    ...bearer('key-p'),
    'content-encoding': 'gzip',
  })
  expect(answer.status).toBe(400)
  expect(received[0]?.reading.unreadable).toHaveLength(1)
})

it('a bomb is refused at the cap, before and after decompression; an unknown encoding is 415', async () => {
  const { post, received } = await open({ limitOf: () => ({ perSecond: 100, burst: 100, maxBytes: 10_000 }) })
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000, ' ')).subarray(0))
  const headers = { ...bearer('key-p'), 'content-encoding': 'gzip' }
  expect((await post('/api/v2/alerts', bomb, headers)).status).toBe(413)
  expect((await post('/api/v2/alerts', new Uint8Array(gzipSync(Buffer.alloc(500_000, ' '))), headers)).status).toBe(413)
  expect((await post('/api/v2/alerts', new Uint8Array(10_001), bearer('key-p'))).status).toBe(413)
  const streamed = new ReadableStream({
    start(stream) {
      for (let i = 0; i < 20; i++) stream.enqueue(new Uint8Array(1000))
      stream.close()
    },
  })
  const init = {
    method: 'POST',
    body: streamed,
    duplex: 'half',
    headers: { ...bearer('key-p'), 'content-type': 'application/json' },
  }
  expect((await fetch((await post('/api/v2/alerts', small, bearer('key-p'))).url, init as RequestInit)).status).toBe(
    413,
  )
  const odd = await post('/api/v2/alerts', small, { ...bearer('key-p'), 'content-encoding': 'gzip, br' })
  expect([odd.status, await odd.json()]).toEqual([415, { code: 415, message: expect.stringContaining('gzip, br') }])
  expect(received).toHaveLength(1)
})

it('a media type that the adapter does not read is 415; parameters do not matter', async () => {
  const { post } = await open()
  const plain = await post('/api/v2/alerts', small, { ...bearer('key-p'), 'content-type': 'text/plain' })
  expect([plain.status, await plain.json()]).toEqual([
    415,
    { code: 415, message: 'unsupported media type "text/plain", only [application/json] are allowed' },
  ])
  expect(
    (await post('/api/v2/alerts', small, { ...bearer('key-p'), 'content-type': 'Application/JSON; charset=utf-8' }))
      .status,
  ).toBe(200)
  expect((await post('/intake/s_a', small, { ...bearer('key-a'), 'content-type': 'text/plain' })).status).toBe(200)
})

it('over its rate a source is told when to come again; others are not held up', async () => {
  const { post, clock, received } = await open({ limitOf: () => ({ perSecond: 0.5, burst: 2, maxBytes: 10_000 }) })
  const send = () => post('/api/v2/alerts', small, bearer('key-p'))
  expect([(await send()).status, (await send()).status]).toEqual([200, 200])
  const refused = await send()
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    429,
    '2',
    { code: 429, message: expect.stringContaining('0.5 requests per second') },
  ])
  expect((await post('/intake/s_a', hook, bearer('key-a'))).status).toBe(200)
  clock.at += 2000
  expect((await send()).status).toBe(200)
  expect(received).toHaveLength(4)
})

it.each([['overloaded'], ['store-full'], ['not-ready']] as const)(
  '%s is 503 with Retry-After, in the vendor’s shape',
  async (code) => {
    const { post, errors } = await open({ receive: () => Promise.reject(new UxbridgeError(code, 'Later.')) })
    const answer = await post('/api/v2/alerts', small, bearer('key-p'))
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      503,
      '5',
      { code: 503, message: 'Later.' },
    ])
    const pagerduty = await post(
      '/v2/enqueue',
      JSON.stringify({ routing_key: routingKey, event_action: 'resolve', dedup_key: 'x' }),
    )
    expect([pagerduty.status, await pagerduty.json()]).toEqual([
      503,
      { status: 'unavailable', message: 'Later.', errors: ['Later.'] },
    ])
    expect(errors).toEqual([])
  },
)

it('too many bodies at once are 503, and room is given back', async () => {
  const { post } = await open({ maxReadingBytes: 100 })
  expect((await post('/api/v2/alerts', new Uint8Array(200).fill(32), bearer('key-p'))).status).toBe(503)
  expect((await post('/api/v2/alerts', small, bearer('key-p'))).status).toBe(200)
})

it('a fault of ours is 500, logged, and says nothing of itself', async () => {
  const { post, errors } = await open({ receive: () => Promise.reject(new TypeError('secret detail')) })
  const answer = await post('/api/v2/alerts', small, bearer('key-p'))
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('secret')
  expect(errors).toEqual(['a request at an intake door failed'])
})

it('a sender that hangs up in the middle leaves nothing behind', async () => {
  const { url, received, errors, post } = await open()
  const { hostname, port } = new URL(url)
  await new Promise<void>((resolve) => {
    const request = httpRequest({
      hostname,
      port,
      path: '/api/v2/alerts',
      method: 'POST',
      headers: { 'content-length': '1000', ...bearer('key-p') },
    })
    request.on('error', () => resolve())
    request.on('close', () => resolve())
    request.write(small, () => request.destroy())
  })
  expect((await post('/api/v2/alerts', small, bearer('key-p'))).status).toBe(200)
  expect([received.length, errors]).toEqual([1, []])
})

it('status, as amtool needs it before it adds an alert, for whoever has a key; health for everybody', async () => {
  const { url } = await open({ ready: () => false, status: () => ({ uptime: 'long' }) })
  const status = await fetch(`${url}/api/v2/status`, { headers: bearer('key-p') })
  expect(await status.json()).toEqual({ uptime: 'long' })
  // Whoever has none is passed on to where reading has rights of its own.
  expect((await fetch(`${url}/api/v2/status`)).status).toBe(299)
  expect((await fetch(`${url}/api/v2/alerts`, { headers: bearer('key-p') })).status).toBe(299)
  const healthy = await fetch(`${url}/-/healthy`)
  expect([healthy.status, await healthy.text()]).toEqual([200, 'OK'])
  expect((await fetch(`${url}/-/ready`)).status).toBe(503)
  expect((await fetch(`${url}/-/healthy`, { method: 'HEAD' })).status).toBe(200)
})

it('a job pings by GET, HEAD or POST; an address that nobody was given is not found', async () => {
  const { url, received } = await open()
  for (const [method, path] of [
    ['GET', ''],
    ['HEAD', '/start?rid=5d2a7cf4-0f5c-4a9f-8f3e-000000000001'],
    ['POST', '/3'],
    ['GET', '/fail/'],
  ] as const)
    expect((await fetch(`${url}/ping/${pingKey.toUpperCase()}${path}`, { method })).status).toBe(200)
  expect(received.map(({ raw, reading }) => [raw.path, reading.events[0]?.beat?.signal])).toEqual([
    ['', 'success'],
    ['start', 'start'],
    ['3', 'failure'],
    ['fail', 'failure'],
  ])
  const unknown = await fetch(`${url}/ping/5d2a7cf4-0f5c-4a9f-8f3e-000000000000`)
  expect([unknown.status, await unknown.text()]).toEqual([404, 'not found'])
})

it('another method is 405 with what is allowed, another address is passed on', async () => {
  const { url } = await open()
  // Opsgenie's addresses take nearly every method, which its adapter knows; Alertmanager's are read at another door.
  for (const { method, path } of intakeRoutes.filter(({ path }) => !/^\/(-|v2\/alerts|api\/v2)(\/|$)/.test(path))) {
    const answer = await fetch(url + path.replace(':sourceId', 's_a'), { method: 'DELETE' })
    const allowed = path === '/intake/:sourceId' ? 'POST, PUT' : path.startsWith('/ping/') ? 'GET, HEAD, POST' : method
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed])
  }
  for (const path of ['/', '/api/picture', '/intake', '/intake/', '/intake/a/b/c', `/intake/${'x'.repeat(65)}`])
    expect((await fetch(url + path, { method: 'POST' })).status).toBe(299)
})

describe('Opsgenie’s clients', () => {
  const genie = { authorization: `GenieKey ${opsgenieKey}` }

  it('create, act on an alias as it is or encoded, and ask what became of the request', async () => {
    const { url, post, received } = await open()
    const created = await post('/v2/alerts/', fixture('opsgenie-sdk-create').toString(), genie)
    expect(created.status).toBe(202)
    const { requestId } = (await created.json()) as { requestId: string }
    expect((await post('/v2/alerts/db-1/down/close/?identifierType=alias', '{}', genie)).status).toBe(202)
    expect((await post('/v2/alerts/db-1%2Fdown/notes?identifierType=alias', '{"note":"x"}', genie)).status).toBe(202)
    expect(received.map(({ adapter, raw }) => [adapter, raw.path])).toEqual([
      ['opsgenie/opsgenie', ''],
      ['opsgenie/opsgenie', 'db-1/down/close'],
      ['opsgenie/opsgenie', 'db-1%2Fdown/notes'],
    ])
    expect(new Set(received.map(({ reading }) => reading.events[0]?.dedupKey)).size).toBe(1)
    const status = await fetch(`${url}/v2/alerts/requests/${requestId}`, { headers: genie })
    expect([status.status, await status.json()]).toEqual([
      200,
      expect.objectContaining({ data: expect.objectContaining({ success: true }) }),
    ])
    expect(received).toHaveLength(3)
  })

  it('are refused in its shape, and with a time to come back', async () => {
    const { post, clock } = await open({ limitOf: () => ({ perSecond: 1, burst: 1, maxBytes: 100 }) })
    const refusal = { message: expect.any(String), took: 0 }
    for (const headers of [{}, { authorization: 'GenieKey wrong' }]) {
      const answer = await post('/v2/alerts', '{"message":"m"}', headers)
      expect([answer.status, await answer.json()]).toEqual([401, refusal])
    }
    expect((await post('/v2/alerts', `{"message":"${'x'.repeat(100)}"}`, genie)).status).toBe(413)
    const over = await post('/v2/alerts', '{"message":"m"}', genie)
    expect([over.status, over.headers.get('retry-after'), await over.json()]).toEqual([429, '1', refusal])
    clock.at += 1000
    expect((await post('/v2/alerts', '{"message":"m"}', { ...bearer(opsgenieKey) })).status).toBe(202)
  })
})
