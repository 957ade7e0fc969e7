import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SourceKind } from '../port.ts'
import { requestOf } from './reading.fixture.ts'
import { hmacSha256 } from './signatures.ts'

const page = readFileSync(new URL('ADDING-A-KIND.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text)
const [firing = '', over = '', trial = ''] = blocks('json')
const [code = ''] = blocks('ts')

/** The file of the page, as it would lie among the others. */
async function kindOfThePage(): Promise<SourceKind> {
  const here = (path: string) => new URL(path, import.meta.url).href
  const root = (path: string) => new URL(`../../../shared/${path}`, import.meta.url).href
  const placed = code
    .replaceAll(/from '(\.\.?\/[^']+)'/g, (_, path: string) => `from '${here(path)}'`)
    .replaceAll(/from '#shared\/([^']+)'/g, (_, path: string) => `from '${root(path)}'`)
  const folder = mkdtempSync(join(tmpdir(), 'uxbridge-kind-'))
  try {
    writeFileSync(join(folder, 'beacon.ts'), placed)
    // By Node itself, as the server would load it.
    const loaded = createRequire(import.meta.url)(join(folder, 'beacon.ts')) as { beacon: SourceKind }
    return loaded.beacon
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the worked example of the page', async () => {
  const kind = await kindOfThePage()
  const [adapter] = kind.adapters
  const read = (body: string) => adapter?.parse(requestOf(Buffer.from(body)))

  it('reads its own bodies: one condition from beginning to end, and a test that is none', () => {
    expect(read(firing)?.events).toMatchObject([
      {
        status: 'firing',
        title: 'Dover is dark',
        severity: 'critical',
        severityRaw: 'P1',
        startsAt: Date.UTC(2026, 10, 22, 0, 45),
        deliveryId: 'n-81',
        links: [{ href: 'https://beacon.example/n-81' }],
      },
    ])
    expect(read(over)?.events).toMatchObject([{ status: 'resolved', title: 'Dover is lit again', deliveryId: 'n-82' }])
    expect(read(over)?.events[0]?.dedupKey).toBe(read(firing)?.events[0]?.dedupKey)
    expect(read(trial)?.events).toMatchObject([{ kind: 'test' }])
    expect(read('{"state":"dark"}')).toMatchObject({
      events: [],
      unreadable: [{ index: 0, reason: 'lamp is missing' }],
    })
  })

  it('proves who sends', () => {
    const request = requestOf(Buffer.from(firing))
    const signed = (hex: string) => adapter?.verify?.({ ...request, headers: { 'x-beacon-signature': hex } }, 'key', 0)
    expect(signed(hmacSha256('key', request.body).toString('hex'))).toBeNull()
    expect(signed(hmacSha256('other', request.body).toString('hex'))).toContain('not fit')
    expect(adapter?.verify?.(request, 'key', 0)).not.toBeNull()
  })

  it('says what to paste', () => {
    const where = { baseUrl: 'https://ux.example', key: 'KEY', sourceId: 's_1', secret: 'whsec_S', settings: {} }
    expect(kind.connect(where)[0]?.text).toBe(
      'URL:    https://ux.example/intake/s_1\nSecret: whsec_S\nSend:   every change of state\n',
    )
  })
})
