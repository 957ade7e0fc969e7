import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { makeQueries, makeWrites } from '../sql/queries.ts'
import type { Tables } from '../sql/tables.ts'

/** Compiles for SQLite and connects to nothing: the threads execute. */
const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

export const queries = makeQueries(compiler)
export const writes = makeWrites(compiler)
