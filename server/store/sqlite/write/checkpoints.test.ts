import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alert, noon } from '../../contract-samples.ts'
import { factShapes } from '../../format/facts.ts'
import { makeFolders, makeKeys, placesIn, readKeys } from '../../keys/files.ts'
import { openVault } from '../../keys/vault.ts'
import { type Database, migrate, openDatabase } from '../database.ts'
import { verify } from '../proof/verify.ts'
import { makeReads } from '../read/reads.ts'
import { type Committer, makeCommitter } from './commit.ts'
import { makeGathering } from './gather.ts'
import { makeGuardedRows } from './guarded.ts'

let dir: string
let house: ReturnType<typeof openHere>

/** The writer's and the reader's insides on one connection, without their threads. */
function openHere() {
  const places = placesIn(dir)
  makeFolders(places)
  makeKeys(places)
  const keys = readKeys(places)
  const vault = openVault(places.vault, keys.state.vault)
  const db: Database = openDatabase(places.database, { readOnly: false })
  migrate(db, dir)
  const now = () => noon
  const committer: Committer = makeCommitter({
    db,
    guarded: makeGuardedRows(db, keys.state.rows),
    vault,
    keys,
    shapes: factShapes,
    now,
  })
  const reads = makeReads(db, vault, keys, dir)
  return {
    /** One piece of a checkpoint: `a1` is live, `-a1` is forgotten; `title` says when it was written. */
    write(title: string, ids: readonly string[], before: number, isEnd: boolean) {
      const rows = ids.map((id) => ({ alert: alert(id.replace('-', ''), { title }), live: !id.startsWith('-') }))
      const gathering = makeGathering()
      if (isEnd)
        gathering.add({ checkpoint: { pos: 0, seq: 0, filter: title, alerts: rows, incidents: [], parts: before } })
      else gathering.add({ checkpointPart: { index: before, alerts: rows, incidents: [] } })
      committer.commit(gathering.take().group)
    },
    restored() {
      const found: string[] = []
      const { checkpoint } = reads.restore({ settledAfter: 0 }, (piece) => {
        for (const { id, title } of JSON.parse(piece) as { id: string; title: string }[]) found.push(`${id} ${title}`)
      })
      return { checkpoint: checkpoint?.filter, alerts: found.sort() }
    },
    rows: () => db.raw.prepare('SELECT id, slot, gen, live FROM alert ORDER BY id, slot').all().length,
    problems: () =>
      verify({ db, vault, keys, outside: null, evidence: { folder: '', there: [] } }).problems.filter(
        ({ row }) => row !== 'chain-head',
      ),
    close() {
      db.close()
      vault.close()
    },
  }
}

function reopen(): void {
  house.close()
  house = openHere()
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'uxbridge-checkpoints-'))
  house = openHere()
})
afterEach(() => {
  house.close()
  rmSync(dir, { recursive: true })
})

describe('rule S10: a checkpoint in pieces', () => {
  test('that a crash interrupted never counts, not even after later ones', () => {
    house.write('one', ['a1', 'a2'], 0, true)
    house.write('two', ['a1', 'a3'], 0, false)
    house.write('two', ['-a2'], 1, false)
    reopen()
    expect(house.restored()).toEqual({ checkpoint: 'one', alerts: ['a1 one', 'a2 one'] })
    house.write('three', ['a4'], 0, false)
    expect(house.restored()).toEqual({ checkpoint: 'one', alerts: ['a1 one', 'a2 one'] })
    house.write('three', ['a1'], 1, true)
    const third = { checkpoint: 'three', alerts: ['a1 three', 'a2 one', 'a4 three'] }
    expect(house.restored()).toEqual(third)
    reopen()
    expect(house.restored()).toEqual(third)
    expect(house.problems()).toEqual([])
  })

  test('that is the first and was interrupted leaves a store without a checkpoint', () => {
    house.write('one', ['a1'], 0, false)
    reopen()
    expect(house.restored()).toEqual({ checkpoint: undefined, alerts: [] })
    house.write('two', ['a2'], 0, true)
    expect(house.restored()).toEqual({ checkpoint: 'two', alerts: ['a2 two'] })
    expect(house.problems()).toEqual([])
  })

  test('never needs more than two rows for an alert, and one for a forgotten one', () => {
    for (let n = 0; n < 5; n++) house.write(`${n}`, ['a1', 'a2', 'a3'], 0, true)
    expect(house.rows()).toBe(6)
    house.write('5', ['-a1', '-a2'], 0, true)
    expect(house.rows()).toBe(4)
    expect(house.restored()).toEqual({ checkpoint: '5', alerts: ['a3 4'] })
    house.write('6', ['a1'], 0, true)
    house.write('7', ['a1'], 0, true)
    house.write('8', ['-a1'], 0, true)
    expect(house.rows()).toBe(4)
    expect(house.restored()).toEqual({ checkpoint: '8', alerts: ['a3 4'] })
    expect(house.problems()).toEqual([])
  })

  test('takes up again after a restart what forgotten alerts left behind', () => {
    const ids = Array.from({ length: 120 }, (_, n) => `a${1000 + n}`)
    house.write('one', ids, 0, true)
    house.write(
      'two',
      ids.map((id) => `-${id}`),
      0,
      true,
    )
    expect(house.rows()).toBeGreaterThan(120)
    reopen()
    for (let n = 0; n < 3; n++) house.write(`${n}`, [], 0, true)
    expect(house.rows()).toBe(120)
    expect(house.restored().alerts).toEqual([])
    expect(house.problems()).toEqual([])
  })
})
