import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { briefSchema } from '#shared/incident/brief.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Identity, Person } from '../../access/port.ts'
import type { StoredAnswer } from '../../store/port.ts'
import { makeActing } from './acting.ts'
import { linkKeyRow, makeLinks, readLinkKey } from './links.ts'
import { NotifyWorld, noon } from './outbox.fixture.ts'
import type { LinkClaims } from './port.ts'

const key = new Uint8Array(32).fill(7)
const clock = { at: noon, now: () => clock.at }
const links = makeLinks(key, clock)
const claims: Omit<LinkClaims, 'id'> = {
  ...{ person: 'ada', incidentId: 'INC-1', action: 'claim', revision: 0, expiresAt: noon + 60_000 },
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
async function house() {
  const world = new NotifyWorld()
  await world.declare('INC-1', { tier: 2 })
  const answers = new Map<string, StoredAnswer>()
  const commands: { actor: string; type: string }[] = []
  const audit: string[] = []
  const person = (id: string): Person => ({
    ...{ id, name: id.toUpperCase(), email: null, roles: ['responder'], disabled: id === 'gone', invited: false },
  })
  const acting = makeActing({
    links,
    clock,
    room: {
      async command(actor, _incidentId, command) {
        commands.push({ actor: actor.id, type: command.type })
        answers.set(`${actor.id} ${command.id}`, { at: clock.now() } as StoredAnswer)
        return { seq: 1, facts: [] }
      },
      record: async ({ action }) => void audit.push(action),
    },
    read: {
      answer: async (actor, id) => answers.get(`${actor} ${id}`) ?? null,
      incident: async (id) => world.incidents.get(id) ?? null,
    },
    incident: (id) => world.incidents.get(id),
    person,
    nameOf: (id) => id.toUpperCase(),
    isRestricted: () => false,
  })
  const token = (more: Partial<LinkClaims> = {}) => links.tokenFor({ ...claims, ...more }, 'm1')
  return { world, acting, token, commands, audit }
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
})
