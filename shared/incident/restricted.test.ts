import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { can, type Role, roles } from '../access.ts'
import type { CommandRefused } from '../errors.ts'
import type { Command, Declare } from './commands.ts'
import type { Context } from './context.ts'
import { decide, decideDeclaration, type SingleCommand } from './decide.ts'
import { evolve } from './evolve.ts'
import type { Fact, RecordedFact } from './facts.ts'
import { decideMerge, decideSplit, decideUnmerge } from './merging.ts'
import type { Duty } from './paging.ts'
import { isRestricted, namedIn, seesIncident, type Viewer } from './restricted.ts'
import type { Incident } from './state.ts'

const now = Date.UTC(2026, 0, 5, 3)
const brief = { situation: 'It fails.' } as Extract<Command, { type: 'offer' }>['brief']
const context = (by: string, more: Partial<Context> = {}): Context => ({
  now,
  by: by.includes(':') ? by : `person:${by}`,
  commander: by === 'carla',
  eligible: [],
  offerLimitMs: () => 120_000,
  nextUpdateMs: () => null,
  ...more,
})

function told(incident: Incident | null, facts: readonly Fact[], id = incident?.id ?? ''): Incident {
  let next = incident
  for (const fact of facts) {
    const version: number = (next?.version ?? 0) + 1
    next = evolve(next, { ...fact, seq: version, incidentId: id, version } as RecordedFact)
  }
  if (next === null) throw new Error('no facts')
  return next
}
const does = (incident: Incident, by: string, act: object, more: Partial<Context> = {}): Incident =>
  told(incident, decide({ id: 'c', ...act } as SingleCommand, incident, context(by, more)))

/** Opened by the filter, with alerts; nobody has a part in it. */
function found(id = 'INC-1', flags: Incident['flags'] = ['restricted']): Incident {
  const opening = {
    ...{ title: 'It fails', description: '', service: 'api', team: null, severity: 'high' as const },
    ...{ tier: 2 as const, tierRule: null, flags, drill: false },
  }
  const made = told(null, decideDeclaration({ type: 'open', ...opening }, context('system:filter')), id)
  const attach = { type: 'attach-alerts' as const, alerts: ['a', 'b'], rule: 'r', material: null }
  return told(made, decide(attach, made, context('system:filter')))
}
function declared(by: string, flags: Declare['flags'], id = 'INC-1'): Incident {
  const what = { title: 'It leaks', description: '', service: null, team: null, tier: null, flags }
  return told(null, decideDeclaration({ type: 'declare', ...what }, context(by)), id)
}
const viewer = (personId: string | null, ...has: Role[]): Viewer => ({ personId, roles: has })
const sees = (personId: string, incident: Incident, onCall: readonly string[] = []): boolean =>
  seesIncident(viewer(personId, 'responder'), incident, () => onCall)
const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as CommandRefused).code
  }
  return 'done'
}

/** Ways into an incident: `dora` has this part in it then, and nobody else has any. */
const duty = (people: readonly string[]): Duty => ({
  nextPage: () => ({
    ...{ policy: 'p', step: 0, round: 1, targets: [], channels: [], nextAt: null, quietUntil: null },
    people,
  }),
  expiryPage: () => null,
  shiftOf: () => ({ rotation: 'r', endsAt: now + 60_000, next: people }),
  mayTakeOver: () => false,
})
const dora = { eligible: ['dora'], duty: duty(['dora']) }
const parts: Readonly<Record<string, () => Incident>> = {
  'declared it': () => declared('dora', ['restricted']),
  'restricted it': () => does(found('INC-1', []), 'dora', { type: 'flag', flag: 'restricted', on: true }),
  'owns it': () => does(found(), 'dora', { type: 'claim' }),
  'owned it': () => does(does(found(), 'dora', { type: 'claim' }), 'dora', { type: 'release', reason: 'asleep' }),
  'is offered it': () => does(found(), 'carla', { type: 'offer', to: 'dora', brief }, dora),
  'is offered it with a team': () =>
    does(found(), 'carla', { type: 'offer', to: 'team:pay', brief }, { eligible: ['dora', 'eli'] }),
  assists: () => does(found(), 'carla', { type: 'assist', person: 'dora' }),
  'was called on': () => does(found(), 'carla', { type: 'escalate', person: 'dora' }),
  'asked for relief': () => does(does(found(), 'ben', { type: 'claim' }), 'dora', { type: 'ask-relief' }),
  'has a task': () => does(found(), 'carla', { type: 'add-task', text: 'Look', person: 'dora' }),
  'has a role': () => does(found(), 'dora', { type: 'assign-role', role: 'scribe', person: 'dora' }, dora),
  'had a role': () => {
    const held = does(found(), 'dora', { type: 'assign-role', role: 'scribe', person: 'dora' }, dora)
    return does(held, 'dora', { type: 'release', role: 'scribe', reason: 'asleep' })
  },
  'is offered a role': () => does(found(), 'carla', { type: 'assign-role', role: 'liaison', person: 'dora' }, dora),
  'is paged': () => told(found(), decide({ type: 'page' }, found(), context('system:clock', dora))),
  'comes on next': () => {
    const owned = does(found(), 'ben', { type: 'claim' })
    return told(owned, decide({ type: 'prepare-relief' }, owned, context('system:clock', dora)))
  },
  'owned what was merged into it': () => {
    const source = does(found('INC-2', []), 'dora', { type: 'claim' })
    const target = found()
    const because = { reason: 'the same', rule: null }
    return told(target, decideMerge(source, target, { alerts: [], ...source.alerts }, because, context('carla')).to)
  },
}

