import type { CommandRoom } from '../command/port.ts'
import type { StoredSetting } from '../store/port.ts'
import { DutyBooks } from './kept.ts'
import type { Rota } from './port.ts'
import { makeRota, type RotaParts } from './rota.ts'

export type * from './port.ts'

export interface DutyParts extends Pick<RotaParts, 'policy' | 'mayRespond'> {
  /** Settings as they are kept; those of other rooms are passed over. */
  initial: readonly StoredSetting[]
  record: CommandRoom['record']
}

/** Who is on duty when. @throws UxbridgeError `store-corrupt` that names a setting that cannot be read */
export function makeDuty({ initial, record, ...parts }: DutyParts): { rota: Rota } {
  const books = new DutyBooks(initial, record)
  const rota = makeRota({ ...parts, changes: () => books.changes(), imported: () => books.imported() })
  return { rota }
}
