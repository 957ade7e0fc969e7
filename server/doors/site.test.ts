import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSite } from './site.ts'

const text = 'export const words = "here"\n'
const dir = mkdtempSync(join(tmpdir(), 'uxbridge-site-'))
const server = createServer()
beforeAll(async () => {
  mkdirSync(join(dir, 'assets'))
  writeFileSync(join(dir, 'assets', 'a-1.js'), text)
  writeFileSync(join(dir, 'assets', 'a-1.js.br'), brotliCompressSync(text))
  writeFileSync(join(dir, 'assets', 'b-1.css'), 'a {}')
  writeFileSync(join(dir, 'secret.js.br'), 'not an asset')
  server.on('request', express().use(makeSite(dir)))
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
})
afterAll(() => {
  server.close()
  rmSync(dir, { recursive: true })
})

/** Without what fetch would unpack and normalise by itself. */
function ask(path: string, encodings: string): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  const { port } = server.address() as AddressInfo
  return new Promise((done, fail) => {
    get({ host: '127.0.0.1', port, path, headers: { 'accept-encoding': encodings } }, (answer) => {
      const { statusCode: status = 0, headers } = answer
      buffer(answer).then((body) => done({ status, headers, body }), fail)
    }).on('error', fail)
  })
}

describe('files of the board', () => {
  it('are handed out small where the browser reads that, and as they are where it does not', async () => {
    const small = await ask('/assets/a-1.js', 'gzip, deflate, br')
    expect(small.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': expect.stringContaining('javascript'),
      vary: 'Accept-Encoding',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(brotliDecompressSync(small.body).toString()).toBe(text)
    const plain = await ask('/assets/a-1.js', 'gzip')
    expect([plain.headers['content-encoding'], plain.headers.vary, plain.body.toString()]).toEqual([
      ...[undefined, 'Accept-Encoding', text],
    ])
    expect((await ask('/assets/b-1.css', 'br')).headers['content-encoding']).toBeUndefined()
  })

  it('nothing beside the assets is reached by the name of a copy', async () => {
    for (const path of ['/assets/../secret.js', '/assets/%2e%2e/secret.js', '/assets/..%2fsecret.js'])
      expect((await ask(path, 'br')).status, path).not.toBe(200)
  })
})
