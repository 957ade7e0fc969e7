import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { makeMemoryStore } from '../store/index.ts'
import { type AccessParts, makeAccess } from './index.ts'
import { type TrialClock, trialClock, trialParts } from './trial.ts'

const ops = { by: 'system:ops', address: null }
const browser = { address: '192.0.2.7', agent: 'Firefox' }
const secret = 'a long enough sentence'

async function house(change: Partial<AccessParts> = {}) {
  const clock = trialClock()
  const store = makeMemoryStore()
  const parts = trialParts(store, clock)
  const access = makeAccess({ ...parts, ...change })
  return { access, clock, store, audit: parts.audit, kept: parts.kept }
}
async function houseWithAdministrator() {
  const built = await house()
  const link = await built.access.links.issueSetup()
  const session = await built.access.links.acceptSetup(
    link?.token ?? '',
    { name: 'Ada', email: 'Ada@Example.org', password: secret },
    browser,
  )
  return { ...built, session, ada: session.identity.actor.personId ?? '' }
}
const cookieOf = ({ cookie }: { cookie: string }) => cookie.split(';')[0]
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no refusal',
    (error: { code?: string }) => error.code,
  )
async function restarted(store: ReturnType<typeof makeMemoryStore>, clock: TrialClock) {
  return makeAccess(trialParts(store, clock, await store.read.settings(), 'after the restart'))
}

describe('the first administrator', () => {
  it('is made once through the link, commands too, and is signed in', async () => {
    const { access, session, ada } = await houseWithAdministrator()
    expect(session.identity.actor.roles).toEqual(['administrator', 'commander'])
    expect(ada).toMatch(/^p_[a-z2-7]{12}$/)
    expect(access.identify({ cookie: cookieOf(session) })).toEqual(session.identity)
    expect(access.people.get(ada)).toMatchObject({ name: 'Ada', email: 'ada@example.org', invited: false })
    expect(await access.links.issueSetup()).toBeNull()
  })

  it('S6: each start has a new link, the one before ends, and each ends after 24 h', async () => {
    const { access, clock } = await house()
    const first = await access.links.issueSetup()
    const second = await access.links.issueSetup()
    const person = { name: 'Ada', email: 'ada@example.org', password: secret }
    expect(await codeOf(access.links.acceptSetup(first?.token ?? '', person, browser))).toBe('link-spent')
    clock.pass(24 * hourMs)
    expect(await codeOf(access.links.acceptSetup(second?.token ?? '', person, browser))).toBe('link-spent')
    expect(access.links.setupNeeded()).toBe(true)
  })

  it('S1: a link used twice at the same moment makes one person', async () => {
    const { access } = await house()
    const link = await access.links.issueSetup()
    const use = (email: string) =>
      codeOf(access.links.acceptSetup(link?.token ?? '', { name: 'A', email, password: secret }, browser))
    const answers = await Promise.all([use('a@example.org'), use('b@example.org')])
    expect(answers.sort()).toEqual(['link-spent', 'no refusal'])
    expect(access.people.list()).toHaveLength(1)
  })
})

