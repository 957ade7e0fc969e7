import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { auditEntry, logEntry, lostItem } from '../../contract-samples.ts'
import { type ChainRecord, chainHash, hex, signHash } from '../../format/chain.ts'
import { tallyHash } from '../../format/guard.ts'
import { openChainHead, placesIn, readKeys } from '../../keys/files.ts'
import { openSqliteStore } from '../open.ts'
import { talliesOf } from '../write/guarded.ts'

/** Makes the database what a version before lost property would have left: no such table, and nothing signed of it. */
function putBack(dir: string): void {
  const places = placesIn(dir)
  const { privateKey } = readKeys(places)
  const db = new DatabaseSync(places.database)
  db.exec(
    'DROP TABLE lease; DROP TABLE lost; DROP INDEX decision_by_alert; DROP INDEX decision_by_rule; PRAGMA user_version = 1',
  )
  const last = db.prepare('SELECT * FROM chain ORDER BY n DESC LIMIT 1').get() as unknown as ChainRecord
  const first = [...talliesOf(db.prepare('SELECT * FROM tally').all() as never)].slice(0, 7)
  const tally = tallyHash(first)
  const hash = chainHash({ ...last, tally })
  db.prepare('UPDATE chain SET tally = ?, hash = ?, signature = ? WHERE n = ?').run(
    tally,
    hash,
    signHash(privateKey, hash),
    last.n,
  )
  db.close()
  const head = openChainHead(places.chainHead)
  head.write({ commit: last.n, hash: hex(hash) })
  head.close()
}

test('rule S12: a record from before lost property is whole after the upgrade, and goes on', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'uxbridge-upgrade-'))
  let store = await openSqliteStore({ dir })
  await store.commit({ log: [logEntry(1)], audit: [auditEntry(1)], put: [{ kind: 'source', id: 's', doc: {} }] })
  await store.close()
  putBack(dir)
  store = await openSqliteStore({ dir })
  expect(store.failure()).toBeNull()
  expect((await store.read.verify()).problems).toEqual([])
  expect(await store.read.lost({ limit: 9 })).toEqual([])
  await store.commit({ lost: [lostItem(1, 0)] })
  expect((await store.read.verify()).problems).toEqual([])
  expect(await store.read.lost({ limit: 9 })).toEqual([lostItem(1, 0)])
  await store.close()
  await rm(dir, { recursive: true })
})