describe('RS1: a restricted incident is there for commanders, who is on call for it, and who has a part in it', () => {
  for (const [part, incident] of Object.entries(parts))
    it(`is there for who ${part}, in whatever role, and for nobody beside them`, () => {
      const made = incident()
      expect(isRestricted(made)).toBe(true)
      for (const role of roles) expect(seesIncident(viewer('dora', role), made, () => [])).toBe(true)
      expect(sees('zoe', made)).toBe(false)
    })

  it('is there for commanders, also for a machine of theirs', () => {
    expect(seesIncident(viewer('carla', 'commander'), found(), () => [])).toBe(true)
    expect(seesIncident(viewer(null, 'commander'), found(), () => [])).toBe(true)
  })

  it('is there for who is on call, for as long as they are', () => {
    expect(sees('zoe', found(), ['zoe'])).toBe(true)
    expect(sees('zoe', found(), ['dora'])).toBe(false)
  })

  it('is there for no machine and no stranger, whoever is on call', () => {
    expect(seesIncident(null, found(), () => ['zoe'])).toBe(false)
    for (const role of roles.filter((each) => each !== 'commander'))
      expect(seesIncident(viewer(null, role), found(), () => ['zoe'])).toBe(false)
    expect(seesIncident({ personId: null, roles: [], scopes: ['alerts', 'silences'] }, found(), () => [])).toBe(false)
  })

  it('asks who is on call only where nothing else lets anybody in', () => {
    const never = () => {
      throw new Error('asked')
    }
    expect(seesIncident(viewer('zoe', 'viewer'), found('INC-1', ['security', 'personal-data']), never)).toBe(true)
    expect(seesIncident(viewer('carla', 'commander'), found(), never)).toBe(true)
    expect(seesIncident(viewer('dora', 'viewer'), does(found(), 'dora', { type: 'claim' }), never)).toBe(true)
  })

  it('stays there for whoever declined what they owned before, and ends for whom an offer only passed by', () => {
    const offered = does(found(), 'carla', { type: 'offer', to: 'dora', brief }, dora)
    const declined = does(offered, 'dora', { type: 'decline', reason: 'asleep' })
    expect(sees('dora', declined)).toBe(false)
    const owned = does(does(found(), 'dora', { type: 'claim' }), 'dora', { type: 'release', reason: 'asleep' })
    const again = does(owned, 'carla', { type: 'offer', to: 'dora', brief }, dora)
    expect(sees('dora', does(again, 'dora', { type: 'decline', reason: 'asleep' }))).toBe(true)
  })

  /** Whatever is done to it, by commanders alone: nobody is there who was not named in one of the acts. */
  const people = ['dora', 'eli', 'fay', 'gus'] as const
  const who = fc.constantFrom(...people)
  const act = fc.oneof(
    fc.record({ type: fc.constantFrom('claim', 'ask-relief', 'seen'), by: who }),
    fc.record({ type: fc.constant('offer'), by: fc.constant('carla'), to: who }),
    fc.record({ type: fc.constantFrom('assist', 'escalate'), by: fc.constant('carla'), to: who }),
    fc.record({ type: fc.constant('add-task'), by: fc.constant('carla'), to: who }),
    fc.record({ type: fc.constant('assign-role'), by: fc.constant('carla'), to: who }),
    fc.record({ type: fc.constantFrom('decline', 'accept', 'release'), by: who }),
    fc.record({ type: fc.constant('note'), by: fc.constant('carla') }),
    fc.record({ type: fc.constant('take-over'), by: fc.constant('carla') }),
    fc.record({ type: fc.constant('flag'), by: fc.constantFrom('carla', ...people), on: fc.boolean() }),
  )
  interface Act {
    type: string
    by: string
    to?: string
    on?: boolean
  }
  function asked({ type, to, on }: Act, incident: Incident): object {
    if (type === 'offer') return { type, to, brief }
    if (type === 'assist' || type === 'escalate') return { type, person: to }
    if (type === 'add-task') return { type, text: 'Look', person: to }
    if (type === 'assign-role') return { type, role: 'scribe', person: to }
    if (type === 'accept') return { type, revision: incident.offer?.revision ?? 1, readBack: 'In words of mine own' }
    if (type === 'flag') return { type, flag: 'restricted', on }
    return { type, reason: 'because', text: 'Seen' }
  }

  test('RS1: whoever is not commander, on call or named never sees it, whatever happens to it', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), fc.subarray([...people]), (acts: Act[], onCall) => {
        let incident = found()
        const touched = new Set<string>()
        for (const one of acts) {
          // Nobody acts on what is not there for them.
          if (!seesIncident(viewer(one.by, one.by === 'carla' ? 'commander' : 'responder'), incident, () => onCall))
            continue
          const more = { eligible: one.to === undefined ? [] : [one.to] }
          const before = incident
          const done = refusal(() => {
            incident = does(before, one.by, asked(one, before), more)
          })
          if (done !== 'done') continue
          for (const person of [one.by, one.to]) if (person !== undefined) touched.add(person)
        }
        const hidden = isRestricted(incident)
        const named = namedIn(incident)
        for (const person of [...people, 'zoe']) {
          const is = seesIncident(viewer(person, 'responder'), incident, () => onCall)
          expect(is).toBe(!hidden || onCall.includes(person as 'dora') || named.has(person))
          if (hidden && is) expect(onCall.includes(person as 'dora') || touched.has(person)).toBe(true)
        }
        expect(named.has('zoe')).toBe(false)
        expect(seesIncident(viewer('carla', 'commander'), incident, () => [])).toBe(true)
        // Of those without a person only roles that read what is restricted see it.
        for (const role of roles)
          expect(seesIncident(viewer(null, role), incident, () => onCall)).toBe(
            !hidden || can({ roles: [role] }, 'restricted.read'),
          )
      }),
      { numRuns: 300 },
    )
  })
})

