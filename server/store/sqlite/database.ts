import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { UxbridgeError } from '#shared/errors.ts'
import type { Query } from '../sql/queries.ts'
import { first } from './migrations/0001-first.ts'
import { lost } from './migrations/0002-lost.ts'
import { decisionIndexes } from './migrations/0003-decisions.ts'
import { leases } from './migrations/0004-leases.ts'

/** In order; a database's `user_version` counts those it has seen. Append only. */
const migrations: readonly string[] = [first, lost, decisionIndexes, leases]

/** A connection that keeps the statements it has prepared. */
export interface Database {
  raw: DatabaseSync
  prepare(sql: string): StatementSync
  /** Runs a compiled query. @returns its rows */
  all<R>(query: Query<R>): R[]
  first<R>(query: Query<R>): R | undefined
  each<R>(query: Query<R>): IterableIterator<R>
  run(query: Query<unknown>): void
  close(): void
}

const statementsKept = 200

export function openDatabase(file: string, options: { readOnly: boolean }): Database {
  const raw = new DatabaseSync(file, { readOnly: options.readOnly, timeout: 10_000 })
  try {
    raw.exec('PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY')
    if (!options.readOnly) {
      // The page size of a new file; the fewer overflow pages a block needs, the less is written for it.
      raw.exec(
        'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000',
      )
      raw.exec('PRAGMA secure_delete = FAST')
    }
  } catch (error) {
    raw.close()
    throw error
  }
  const statements = new Map<string, StatementSync>()
  function prepare(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    if (statements.size >= statementsKept) statements.clear()
    const statement = raw.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const values = (query: Query<unknown>) => query.parameters as SQLInputValue[]
  return {
    raw,
    prepare,
    all: (query) => prepare(query.sql).all(...values(query)) as never[],
    first: (query) => prepare(query.sql).get(...values(query)) as never,
    // A statement that is being walked cannot be run again, so these are not shared.
    each: (query) => raw.prepare(query.sql).iterate(...values(query)) as IterableIterator<never>,
    run: (query) => void prepare(query.sql).run(...values(query)),
    close: () => raw.close(),
  }
}

/** @throws UxbridgeError `store-corrupt` for a database from a newer Uxbridge */
export function migrate(db: Database, dir: string): void {
  const { user_version: version } = db.raw.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length)
    throw new UxbridgeError(
      'store-corrupt',
      `The database in ${dir} has format ${version}; this Uxbridge knows formats up to ${migrations.length}. Start the newer Uxbridge that wrote it, or restore a backup made before the upgrade.`,
    )
  for (let next = version; next < migrations.length; next++) {
    db.raw.exec('BEGIN IMMEDIATE')
    try {
      db.raw.exec(migrations[next] as string)
      db.raw.exec(`PRAGMA user_version = ${next + 1}`)
      db.raw.exec('COMMIT')
    } catch (error) {
      if (db.raw.isTransaction) db.raw.exec('ROLLBACK')
      throw error
    }
  }
}
