export type { PolicyDesk } from './file.ts'
export type { TrialDesk } from './trial/desk.ts'
