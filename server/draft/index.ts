export { draftKind, makeDrafts } from './drafts.ts'
export type { Drafts, Tell } from './port.ts'
