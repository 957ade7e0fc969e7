export { type MemoryStore, makeMemoryStore } from './memory.ts'
export { openSqliteStore, type SqliteOptions } from './sqlite/open.ts'
export { openReading, type PlaceOnRecord, type Reading } from './sqlite/read/reading.ts'
