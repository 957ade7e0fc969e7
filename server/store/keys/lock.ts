import { DatabaseSync } from 'node:sqlite'
import { UxbridgeError } from '#shared/errors.ts'
import { isBusy } from '../sqlite/trouble.ts'

/**
 * Keeps a data folder to one process: SQLite's own exclusive file lock, which the system lets go even after kill -9.
 * @throws UxbridgeError `not-ready` when another process has it
 */
export function lockFolder(dir: string, file: string): { release(): void } {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!isBusy(error)) throw error
    throw new UxbridgeError(
      'not-ready',
      `Another Uxbridge process is using ${dir}. Stop that one first, or give this one a folder of its own with DATA_DIR.`,
    )
  }
  return { release: () => db.close() }
}
