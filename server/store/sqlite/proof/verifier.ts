import { parentPort, workerData } from 'node:worker_threads'
import { UxbridgeError } from '#shared/errors.ts'
import { evidenceNames } from '../../evidence/folder.ts'
import { placesIn, readChainHead, readKeys } from '../../keys/files.ts'
import { openVault } from '../../keys/vault.ts'
import type { Verification } from '../../port.ts'
import { openDatabase } from '../database.ts'
import { troubleOf } from '../trouble.ts'
import { type VerifyParts, verify } from './verify.ts'

/** A thread that proves the record once, and ends. */
async function run(port: NonNullable<typeof parentPort>, dir: string): Promise<void> {
  try {
    const places = placesIn(dir)
    const keys = readKeys(places)
    const vault = openVault(places.vault, keys.state.vault)
    const outside = headOutside(places.chainHead)
    const evidence = { folder: places.evidence, there: await evidenceNames(places.evidence) }
    const db = openDatabase(places.database, { readOnly: true })
    db.raw.exec('BEGIN')
    const verification: Verification = verify({ db, vault, keys, outside, evidence })
    db.raw.exec('COMMIT')
    db.close()
    vault.close()
    port.postMessage({ kind: 'verified', verification })
  } catch (error) {
    const { code, message, details } = troubleOf(error, dir)
    port.postMessage({ kind: 'failed', trouble: { code, message, details } })
  }
}

function headOutside(file: string): VerifyParts['outside'] {
  try {
    return readChainHead(file)
  } catch (error) {
    if (error instanceof UxbridgeError) return 'altered'
    throw error
  }
}

if (parentPort !== null) await run(parentPort, (workerData as { dir: string }).dir)
