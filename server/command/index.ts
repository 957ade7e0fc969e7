export type { CommandRoom, Origin, SettingsChange } from './port.ts'
export { restoreWorld } from './restore.ts'
export { type Durable, makeCommandRoom, type People, type Room } from './room.ts'
