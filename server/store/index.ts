export { type MemoryStore, makeMemoryStore } from './memory.ts'
export { openSqliteStore, type SqliteOptions } from './sqlite/open.ts'