describe('RS2: whoever responds may restrict, only a commander lifts it', () => {
  it('refuses to open again to whoever closed it', () => {
    const closed = does(found('INC-1', []), 'dora', { type: 'flag', flag: 'restricted', on: true })
    expect(closed.restrictedBy).toBe('dora')
    expect(refusal(() => does(closed, 'dora', { type: 'flag', flag: 'restricted', on: false }))).toBe('not-allowed')
    const lifted = does(closed, 'carla', { type: 'flag', flag: 'restricted', on: false })
    expect(isRestricted(lifted)).toBe(false)
    expect('restrictedBy' in lifted).toBe(false)
    expect(sees('zoe', lifted)).toBe(true)
  })

  it('says that it is lifted already to whoever may not lift it, too', () => {
    expect(refusal(() => does(found('INC-1', []), 'dora', { type: 'flag', flag: 'restricted', on: false }))).toBe(
      'nothing-to-change',
    )
  })

  it('leaves the other flags to whoever responds', () => {
    const flagged = does(found(), 'dora', { type: 'flag', flag: 'security', on: true })
    expect(does(flagged, 'dora', { type: 'flag', flag: 'security', on: false }).flags).toEqual(['restricted'])
  })
})

describe('RS3: what becomes part of a restricted incident is as restricted as it is', () => {
  const because = { reason: 'the same', rule: null }
  const all = ({ alerts }: Incident) => ({ alerts: [], ...alerts })
  const merged = (
    source: Incident,
    target: Incident,
    by = 'carla',
    why: Parameters<typeof decideMerge>[3] = because,
  ) => {
    const { from, to } = decideMerge(source, target, all(source), why, context(by))
    return { source: told(source, from), target: told(target, to) }
  }

  it('restricts either of the two by the other, also where the filter merges', () => {
    for (const [a, b] of [[['restricted'], []] as const, [[], ['restricted']] as const])
      for (const [by, why] of [
        ['carla', because] as const,
        ['system:filter', { reason: 'cause', rule: 'r' }] as const,
      ]) {
        const after = merged(found('INC-1', a), found('INC-2', b), by, why)
        expect([after.source, after.target].map(isRestricted)).toEqual([true, true])
      }
  })

  it('leaves both open where neither was restricted', () => {
    const after = merged(found('INC-1', []), found('INC-2', []))
    expect([after.source, after.target].map(isRestricted)).toEqual([false, false])
  })

  it('does not open it again when the merge is taken back', () => {
    const { source, target } = merged(found('INC-1', []), found('INC-2'))
    const { from, to } = decideUnmerge(source, target, { alerts: [], firing: 2, total: 2 }, 'apart', context('carla'))
    expect([told(source, to), told(target, from)].map(isRestricted)).toEqual([true, true])
  })

  it('has what is split off restricted, and there for who split it', () => {
    const origin = does(found(), 'dora', { type: 'claim' })
    const fresh = { id: 'INC-3', title: 'It fails', service: null, team: null, severity: 'high' as const }
    const { to } = decideSplit(origin, fresh, { alerts: ['a'], firing: 1, total: 1 }, 'another', context('dora'))
    const split = told(null, to, 'INC-3')
    expect(isRestricted(split)).toBe(true)
    expect([sees('dora', split), sees('zoe', split)]).toEqual([true, false])
  })
})
