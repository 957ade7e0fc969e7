import { parentPort, workerData } from 'node:worker_threads'
import { genesis, hex } from '../../format/chain.ts'
import { openChainHead, placesIn, readChainHead, readKeys } from '../../keys/files.ts'
import { openVault } from '../../keys/vault.ts'
import { queries } from '../compiler.ts'
import { type Database, migrate, openDatabase } from '../database.ts'
import { corruptStore, troubleOf } from '../trouble.ts'
import type { Erase, FromWriter, ToWriter, Trouble, WriterOptions } from '../wire.ts'
import { makeCommitter } from './commit.ts'
import { makeGuardedRows } from './guarded.ts'
import { makeLeases } from './leases.ts'

/** The one thread that writes. It takes whole groups, commits each with one sync of the disk, and answers in order. */
function run(port: NonNullable<typeof parentPort>, options: WriterOptions): void {
  const { dir } = options
  const places = placesIn(dir)
  const say = (message: FromWriter) => port.postMessage(message)
  try {
    const keys = readKeys(places)
    const vault = openVault(places.vault, keys.state.vault)
    const db = openDatabase(places.database, { readOnly: false })
    if (options.maxPages !== null) db.raw.exec(`PRAGMA max_page_count = ${options.maxPages}`)
    migrate(db, dir)
    if (options.probe) probe(db)
    const committer = makeCommitter({
      db,
      guarded: makeGuardedRows(db, keys.state.rows),
      vault,
      keys,
      shapes: options.shapes,
      now: Date.now,
    })
    const lease = makeLeases(db)
    const trouble = headTrouble(db, places.chainHead, dir, hex(genesis(keys.publicKey)))
    const head = trouble === null ? openChainHead(places.chainHead) : null
    head?.write(committer.head())

    /** What reads facts takes long to load, and nothing else here reads any. */
    async function erase(what: Erase): Promise<void> {
      const [{ makeIncidentReads }, { incidentText }] = await Promise.all([
        import('../incidents.ts'),
        import('./gather.ts'),
      ])
      committer.erase(what, (incidentId) => {
        const found = makeIncidentReads(db, vault, keys, dir).incident(incidentId)
        return found && incidentText(found.incident)
      })
    }

    // One message at a time: the next is sent when this one is answered.
    port.on('message', async (message: ToWriter) => {
      let kept = false
      try {
        if (message.kind === 'close') {
          head?.close()
          db.close()
          vault.close()
          say({ kind: 'closed' })
          port.close()
          return
        }
        if (message.kind === 'lease') return say({ kind: 'done', leases: lease(message.asked) })
        if (message.kind === 'group') committer.commit(message.group)
        else await erase(message.what)
        kept = true
        head?.write(committer.head())
        say({ kind: 'done' })
      } catch (error) {
        say({ kind: 'failed', trouble: plain(troubleOf(error, dir)), kept })
      }
    })
    say({ kind: 'ready', heads: committer.heads(), trouble })
  } catch (error) {
    say({ kind: 'failed', trouble: plain(troubleOf(error, dir)), kept: false })
    port.close()
  }
}

/** A write of some size that must reach the disk, and leaves nothing behind. */
function probe(db: Database): void {
  // The disk may refuse the last step too, so one may be left from a try before.
  db.raw.exec('BEGIN IMMEDIATE; DROP TABLE IF EXISTS probe; CREATE TABLE probe (room BLOB)')
  db.raw.exec('INSERT INTO probe VALUES (zeroblob(65536)); COMMIT; DROP TABLE probe')
}

/**
 * Rule S4: a database that stands behind the number kept outside it lost its end. Going on would hide that for ever, so
 * it is read but not written until a person decides.
 */
function headTrouble(db: Database, file: string, dir: string, start: string): Trouble | null {
  try {
    const outside = readChainHead(file)
    if (outside === null) return null
    const hash = outside.commit === 0 ? start : hexOf(db.first(queries.commit(outside.commit))?.hash)
    const last = db.first(queries.lastCommit())?.n ?? 0
    if (outside.commit === 0 || hash === outside.hash) return null
    const what =
      outside.commit > last
        ? `it ends at commit ${last}, but ${file} says that commit ${outside.commit} was made: its end was cut off, or an old copy was put back (if that was meant, delete ${file}; what came after commit ${last} is lost)`
        : `commit ${outside.commit} is not the one that ${file} names: the history was changed`
    return plain(corruptStore(dir, what))
  } catch (error) {
    return plain(troubleOf(error, dir))
  }
}

function hexOf(hash: Uint8Array | undefined): string | null {
  return hash === undefined ? null : hex(hash)
}

function plain(error: {
  code: Trouble['code']
  message: string
  details: Record<string, unknown> | undefined
}): Trouble {
  return { code: error.code, message: error.message, details: error.details }
}

if (parentPort !== null) run(parentPort, workerData as WriterOptions)
