import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditEntry, declared, logEntry, noon, noted } from '../contract-samples.ts'
import { placesIn } from '../keys/files.ts'
import type { Store } from '../port.ts'
import { openSqliteStore } from './open.ts'

let dir: string
const opened: Store[] = []
async function openHere(options: { maxPages?: number } = {}): Promise<Store> {
  const store = await openSqliteStore({ dir, ...options })
  opened.push(store)
  return store
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'uxbridge-faults-'))
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await rm(dir, { recursive: true })
})

describe('a store whose disk fails', () => {
  test('a full disk refuses the whole group and all that follows, names the folder, and loses nothing; mend goes on', async () => {
    const store = await openHere({ maxPages: 120 })
    await store.commit({ log: [logEntry(1)], ledger: [{ minute: noon, sourceId: 's', outcome: 'opened', count: 1 }] })
    // Random bytes: what does not shrink fills the disk.
    const body = randomBytes(60_000)
    let kept = 1
    let refusal: unknown
    for (let pos = 2; refusal === undefined; pos++) {
      const done = [
        store.commit({
          log: [logEntry(pos, '', { body })],
          ledger: [{ minute: noon, sourceId: 's', outcome: 'opened', count: 1 }],
        }),
        store.commit({ audit: [auditEntry(pos - 1)] }),
      ]
      const [first, second] = await Promise.allSettled(done)
      expect(second?.status).toBe(first?.status)
      if (first?.status === 'rejected') refusal = first.reason
      else kept = pos
    }
    expect(refusal).toMatchObject({ code: 'store-full', message: expect.stringContaining(dir) })
    expect(store.failure()).toBe(refusal)
    await expect(store.commit({ ledger: [] })).rejects.toMatchObject({ code: 'store-full' })
    await expect(store.mend()).rejects.toMatchObject({ code: 'store-full' })
    const restored = await store.read.restore({ settledAfter: 0 })
    expect(restored).toMatchObject({ pos: kept, auditSeq: kept - 1 })
    expect((await store.read.ledger(0))[0]?.accepted).toBe(kept)
    expect((await store.read.verify()).problems).toEqual([])
    expect(store.backlog()).toEqual({ intentions: 0, bytes: 0 })
    await store.close()

    const roomy = await openHere()
    await roomy.commit({ log: [logEntry(kept + 1, '', { body })] })
    expect(roomy.failure()).toBeNull()
  })

  test('once the disk has room again, mend takes up where the disk stands', async () => {
    await (await openHere()).close()
    const other = new DatabaseSync(placesIn(dir).database)
    other.exec('CREATE TABLE filler (room BLOB); INSERT INTO filler VALUES (zeroblob(1000000))')
    const { page_count: pages } = other.prepare('PRAGMA page_count').get() as { page_count: number }
    const store = await openHere({ maxPages: pages + 4 })
    const body = randomBytes(200_000)
    await store.commit({ facts: [declared(1, 'INC-1')] })
    await expect(store.commit({ log: [logEntry(1, '', { body })] })).rejects.toMatchObject({ code: 'store-full' })
    await expect(store.mend()).rejects.toMatchObject({ code: 'store-full' })
    other.exec('DROP TABLE filler')
    other.close()
    await store.mend()
    expect(store.failure()).toBeNull()
    expect(await store.read.restore({ settledAfter: 0 })).toMatchObject({ pos: 0, seq: 1 })
    await store.commit({ log: [logEntry(1, '', { body })], facts: [noted(2, 'INC-1', 2, 'goes on')] })
    expect((await store.read.verify()).problems).toEqual([])
  })

  test('a file that is no database is store-corrupt, and says what to do', async () => {
    await (await openHere()).close()
    await writeFile(placesIn(dir).database, 'x'.repeat(20_000))
    await expect(openHere()).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringMatching(/restore the newest backup/),
    })
  })

  test('pages overwritten inside the database are store-corrupt where they are read, and verify says so', async () => {
    const store = await openHere()
    for (let seq = 1; seq <= 300; seq++)
      await store.commit({ facts: [declared(seq, `INC-${seq}`, { description: 'long '.repeat(300) })] })
    await store.close()
    const file = await open(placesIn(dir).database, 'r+')
    const { size } = await file.stat()
    await file.write(Buffer.alloc(size - 8192 * 22, 0xaa), 0, undefined, 8192 * 20)
    await file.close()
    let found: unknown
    try {
      const damaged = await openHere()
      found = (await damaged.read.verify()).ok ? null : { code: 'store-corrupt' }
    } catch (error) {
      found = error
    }
    expect(found).toMatchObject({ code: 'store-corrupt' })
  })

  test('a database of a newer format is refused, and says which Uxbridge to start', async () => {
    await (await openHere()).close()
    const db = new DatabaseSync(placesIn(dir).database)
    db.exec('PRAGMA user_version = 99')
    db.close()
    await expect(openHere()).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringMatching(/format 99.*newer Uxbridge/),
    })
  })

  test('a folder that another store has open is refused by name', async () => {
    const store = await openHere()
    await expect(openHere()).rejects.toMatchObject({ code: 'not-ready', message: expect.stringContaining(dir) })
    await store.commit({ log: [logEntry(1)] })
  })

  test('keys are made once, for their owner only, and their loss is named', async () => {
    await (await openHere()).close()
    const places = placesIn(dir)
    for (const file of [places.masterKey, places.signingKey]) expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(places.keys)).mode & 0o777).toBe(0o700)
    const master = await readFile(places.masterKey)
    await rm(places.masterKey)
    await expect(openHere()).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringContaining(places.masterKey),
    })
    await writeFile(places.masterKey, master.subarray(1))
    await expect(openHere()).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringContaining('32 bytes'),
    })
    await writeFile(places.masterKey, master)
    await writeFile(places.signingKey, 'no key')
    await expect(openHere()).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringContaining(places.signingKey),
    })
    await chmod(places.keys, 0o700)
  })
})

describe('rule S7: what was acknowledged survives kill -9, and nothing is half there', () => {
  test('three rounds of a process killed while it commits', async () => {
    let pos = 0
    let acknowledged = 0
    for (let round = 0; round < 3; round++) {
      const child: ChildProcess = fork(
        fileURLToPath(new URL('./faults-child.ts', import.meta.url)),
        [dir, String(pos)],
        { stdio: 'inherit', execArgv: [] },
      )
      const exited = once(child, 'exit')
      await new Promise<void>((resolve) => {
        child.on('message', (done: number) => {
          acknowledged = done
          // Enough rounds of the loop that commits are under way all the time.
          if (done > pos + 400 + round * 37) resolve()
        })
      })
      child.kill('SIGKILL')
      await exited
      const store = await openHere()
      const restored = await store.read.restore({ settledAfter: 0 })
      expect(restored.pos).toBeGreaterThanOrEqual(acknowledged)
      // Each intention of the child is one entry of the log, one fact, one audit entry and one count.
      expect(restored.seq).toBe(restored.pos)
      expect(restored.auditSeq).toBe(restored.pos)
      const counted = (await store.read.ledger(0)).reduce((sum, row) => sum + row.accepted, 0)
      expect(counted).toBe(restored.pos)
      expect((await store.read.logAfter(0, 1_000_000)).length).toBe(restored.pos)
      expect((await store.read.verify()).problems).toEqual([])
      await store.close()
      pos = restored.pos
    }
    expect(pos).toBeGreaterThan(1200)
  })
})
