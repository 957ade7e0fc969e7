import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from '../contract.ts'
import { openSqliteStore } from '../index.ts'

storeContract('the SQLite store', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'uxbridge-store-'))
  return { open: () => openSqliteStore({ dir }), remove: () => rm(dir, { recursive: true }) }
})
