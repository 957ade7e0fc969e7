export type { Durable, People } from './core.ts'
export type { CommandRoom, Origin, SettingsChange } from './port.ts'
export { restoreWorld } from './restore.ts'
export { makeCommandRoom, type Room } from './room.ts'
