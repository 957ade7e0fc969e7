import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { trialClock, trialParts } from '../../../access/trial.ts'
import { openSqliteStore } from '../../../store/index.ts'
import { openChannels } from './index.ts'

const ops = { by: 'system:ops', address: null }

describe('secrets of shared channels', () => {
  it('are sealed on the disk: no file of the store has their text', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'uxbridge-channels-'))
    const store = await openSqliteStore({ dir })
    try {
      const parts = trialParts(store, trialClock())
      const { desk } = await openChannels({
        ...{ initial: [], clock: parts.clock, random: parts.random, record: parts.record, smtp: null, publicUrl: null },
        ...{ keep: ({ put }) => parts.keep({ put, remove: [] }), baseUrl: () => '' },
      })
      const { secret } = await desk.add(ops, {
        kind: 'webhook',
        settings: { url: 'https://tickets.example.org/path-0123456789' },
        name: 'Findable name',
      })
      await desk.add(ops, { kind: 'slack', name: 'Chat', settings: { url: 'https://hooks.example.org/T/B/hunter2' } })
      const files = await readdir(dir, { recursive: true, withFileTypes: true })
      const bytes = await Promise.all(
        files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
      )
      const found = (text: string) => bytes.some((each) => each.includes(text))
      // The search itself works: what is not secret is found.
      expect(found('Findable name')).toBe(true)
      const push = (await store.read.settings('push-keys'))[0]?.personal as { privateKey: string }
      for (const hidden of [(secret ?? '').slice(6, 40), 'hunter2', 'path-0123456789', push.privateKey])
        expect(found(hidden)).toBe(false)
    } finally {
      await store.close()
      await rm(dir, { recursive: true })
    }
  })
})
