import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minuteMs } from '../clocks.ts'
import { CommandRefused } from '../errors.ts'
import { type Command, commandSchema } from './commands.ts'
import { decide, decideDeclaration, type SingleCommand } from './decide.ts'
import { evolve } from './evolve.ts'
import { type Fact, factVersion, type RecordedFact, readFact, sealedFields } from './facts.ts'
import { type RoleName, roleNames, roleOf } from './roles.ts'
import type { Incident } from './state.ts'

const start = Date.UTC(2026, 0, 5, 3)
const offerMs = 2 * minuteMs
const team = ['ana', 'ben', 'carla', 'dan']

/** One incident, owned by Ana, in which Carla commands. */
class Room {
  now = start
  incident!: Incident
  facts: RecordedFact[] = []
  constructor() {
    const what = { title: 'Customers call', service: null, team: null, tier: null, description: '', flags: [] }
    this.#record(decideDeclaration({ type: 'declare', ...what }, this.#context('ana', [])))
    this.does('ana', { type: 'claim' })
  }
  does(who: string, act: { type: string; person?: string }): Fact[] {
    const command = commandSchema.parse({ id: 'c', ...act }) as Command
    const to = act.person === 'team:all' ? team : [act.person ?? '']
    const facts = decide(command as SingleCommand, this.incident, this.#context(who, to))
    this.#record(facts)
    return facts
  }
  answers(who: string, act: { type: string; person?: string }): string {
    try {
      this.does(who, act)
      return 'done'
    } catch (error) {
      if (error instanceof CommandRefused) return error.code
      throw error
    }
  }
  poll(): Fact[] {
    const facts = decide({ type: 'expire-role-offers' }, this.incident, {
      ...this.#context('', []),
      by: 'system:clock',
    })
    this.#record(facts)
    return facts
  }
  role(name: RoleName = 'communications') {
    return roleOf(this.incident, name)
  }
  #context(who: string, eligible: string[]) {
    return {
      now: this.now,
      by: `person:${who}`,
      commander: who === 'carla',
      eligible,
      offerLimitMs: () => offerMs,
      nextUpdateMs: () => null,
    }
  }
  #record(facts: readonly Fact[]) {
    for (const fact of facts) {
      const version = (this.incident?.version ?? 0) + 1
      const placed = { ...fact, seq: version, incidentId: 'INC-1001', version }
      this.facts.push(placed)
      this.incident = evolve(this.incident ?? null, placed)
    }
  }
}
const role = 'communications'

