import type { KeyObject } from 'node:crypto'
import { type ChainRecord, hex } from '../../format/chain.ts'
import { cellsOf, emptyTallies, guardRow, isSigned, mix, rowName, type Tally, tallyHash } from '../../format/guard.ts'
import { type Cell, guardedNames, guardedTables } from '../../sql/tables.ts'
import { queries } from '../compiler.ts'
import { talliesOf } from '../write/guarded.ts'
import type { WalkParts } from './rows.ts'

/** Proves the tables whose rows may change: each row by its MAC, and that none is missing, added or older by the tallies. */
export function verifyGuarded(parts: WalkParts, key: KeyObject, last: ChainRecord | null): void {
  const { db, vault, checked, report, erased } = parts
  const found = emptyTallies()
  for (const table of guardedNames) {
    const tally = found.get(table) as Tally
    for (const row of db.each(queries.whole.guarded(table)) as Iterable<Record<string, Cell>>) {
      const { mac, share } = guardRow(key, table, cellsOf(table, row))
      const stored = row.mac
      const name = rowName(table, row)
      if (!(stored instanceof Uint8Array) || hex(stored) !== hex(mac))
        report(name, 'it was altered: its MAC does not fit')
      const keyId = row.key_id
      if (typeof keyId === 'string' && erased.has(keyId)) checked.erased++
      else if (typeof keyId === 'string') {
        try {
          if (vault.key(keyId) === null)
            report(name, `its key ${keyId} is not in the vault, and no erasure is on record`)
        } catch (error) {
          report(name, `its key ${keyId} was altered (${error instanceof Error ? error.message : String(error)})`)
        }
      }
      tally.rows++
      mix(tally.sum, share)
      if (table === 'setting') checked.settings++
      else checked.others++
    }
  }

  const rows = db.all(queries.tallies())
  for (const { name } of rows) if (!(name in guardedTables)) report(`tally ${name}`, 'there is no such table')
  const stored = talliesOf(rows)
  const signed = hex(last?.tally ?? tallyHash(emptyTallies()))
  if (last !== null && !isSigned(found, signed) && !isSigned(stored, signed))
    report(`chain ${last.n}`, 'it signed other tallies than those in the database')
  for (const table of guardedNames) {
    const is = found.get(table) as Tally
    const was = stored.get(table) as Tally
    if (is.rows === was.rows && hex(is.sum) === hex(was.sum)) continue
    // Where the tables give what was signed, it is the note of it that was altered.
    if (isSigned(found, signed)) report(`tally ${table}`, 'it does not fit its table, which is whole')
    else if (is.rows < was.rows) report(`table ${table}`, `${was.rows - is.rows} of its rows are missing`)
    else if (is.rows > was.rows) report(`table ${table}`, `${is.rows - was.rows} rows were added to it`)
    else report(`table ${table}`, 'a row in it is not the one that was written last')
  }
}
