import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { UxbridgeError } from '#shared/errors.ts'
import { makeMemoryStore, openSqliteStore } from '../store/index.ts'
import type { Store } from '../store/port.ts'
import { type AccessParts, makeAccess } from './index.ts'
import { trialClock, trialParts } from './trial.ts'

const ops = { by: 'system:ops', address: null }
const kinds: AccessParts['kinds'] = [
  {
    kind: 'broker',
    defaultGroup: 'source',
    keyFormat: 'bearer',
    signs: 'ours',
    settings: [
      { name: 'url', label: 'Address', help: 'Of the broker.', type: 'text', required: true },
      { name: 'password', label: 'Password', help: 'For the broker.', type: 'secret' },
    ],
    faultsOf: ({ url }) => (url === 'nowhere' ? [{ path: 'url', message: 'nobody is there' }] : []),
  },
  { kind: 'job', defaultGroup: 'source', keyFormat: 'uuid' },
]
const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    ({ code, details }: UxbridgeError) => ({ code, fields: details?.fields }),
  )

async function house(store: Store = makeMemoryStore()) {
  const parts = trialParts(store, trialClock(), await store.read.settings())
  return { access: makeAccess({ ...parts, kinds }), store, audit: parts.audit }
}
const broker = {
  kind: 'broker',
  name: 'Broker',
  settings: { url: 'mqtts://a', password: 'correct horse', silentAfter: 60_000 },
}

describe('settings of a source', () => {
  it('are kept with it, secret ones apart, and are there after a restart', async () => {
    const { access, store } = await house()
    const { source } = await access.sources.add(ops, broker)
    expect(source.settings).toEqual({ url: 'mqtts://a', silentAfter: 60_000, silentSeverity: 'high' })
    expect(access.sources.secretsFor(source.id)).toEqual({ password: 'correct horse' })
    const again = await house(store)
    expect(again.access.sources.get(source.id)).toEqual(source)
    expect(again.access.sources.secretsFor(source.id)).toEqual({ password: 'correct horse' })
  })

  it('change one by one: what is not named stays, null takes one away; the audit has names and no values', async () => {
    const { access, audit } = await house()
    const { source } = await access.sources.add(ops, broker)
    const changed = await access.sources.change(ops, source.id, { settings: { silentAfter: null, url: 'mqtts://b' } })
    expect(changed.settings).toEqual({ url: 'mqtts://b', silentSeverity: 'high' })
    expect(access.sources.secretsFor(source.id)).toEqual({ password: 'correct horse' })
    await access.sources.change(ops, source.id, { settings: { password: 'battery staple' } })
    expect(access.sources.secretsFor(source.id)).toEqual({ password: 'battery staple' })
    await access.sources.change(ops, source.id, { settings: { password: null } })
    expect(access.sources.secretsFor(source.id)).toEqual({})
    expect(audit.map(({ action, detail }) => [action, detail.changed])).toEqual([
      ['source.add', undefined],
      ['source.change', ['silentAfter', 'url']],
      ['source.change', ['password']],
      ['source.change', ['password']],
    ])
    expect(JSON.stringify(audit)).not.toMatch(/horse|staple/)
  })

  it('that are wrong are refused with the path of each, and nothing is changed', async () => {
    const { access } = await house()
    const wrong = { ...broker, settings: { url: 7, perSecond: 0, port: 1 } }
    expect(await refusalOf(access.sources.add(ops, wrong))).toEqual({
      code: 'fields-invalid',
      fields: [
        { path: 'settings.port', message: expect.stringContaining('there is no setting "port"') },
        { path: 'settings.perSecond', message: expect.stringContaining('from 1 to') },
        { path: 'settings.url', message: 'must be a text' },
      ],
    })
    expect(access.sources.list()).toEqual([])
    expect(await refusalOf(access.sources.add(ops, { ...broker, settings: {} }))).toMatchObject({
      fields: [{ path: 'settings.url', message: 'Address is missing' }],
    })
    const { source } = await access.sources.add(ops, broker)
    expect(await refusalOf(access.sources.change(ops, source.id, { settings: { url: 'nowhere' } }))).toEqual({
      code: 'fields-invalid',
      fields: [{ path: 'settings.url', message: 'nobody is there' }],
    })
    expect(access.sources.get(source.id)).toEqual(source)
  })

  it('tell whoever listens, once they are durable', async () => {
    const { access } = await house()
    const heard: string[] = []
    const stop = access.sources.onChange((id) => heard.push(`${id} ${access.sources.get(id)?.name}`))
    const { source } = await access.sources.add(ops, broker)
    await access.sources.change(ops, source.id, { name: 'Other' })
    await access.sources.revoke(ops, source.id, null)
    stop()
    await access.sources.rotate(ops, source.id, 0)
    expect(heard).toEqual([`${source.id} Broker`, `${source.id} Other`, `${source.id} Other`])
  })

  it('secret ones stand in no file in clear', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'uxbridge-settings-'))
    const store = await openSqliteStore({ dir })
    await (await house(store)).access.sources.add(ops, broker)
    await store.close()
    for (const file of await readdir(dir, { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect((await readFile(join(file.parentPath, file.name))).includes('correct horse')).toBe(false)
    await rm(dir, { recursive: true, force: true })
  })
})

describe('a source that shall send no more', () => {
  it('loses its signing secrets with its last keys', async () => {
    const { access } = await house()
    const { source } = await access.sources.add(ops, broker)
    expect([access.sources.live(source.id), access.keys.signer(source.id) !== null]).toEqual([true, true])
    await access.sources.revoke(ops, source.id, null)
    expect([access.sources.live(source.id), access.keys.signer(source.id)]).toEqual([false, null])
  })

  it('or whose secret is known to others: the secrets end at once, its keys work on', async () => {
    const { access } = await house()
    const { source, key } = await access.sources.add(ops, broker)
    await access.sources.endSecrets(ops, source.id)
    expect(access.keys.signer(source.id)).toBeNull()
    expect(access.keys.find(key).ok).toBe(true)
    expect(await refusalOf(access.sources.endSecrets(ops, source.id))).toMatchObject({ code: 'not-found' })
  })
})

it('a job that pings gets a random UUID', async () => {
  const { access } = await house()
  const { key } = await access.sources.add(ops, { kind: 'job', name: 'Backup' })
  expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(access.keys.find(key).ok).toBe(true)
})
