import { parentPort, workerData } from 'node:worker_threads'
import { placesIn, readKeys } from '../../keys/files.ts'
import { openVault } from '../../keys/vault.ts'
import { openDatabase } from '../database.ts'
import { troubleOf } from '../trouble.ts'
import type { FromReader, ToReader } from '../wire.ts'
import { makeReads } from './reads.ts'

/** The thread that reads: its own connection sees what was committed, and never waits for the writer. */
function run(port: NonNullable<typeof parentPort>, dir: string): void {
  const say = (message: FromReader) => port.postMessage(message)
  let opened: ReturnType<typeof open> | null = null

  port.on('message', (message: ToReader) => {
    if (message.kind === 'close') {
      opened?.close()
      port.close()
      return
    }
    try {
      if (message.kind === 'open') {
        opened = open(dir)
        say({ kind: 'ready' })
      } else if (opened !== null) {
        say({ kind: 'result', id: message.id, result: opened.answer(message, say) })
      }
    } catch (error) {
      const { code, message: text, details } = troubleOf(error, dir)
      const trouble = { code, message: text, details }
      say(message.kind === 'call' ? { kind: 'error', id: message.id, trouble } : { kind: 'failed', trouble })
    }
  })
}

function open(dir: string) {
  const places = placesIn(dir)
  const keys = readKeys(places)
  const vault = openVault(places.vault, keys.state.vault)
  const db = openDatabase(places.database, { readOnly: true })
  const reads = makeReads(db, vault, keys, dir)
  return {
    answer({ id, method, args }: Extract<ToReader, { kind: 'call' }>, say: (message: FromReader) => void): unknown {
      if (method === 'forget') return vault.forget()
      // One read sees one state, also where it asks several times.
      db.raw.exec('BEGIN')
      try {
        const hand = (alerts: string) => say({ kind: 'alerts', id, alerts })
        return (reads[method] as (...args: unknown[]) => unknown)(...args, hand)
      } finally {
        db.raw.exec('COMMIT')
      }
    },
    close() {
      db.close()
      vault.close()
    },
  }
}

if (parentPort !== null) run(parentPort, (workerData as { dir: string }).dir)