describe('people', () => {
  it('an invitation is used once, sets name and password, and its stored form is only a digest', async () => {
    const { access, store } = await houseWithAdministrator()
    const { person, link } = await access.people.invite(ops, {
      name: 'bob',
      email: 'bob@example.org',
      roles: ['responder'],
    })
    expect(person.invited).toBe(true)
    expect(access.links.look(link.token)).toMatchObject({ purpose: 'invitation', email: 'bob@example.org' })
    expect(JSON.stringify(await store.read.settings())).not.toContain(link.token)
    const fresh = await access.links.accept(link.token, { name: 'Bob', password: secret }, browser)
    expect(access.identify({ cookie: cookieOf(fresh) })?.actor.roles).toEqual(['responder'])
    expect(access.nameOf(person.id)).toBe('Bob')
    expect(await codeOf(access.links.accept(link.token, { password: secret }, browser))).toBe('link-spent')
  })

  it('an address is one person, whatever its case', async () => {
    const { access } = await houseWithAdministrator()
    expect(await codeOf(access.people.invite(ops, { name: 'X', email: ' ADA@example.ORG', roles: ['viewer'] }))).toBe(
      'name-taken',
    )
  })

  it('S5: the last administrator can be neither disabled nor lose the role; an invited one does not count', async () => {
    const { access, ada } = await houseWithAdministrator()
    const { link } = await access.people.invite(ops, {
      name: 'Bob',
      email: 'bob@example.org',
      roles: ['administrator'],
    })
    expect(await codeOf(access.people.change(ops, ada, { disabled: true }))).toBe('last-administrator')
    expect(await codeOf(access.people.change(ops, ada, { roles: ['viewer'] }))).toBe('last-administrator')
    const bob = (await access.links.accept(link.token, { password: secret }, browser)).identity.actor.personId ?? ''
    const both = await Promise.all([ada, bob].map((id) => codeOf(access.people.change(ops, id, { disabled: true }))))
    expect(both.sort()).toEqual(['last-administrator', 'no refusal'])
  })

  it('names and addresses stand only in the personal part, and never in the audit', async () => {
    const { store, audit } = await houseWithAdministrator()
    const settings = await store.read.settings()
    const docs = JSON.stringify(settings.map(({ doc }) => doc))
    expect(docs).not.toMatch(/ada/i)
    expect(docs).not.toContain('hash')
    expect(JSON.stringify(audit)).not.toMatch(/ada@|"Ada"/i)
    expect(audit.map(({ action }) => action)).toEqual(['link.issue', 'link.use'])
  })

  it('a reset link sets a new password and ends what was signed in', async () => {
    const { access, session, ada } = await houseWithAdministrator()
    const heard: unknown[] = []
    access.onRights((change) => heard.push(change))
    const link = await access.people.resetLink(ops, ada)
    expect(access.links.look(link.token).purpose).toBe('reset')
    await access.links.accept(link.token, { password: 'another sentence' }, browser)
    expect(access.identify({ cookie: cookieOf(session) })).toBeNull()
    expect(heard).toContainEqual({ personId: ada, credentialId: null })
    expect(await codeOf(access.sessions.signIn('ada@example.org', secret, browser))).toBe('credentials-wrong')
    expect(await codeOf(access.sessions.signIn('ada@example.org', 'another sentence', browser))).toBe('no refusal')
  })

  it.each(['short', 'aaaaaaaaaaaa', 'ada@example.org', 'x'.repeat(300)])(
    'refuses the password %s',
    async (password) => {
      const { access } = await house()
      const link = await access.links.issueSetup()
      expect(
        await codeOf(
          access.links.acceptSetup(link?.token ?? '', { name: 'A', email: 'ada@example.org', password }, browser),
        ),
      ).toBe('fields-invalid')
    },
  )
})

