import { auditEntry, declared, logEntry, noon } from '../contract-samples.ts'
import { openSqliteStore } from './open.ts'

/** Commits without end, several at once, and tells its parent how far the answers have come. Meant to be killed. */
const [dir = '', from = '0'] = process.argv.slice(2)
const store = await openSqliteStore({ dir })
let handedIn = Number(from)

async function commitForEver(): Promise<void> {
  for (;;) {
    const n = ++handedIn
    await store.commit({
      log: [logEntry(n, `{"n":${n}}`.repeat((n % 50) + 1))],
      facts: [declared(n, `INC-${n}`)],
      audit: [auditEntry(n)],
      ledger: [{ minute: noon, sourceId: 's', outcome: 'opened', count: 1 }],
    })
    process.send?.(n)
  }
}

await Promise.all(Array.from({ length: 16 }, commitForEver))
