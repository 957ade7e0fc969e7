export { type MemoryStore, makeMemoryStore } from './memory.ts'
