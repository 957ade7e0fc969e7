import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { makeMemoryStore, openSqliteStore } from '../store/index.ts'
import type { Store } from '../store/port.ts'
import { type AccessParts, makeAccess } from './index.ts'
import { trialClock, trialParts } from './trial.ts'

const ops = { by: 'system:ops', address: null }
const kinds: AccessParts['kinds'] = [
  { kind: 'plain', defaultGroup: 'source', keyFormat: 'bearer' },
  { kind: 'ours', defaultGroup: 'source', keyFormat: 'bearer', signs: 'ours' },
  {
    kind: 'choosy',
    defaultGroup: 'source',
    keyFormat: 'bearer',
    signs: 'ours',
    secretFault: (secret: string) => (secret.startsWith('whsec_') ? null : 'Paste it whole.'),
  },
  { kind: 'theirs', defaultGroup: 'source', keyFormat: 'bearer', signs: 'theirs' },
]
const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no refusal',
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  )

function house(store: Store = makeMemoryStore()) {
  const clock = trialClock()
  const parts = trialParts(store, clock)
  return { access: makeAccess({ ...parts, kinds }), clock, store, audit: parts.audit }
}

describe('signing secrets', () => {
  it('ours: one is made with the source, shown once, and proves it without a key', async () => {
    const { access, clock } = house()
    const { source, secret } = await access.sources.add(ops, { kind: 'ours', name: 'One' })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(access.keys.signer(source.id)).toEqual({ source, secrets: [secret] })
    expect(access.sources.secretSetAt(source.id)).toBe(clock.now())
    const other = await access.sources.add(ops, { kind: 'ours', name: 'Two' })
    expect(other.secret).not.toBe(secret)
    expect(access.keys.signer(other.source.id)?.secrets).toEqual([other.secret])
  })

  it('kinds that do not sign, sources without one, and unknown sources have none', async () => {
    const { access } = house()
    const plain = await access.sources.add(ops, { kind: 'plain', name: 'Plain' })
    const theirs = await access.sources.add(ops, { kind: 'theirs', name: 'Theirs' })
    expect([plain.secret, theirs.secret]).toEqual([null, null])
    for (const id of [plain.source.id, theirs.source.id, 's_none']) {
      expect(access.keys.signer(id)).toBeNull()
      expect(access.sources.secretSetAt(id)).toBeNull()
    }
    expect(await refusalOf(access.sources.setSecret(ops, plain.source.id, null, 0))).toMatch(
      /^fields-invalid: .*nothing/,
    )
    expect(await refusalOf(access.sources.setSecret(ops, 's_none', null, 0))).toMatch(/^not-found: /)
  })

  it('theirs must be brought, and is never shown again', async () => {
    const { access } = house()
    const { source } = await access.sources.add(ops, { kind: 'theirs', name: 'Theirs' })
    expect(await refusalOf(access.sources.setSecret(ops, source.id, null, 0))).toMatch(/^fields-invalid: The vendor/)
    expect(access.keys.signer(source.id)).toBeNull()
    expect(await access.sources.setSecret(ops, source.id, 'of the vendor', 0)).toBeNull()
    expect(access.keys.signer(source.id)?.secrets).toEqual(['of the vendor'])
  })

  it('what its kind finds wrong with a brought secret is refused, and the one before stays', async () => {
    const { access } = house()
    const { source, secret } = await access.sources.add(ops, { kind: 'choosy', name: 'One' })
    expect(await refusalOf(access.sources.setSecret(ops, source.id, 'half of it', 0))).toBe(
      'fields-invalid: Paste it whole.',
    )
    expect(access.keys.signer(source.id)?.secrets).toEqual([secret])
    expect(await access.sources.setSecret(ops, source.id, 'whsec_whole', 0)).toBeNull()
  })

  it('ours may be brought too, for a sender that makes its own', async () => {
    const { access, clock } = house()
    const { source } = await access.sources.add(ops, { kind: 'ours', name: 'One' })
    clock.pass(1)
    expect(await access.sources.setSecret(ops, source.id, 'whsec_brought', 0)).toBeNull()
    expect(access.keys.signer(source.id)?.secrets).toEqual(['whsec_brought'])
  })

  it('S7: two count at a time, the one before until its end, never three', async () => {
    const { access, clock } = house()
    const { source, secret: first } = await access.sources.add(ops, { kind: 'ours', name: 'One' })
    const secrets = () => access.keys.signer(source.id)?.secrets
    clock.pass(1)
    const second = await access.sources.setSecret(ops, source.id, null, 24 * hourMs)
    expect(secrets()).toEqual([second, first])
    clock.pass(hourMs)
    const third = await access.sources.setSecret(ops, source.id, null, 24 * hourMs)
    expect(secrets()).toEqual([third, second])
    clock.pass(24 * hourMs - 1)
    expect(secrets()).toEqual([third, second])
    clock.pass(1)
    expect(secrets()).toEqual([third])
  })

  it('stand in no plain part of a setting and in no audit entry; a restart has them again', async () => {
    const { access, clock, store, audit } = house()
    const { source, secret: first } = await access.sources.add(ops, { kind: 'ours', name: 'One' })
    clock.pass(1)
    const second = await access.sources.setSecret(ops, source.id, 'brought by hand', hourMs)
    expect(second).toBeNull()
    const rows = await store.read.settings()
    const plain = JSON.stringify([rows.map(({ personal: _, ...row }) => row), audit])
    for (const secret of [first ?? '', 'brought by hand']) {
      expect(plain).not.toContain(secret)
      expect(plain).not.toContain(secret.replace('whsec_', ''))
    }
    expect(audit.map(({ action }) => action)).toEqual(['source.add', 'source.secret'])
    const again = makeAccess({ ...trialParts(store, clock, rows, 'after the restart'), kinds })
    expect(again.keys.signer(source.id)?.secrets).toEqual(['brought by hand', first])
  })

  it('are sealed on the disk: no file of the store has their text', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'uxbridge-signing-'))
    const store = await openSqliteStore({ dir })
    try {
      const { access } = house(store)
      const { source, secret } = await access.sources.add(ops, { kind: 'ours', name: 'Findable name' })
      await access.sources.setSecret(ops, source.id, 'brought-by-hand-0123456789', hourMs)
      const files = await readdir(dir, { recursive: true, withFileTypes: true })
      const bytes = await Promise.all(
        files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
      )
      const found = (text: string) => bytes.some((each) => each.includes(text))
      // The search itself works: what is not secret is found.
      expect(found('Findable name')).toBe(true)
      expect([secret ?? '', (secret ?? '').slice(6, 40), 'brought-by-hand-0123456789'].map(found)).toEqual([
        false,
        false,
        false,
      ])
      const rows = await store.read.settings('secret')
      expect(rows.map(({ personal }) => personal)).toContainEqual({ secret: 'brought-by-hand-0123456789' })
    } finally {
      await store.close()
      await rm(dir, { recursive: true })
    }
  })
})
