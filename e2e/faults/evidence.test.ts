import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { invite, type Player } from '#server/demo/people.ts'
import { describeUnless } from '../run/needs.ts'
import { type House, setUpHouse, testPassword } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { lacksSmallDisk, makeSmallDisk, type SmallDisk } from '../world/small-disk.ts'
import { until } from '../world/until.ts'

type Kept = { status: number; body: { code?: string; message?: string; evidence?: number } }

async function put(
  server: Server,
  who: Player,
  incident: string,
  name: string,
  content: Uint8Array,
  key = name,
): Promise<Kept> {
  const response = await fetch(`${server.url}/api/incidents/${incident}/evidence`, {
    method: 'POST',
    headers: {
      ...{ cookie: who.api.cookie, origin: server.url, 'content-type': 'application/octet-stream' },
      ...{ 'x-evidence-name': encodeURIComponent(name), 'idempotency-key': encodeURIComponent(key) },
    },
    body: Uint8Array.from(content),
  })
  return { status: response.status, body: (await response.json()) as Kept['body'] }
}
async function get(server: Server, who: Player, incident: string, evidence: number) {
  const response = await fetch(`${server.url}/api/incidents/${incident}/evidence/${evidence}`, {
    headers: { cookie: who.api.cookie },
  })
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}
async function declare(who: Player): Promise<string> {
  return (await who.api.must<{ id: string }>('POST', '/api/incidents', { title: 'Orders hang' })).id
}
const filesOf = (server: Server, folder: string): string[] => {
  const path = join(server.dir, 'evidence', folder)
  return existsSync(path) ? readdirSync(path) : []
}

