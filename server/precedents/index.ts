export { type LivePrecedents, makePrecedents } from './precedents.ts'