describe('roles in an incident', () => {
  test('R1 what nobody has is taken; to somebody else it goes by offer and acceptance, in their own words', () => {
    const room = new Room()
    expect(room.answers('ben', { type: 'assign-role', role, person: 'ben' } as never)).toBe('done')
    expect(room.role().holder).toBe('ben')
    room.now += 10 * minuteMs
    room.does('ben', { type: 'assign-role', role, person: 'dan', note: 'Partners wait for a word at ten.' } as never)
    expect(room.role()).toMatchObject({ holder: 'ben', offer: { to: 'dan', note: 'Partners wait for a word at ten.' } })
    expect(room.answers('ana', { type: 'accept', role, revision: 1, readBack: 'Mine.' } as never)).toBe(
      'not-offered-to-you',
    )
    room.does('dan', { type: 'accept', role, revision: 1, readBack: 'I tell partners at ten.' } as never)
    expect(room.role()).toMatchObject({ holder: 'dan', offer: null, handovers: 1 })
    expect(room.role().chain.map(({ holder, began, from, to }) => [holder, began, from, to])).toEqual([
      ['ben', 'taken', start, room.now],
      ['dan', 'accepted', room.now, null],
    ])
  })

  test('R1 at the deadline an acceptance is refused, even if no poll has run yet', () => {
    const room = new Room()
    room.does('ana', { type: 'assign-role', role, person: 'dan' } as never)
    room.now += offerMs
    expect(room.answers('dan', { type: 'accept', role, revision: 1, readBack: 'Mine.' } as never)).toBe('offer-expired')
  })

  test('R3 an offer of a role that nobody answers ends once', () => {
    const room = new Room()
    room.does('ana', { type: 'assign-role', role, person: 'dan' } as never)
    expect(room.poll()).toEqual([])
    room.now += offerMs
    expect(room.poll()).toMatchObject([{ type: 'role-offer-ended', how: 'expired' }])
    expect(room.poll()).toEqual([])
  })

  test('R1 an offer to a team stands while somebody in it may still accept', () => {
    const room = new Room()
    room.does('ana', { type: 'assign-role', role, person: 'team:all' } as never)
    for (const person of ['ben', 'carla', 'dan']) room.does(person, { type: 'decline', role, reason: 'Busy.' } as never)
    expect(room.role().offer?.eligible).toEqual(['ana'])
    room.does('ana', { type: 'decline', role, reason: 'Busy.' } as never)
    expect(room.role().offer).toBeNull()
  })

  test('R1 a role is taken over by a commander, with a reason; left by whoever has it', () => {
    const room = new Room()
    room.does('ben', { type: 'assign-role', role, person: 'ben' } as never)
    expect(room.answers('dan', { type: 'take-over', role, reason: 'Ben is away.' } as never)).toBe('not-allowed')
    expect(room.answers('dan', { type: 'assign-role', role, person: 'dan' } as never)).toBe('already-owned')
    room.does('carla', { type: 'take-over', role, reason: 'Ben is away.' } as never)
    expect(room.role().chain.at(-1)).toMatchObject({ holder: 'carla', began: 'taken-over', reason: 'Ben is away.' })
    expect(room.answers('ben', { type: 'release', role, reason: 'Not mine.' } as never)).toBe('not-owner')
    room.does('carla', { type: 'release', role, reason: 'Nothing to say any more.' } as never)
    expect(room.role().holder).toBeNull()
  })

  test('R4 resolving ends the offers of roles in the same step', () => {
    const room = new Room()
    room.does('ana', { type: 'assign-role', role, person: 'dan' } as never)
    const facts = room.does('ana', { type: 'set-phase', phase: 'resolved' } as never)
    expect(facts.map(({ type }) => type)).toEqual(['role-offer-ended', 'phase-set'])
    expect(room.role().offer).toBeNull()
  })

  test('R2 whatever is done with roles, ownership and its chain stay, and each role has one chain without gaps', () => {
    const act = fc.record({
      who: fc.constantFrom(...team),
      role: fc.constantFrom(...roleNames),
      does: fc.constantFrom('assign-role', 'accept', 'decline', 'withdraw', 'take-over', 'release', 'poll'),
      person: fc.constantFrom(...team, 'team:all'),
      revision: fc.integer({ min: 1, max: 4 }),
      waitMs: fc.constantFrom(0, minuteMs, offerMs),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const room = new Room()
        const { chain, owner } = room.incident
        for (const { who, role, does, person, revision, waitMs } of acts) {
          room.now += waitMs
          if (does === 'poll') {
            room.poll()
            continue
          }
          const before = room.role(role)
          const fields = {
            'assign-role': { person },
            accept: { revision, readBack: 'Mine now.' },
            decline: { reason: 'Busy.' },
            withdraw: {},
            'take-over': { reason: 'Away.' },
            release: { reason: 'Done.' },
          }[does]
          const done = room.answers(who, { type: does, role, ...fields } as never) === 'done'
          const after = room.role(role)
          if (!done) expect(after).toEqual(before)
          // Nobody ever holds it who did not act for themselves.
          else if (after.holder !== before.holder && after.holder !== null) expect(after.holder).toBe(who)
        }
        expect(room.incident.owner).toBe(owner)
        expect(room.incident.chain).toEqual(chain)
        for (const name of roleNames) {
          const { chain: hops, holder, handovers } = room.role(name)
          expect(hops.at(-1)?.holder ?? null).toBe(holder)
          for (const [index, { to }] of hops.entries()) expect(to).toBe(hops[index + 1]?.from ?? null)
          const passed = hops.filter((hop, index) => hop.holder !== null && (hops[index - 1]?.holder ?? null) !== null)
          expect(handovers).toBe(passed.length)
        }
      }),
    )
  })

  test('each fact reads back as it was written, and seals what people said', () => {
    const room = new Room()
    room.does('ben', { type: 'assign-role', role, person: 'ben' } as never)
    room.does('ben', { type: 'assign-role', role, person: 'dan', note: 'Partners wait.' } as never)
    room.does('dan', { type: 'accept', role, revision: 1, readBack: 'I tell partners.' } as never)
    for (const { seq: _, incidentId: __, version: ___, type, at, by, ...data } of room.facts)
      expect(readFact(type, factVersion(type), at, by, data)).toEqual({ type, at, by, ...data })
    expect(sealedFields('role-offered')).toEqual(['note'])
    expect(sealedFields('role-accepted')).toEqual(['readBack'])
  })
})