describe('files of evidence', () => {
  let server: Server
  let house: House
  let ana: Player
  let id = ''
  beforeAll(async () => {
    server = await startServer()
    house = await setUpHouse(server)
    ana = house.responders[0]!
    id = await declare(ana)
  })
  afterAll(async () => {
    await server?.close()
  })

  it('EV1: kill -9 during an upload leaves nothing half-visible, and what it left on the disk is swept; what was acknowledged is there', async () => {
    const content = gzipSync(randomBytes(600_000))
    expect(await put(server, ana, id, 'dump.gz', content)).toMatchObject({ status: 201, body: { evidence: 1 } })
    const half = request(`${server.url}/api/incidents/${id}/evidence`, {
      method: 'POST',
      headers: {
        ...{ cookie: ana.api.cookie, origin: server.url, 'content-type': 'application/octet-stream' },
        ...{ 'x-evidence-name': 'half.gz', 'content-length': content.length },
      },
    })
    const broken = new Promise((done) => half.on('error', done))
    half.write(content.subarray(0, content.length - 1000))
    await until('the upload to be under way', () => filesOf(server, 'incoming').length === 1)
    await server.kill('SIGKILL')
    await broken
    expect(filesOf(server, 'incoming')).toHaveLength(1)
    // Also what was whole already, but no fact came to name.
    writeFileSync(join(server.dir, 'evidence', 'incoming', `${id}~${'a'.repeat(64)}`), 'whole')
    // And what a fact names, but was not put into its place yet.
    const [digest = ''] = filesOf(server, id)
    renameSync(join(server.dir, 'evidence', id, digest), join(server.dir, 'evidence', 'incoming', `${id}~${digest}`))
    await server.restart()
    await until('the sweep', () => filesOf(server, 'incoming').length === 0)
    expect(filesOf(server, id)).toEqual([digest])
    expect((await house.administrator.incident(id)).evidence.map(({ name }) => name)).toEqual(['dump.gz'])
    expect((await get(server, ana, id, 1)).bytes.equals(content)).toBe(true)
    // Sent again under the same key, it is one.
    expect(await put(server, ana, id, 'dump.gz', content)).toMatchObject({ status: 201, body: { evidence: 1 } })
    expect(filesOf(server, id)).toHaveLength(1)
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  })

  it('comes out as an attachment that no browser opens, for those who may, and never for a viewer', async () => {
    const page = Buffer.from('<html><script>alert(1)</script>')
    const { body } = await put(server, ana, id, 'a “page”.html', page)
    const { status, headers, bytes } = await get(server, house.commander, id, body.evidence!)
    expect([status, bytes.equals(page)]).toEqual([200, true])
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; .*filename\*=UTF-8''a%20%E2%80%9Cpage%E2%80%9D\.html\.txt/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain('sandbox')
    expect(headers.get('cache-control')).toBe('no-store')
    const preview = await fetch(`${server.url}/api/incidents/${id}/evidence/${body.evidence}?as=preview`, {
      headers: { cookie: ana.api.cookie },
    })
    expect(preview.status).toBe(415)
    // An administrator runs the place, and reads no evidence for that.
    for (const role of ['administrator', 'viewer'] as const) {
      const person = { name: role, email: `${role}@test.example`, roles: [role] }
      const player = await invite(house.administrator, person, testPassword)
      expect((await get(server, player, id, body.evidence!)).status, role).toBe(403)
      expect((await put(server, player, id, 'x.log', page)).status, role).toBe(403)
    }
    const nobody = { ...ana, api: { ...ana.api, cookie: '' } }
    expect((await get(server, nobody, id, body.evidence!)).status).toBe(401)
    expect((await put(server, nobody, id, 'x.log', page)).status).toBe(401)
    // A form of another site can send this type; where a cookie speaks for it, it is refused.
    const simple = await fetch(`${server.url}/api/incidents/${id}/evidence`, {
      method: 'POST',
      headers: { cookie: ana.api.cookie, origin: server.url, 'content-type': 'text/plain', 'x-evidence-name': 'x' },
      body: 'x',
    })
    expect(simple.status).toBe(415)
    expect((await put(server, ana, id, 'big.log', Buffer.alloc(26 * 1024 * 1024, 'a'))).body.code).toBe(
      'body-too-large',
    )
    expect((await put(server, ana, 'INC-9', 'x.log', page)).status).toBe(404)
    expect((await put(server, ana, id, '', page)).status).toBe(422)
  })

  it('EV2: ops audit verify finds a file that was changed, is missing, was swapped or was added, and says which', async () => {
    const other = await declare(ana)
    const texts = ['changed', 'missing', 'swapped', 'whole']
    for (const text of texts) await put(server, ana, other, `${text}.log`, Buffer.from(text))
    await server.kill()
    const path = (name: string) => join(server.dir, 'evidence', other, name)
    const database = new DatabaseSync(join(server.dir, 'uxbridge.sqlite'), { readOnly: true })
    const facts = database.prepare(
      "SELECT data FROM fact WHERE type = 'evidence-added' AND incident_id = ? ORDER BY seq",
    )
    const files = facts.all(other).map(({ data }) => path((JSON.parse(String(data)) as { digest: string }).digest))
    database.close()
    expect(files).toHaveLength(4)
    const [changed = '', missing = '', swapped = '', whole = ''] = files
    const was = files.map((file) => readFileSync(file))
    const flipped = Buffer.from(was[0]!)
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1
    writeFileSync(changed, flipped)
    rmSync(missing)
    writeFileSync(swapped, readFileSync(whole))
    const added = path('b'.repeat(64))
    writeFileSync(added, 'x')
    const { code, output } = await ops(server.dir, 'audit', 'verify')
    expect(code).not.toBe(0)
    expect(output).toMatch(/4 problems/)
    expect(output).toMatch(new RegExp(`evidence 1 of ${other} .*was changed`))
    expect(output).toMatch(new RegExp(`evidence 2 of ${other} .*is missing`))
    expect(output).toMatch(new RegExp(`evidence 3 of ${other} .*was changed`))
    expect(output).toMatch(/b{64}: no fact names it/)
    rmSync(added)
    for (const [at, file] of files.entries()) writeFileSync(file, was[at]!)
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
    // Nobody is given what was changed.
    writeFileSync(changed, flipped)
    await server.restart()
    const refused = await get(server, ana, other, 1)
    expect(refused.status).toBe(503)
    expect(refused.bytes.toString()).toMatch(/store-corrupt/)
    writeFileSync(changed, was[0]!)
    expect((await get(server, ana, other, 1)).bytes.toString()).toBe('changed')
  })
})

describeUnless(lacksSmallDisk(), 'evidence on a full disk', () => {
  let disk: SmallDisk
  let server: Server
  afterAll(async () => {
    await server?.close()
    disk?.remove()
  })

  it('is refused in words, leaves nothing, and comes in once there is space again', async () => {
    const made = makeSmallDisk(48)
    if (made === null) throw new Error('the small disk could not be mounted')
    disk = made
    server = await startServer({ dir: disk.dir })
    const ana = (await setUpHouse(server)).responders[0]!
    const id = await declare(ana)
    const content = gzipSync(randomBytes(3_000_000))
    disk.fill(1_500_000)
    const refused = await put(server, ana, id, 'dump.gz', content)
    expect(refused).toMatchObject({ status: 503, body: { code: 'store-full' } })
    expect(refused.body.message).toMatch(/space/i)
    expect(filesOf(server, 'incoming')).toEqual([])
    disk.clear()
    await until('it to come in', async () => (await put(server, ana, id, 'dump.gz', content, 'again')).status === 201)
    expect((await get(server, ana, id, 1)).bytes.equals(content)).toBe(true)
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  })
})
