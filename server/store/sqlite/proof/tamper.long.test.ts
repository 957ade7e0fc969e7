import { copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  alert,
  answer,
  auditEntry,
  claimed,
  decision,
  declared,
  logEntry,
  lostItem,
  noon,
  noted,
} from '../../contract-samples.ts'
import { placesIn, readChainHead, readKeys } from '../../keys/files.ts'
import { openVault } from '../../keys/vault.ts'
import type { Verification } from '../../port.ts'
import { openDatabase } from '../database.ts'
import { openSqliteStore } from '../open.ts'
import { verify } from './verify.ts'

type Cell = SQLInputValue
type Row = Record<string, Cell>

let dir: string
let proof: ReturnType<typeof openProof>

/** A store with rows in every table, some of them replaced since, some erased. */
async function fill(): Promise<void> {
  const store = await openSqliteStore({ dir })
  const person = (id: string, name: string) => ({
    kind: 'person',
    id,
    doc: { roles: ['responder'] },
    personal: { personId: id, value: { name } },
  })
  await store.commit({
    log: [logEntry(1), logEntry(2)],
    facts: [declared(1, 'INC-1'), declared(2, 'INC-2')],
    decisions: [decision(1, 0), decision(2, 0, { alertId: null, incidentId: null })],
  })
  await store.commit({
    facts: [claimed(3, 'INC-1', 2), noted(4, 'INC-1', 3, 'it is DNS')],
    audit: [
      auditEntry(1),
      auditEntry(2, { by: 'anonymous' }),
      auditEntry(3, { by: 'person:bob', reason: 'to see it' }),
      auditEntry(4, { address: null }),
    ],
    answers: [answer('c-1'), answer('c-2', { actor: 'person:bob' })],
    ledger: [
      { minute: noon, sourceId: 'src-1', outcome: 'opened', count: 2 },
      { minute: noon, sourceId: 'src-1', outcome: 'repeated', count: 7 },
    ],
    put: [person('ada', 'Ada'), person('bob', 'Bob'), { kind: 'source', id: 'src-1', doc: { kind: 'generic' } }],
  })
  const incidents = [await store.read.incident('INC-1'), await store.read.incident('INC-2')].filter(
    (incident) => incident !== null,
  )
  await store.commit({
    log: [logEntry(3)],
    checkpoint: {
      pos: 3,
      seq: 4,
      filter: { n: 1 },
      alerts: [
        { alert: alert('a1'), live: true },
        { alert: alert('a2', { incidentId: null }), live: false },
      ],
      incidents,
    },
  })
  await store.commit({
    put: [{ kind: 'source', id: 'src-1', doc: { kind: 'generic', name: 'new' } }],
    ledger: [{ minute: noon, sourceId: 'src-1', outcome: 'repeated', count: 1 }],
    audit: [auditEntry(5, { reason: 'to see it' })],
    lost: [lostItem(1, 0), lostItem(1, 1, { state: 'found', changedAt: noon, changedBy: 'person:ada', foundPos: 4 })],
  })
  await store.commit({
    facts: [declared(5, 'INC-3'), noted(6, 'INC-3', 2, 'to be forgotten')],
    log: [logEntry(4)],
    answers: [],
  })
  await store.erase({ incidentId: 'INC-3' })
  await store.erase({ personId: 'bob' })
  await store.close()
}

/** What proves the record, opened once for all cases. */
function openProof() {
  const places = placesIn(dir)
  const keys = readKeys(places)
  const vault = openVault(places.vault, keys.state.vault)
  const db = openDatabase(places.database, { readOnly: false })
  return {
    db: db.raw,
    prove(): Verification {
      vault.forget()
      return verify({ db, vault, keys, outside: readChainHead(places.chainHead), evidence: { folder: '', there: [] } })
    },
    close() {
      db.close()
      vault.close()
    },
  }
}

/** One file of the store, to be tampered with by hand. */
interface Hands {
  db: DatabaseSync
  /** Proves the record as it is after `work`, and puts everything back as it was. */
  proveAfter(work: () => void): Verification
}

/** The proof reads the database over the connection that tampers, in a transaction that is taken back: nothing is written. */
function inDatabase({ db, prove }: typeof proof): Hands {
  return {
    db,
    proveAfter(work) {
      db.exec('BEGIN')
      try {
        work()
        return prove()
      } finally {
        db.exec('ROLLBACK')
      }
    },
  }
}

/** The vault is read over a connection of its own, so what is done to it must be committed, and undone. */
function inVault({ prove }: typeof proof): Hands {
  const db = new DatabaseSync(placesIn(dir).vault)
  db.exec('PRAGMA synchronous = OFF')
  const before = dump(db)
  return {
    db,
    proveAfter(work) {
      work()
      const verification = prove()
      db.exec('BEGIN')
      for (const [table, rows] of before) {
        db.exec(`DELETE FROM ${table}`)
        for (const row of rows) insert(db, table, row)
      }
      db.exec('COMMIT')
      return verification
    },
  }
}

