import { describe, expect, it } from 'vitest'
import { actionsOf } from '#shared/access.ts'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { makeMemoryStore } from '../store/index.ts'
import { makeAccess } from './index.ts'
import { trialClock, trialParts } from './trial.ts'

const ops = { by: 'system:ops', address: null }
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no refusal',
    (error: { code?: string }) => error.code,
  )

function house() {
  const clock = trialClock()
  const store = makeMemoryStore()
  const parts = trialParts(store, clock)
  return { access: makeAccess(parts), clock, store, audit: parts.audit, kept: parts.kept }
}

describe('source keys', () => {
  it('open their source; unknown ones are 401, revoked ones 403, another source’s 404', async () => {
    const { access, store } = house()
    const one = await access.sources.add(ops, { kind: 'generic', name: 'One' })
    const two = await access.sources.add(ops, { kind: 'prometheus', name: 'Two' })
    expect(one.source).toMatchObject({ kind: 'generic', group: one.source.id, defaultSeverity: null })
    expect(two.source.group).toBe('alertmanager')
    expect(one.key).toMatch(/^uxs_[a-z2-7]{40}$/)
    expect(access.keys.find(one.key)).toEqual({ ok: true, source: one.source })
    expect(access.keys.find(one.key, one.source.id)).toEqual({ ok: true, source: one.source })
    expect(access.keys.find(one.key, two.source.id)).toMatchObject({ ok: false, status: 404 })
    expect(access.keys.find(null)).toEqual({ ok: false, status: 401 })
    expect(access.keys.find(`${one.key}x`, one.source.id)).toEqual({ ok: false, status: 401 })
    await access.sources.revoke(ops, one.source.id, null)
    expect(access.keys.find(one.key)).toMatchObject({ ok: false, status: 403 })
    expect(JSON.stringify(await store.read.settings())).not.toContain(one.key)
  })

  it('for PagerDuty are 32 base32 characters', async () => {
    const { access } = house()
    const { key } = await access.sources.add(ops, { kind: 'pagerduty', name: 'Pager' })
    expect(key).toMatch(/^[a-z2-7]{32}$/)
    expect(access.keys.find(key).ok).toBe(true)
  })

  it('S7: rotating leaves two alive until the old one’s end, never three', async () => {
    const { access, clock } = house()
    const { source, key: first } = await access.sources.add(ops, { kind: 'generic', name: 'One' })
    clock.pass(1)
    const { key: second } = await access.sources.rotate(ops, source.id, 24 * hourMs)
    expect([first, second].map((key) => access.keys.find(key).ok)).toEqual([true, true])
    clock.pass(hourMs)
    const { key: third } = await access.sources.rotate(ops, source.id, 24 * hourMs)
    expect([first, second, third].map((key) => access.keys.find(key).ok)).toEqual([false, true, true])
    clock.pass(24 * hourMs - 1)
    expect(access.keys.find(second).ok).toBe(true)
    clock.pass(1)
    expect([second, third].map((key) => access.keys.find(key))).toMatchObject([
      { ok: false, status: 403 },
      { ok: true },
    ])
  })

  it('last use is shown at once and written by flush at most once a minute', async () => {
    const { access, clock, kept } = house()
    const { source, key } = await access.sources.add(ops, { kind: 'generic', name: 'One' })
    access.keys.find(key)
    expect(access.sources.keysOf(source.id)[0]?.lastUsedAt).toBe(clock.now())
    await access.flush()
    expect(kept).toHaveLength(1)
    clock.pass(minuteMs - 1)
    access.keys.find(key)
    await access.flush()
    expect(kept).toHaveLength(1)
    clock.pass(1)
    access.keys.find(key)
    await access.flush()
    await access.flush()
    expect(kept).toHaveLength(2)
  })

  it('revoking a key that was used and not yet written keeps both', async () => {
    const { access, store, clock } = house()
    const { source, key } = await access.sources.add(ops, { kind: 'generic', name: 'One' })
    clock.pass(5)
    access.keys.find(key)
    await access.sources.revoke(ops, source.id, access.sources.keysOf(source.id)[0]?.id ?? '')
    const [row] = await store.read.settings('key')
    expect(row?.doc).toMatchObject({ lastUsedAt: clock.now(), revokedAt: clock.now() })
  })

  it('names are taken once; kinds and ids must be known', async () => {
    const { access } = house()
    const { source } = await access.sources.add(ops, { kind: 'generic', name: 'One' })
    expect(await codeOf(access.sources.add(ops, { kind: 'generic', name: ' one ' }))).toBe('name-taken')
    expect(await codeOf(access.sources.add(ops, { kind: 'telepathy', name: 'Two' }))).toBe('fields-invalid')
    expect(await codeOf(access.sources.rotate(ops, 's_none', 0))).toBe('not-found')
    expect(await codeOf(access.sources.revoke(ops, source.id, 'k_none'))).toBe('not-found')
    expect((await access.sources.change(ops, source.id, { name: 'Uno', defaultSeverity: 'high' })).name).toBe('Uno')
    expect(access.sources.get(source.id)).toMatchObject({ name: 'Uno', defaultSeverity: 'high', group: source.id })
  })
})

