import { describe, expect, it } from 'vitest'
import { bearer, find, open, source } from './door.fixture.ts'
import type { Adapter } from './port.ts'
import { fixture } from './sources/reading.fixture.ts'
import { hmacSha256 } from './sources/signatures.ts'

describe('senders that cannot set a header', () => {
  it('put the key into the address; it is no part of what is read or logged', async () => {
    const { post, received } = await open()
    const body = JSON.stringify([{ labels: { alertname: 'A' } }])
    expect((await post('/intake/s_a/key-a', body)).status).toBe(200)
    expect((await post('/intake/s_a/wrong', body)).status).toBe(401)
    expect(received).toHaveLength(1)
    expect(JSON.stringify(received[0]?.raw)).not.toContain('key-a')
  })
})

describe('senders that sign', () => {
  const signer = source('s_sign', 'signing')
  const adapter: Adapter = {
    id: 'signing/intake',
    door: 'intake',
    maxBytes: 1000,
    mediaTypes: null,
    reads: ['x-signature', 'x-topic'],
    verify: ({ headers, body }, secret) =>
      headers['x-signature'] === `${secret}:${body.length}` ? null : 'The signature does not fit the body.',
    parse: () => ({ events: [], unreadable: [], answer: { status: 204 }, keep: true }),
    refuse: (status, message) => ({ status, body: { message } }),
  }
  const signed = () =>
    open({
      keys: { find, signer: (id) => (id === 's_sign' ? { source: signer, secrets: ['new', 'old'] } : null) },
      adapterFor: () => adapter,
    })

  it('are believed for either of two secrets, and only for the bytes that were signed', async () => {
    const { post, received } = await signed()
    expect((await post('/intake/s_sign', 'abc', { 'x-signature': 'new:3' })).status).toBe(204)
    expect((await post('/intake/s_sign', 'abc', { 'x-signature': 'old:3' })).status).toBe(204)
    const refused = await post('/intake/s_sign', 'abcd', { 'x-signature': 'new:3' })
    expect([refused.status, await refused.text()]).toEqual([401, '{"message":"The signature does not fit the body."}'])
    expect((await post('/intake/s_sign', 'abc')).status).toBe(401)
    expect(received).toHaveLength(2)
  })

  it('keep their rate, however many knock who cannot sign', async () => {
    const { post } = await open({
      keys: { find, signer: (id) => (id === 's_sign' ? { source: signer, secrets: ['new'] } : null) },
      adapterFor: () => adapter,
      limitOf: () => ({ perSecond: 1, burst: 2, maxBytes: 1000 }),
    })
    for (let knock = 0; knock < 5; knock++) expect((await post('/intake/s_sign', 'abc')).status).toBe(401)
    for (const status of [204, 204, 429])
      expect((await post('/intake/s_sign', 'abc', { 'x-signature': 'new:3' })).status).toBe(status)
  })

  it('hand on the headers that reading depends on, and no others', async () => {
    const { post, received } = await signed()
    await post('/intake/s_sign?a=1', 'abc', { 'x-signature': 'new:3', 'x-topic': 'alarm', 'x-other': 'no' })
    expect(received[0]?.raw).toMatchObject({ method: 'POST', query: 'a=1', headers: { 'x-topic': 'alarm' } })
    expect(Object.keys(received[0]?.raw.headers ?? {})).toEqual(['x-signature', 'x-topic'])
  })
})

describe('GitHub, which sends no key', () => {
  const secrets = ['whsec_new', 'whsec_old']
  const github = source('s_g', 'github')
  const keyless = () => open({ keys: { find, signer: (id) => (id === 's_g' ? { source: github, secrets } : null) } })
  const signedWith = (secret: string, body: Uint8Array) => ({
    'x-hub-signature-256': `sha256=${hmacSha256(secret, body).toString('hex')}`,
    'x-github-event': 'ping',
    'x-github-delivery': '72d3162e-0000-4000-8000-000000000001',
  })
  const ping = new Uint8Array(fixture('github-ping'))

  it('is believed for either secret, over exactly the bytes it sent; or with the key in the address', async () => {
    const { post, received } = await keyless()
    for (const secret of secrets) expect((await post('/intake/s_g', ping, signedWith(secret, ping))).status).toBe(200)
    const changed = new Uint8Array(Buffer.concat([ping, Buffer.from(' ')]))
    const refused = await post('/intake/s_g', changed, signedWith('whsec_new', ping))
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { code: 'not-signed-in', message: expect.stringContaining('does not fit') },
    ])
    expect((await post('/intake/s_g', ping, { 'x-github-event': 'ping' })).status).toBe(401)
    expect((await post('/intake/s_other', ping, signedWith('whsec_new', ping))).status).toBe(401)
    expect((await post('/intake/s_g/key-g', ping, { 'x-github-event': 'ping' })).status).toBe(200)
    expect(received).toHaveLength(3)
    expect(received[0]?.reading.events[0]?.kind).toBe('test')
  })

  it('may send a field called routing_key, and bodies as large as its adapter allows', async () => {
    const { post } = await keyless()
    const body = new Uint8Array(Buffer.from(JSON.stringify({ routing_key: 'mine', zen: 'z'.repeat(600 * 1024) })))
    expect((await post('/intake/s_g', body, signedWith('whsec_new', body))).status).toBe(200)
  })
})

describe('CloudEvents', () => {
  const ask = (url: string, headers: Record<string, string>, path = '/intake/s_c') =>
    fetch(url + path, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'emitter.example', ...headers } })

  it('the handshake is answered to whoever has the key, in a header or in the address', async () => {
    const { url, received } = await open()
    for (const answer of [await ask(url, bearer('key-c')), await ask(url, {}, '/intake/s_c/key-c')]) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('webhook-allowed-origin')).toBe('emitter.example')
      expect(answer.headers.get('webhook-allowed-rate')).toBe('*')
      expect(answer.headers.get('allow')).toBe('POST, OPTIONS')
    }
    expect(received).toEqual([])
  })

  it('nobody else is allowed anything, and other kinds know no OPTIONS', async () => {
    const { url } = await open()
    for (const answer of [
      await ask(url, {}),
      await ask(url, bearer('wrong')),
      await ask(url, bearer('key-c'), '/intake/s_p'),
      await ask(url, bearer('key-a'), '/intake/s_a'),
    ])
      expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([405, null])
  })

  it('binary mode: all headers that begin with ce- come along, and nothing else', async () => {
    const { post, received } = await open()
    const headers = {
      ...bearer('key-c'),
      ...{
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': '/a',
        'ce-type': 't',
        'ce-anything': 'x',
        'x-other': 'y',
      },
    }
    const answer = await post('/intake/s_c', '{}', headers)
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(Object.keys(received[0]?.raw.headers ?? {}).sort()).toEqual([
      ...['ce-anything', 'ce-id', 'ce-source', 'ce-specversion', 'ce-type'],
    ])
  })

  it('a format that is not read is 415, and nothing of it is kept', async () => {
    const { post, received } = await open()
    const avro = { ...bearer('key-c'), 'content-type': 'application/cloudevents+avro' }
    expect((await post('/intake/s_c', '{}', avro)).status).toBe(415)
    expect(received).toEqual([])
  })
})