describe('sessions', () => {
  it('survive a restart; sign-out ends them', async () => {
    const { access, store, clock, session } = await houseWithAdministrator()
    const again = await restarted(store, clock)
    expect(again.identify({ cookie: cookieOf(session) })).toEqual(session.identity)
    await access.sessions.signOut(ops, session.identity)
    expect(access.identify({ cookie: cookieOf(session) })).toBeNull()
    expect((await restarted(store, clock)).identify({ cookie: cookieOf(session) })).toBeNull()
  })

  it('end after 12 h unused and after 7 days in any case; flush forgets them and tells who listens', async () => {
    const { access, clock, session, ada, store } = await houseWithAdministrator()
    const cookie = cookieOf(session)
    clock.pass(12 * hourMs - 1)
    expect(access.identify({ cookie })).not.toBeNull()
    clock.pass(12 * hourMs - 1)
    expect(access.renew(session.identity, true)).not.toBeNull()
    for (let hours = 24; hours < 7 * 24; hours += 6) {
      expect(access.identify({ cookie })).not.toBeNull()
      clock.pass(6 * hourMs)
    }
    clock.pass(1)
    const heard: unknown[] = []
    access.onRights((change) => heard.push(change))
    clock.pass(minuteMs)
    expect(access.identify({ cookie })).toBeNull()
    await access.flush()
    expect(heard).toEqual([{ personId: ada, credentialId: session.identity.credentialId }])
    expect(await store.read.settings('session')).toEqual([])
  })

  it('a look without a deed does not keep a session from ending', async () => {
    const { access, clock, session } = await houseWithAdministrator()
    clock.pass(8 * hourMs)
    expect(access.renew(session.identity)).not.toBeNull()
    clock.pass(4 * hourMs)
    expect(access.renew(session.identity)).toBeNull()
  })

  it('are judged again at once when roles change, and end when the person is disabled', async () => {
    const { access } = await houseWithAdministrator()
    const { person, link } = await access.people.invite(ops, {
      name: 'Bob',
      email: 'bob@example.org',
      roles: ['responder'],
    })
    const { cookie, identity } = await access.links.accept(link.token, { password: secret }, browser)
    const heard: unknown[] = []
    access.onRights((change) => heard.push({ ...change, roles: access.renew(identity)?.actor.roles ?? null }))
    await access.people.change(ops, person.id, { roles: ['viewer'] })
    await access.people.change(ops, person.id, { disabled: true })
    await access.people.change(ops, person.id, { disabled: false })
    expect(heard).toEqual([
      { personId: person.id, credentialId: null, roles: ['viewer'] },
      { personId: person.id, credentialId: null, roles: null },
      { personId: person.id, credentialId: null, roles: null },
    ])
    expect(access.identify({ cookie: cookieOf({ cookie }) })).toBeNull()
  })

  it('changing the password ends the others and keeps this one', async () => {
    const { access, session, ada } = await houseWithAdministrator()
    const other = await access.sessions.signIn('ada@example.org', secret, browser)
    const who = { by: `person:${ada}`, address: null }
    expect(
      await codeOf(
        access.sessions.changePassword(who, session.identity, { current: 'wrong one', next: 'brand new words' }),
      ),
    ).toBe('credentials-wrong')
    const epoch = access.people.epochOf(ada)
    await access.sessions.changePassword(who, session.identity, { current: secret, next: 'brand new words' })
    expect(access.people.epochOf(ada)).toBe(epoch + 1)
    expect(access.identify({ cookie: cookieOf(other) })).toBeNull()
    expect(access.identify({ cookie: cookieOf(session) })).not.toBeNull()
    expect(access.sessions.list(ada).map(({ id }) => id)).toEqual([session.identity.credentialId])
  })

  it('an administrator ends all sessions of somebody, and with them what was made to act for them', async () => {
    const { access, session, ada } = await houseWithAdministrator()
    const other = await access.sessions.signIn('ada@example.org', secret, browser)
    const epoch = access.people.epochOf(ada)
    await access.people.endSessions(ops, ada)
    for (const cookie of [cookieOf(other), cookieOf(session)]) expect(access.identify({ cookie })).toBeNull()
    expect(access.people.epochOf(ada)).toBe(epoch + 1)
    expect(await codeOf(access.people.endSessions(ops, 'p_nobody'))).toBe('not-found')
    await access.people.change(ops, ada, { name: 'Ada B' })
    expect(access.people.epochOf(ada)).toBe(epoch + 1)
  })

  it('nobody ends another person’s session', async () => {
    const { access, session } = await houseWithAdministrator()
    expect(await codeOf(access.sessions.end(ops, 'p_other', session.identity.credentialId))).toBe('not-found')
  })

  it('the cookie is host-bound and Secure over https, plain over http, HttpOnly and Lax always', async () => {
    const attributes = async (publicUrl: string | null) => {
      const { access } = await house({ publicUrl })
      const link = await access.links.issueSetup()
      const { cookie } = await access.links.acceptSetup(
        link?.token ?? '',
        { name: 'A', email: 'a@example.org', password: secret },
        browser,
      )
      return cookie.replace(/=[\w-]{43};/, '=…;')
    }
    expect(await attributes(null)).toBe('uxbridge=…; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax')
    expect(await attributes('https://ops.example.org')).toBe(
      '__Host-uxbridge=…; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax',
    )
  })
})

