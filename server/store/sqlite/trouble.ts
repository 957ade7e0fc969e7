import { UxbridgeError } from '#shared/errors.ts'
import { rowName } from '../format/guard.ts'
import type { GuardedTable } from '../sql/tables.ts'

// Primary result codes. Source: https://www.sqlite.org/rescode.html
const sqliteBusy = 5
const corrupt = new Set([11, 26]) // SQLITE_CORRUPT, SQLITE_NOTADB
const refused = new Set([sqliteBusy, 6, 8, 10, 13, 14]) // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN
const refusedBySystem = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EPERM', 'EFBIG'])

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  return error.errcode & 0xff
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === sqliteBusy
}

/** What a failure of the database or the disk means to those outside, and what to do about it. */
export function troubleOf(error: unknown, dir: string): UxbridgeError {
  if (error instanceof UxbridgeError) return error
  const code = primaryCode(error)
  const said = error instanceof Error ? error.message : String(error)
  const system = error instanceof Error && 'code' in error ? String(error.code) : ''
  if ((code !== null && refused.has(code)) || refusedBySystem.has(system))
    return new UxbridgeError(
      'store-full',
      `The disk refused a write to ${dir} (${said}). Nothing new is accepted. Free space there, or make the folder writable again; Uxbridge then goes on where it stood.`,
      { dir, reason: said },
    )
  if (code !== null && corrupt.has(code)) return corruptStore(dir, said)
  return new UxbridgeError('internal', `The store failed: ${said}`, { dir })
}

/** Rule S11. A row of a guarded table that we did not write so. */
export function alteredRow(dir: string, table: GuardedTable, row: object): UxbridgeError {
  return corruptStore(dir, `${rowName(table, row)} was altered outside Uxbridge (its MAC does not fit)`)
}

/** @param what the row and what is wrong with it */
export function corruptStore(dir: string, what: string): UxbridgeError {
  return new UxbridgeError(
    'store-corrupt',
    `The database in ${dir} is damaged: ${what}. Stop Uxbridge, keep a copy of the folder, run "npm run ops -- audit verify" to see what is wrong, and restore the newest backup that is whole.`,
    { dir, what },
  )
}
