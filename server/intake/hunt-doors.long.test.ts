import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bearer, open, opsgenieKey, pingKey, routingKey } from './door.fixture.ts'
import { routingKeyIn } from './sources/pagerduty.ts'

const mib = 1024 * 1024
/** One alert and a great deal of nothing: small on the wire. */
const alert = (bytes: number) => `[{"labels":{"alertname":"A"}}${' '.repeat(bytes)}]`

/** What the server says to these bytes, up to the end of its answer. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let said = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      said += chunk
    })
    socket.on('close', () => resolve(said))
    socket.on('error', reject)
  })
}

describe('what a body unpacks to', () => {
  it('counts against what is read at once: beyond it 503 with Retry-After, in the shape of the vendor, and all is given back', async () => {
    const { post, received } = await open({ maxReadingBytes: mib })
    for (const [encoding, pack] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const)
      for (const _ of [1, 2]) {
        const packed = { ...bearer('key-p'), 'content-encoding': encoding }
        const tooMuch = await post('/api/v2/alerts', new Uint8Array(pack(alert(2 * mib))), packed)
        expect(tooMuch.status).toBe(503)
        expect(tooMuch.headers.get('retry-after')).toMatch(/^\d+$/)
        expect(await tooMuch.json()).toEqual({ code: 503, message: expect.stringContaining('send again') })
        expect((await post('/api/v2/alerts', new Uint8Array(pack(alert(mib / 2))), packed)).status).toBe(200)
        const bomb = await post('/api/v2/alerts', new Uint8Array(pack(alert(0.9 * mib)).subarray(0, -5)), packed)
        expect(bomb.status).toBe(400)
      }
    expect(received).toHaveLength(12)
  })

  it.each([
    ['/api/v2/alerts', bearer('key-p'), 4],
    ['/intake/s_g', bearer('key-g'), 4],
    ['/v1/logs', bearer('key-l'), 8],
    ['/v2/alerts', { authorization: `GenieKey ${opsgenieKey}` }, 0.5],
    [`/ping/${pingKey}`, {}, 0.5],
    ['/v2/enqueue', {}, 0.5],
    ['/intake/s_p', {}, 0.5],
  ])('%s refuses a bomb at its own limit, with 413 and the limit in words', async (path, headers, limit) => {
    const { post, received } = await open()
    const response = await post(path, new Uint8Array(gzipSync(' '.repeat(limit * mib + 1))), {
      ...headers,
      'content-encoding': 'gzip',
    })
    expect(response.status).toBe(413)
    expect(await response.text()).toContain(String(limit * mib))
    expect(received).toEqual([])
  })
})

describe('a body whose sender is not known yet', () => {
  it('is parsed only where it names a key that we know', async () => {
    const broken = (key: string) => Buffer.from(`{"routing_key" : "${key}", `)
    expect(routingKeyIn(broken('anybody'), () => false)).toBe('anybody')
    expect(routingKeyIn(broken(routingKey), (key) => key === routingKey)).toBeNull()
    expect(routingKeyIn(Buffer.from('{"key":1}'), () => true)).toBeNull()
    const details = `{"payload":{"custom_details":{"routing_key":"another"}},"routing_key":"${routingKey}"}`
    expect(routingKeyIn(Buffer.from(details), (key) => key === routingKey)).toBe(routingKey)

    const { post, received } = await open()
    const filler = '['.repeat(400_000)
    expect((await post('/v2/enqueue', `{"routing_key":"${'Z'.repeat(32)}","a":${filler}`)).status).toBe(401)
    expect((await post('/intake/s_pd', `{"routing_key":"${'Z'.repeat(32)}","a":${filler}`)).status).toBe(401)
    expect((await post('/v2/enqueue', `{"routing_key":"${routingKey}","a":${filler}`)).status).toBe(400)
    expect(received).toEqual([])
  })
})

describe('requests that are two things at once', () => {
  const key = `Authorization: Bearer key-p\r\nHost: x\r\nConnection: close`
  it.each([
    ['two lengths', `${key}\r\nContent-Length: 2\r\nContent-Length: 60`],
    ['a length and pieces', `${key}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked`],
    ['a length that is no number', `${key}\r\nContent-Length: 2,60`],
    ['a header with a bare CR', `${key}\r\nX-A: b\rContent-Length: 2`],
  ])('%s: 400, and nothing comes in', async (_, headers) => {
    const { url, received } = await open()
    const said = await raw(
      url,
      `POST /api/v2/alerts HTTP/1.1\r\n${headers}\r\n\r\n[]GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n`,
    )
    expect(said).toMatch(/^HTTP\/1\.1 400 /)
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(received).toEqual([])
  })

  it('a body in pieces is read as one', async () => {
    const { url, received } = await open()
    const body = '[{"labels":{"alertname":"A"}}]'
    const pieces = [...body].map((letter) => `1\r\n${letter}\r\n`).join('')
    const head = `${key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked`
    expect(await raw(url, `POST /api/v2/alerts HTTP/1.1\r\n${head}\r\n\r\n${pieces}0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 /,
    )
    expect(received.map(({ raw: { body } }) => Buffer.from(body).toString())).toEqual([body])
  })
})

describe('sources of our own', () => {
  it.each(['own:reports', 'own:watch', 'own%3Areports', '__proto__', 'constructor'])(
    'nobody speaks for %s from outside',
    async (sourceId) => {
      const { post, received } = await open()
      for (const headers of [{}, bearer('key-p'), bearer(routingKey)])
        expect([401, 404]).toContain(
          (await post(`/intake/${sourceId}`, '{}', headers as Record<string, string>)).status,
        )
      expect([401, 404]).toContain((await post(`/intake/${sourceId}/key-p`, '{}')).status)
      expect(received).toEqual([])
    },
  )
})

it('what a sender writes into headers and addresses comes back in no header, and keys come back nowhere', async () => {
  const { url, post } = await open({ refusals: { refused: (...told) => void heard.push(JSON.stringify(told)) } })
  const heard: string[] = []
  const answers = [
    await post('/intake/s_p/secret-key-in-the-address', '{}'),
    await post('/v2/enqueue', JSON.stringify({ routing_key: 'SECRETKEYINTHEBODYSECRETKEYINTHE' })),
    await post('/ping/11111111-2222-4333-8444-555555555555', ''),
    await post('/api/v2/alerts', '[]', bearer('secret-key-in-a-header')),
    await fetch(`${url}/intake/s_p/secret-key-in-the-address`, { method: 'DELETE' }),
    await post('/api/v2/alerts', '[]', { ...bearer('key-p'), 'content-type': 'text/x-secret-%0d%0aset-cookie' }),
  ]
  for (const answer of answers) {
    expect([...answer.headers].join()).not.toMatch(/secret|set-cookie/i)
    expect(answer.headers.get('set-cookie')).toBeNull()
  }
  const texts = await Promise.all(answers.slice(0, 5).map((answer) => answer.text()))
  expect([...texts, ...heard.slice(0, 5)].join()).not.toMatch(/secret-?key|11111111-2222/i)
})