describe('sign-in', () => {
  it('S2: an unknown address, a wrong password, an invited and a disabled person get the same answer', async () => {
    const { access } = await houseWithAdministrator()
    await access.people.invite(ops, { name: 'Bob', email: 'bob@example.org', roles: ['viewer'] })
    const eve = await access.people.add(ops, {
      name: 'Eve',
      email: 'eve@example.org',
      roles: ['viewer'],
      password: secret,
    })
    await access.people.change(ops, eve.id, { disabled: true })
    const answers = await Promise.all(
      ['ada', 'nobody', 'bob', 'eve'].map((name) =>
        access.sessions.signIn(`${name}@example.org`, name === 'eve' ? secret : 'not the password', browser).then(
          () => 'in',
          (error: Error & { code: string }) => `${error.code} ${error.message}`,
        ),
      ),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^credentials-wrong /)
  })

  it('refused and good ones are in the audit, with the address and without the e-mail', async () => {
    const { access, audit, ada } = await houseWithAdministrator()
    await codeOf(access.sessions.signIn('ada@example.org', 'no', browser))
    await codeOf(access.sessions.signIn('who@example.org', 'no', browser))
    await access.sessions.signIn('ada@example.org', secret, browser)
    expect(
      audit.slice(2).map(({ by, action, subject, outcome, address }) => [by, action, subject, outcome, address]),
    ).toEqual([
      ['anonymous', 'session.create', ada, 'refused', '192.0.2.7'],
      ['anonymous', 'session.create', 'unknown', 'refused', '192.0.2.7'],
      [`person:${ada}`, 'session.create', ada, 'done', '192.0.2.7'],
    ])
  })

  it('a flood is refused as overload before it fills memory, and passes', async () => {
    const { access } = await houseWithAdministrator()
    const flood = Array.from({ length: 120 }, (_, i) =>
      codeOf(access.sessions.signIn(`user${i}@example.org`, 'no', { address: `198.51.100.${i}`, agent: '' })),
    )
    const codes = await Promise.all(flood)
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(18)
    expect(codes.filter((code) => code === 'credentials-wrong')).toHaveLength(102)
    expect(await codeOf(access.sessions.signIn('ada@example.org', secret, browser))).toBe('no refusal')
  })

  it('a full disk refuses the sign-in and leaves no session behind', async () => {
    const { access, store, ada } = await houseWithAdministrator()
    store.fillUp()
    expect(await codeOf(access.sessions.signIn('ada@example.org', secret, browser))).toBe('store-full')
    await store.mend()
    expect(access.sessions.list(ada)).toHaveLength(1)
    expect(await codeOf(access.sessions.signIn('ada@example.org', secret, browser))).toBe('no refusal')
  })
})

describe('settings that cannot be read', () => {
  it('are named', async () => {
    const initial = [{ kind: 'person', id: 'p_broken', doc: { roles: ['king'] }, personal: null }]
    await expect(house({ initial })).rejects.toMatchObject({
      code: 'store-corrupt',
      details: { row: 'person p_broken' },
    })
  })

  it('of other rooms are left alone, and an erased person keeps a stand-in', async () => {
    const doc = { roles: ['viewer'], disabled: false, createdAt: 1 }
    const { access } = await house({
      initial: [
        { kind: 'policy', id: 'x', doc: {}, personal: null },
        { kind: 'person', id: 'p_gone', doc, personal: null },
      ],
    })
    expect(access.nameOf('p_gone')).toBe('Former person gone')
    expect(access.people.exists('p_gone')).toBe(false)
  })
})
