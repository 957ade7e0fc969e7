import type { KeyObject } from 'node:crypto'
import { cellsOf, emptyTallies, guardRow, mix, type Tallies, type Tally, tallyHash } from '../../format/guard.ts'
import { type Cell, type GuardedTable, guardedTables, type TallyRow } from '../../sql/tables.ts'
import { queries, writes } from '../compiler.ts'
import type { Database } from '../database.ts'

type Row = Record<string, Cell>

/** Writes rows that may change, and keeps the tallies by which a missing or older row is found. */
export interface GuardedRows {
  /** Sets the row of this key. Cells in the order of the table's columns. */
  put(table: GuardedTable, cells: readonly Cell[]): void
  /** The same where the row is at hand: only what differs is written, so that indexes of the rest are left alone. */
  replace(table: GuardedTable, old: Row, cells: readonly Cell[]): void
  /** Adds a row that cannot be there yet. */
  add(table: GuardedTable, cells: readonly Cell[]): void
  get(table: GuardedTable, key: readonly Cell[]): Row | undefined
  remove(table: GuardedTable, key: readonly Cell[]): void
  /** Writes the tallies that changed. @returns what the chain signs of all of them */
  settle(): Buffer
  /** Reads everything again, after a rollback. */
  reload(): void
}

export function makeGuardedRows(db: Database, key: KeyObject): GuardedRows {
  const putSql = perTable((table) => writes.put(table))
  const getSql = perTable((table) => writes.get(table))
  const removeSql = perTable((table) => writes.remove(table))
  const updates = new Map<string, string>()
  function updateSql(table: GuardedTable, columns: readonly string[]): string {
    const name = `${table} ${columns.join()}`
    const known = updates.get(name) ?? writes.update(table, columns)
    updates.set(name, known)
    return known
  }
  const keyAt = perTable((table) =>
    guardedTables[table].key.map((column) => (guardedTables[table].columns as readonly string[]).indexOf(column)),
  )
  let tallies: Tallies = emptyTallies()
  let changed = new Set<GuardedTable>()

  function get(table: GuardedTable, keyCells: readonly Cell[]): Row | undefined {
    return db.prepare(getSql[table]).get(...keyCells) as Row | undefined
  }

  function count(table: GuardedTable, rows: number, share: Uint8Array): void {
    const tally = tallies.get(table) as Tally
    tally.rows += rows
    mix(tally.sum, share)
    changed.add(table)
  }

  function add(table: GuardedTable, given: readonly Cell[]): void {
    const cells = wellFormed(given)
    const { mac, share } = guardRow(key, table, cells)
    db.prepare(putSql[table]).run(...cells, mac)
    count(table, 1, share)
  }

  function replace(table: GuardedTable, old: Row, given: readonly Cell[]): void {
    const cells = wellFormed(given)
    const { mac, share } = guardRow(key, table, cells)
    const columns = guardedTables[table].columns as readonly string[]
    const differ = columns.flatMap((column, at) => (cells[at] === old[column] ? [] : [at]))
    const values = differ.map((at) => cells[at] as Cell)
    const keyCells = keyAt[table].map((at) => cells[at] as Cell)
    db.prepare(updateSql(table, [...differ.map((at) => columns[at] as string), 'mac'])).run(...values, mac, ...keyCells)
    takeAway(table, old)
    count(table, 1, share)
  }

  function takeAway(table: GuardedTable, old: Row): void {
    count(table, -1, guardRow(key, table, cellsOf(table, old)).share)
  }

  return {
    get,
    add,
    replace,
    put(table, cells) {
      const old = get(
        table,
        keyAt[table].map((at) => cells[at] as Cell),
      )
      if (old !== undefined) takeAway(table, old)
      add(table, cells)
    },
    remove(table, keyCells) {
      const old = get(table, keyCells)
      if (old === undefined) return
      takeAway(table, old)
      db.prepare(removeSql[table]).run(...keyCells)
    },
    settle() {
      for (const name of changed) {
        const { rows, sum } = tallies.get(name) as Tally
        db.prepare(writes.tally).run(name, rows, sum)
      }
      changed = new Set()
      return tallyHash(tallies)
    },
    reload() {
      tallies = talliesOf(db.all(queries.tallies()) as TallyRow[])
      changed = new Set()
    },
  }
}

/** What the database would replace in a text must be replaced before the MAC is made. */
function wellFormed(cells: readonly Cell[]): Cell[] {
  return cells.map((cell) => (typeof cell === 'string' ? cell.toWellFormed() : cell))
}

/** The tallies as they stand in the database; a table without a row is empty. */
export function talliesOf(rows: readonly TallyRow[]): Tallies {
  const tallies = emptyTallies()
  for (const { name, rows: count, sum } of rows) {
    const tally = tallies.get(name as GuardedTable)
    if (tally === undefined) continue
    tally.rows = count
    tally.sum = Buffer.from(sum)
  }
  return tallies
}

function perTable<T>(make: (table: GuardedTable) => T): Record<GuardedTable, T> {
  return Object.fromEntries(Object.keys(guardedTables).map((name) => [name, make(name as GuardedTable)])) as Record<
    GuardedTable,
    T
  >
}
