import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { declared, noon, recorded } from '../contract-samples.ts'
import { openSqliteStore } from '../index.ts'
import { evidencePaths } from './folder.ts'

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
function added(seq: number, incidentId: string, kept: { digest: string; sha256: string; size: number }): RecordedFact {
  const more = { kind: 'file' as const, name: 'a.log', url: '', note: '', mediaType: 'text/plain' }
  const none = { alert: null, pos: null, verbatim: false }
  return recorded(seq, incidentId, 2, {
    type: 'evidence-added',
    at: noon,
    by: 'person:ada',
    evidence: 1,
    ...more,
    ...none,
    ...kept,
  })
}

it('rule S3: erasing an incident destroys the key of its files and the files; those of others stay, and the record is whole', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'uxbridge-store-'))
  const store = await openSqliteStore({ dir })
  try {
    const [one, other] = [
      await store.evidence.keep('INC-1', content('of one')),
      await store.evidence.keep('INC-2', content('of the other')),
    ]
    await store.commit({
      facts: [declared(1, 'INC-1'), added(2, 'INC-1', one), declared(3, 'INC-2'), added(4, 'INC-2', other)],
    })
    await store.evidence.settle('INC-1', one.digest)
    await store.evidence.settle('INC-2', other.digest)
    expect(await store.read.verify()).toMatchObject({ ok: true, checked: { evidence: 2, erased: 0 } })
    await store.erase({ incidentId: 'INC-1' })
    expect(existsSync(evidencePaths(join(dir, 'evidence'), 'INC-1', one.digest).own)).toBe(false)
    await expect(store.evidence.open('INC-1', one.digest)).rejects.toMatchObject({ code: 'store-corrupt' })
    const pieces: Uint8Array[] = []
    for await (const piece of await store.evidence.open('INC-2', other.digest)) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe('of the other')
    const { ok, problems, checked } = await store.read.verify()
    expect([ok, problems]).toEqual([true, []])
    expect(checked.erased).toBeGreaterThan(0)
  } finally {
    await store.close()
    await rm(dir, { recursive: true })
  }
})
