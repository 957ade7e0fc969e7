import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { briefSchema } from '#shared/incident/brief.ts'
import { isRestricted, seesIncident } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import { actTokenSchema } from '#shared/notify/view.ts'
import type { Identity, Person } from '../../../access/port.ts'
import type { StoredAnswer } from '../../../store/port.ts'
import { NotifyWorld, noon } from '../outbox.fixture.ts'
import type { LinkClaims } from '../port.ts'
import { makeActing } from './acting.ts'
import { linkKeyRow, makeLinks, readLinkKey } from './links.ts'

const key = new Uint8Array(32).fill(7)
const clock = { at: noon, now: () => clock.at }
const links = makeLinks(key, clock)
const claims: Omit<LinkClaims, 'id'> = {
  ...{
    person: 'ada',
    incidentId: 'INC-1',
    action: 'claim',
    revision: 0,
    expiresAt: noon + 60_000,
    role: null,
    epoch: 0,
  },
}
const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'none'
  } catch (error) {
    if (error instanceof UxbridgeError) return error.code
    throw error
  }
}

describe('links of messages', () => {
  it('AL1: say what they were made with, the same for the same message and another for another', () => {
    const token = links.tokenFor(claims, 'm1')
    expect(links.read(token)).toMatchObject(claims)
    expect(links.tokenFor(claims, 'm1')).toBe(token)
    expect(links.read(links.tokenFor(claims, 'm2')).id).not.toBe(links.read(token).id)
  })

  it('AL1 law: whoever changes a letter, cuts, or makes one up has no link', () => {
    const token = links.tokenFor(claims, 'm1')
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'z', '.', '-', ''), (at, letter) => {
        const other = token.slice(0, at) + letter + token.slice(at + 1)
        if (other === token) return
        // The last letter of base64 has bits that mean nothing: what it decodes to may be the same link.
        const [body = '', sign = ''] = other.split('.')
        const [was = '', signed = ''] = token.split('.')
        if (body === was && Buffer.from(sign, 'base64url').equals(Buffer.from(signed, 'base64url'))) return
        expect(() => links.read(other)).toThrow(UxbridgeError)
      }),
    )
    expect(() => makeLinks(new Uint8Array(32).fill(8), clock).read(token)).toThrow('not whole')
    expect(() => links.read('')).toThrow('not whole')
    // What a mail program cut short comes as far as to be told so.
    for (const cut of ['', token.slice(0, 8), token.slice(0, -1)])
      expect(actTokenSchema.parse({ token: cut }).token).toBe(cut)
  })

  it('end at their time, and their key outlives a restart', () => {
    const token = links.tokenFor(claims, 'm1')
    clock.at = noon + 60_000
    expect(() => links.read(token)).toThrow('This link ended at 2026-11-22 12:01 UTC')
    clock.at = noon
    const { kind, id, doc, personal } = linkKeyRow(key)
    expect(readLinkKey([{ kind, id, doc, personal: personal?.value }])).toEqual(Buffer.from(key))
    expect(readLinkKey([])).toBeNull()
  })
})

/** An incident, people, and the answers that the command room would keep. */
async function house({ restricted = false } = {}) {
  const world = new NotifyWorld()
  await world.declare('INC-1', { tier: 2, flags: restricted ? ['restricted'] : [] })
  const answers = new Map<string, StoredAnswer>()
  const commands: { actor: string; type: string; role?: string }[] = []
  const audit: string[] = []
  const epochs = new Map<string, number>()
  const person = (id: string): Person => ({
    ...{ id, name: id.toUpperCase(), email: null, roles: ['responder'], disabled: id === 'gone', invited: false },
  })
  const acting = makeActing({
    links,
    clock,
    room: {
      async command(actor, _incidentId, command) {
        const role = 'role' in command && command.role !== undefined ? { role: command.role } : {}
        commands.push({ actor: actor.id, type: command.type, ...role })
        answers.set(`${actor.id} ${command.id}`, { at: clock.now() } as StoredAnswer)
        return { seq: 1, facts: [] }
      },
      record: async ({ action }) => void audit.push(action),
      sees(actor, id) {
        const incident = world.incidents.get(id)
        return incident === undefined || seesIncident(actor, incident, () => [])
      },
    },
    read: {
      answer: async (actor, id) => answers.get(`${actor} ${id}`) ?? null,
      incident: async (id) => world.incidents.get(id) ?? null,
    },
    incident: (id) => world.incidents.get(id),
    person,
    nameOf: (id) => id.toUpperCase(),
    isRestricted,
    epochOf: (id) => epochs.get(id) ?? 0,
  })
  const token = (more: Partial<LinkClaims> = {}) => links.tokenFor({ ...claims, ...more }, 'm1')
  return { world, acting, token, commands, audit, epochs }
}
const nobody = { identity: null, address: '192.0.2.7' }
const signedIn = (id: string): typeof nobody | { identity: Identity; address: string } => ({
  identity: {
    actor: { id: `person:${id}`, personId: id, roles: ['responder'] },
    credentialId: 's1',
    via: 'session',
  },
  address: '192.0.2.7',
})