function dump(db: DatabaseSync): [string, Row[]][] {
  return tablesOf(db).map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all() as Row[]])
}
function tablesOf(db: DatabaseSync): string[] {
  return db
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'lease'`) // rule S13
    .all()
    .map((row) => String(row.name))
}
function insert(db: DatabaseSync, table: string, row: Row): void {
  const columns = Object.keys(row)
  db.prepare(
    `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  ).run(...Object.values(row))
}
function whereKey(keys: string[]): string {
  return keys.map((key) => `"${key}" = ?`).join(' AND ')
}
function keysOf(db: DatabaseSync, table: string): string[] {
  return db
    .prepare(`SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`)
    .all(table)
    .map((row) => String(row.name))
}

/** Other values that a cell could have been given by hand. */
function alterations(value: Cell, type: string, nullable: boolean): Cell[] {
  if (value === null) return [type === 'BLOB' ? Buffer.of(7) : type === 'INTEGER' ? 7 : 'x']
  const altered: Cell[] = nullable ? [null] : []
  if (typeof value === 'number') altered.push(value + 1000)
  else if (typeof value === 'string') altered.push(value === '' ? 'x' : flipText(value), `${value} `)
  else if (value instanceof Uint8Array) {
    for (const at of [value.length >> 1, value.length - 1]) {
      const copy = Buffer.from(value)
      copy[at] = (copy[at] ?? 0) ^ 1
      altered.push(copy)
    }
    altered.push(value.subarray(1))
  }
  return altered
}
function flipText(text: string): string {
  const at = text.length >> 1
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
}

/** What a problem about this row may be called. */
function namesOf(table: string, row: Row): string[] {
  switch (table) {
    case 'fact':
      return [`fact ${row.seq}`]
    case 'audit':
      return [`audit ${row.seq}`]
    case 'text':
      return [`text of ${row.owner} ${row.seq}`, `text ${String(row.commitment).slice(0, 16)}`]
    case 'log_block':
      return [`log_block ${row.first_pos}`, `log entry ${row.first_pos}`]
    case 'chain':
      return [`chain ${row.n}`]
    case 'tally':
      return [`tally ${row.name}`]
    case 'decision':
      return [`decision ${row.n}`]
    case 'ledger':
      return [`ledger ${row.minute} ${row.source_id} ${row.outcome}`]
    case 'answer':
      return [`answer ${row.actor} ${row.command_id}`]
    case 'setting':
      return [`setting ${row.kind} ${row.id}`]
    case 'lost':
      return [`lost ${row.pos} ${row.idx}`]
    case 'data_key':
      return [`data_key ${row.id}`]
    case 'erasure':
      return [`erasure ${row.n}`]
    default:
      return [`${table} ${row.id}`]
  }
}

