import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alert, answer, decision, declared, lostItem, noon } from '../../contract-samples.ts'
import { placesIn } from '../../keys/files.ts'
import type { Reader, Store } from '../../port.ts'
import { openSqliteStore } from '../open.ts'

let dir: string
let store: Store

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'uxbridge-reads-'))
  store = await openSqliteStore({ dir })
  await store.commit({
    facts: [declared(1, 'INC-1')],
    answers: [answer('c-1')],
    decisions: [decision(1, 0)],
    ledger: [{ minute: noon, sourceId: 's', outcome: 'opened', count: 1 }],
    lost: [lostItem(1, 3)],
    put: [
      { kind: 'person', id: 'ada', doc: { roles: ['responder'] }, personal: { personId: 'ada', value: 'Ada' } },
      { kind: 'source', id: 's', doc: {} },
    ],
  })
  const incident = await store.read.incident('INC-1')
  const alerts = [{ alert: alert('a1'), live: true }]
  const incidents = incident === null ? [] : [incident]
  await store.commit({ checkpoint: { pos: 0, seq: 1, filter: { n: 1 }, alerts, incidents } })
})
afterAll(async () => {
  await store.close()
  await rm(dir, { recursive: true })
})

const settings = (read: Reader) => read.settings()
const restore = (read: Reader) => read.restore({ settledAfter: 0 })
const hands: [change: string, where: string, row: string, read: (read: Reader) => Promise<unknown>][] = [
  [`setting SET doc = '{"roles":["administrator"]}'`, `id = 'ada'`, 'setting person ada', settings],
  ['setting SET person_id = NULL, key_id = NULL, box = NULL', `id = 'ada'`, 'setting person ada', settings],
  [`setting SET kind = 'session'`, `id = 's'`, 'setting session s', settings],
  ['answer SET status = 409', '1', 'answer person:ada c-1', (read) => read.answer('person:ada', 'c-1')],
  ['answer SET command_hash = 1', '1', 'answer person:ada c-1', (read) => read.answer('person:ada', 'c-1')],
  ['checkpoint SET pos = pos + 1', '1', 'checkpoint 1', restore],
  [`checkpoint SET void = '[1]'`, '1', 'checkpoint 1', restore],
  [`alert SET incident_id = 'INC-2'`, '1', 'alert a1 0', restore],
  [`alert SET incident_id = 'INC-2'`, '1', 'alert a1 0', (read) => read.alertsOf('INC-2', 9)],
  [`incident_snapshot SET owner = 'eve'`, '1', 'incident_snapshot INC-1', restore],
  ['incident_snapshot SET tier = 3', '1', 'incident_snapshot INC-1', (read) => read.incident('INC-1')],
  ['ledger SET count = 2', '1', `ledger ${noon} s opened`, (read) => read.ledger(0)],
  [`lost SET state = 'found'`, '1', 'lost 1 3', (read) => read.lost({ limit: 9 })],
  [`decision SET reason = 'none'`, '1', 'decision 1', (read) => read.decisionsOf('INC-1', 9)],
  [`decision SET rule = 'other'`, '1', 'decision 1', (read) => read.decisions({ rule: 'other', limit: 9 })],
]

test.for(hands)('rule S11: %s by hand is found where the row is read', async ([change, where, row, read]) => {
  await read(store.read)
  const database = new DatabaseSync(placesIn(dir).database)
  const table = change.slice(0, change.indexOf(' '))
  const columns = database.prepare(`SELECT * FROM ${table}`).all()
  try {
    expect(database.prepare(`UPDATE ${change} WHERE ${where}`).run().changes).toBe(1)
    await expect(read(store.read)).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringMatching(new RegExp(`${row}\\b.*audit verify.*backup`)),
    })
  } finally {
    database.exec(`DELETE FROM ${table}`)
    for (const cells of columns) {
      const names = Object.keys(cells)
      database
        .prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`)
        .run(...Object.values(cells))
    }
    database.close()
  }
  await read(store.read)
})
