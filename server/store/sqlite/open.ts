import { resolve } from 'node:path'
import { openEvidenceFolder } from '../evidence/folder.ts'
import { factShapes } from '../format/facts.ts'
import { pseudonymOf } from '../format/guard.ts'
import { makeFolders, makeKeys, placesIn, readKeys } from '../keys/files.ts'
import { lockFolder } from '../keys/lock.ts'
import { openVault } from '../keys/vault.ts'
import type { Store } from '../port.ts'
import { startReader } from './read/calls.ts'
import { troubleOf } from './trouble.ts'
import { startWriter } from './write/queue.ts'

export interface SqliteOptions {
  /** Folder of the database and, under `keys`, of what its backups must not hold. Made when missing. */
  dir: string
  /** For tests: the database may grow to this many pages of 8 KiB, and then acts like a full disk. */
  maxPages?: number
}

/**
 * Opens the embedded store, and keeps its folder to this process. A database whose end is missing opens for reading,
 * with `failure()` set.
 * @throws UxbridgeError `not-ready` when another process uses the folder, `store-corrupt` when it cannot be read,
 * `store-full` when it cannot be written
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const dir = resolve(options.dir)
  const places = placesIn(dir)
  let lock: { release(): void } | null = null
  try {
    makeFolders(places)
    lock = lockFolder(dir, places.lock)
    makeKeys(places)
    const { publicKey: chainKey, state } = readKeys(places)
    const publicKey = chainKey.export({ type: 'spki', format: 'pem' }).toString()
    const reader = startReader(dir)
    const writer = await startWriter({
      dir,
      shapes: factShapes,
      maxPages: options.maxPages ?? null,
      probe: false,
    }).catch(async (error: unknown) => {
      await reader.close()
      throw error
    })
    await reader.open().catch(async (error: unknown) => {
      await writer.close()
      throw error
    })
    let held: { release(): void } | null = lock
    const vault = openVault(places.vault, state.vault)
    const evidence = openEvidenceFolder({ dir, folder: places.evidence, vault })
    return {
      commit: writer.commit,
      backlog: writer.backlog,
      failure: writer.failure,
      mend: writer.mend,
      lease: writer.lease,
      read: reader.read,
      evidence,
      pseudonym: (text) => pseudonymOf(state.names, text),
      publicKey: () => publicKey,
      async erase(what) {
        await writer.erase(what)
        await reader.forget()
        if ('incidentId' in what) await evidence.erase(what.incidentId)
      },
      async close() {
        // The writer last: only a connection that may write folds the log of the database back into it.
        await reader.close()
        await writer.close()
        if (held !== null) vault.close()
        held?.release()
        held = null
      },
    }
  } catch (error) {
    lock?.release()
    throw troubleOf(error, dir)
  }
}