describe('rule S5: nobody can change the record unseen', () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'uxbridge-tamper-'))
    await fill()
    proof = openProof()
  })
  afterAll(async () => {
    proof.close()
    await rm(dir, { recursive: true })
  })

  const files = { 'the database': inDatabase, 'the vault': inVault }

  test('the record is whole before anybody touches it, erasures included', () => {
    const verification = proof.prove()
    expect(verification.problems).toEqual([])
    expect(verification.ok).toBe(true)
    expect(verification.checked).toMatchObject({ facts: 6, audit: 5, commits: 7, log: 4, settings: 3 })
    expect(verification.checked.erased).toBeGreaterThan(3)
  })

  test.for(Object.entries(files))(
    'any cell of any row of any table of %s, altered, is found and named',
    ([, hands]) => {
      const { db, proveAfter } = hands(proof)
      const cases: { table: string; row: Row; column: string; value: Cell }[] = []
      for (const [table, rows] of dump(db)) {
        expect(rows.length, `no rows in ${table}`).toBeGreaterThan(0)
        const columns = db.prepare('SELECT name, type, "notnull" FROM pragma_table_info(?)').all(table)
        for (const row of rows)
          for (const { name, type, notnull } of columns) {
            // The words of an erased row are gone: there is nothing in it that could be altered.
            if (row.box === null && name === 'box') continue
            for (const value of alterations(
              row[String(name)] as Cell,
              String(type),
              notnull === 0 && keysOf(db, table).indexOf(String(name)) < 0,
            ))
              cases.push({ table, row, column: String(name), value })
          }
      }
      const unseen: string[] = []
      for (const { table, row, column, value } of cases) {
        const keys = keysOf(db, table)
        const verification = proveAfter(() => {
          db.prepare(`UPDATE ${table} SET "${column}" = ? WHERE ${whereKey(keys)}`).run(
            value,
            ...keys.map((key) => row[key] as Cell),
          )
        })
        const names = [...namesOf(table, row), ...namesOf(table, { ...row, [column]: value })]
        if (
          verification.ok ||
          !verification.problems.some((problem) => names.some((name) => problem.row.includes(name)))
        )
          unseen.push(`${table}.${column} of ${names[0]}: ${JSON.stringify(verification.problems)}`)
      }
      expect(unseen).toEqual([])
      expect(cases.length).toBeGreaterThan(10)
    },
  )

  test.for(Object.entries(files))('any row of any table of %s, removed, is missed', ([, hands]) => {
    const { db, proveAfter } = hands(proof)
    const unseen: string[] = []
    for (const [table, rows] of dump(db))
      for (const row of rows) {
        const keys = keysOf(db, table)
        const verification = proveAfter(() => {
          db.prepare(`DELETE FROM ${table} WHERE ${whereKey(keys)}`).run(...keys.map((key) => row[key] as Cell))
        })
        if (verification.ok) unseen.push(`${namesOf(table, row)[0]}`)
      }
    expect(unseen).toEqual([])
  })

  test('any row of any table, copied under another key, is found', () => {
    const { db, proveAfter } = inDatabase(proof)
    const unseen: string[] = []
    for (const [table, rows] of dump(db))
      for (const row of rows) {
        const keys = keysOf(db, table)
        const verification = proveAfter(() => {
          const copy = { ...row }
          for (const key of table === 'text' ? ['commitment', 'field'] : keys)
            copy[key] = typeof row[key] === 'number' ? (row[key] as number) + 500 : `${row[key]}x`
          if (table === 'fact') copy.version = (row.version as number) + 500
          insert(db, table, copy)
        })
        if (verification.ok) unseen.push(`${namesOf(table, row)[0]}`)
      }
    expect(unseen).toEqual([])
  })

  test('any two rows of a table, exchanged, are found', () => {
    const { db, proveAfter } = inDatabase(proof)
    const unseen: string[] = []
    for (const [table, rows] of dump(db)) {
      const keys = keysOf(db, table)
      for (const [index, row] of rows.entries()) {
        const other = rows[index + 1]
        if (other === undefined) continue
        // Two texts that were both erased under one key have nothing left to exchange.
        if (table === 'text' && row.box === null && other.box === null && row.key_id === other.key_id) continue
        const verification = proveAfter(() => {
          for (const one of [row, other])
            db.prepare(`DELETE FROM ${table} WHERE ${whereKey(keys)}`).run(...keys.map((key) => one[key] as Cell))
          const place = (one: Row) => Object.fromEntries(keys.map((key) => [key, one[key] as Cell]))
          // What else must be unique stays with its place, so that SQLite itself does not refuse the exchange.
          const unique = (one: Row): Row =>
            table === 'text' ? { owner: one.owner as Cell, seq: one.seq as Cell, field: one.field as Cell } : {}
          insert(db, table, { ...row, ...place(other), ...unique(other) })
          insert(db, table, { ...other, ...place(row), ...unique(row) })
        })
        if (verification.ok) unseen.push(`${namesOf(table, row)[0]}`)
      }
    }
    expect(unseen).toEqual([])
  })

  test('the end of the record, cut off with everything that belongs to it, is missed by the number kept outside', () => {
    const verification = inDatabase(proof).proveAfter(() => {
      const { db } = proof
      db.exec(
        'DELETE FROM chain WHERE n > 1; DELETE FROM fact WHERE seq > 2; DELETE FROM audit; DELETE FROM log_block WHERE first_pos > 1',
      )
      db.exec("DELETE FROM text WHERE owner = 'audit' OR seq > 2")
    })
    expect(verification.problems).toContainEqual({ row: 'chain 2 to 7', what: expect.stringContaining('cut off') })
  })

  test('a store whose end was cut off, or that is an old copy, can be read, but is not written until a person decides', async () => {
    const own = await mkdtemp(join(tmpdir(), 'uxbridge-cut-off-'))
    await cp(dir, own, { recursive: true })
    const places = placesIn(own)
    // Opened and closed, so that the log of the database is folded back into it and one file holds all.
    await (await openSqliteStore({ dir: own })).close()
    const copy = join(own, 'copy')
    await copyFile(places.database, copy)
    let store = await openSqliteStore({ dir: own })
    await store.commit({ audit: [auditEntry(6)] })
    await store.close()
    await copyFile(copy, places.database)
    store = await openSqliteStore({ dir: own })
    expect(store.failure()).toMatchObject({ code: 'store-corrupt', message: expect.stringContaining('chain-head') })
    await expect(store.commit({ audit: [auditEntry(6)] })).rejects.toMatchObject({ code: 'store-corrupt' })
    await expect(store.mend()).rejects.toMatchObject({ code: 'store-corrupt' })
    expect(await store.read.audit(0, 9)).toHaveLength(5)
    expect((await store.read.verify()).problems).toContainEqual({
      row: 'chain 8',
      what: expect.stringContaining('cut off'),
    })
    await store.close()
    await writeFile(places.chainHead, 'gibberish')
    store = await openSqliteStore({ dir: own })
    expect(store.failure()).toMatchObject({ code: 'store-corrupt' })
    expect((await store.read.verify()).problems.map((problem) => problem.row)).toEqual(['chain-head'])
    await store.close()
    await rm(places.chainHead)
    store = await openSqliteStore({ dir: own })
    await store.commit({ audit: [auditEntry(6)] })
    expect((await store.read.verify()).problems).toEqual([])
    await store.close()
    await rm(own, { recursive: true })
  })
})
