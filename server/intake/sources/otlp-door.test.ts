import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bearer, open } from '../door.fixture.ts'
import { fixture } from './reading.fixture.ts'

describe('OpenTelemetry’s exporters', () => {
  const protobuf = { 'content-type': 'application/x-protobuf' }
  const body = new Uint8Array(fixture('otlp-js.pb'))

  it('are answered in the encoding they use, packed or not, at their address or at that of the source', async () => {
    const { post, received } = await open()
    const packed = await post('/v1/logs', new Uint8Array(gzipSync(body)), {
      ...protobuf,
      ...bearer('key-l'),
      'content-encoding': 'gzip',
    })
    expect([packed.status, packed.headers.get('content-type'), await packed.text()]).toEqual([
      200,
      'application/x-protobuf',
      '',
    ])
    const json = await post('/intake/s_l/key-l', fixture('otlp-js').toString())
    expect([json.status, json.headers.get('content-type'), await json.json()]).toEqual([200, 'application/json', {}])
    expect(received.map(({ adapter }) => adapter)).toEqual(['otlp/otlp-logs', 'otlp/intake'])
  })

  it('are refused in it too', async () => {
    const { post, received } = await open({ limitOf: () => ({ perSecond: 1, burst: 1, maxBytes: 100 }) })
    const unknown = await post('/v1/logs', body, protobuf)
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([401, 'application/x-protobuf'])
    expect(new Uint8Array(await unknown.arrayBuffer()).subarray(0, 3)).toEqual(new Uint8Array([8, 16, 18]))
    const large = await post('/v1/logs', body, { ...protobuf, ...bearer('key-l') })
    expect([large.status, large.headers.get('content-type')]).toEqual([413, 'application/x-protobuf'])
    const over = await post('/v1/logs', '{}', bearer('key-l'))
    expect([over.status, over.headers.get('retry-after'), await over.json()]).toEqual([
      429,
      '1',
      { code: 8, message: expect.stringContaining('1 requests per second') },
    ])
    expect(received).toEqual([])
  })
})