describe('what a link does', () => {
  it('AL2: looking does nothing; AL3: it acts once, as the person it was made for, and the audit says by what', async () => {
    const { acting, token, commands, audit } = await house()
    const look = await acting.look(token(), nobody)
    expect(look).toMatchObject({ action: 'claim', person: 'ADA', refused: null, offer: null })
    expect(commands).toEqual([])
    expect(await acting.act(token(), undefined, signedIn('ada'))).toEqual({
      incidentId: 'INC-1',
      did: 'You own INC-1 now.',
    })
    expect(commands).toEqual([{ actor: 'person:ada', type: 'claim' }])
    expect(audit).toEqual(['link.claim'])
    expect(await codeOf(() => acting.act(token(), undefined, nobody))).toBe('link-spent')
    expect(await codeOf(() => acting.look(token(), nobody))).toBe('link-spent')
  })

  it('AL4: whoever is signed in as somebody else is refused, and whoever is gone', async () => {
    const { acting, token, commands } = await house()
    expect(await codeOf(() => acting.act(token(), undefined, signedIn('ben')))).toBe('link-not-yours')
    expect(await codeOf(() => acting.act(token({ person: 'gone' }), undefined, nobody))).toBe('link-spent')
    expect(commands).toEqual([])
  })

  it('an acceptance is for one revision, shows the brief, and wants own words', async () => {
    const { world, acting, token, commands } = await house()
    await world.claim('INC-1', 'ben')
    const brief = briefSchema.parse({ situation: 'Half of the orders hang', actions: [{ text: 'Look', owner: 'ben' }] })
    const offer = { from: 'ben', to: 'ada', eligible: ['ada'], offeredAt: noon, deadlineAt: noon + 60_000, changed: [] }
    const incident = world.incidents.get('INC-1') as Incident
    world.incidents.set('INC-1', { ...incident, offer: { ...offer, revision: 2, brief } })
    const accept = token({ action: 'accept', revision: 2 })
    expect((await acting.look(accept, nobody)).offer).toMatchObject({ from: 'BEN', names: { ben: 'BEN' } })
    expect(await codeOf(() => acting.act(accept, undefined, nobody))).toBe('fields-invalid')
    const old = await acting.look(token({ action: 'accept', revision: 1 }), nobody)
    expect(old).toMatchObject({ offer: null, refused: expect.stringContaining('The offer changed') })
    // Said again in own words, the link is still good.
    expect(await codeOf(() => acting.act(accept, 'half of the orders hang.', nobody))).toBe('read-back-copied')
    await acting.act(accept, 'Orders hang', nobody)
    expect(commands).toEqual([{ actor: 'person:ada', type: 'accept' }])
  })

  it('acknowledging is a sign of life of the owner, and of anybody else that they have seen it', async () => {
    const { world, acting, token, commands } = await house()
    const seen = token({ action: 'acknowledge' })
    expect((await acting.look(seen, nobody)).owns).toBe(false)
    await acting.act(seen, undefined, nobody)
    await world.claim('INC-1', 'ben')
    await acting.act(token({ action: 'acknowledge', person: 'ben' }), undefined, nobody)
    expect(commands.map(({ type }) => type)).toEqual(['seen', 'confirm'])
  })

  it('a link whose act is no longer possible says why before it is pressed', async () => {
    const { world, acting, token } = await house()
    await world.claim('INC-1', 'ben')
    expect((await acting.look(token(), nobody)).refused).toBe(
      'BEN owns INC-1 since 12:00:00 UTC. You can assist, or ask for relief.',
    )
  })

  it('guessing is slowed: after twenty wrong ones an address waits a minute', async () => {
    const { acting, token } = await house()
    const stranger = { identity: null, address: '192.0.2.99' }
    for (let n = 0; n < 20; n++) expect(await codeOf(() => acting.look(`${n}.x`, stranger))).toBe('link-spent')
    expect(await codeOf(() => acting.look(token(), stranger))).toBe('too-many-tries')
    expect(await codeOf(() => acting.look(token(), nobody))).toBe('none')
    clock.at += 60_000
    expect(await codeOf(() => acting.look(token({ expiresAt: noon + 120_000 }), stranger))).toBe('none')
    clock.at = noon
  })

  it('a role is accepted by its own link, also by who only speaks, and the page says what it is', async () => {
    const { world, acting, token, commands } = await house()
    const offer = {
      from: null,
      to: 'ada',
      eligible: ['ada'],
      offeredAt: noon,
      deadlineAt: noon + 60_000,
      note: 'Start now',
    }
    const scribe = { holder: null, offer: { ...offer, revision: 1 }, offerRevision: 1, chain: [], handovers: 0 }
    const incident = world.incidents.get('INC-1') as Incident
    world.incidents.set('INC-1', { ...incident, roles: { scribe } })
    const link = token({ action: 'accept', role: 'scribe', revision: 1 })
    const look = await acting.look(link, nobody)
    expect(look).toMatchObject({ offer: null, refused: null, role: { role: 'scribe', from: null, note: 'Start now' } })
    expect(commands).toEqual([])
    expect((await acting.look(token({ action: 'accept', role: 'scribe', revision: 2 }), nobody)).refused).toContain(
      'again',
    )
    expect(await codeOf(() => acting.act(link, undefined, nobody))).toBe('fields-invalid')
    expect((await acting.act(link, 'I write it down', nobody)).did).toBe('You are scribe of INC-1 now.')
    expect(commands).toEqual([{ actor: 'person:ada', type: 'accept', role: 'scribe' }])
    expect(await codeOf(() => acting.act(link, 'Once more', nobody))).toBe('link-spent')
  })

  it('AL5: a new password or the end of all sessions ends every link made before, and it says so', async () => {
    const { acting, token, commands, epochs } = await house()
    const before = token()
    epochs.set('ada', 1)
    await expect(acting.look(before, nobody)).rejects.toThrow('ended with a change of the password')
    expect(await codeOf(() => acting.act(before, undefined, signedIn('ada')))).toBe('link-spent')
    expect(commands).toEqual([])
    expect(await codeOf(() => acting.act(token({ epoch: 1 }), undefined, nobody))).toBe('none')
    // It is the same link: what was used stays used.
    epochs.set('ada', 2)
    expect(await codeOf(() => acting.act(token({ epoch: 2 }), undefined, nobody))).toBe('link-spent')
  })

  it('AL6: of a restricted incident whoever only has the link is told its number; signed in, what they may see', async () => {
    const { world, acting, token, audit } = await house({ restricted: true })
    await world.page('INC-1', ['ada'])
    const bare = await acting.look(token(), nobody)
    const hidden = { title: null, service: null, tier: null, phase: null, owner: null, openedAt: null }
    expect(bare).toMatchObject({ numberOnly: true, incident: { id: 'INC-1', ...hidden }, offer: null, refused: null })
    expect(audit).toEqual([])
    const whole = await acting.look(token(), signedIn('ada'))
    expect(whole).toMatchObject({ numberOnly: false, incident: { title: 'Trouble of INC-1', tier: 2 }, refused: null })
    // RS6: looked at, and in the audit.
    expect(audit).toEqual(['restricted.read'])
    expect((await acting.act(token(), undefined, nobody)).did).toBe('You own INC-1 now.')
  })

  it('AL6: what is refused is refused without a word of who was faster; an acceptance needs the addressee signed in', async () => {
    const { world, acting, token, commands } = await house({ restricted: true })
    await world.page('INC-1', ['ada', 'ben'])
    await world.claim('INC-1', 'ben')
    await world.happen('INC-1', { type: 'assisted', at: noon, by: 'person:ben', person: 'ada' })
    const late = await acting.look(token(), nobody)
    expect(late.refused).toBe('This is no longer possible. Sign in to see how INC-1 stands.')
    expect(JSON.stringify(late)).not.toMatch(/BEN|Trouble/)
    expect((await acting.look(token(), signedIn('ada'))).refused).toContain('BEN owns INC-1')
    const accept = token({ action: 'accept', revision: 1 })
    expect((await acting.look(accept, nobody)).refused).toContain('Sign in, and accept INC-1 there')
    expect(await codeOf(() => acting.act(accept, 'In my words', nobody))).toBe('not-signed-in')
    expect(commands).toEqual([])
  })

  it('AL6: whoever lost sight of it is told what is told of an incident that never was', async () => {
    const { acting, token, commands } = await house({ restricted: true })
    const never = token({ incidentId: 'INC-404' })
    for (const by of [nobody, signedIn('ada')]) {
      await expect(acting.look(token(), by)).rejects.toThrow('There is no incident INC-1.')
      await expect(acting.look(never, by)).rejects.toThrow('There is no incident INC-404.')
      for (const link of [token(), never]) expect(await codeOf(() => acting.act(link, undefined, by))).toBe('not-found')
    }
    expect(commands).toEqual([])
  })
})
