import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import type { LostTried } from '../command/port.ts'
import { openAdminDoor } from '../doors/index.ts'
import { trialApi, trialCommandRoom } from '../doors/trial/index.ts'
import { sourceKinds } from '../intake/index.ts'
import { makeMemoryStore, openSqliteStore } from '../store/index.ts'
import type { LostItem } from '../store/port.ts'
import { run } from './run.ts'

const clock = trialClock()
const after: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo()
})

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'uxbridge-ops-lost-'))
  after.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function ops(dir: string, words: string) {
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  const terminal = { out: say, err: say, stdin: async () => '' }
  const status = await run(words.split(' '), { DATA_DIR: dir }, terminal, clock, '0.0.0')
  return { status, said: said.join('\n') }
}

const item = (pos: number, more: Partial<LostItem> = {}): LostItem => ({
  pos,
  index: 3,
  sourceId: 's_gone',
  at: clock.now(),
  reason: 'no title',
  count: 1,
  members: '3',
  state: 'lost',
  changedAt: null,
  changedBy: null,
  tries: 0,
  foundPos: null,
  ...more,
})

it('lists what is lost and tries it again beside a running server; the exit status says whether all was found', async () => {
  const dir = newFolder()
  const store = makeMemoryStore()
  const parts = trialParts(store, clock)
  const access = makeAccess({ ...parts, kinds: sourceKinds })
  const { source } = await access.sources.add({ by: 'system:ops', address: null }, { kind: 'webhook', name: 'Shop' })
  await store.commit({ lost: [item(1, { sourceId: source.id }), item(2, { state: 'found', members: '*' })] })
  const still: LostTried = { ...item(1), events: 0, incidents: [] }
  const found: LostTried = { ...item(1), state: 'found', events: 2, incidents: ['INC-7'] }
  const room = trialCommandRoom(parts.record)
  const lost = { ...room.lost, retry: async () => [found], retryAll: async () => [found, still], madeRoom: () => 4 }
  const door = await openAdminDoor(trialApi({ access, read: store.read, clock, commandRoom: { ...room, lost } }), dir)
  after.push(() => door.close())

  const listed = await ops(dir, 'lost list --source shop')
  expect(listed.status).toBe(0)
  expect(listed.said).toMatch(/^ID +RECEIVED .*\n1\.3 .* Shop +3 +lost +no title\nShop: 4 older ones made room/)
  expect((await ops(dir, 'lost list --state all')).said).toMatch(/2\.3 .* Former source +all +found/)
  expect((await ops(dir, 'lost list --state nonsense')).status).toBe(2)
  expect((await ops(dir, 'lost list --source nobody')).said).toMatch(/ops source list/)
  expect(await ops(dir, 'lost retry 1.3')).toEqual({
    status: 0,
    said: '1 can be read now: 2 events taken in, in INC-7.',
  })
  expect(await ops(dir, 'lost retry --source Shop')).toEqual({
    status: 1,
    said: '1 can be read now: 2 events taken in, in INC-7.\n1 still cannot:\n  1.3  no title',
  })
  expect((await ops(dir, 'lost retry')).status).toBe(2)
})

it('lists it without a server, and says that trying needs one', async () => {
  const dir = newFolder()
  const store = await openSqliteStore({ dir })
  await store.commit({ lost: [item(1)] })
  await store.close()
  expect((await ops(dir, 'lost list')).said).toMatch(/1\.3 .* Former source +3 +lost +no title/)
  expect(await ops(dir, 'lost retry 1.3')).toMatchObject({ status: 1, said: expect.stringMatching(/npm start/) })
})