describe('API tokens', () => {
  it('act as their person, with the rights of the moment, until revoked, expired, or the person is disabled', async () => {
    const { access, clock } = house()
    const bob = await access.people.add(ops, {
      name: 'Bob',
      email: 'bob@example.org',
      roles: ['responder'],
      password: 'a long sentence',
    })
    const { token, view } = await access.tokens.create(ops, {
      name: 'ci',
      personId: bob.id,
      role: null,
      expiresAt: clock.now() + hourMs,
    })
    const authorization = `Bearer ${token}`
    expect(token).toMatch(/^uxt_[a-z2-7]{40}$/)
    expect(access.identify({ authorization })).toEqual({
      actor: { id: `token:${view.id}`, personId: bob.id, roles: ['responder'] },
      credentialId: view.id,
      via: 'token',
    })
    expect(access.identifySocket({ token })?.actor.personId).toBe(bob.id)
    await access.people.change(ops, bob.id, { roles: ['viewer'] })
    expect(access.identify({ authorization })?.actor.roles).toEqual(['viewer'])
    await access.people.change(ops, bob.id, { disabled: true })
    expect(access.identify({ authorization })).toBeNull()
    // As with sessions: what ended then stays ended.
    await access.people.change(ops, bob.id, { disabled: false })
    expect(access.identify({ authorization })).toBeNull()
    const expiresAt = clock.now() + hourMs
    const next = await access.tokens.create(ops, { name: 'ci', personId: bob.id, role: null, expiresAt })
    clock.pass(hourMs - 1)
    expect(access.identify({ authorization: `Bearer ${next.token}` })).not.toBeNull()
    clock.pass(1)
    expect(access.identify({ authorization: `Bearer ${next.token}` })).toBeNull()
  })

  it('of a machine have its role; one is revoked by its owner or by whoever manages people', async () => {
    const { access } = house()
    const { token, view } = await access.tokens.create(ops, {
      name: 'grafana',
      personId: null,
      role: 'api',
      expiresAt: null,
    })
    expect(access.identify({ authorization: `bearer ${token}` })?.actor).toEqual({
      id: `token:${view.id}`,
      personId: null,
      roles: ['api'],
    })
    expect(access.actorName(`token:${view.id}`)).toBe('grafana')
    expect(await codeOf(access.tokens.revoke(ops, view.id, 'p_other'))).toBe('not-found')
    await access.tokens.revoke(ops, view.id, null)
    expect(access.identify({ authorization: `Bearer ${token}` })).toBeNull()
  })

  it('a wrong token is not answered for by the cookie beside it', async () => {
    const { access } = house()
    const link = await access.links.issueSetup()
    const { cookie } = await access.links.acceptSetup(
      link?.token ?? '',
      { name: 'A', email: 'a@example.org', password: 'a long sentence' },
      { address: null, agent: '' },
    )
    expect(access.identify({ cookie })).not.toBeNull()
    expect(access.identify({ cookie, authorization: 'Bearer uxt_wrong' })).toBeNull()
    expect(access.identifySocket({ cookie, token: 'uxt_wrong' })).toBeNull()
  })

  it('of a machine may be made for a scope, and then open nothing else', async () => {
    const { access } = house()
    const made = await access.tokens.create(ops, {
      name: 'karma',
      personId: null,
      role: null,
      scopes: ['alerts'],
      expiresAt: null,
    })
    const actor = access.identify({ authorization: `Bearer ${made.token}` })?.actor ?? { roles: [] }
    expect(actionsOf(actor)).toEqual(['public', 'silence.read', 'alert.read', 'metrics.read'])
    expect(made.view).toMatchObject({ role: null, scopes: ['alerts'] })
    expect(actionsOf({ roles: [], scopes: ['silences'] })).toContain('silence.manage')
  })

  it('are taken as the password of HTTP basic too; another password there is for a proxy before us', async () => {
    const { access } = house()
    const { token } = await access.tokens.create(ops, { name: 'x', personId: null, role: 'api', expiresAt: null })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(access.identify({ authorization: basic(`amtool:${token}`) })?.actor.roles).toEqual(['api'])
    expect(access.identify({ authorization: basic('uxt_wrong') })).toBeNull()
    const link = await access.links.issueSetup()
    const { cookie } = await access.links.acceptSetup(
      link?.token ?? '',
      { name: 'A', email: 'a@example.org', password: 'a long sentence' },
      { address: null, agent: '' },
    )
    expect(access.identify({ cookie, authorization: basic('proxy:secret') })?.via).toBe('session')
    expect(access.identify({ cookie, authorization: basic('x:uxt_wrong') })).toBeNull()
  })

  it('need either a person, or a role or scope', async () => {
    const { access } = house()
    const forBoth = { name: 'x', personId: 'p_none', role: null, scopes: ['alerts'] as const, expiresAt: null }
    expect(await codeOf(access.tokens.create(ops, forBoth))).toBe('fields-invalid')
    expect(await codeOf(access.tokens.create(ops, { name: 'x', personId: null, role: null, expiresAt: null }))).toBe(
      'fields-invalid',
    )
    expect(
      await codeOf(access.tokens.create(ops, { name: 'x', personId: 'p_none', role: null, expiresAt: null })),
    ).toBe('not-found')
  })
})
