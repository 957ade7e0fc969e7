import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decision, declared, noon } from '../../contract-samples.ts'
import type { LogEntry, Store } from '../../port.ts'
import { openSqliteStore } from '../open.ts'
import { openReading, type Reading } from './reading.ts'

let dir: string
let store: Store
let reading: Reading

const entry = (pos: number): LogEntry => ({
  ...{ pos, at: noon + pos * 1000, kind: 'tick', sourceId: null, adapter: '' },
  body: Buffer.from('{}'),
})
const activated = (seq: number, at: number, subject: string) => ({
  ...{ seq, at, by: 'system:policy', action: 'policy.activate', subject, outcome: 'done' as const, detail: {} },
  address: null,
})

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'uxbridge-reading-'))
  store = await openSqliteStore({ dir })
  await store.commit({
    log: [1, 2, 3, 4].map(entry),
    facts: [declared(1, 'INC-1')],
    decisions: [decision(1, 0), decision(1, 1), decision(3, 0), { ...decision(4, 0), incidentId: null }],
    audit: [activated(1, noon, 'first'), activated(2, noon + 2000, 'second')],
  })
  reading = openReading(dir)
})
afterAll(async () => {
  reading.close()
  await store.close()
  await rm(dir, { recursive: true })
})

test('a second reader of the same record: log, decisions from a position on, facts, the policy of the day, names', async () => {
  expect(reading.newestPos()).toBe(4)
  expect(reading.logAfter(2, 10)).toEqual(await store.read.logAfter(2, 10))
  expect([0, 1, 2, 3, 4, 9].map(reading.decisionsTo)).toEqual([0, 2, 2, 3, 4, 4])
  const [first] = reading.placesAfter(0, 1)
  expect(first).toMatchObject({ n: 1, pos: 1, incidentId: decision(1, 0).incidentId })
  expect(reading.placesAfter(2, 10).map(({ n }) => n)).toEqual([3])
  expect(reading.factsOf('INC-1')).toEqual(await store.read.factsOf('INC-1'))
  expect([noon - 1, noon, noon + 1999, noon + 2000].map(reading.policyAt)).toEqual([null, 'first', 'first', 'second'])
  expect(reading.pseudonym('a')).toBe(store.pseudonym('a'))
})

test('it sees what is committed later', async () => {
  await store.commit({ log: [entry(5)] })
  expect(reading.newestPos()).toBe(5)
})
