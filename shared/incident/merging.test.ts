import { describe, expect, it } from 'vitest'
import type { CommandRefused } from '../errors.ts'
import type { Context } from './context.ts'
import { decide, decideDeclaration } from './decide.ts'
import { evolve } from './evolve.ts'
import type { Fact, RecordedFact } from './facts.ts'
import { decideMerge, decideSplit, decideUnmerge } from './merging.ts'
import type { Incident, Tier } from './state.ts'

const now = Date.UTC(2026, 0, 5, 3)
const context = (by = 'person:carla', commander = by === 'person:carla'): Context => ({
  now,
  by,
  commander,
  eligible: ['dora'],
  offerLimitMs: () => 120_000,
  nextUpdateMs: () => null,
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

function incident(
  id: string,
  alerts: number,
  more: { tier?: Tier | null; owner?: string; drill?: boolean } = {},
): Incident {
  const { tier = null, owner, drill = false } = more
  const opening = {
    type: 'open' as const,
    title: `${id} fails`,
    description: '',
    service: 'api',
    team: null,
    severity: 'high' as const,
    tier,
    tierRule: null,
    flags: [],
    drill,
  }
  let made = told(null, decideDeclaration(opening, context('system:filter')), id)
  const ids = Array.from({ length: alerts }, (_, index) => `${id}-${index}`)
  const attach = { type: 'attach-alerts' as const, alerts: ids, rule: 'r', material: null }
  made = told(made, decide(attach, made, context('system:filter')))
  if (owner === undefined) return made
  return told(made, decide({ type: 'claim', id: 'c' }, made, context(`person:${owner}`)))
}

const all = (of: Incident) => ({ alerts: [], ...of.alerts })
const because = { reason: 'the same outage', rule: null }
const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as CommandRefused).code
  }
  return 'done'
}

describe('M1: a merge loses nothing', () => {
  it('moves alerts, flags and the graver tier; the owner assists from now on', () => {
    let source = incident('INC-1', 3, { tier: 1, owner: 'ana' })
    source = told(source, decide({ type: 'flag', id: 'f', flag: 'customers', on: true }, source, context()))
    const target = incident('INC-2', 2, { tier: 3, owner: 'ben' })
    const { from, to } = decideMerge(source, target, all(source), because, context())
    const gone = told(source, from)
    const stays = told(target, to)
    expect(gone).toMatchObject({ phase: 'merged', owner: null, alerts: { firing: 0, total: 0 } })
    expect(gone.merged).toEqual({ into: 'INC-2', phase: 'triage', owner: 'ana' })
    expect(gone.chain.at(-1)).toMatchObject({ holder: 'ana', to: now })
    expect(stays).toMatchObject({
      owner: 'ben',
      tier: 1,
      flags: ['customers'],
      assistants: ['ana'],
      alerts: { firing: 5, total: 5 },
      provisional: false,
    })
  })

  it('withdraws an offer of the one, and issues that of the other again', () => {
    const offering = (of: Incident) =>
      told(of, decide({ type: 'offer', id: 'o', to: 'dora', brief: { situation: 's' } as never }, of, context()))
    const source = offering(incident('INC-1', 1, { owner: 'ana' }))
    const target = offering(incident('INC-2', 1, { owner: 'ben' }))
    const { from, to } = decideMerge(source, target, all(source), because, context())
    expect(told(source, from).offer).toBeNull()
    expect(told(target, to).offer).toMatchObject({ revision: 2, changed: ['INC-1 was merged into it'] })
  })

  it('M7: a storm that the filter merges neither voids an acceptance nor lengthens the offer, unless it is grave', () => {
    const target = incident('INC-2', 1, { tier: 2, owner: 'ben' })
    const offer = { type: 'offer' as const, id: 'o', to: 'dora', brief: { situation: 's' } as never }
    const offered = told(target, decide(offer, target, context()))
    const later = { ...context('system:filter'), now: now + 60_000 }
    const merged = (tier: Tier | null) => {
      const source = incident('INC-1', 1, { tier })
      const why = { reason: 'explains it', rule: 'along dependencies' }
      return told(offered, decideMerge(source, offered, all(source), why, later).to).offer
    }
    expect(merged(2)).toEqual(offered.offer)
    expect(merged(null)).toEqual(offered.offer)
    expect(merged(1)).toMatchObject({ revision: 2, deadlineAt: offered.offer?.deadlineAt })
  })

  it('an unclassified one leaves the tier as it is', () => {
    const { to } = decideMerge(
      incident('INC-1', 1),
      incident('INC-2', 1, { tier: 3 }),
      all(incident('INC-1', 1)),
      because,
      context(),
    )
    expect(to.map(({ type }) => type)).toEqual(['alerts-moved-in'])
  })
})

describe('who may correct the grouping, and what cannot be', () => {
  const [mine, his] = [incident('INC-1', 1, { owner: 'ana' }), incident('INC-2', 1, { owner: 'ben' })]
  const free = incident('INC-3', 1)
  it.each([
    ['the owner of the one that ends', mine, his, 'person:ana', 'done'],
    ['the owner of the other does not', mine, his, 'person:ben', 'not-owner'],
    ['of what nobody owns, the owner of the other', free, his, 'person:ben', 'done'],
    ['of what nobody owns, not a third', free, his, 'person:ana', 'not-owner'],
    ['of two that nobody owns, anybody who responds', free, incident('INC-4', 1), 'person:ana', 'done'],
    ['a commander', mine, his, 'person:carla', 'done'],
    ['into itself', mine, mine, 'person:carla', 'nothing-to-change'],
    ['M2: a drill into what is real', incident('INC-5', 1, { drill: true }), his, 'person:carla', 'phase-forbids'],
  ])('%s', (_, source, target, by, answer) => {
    expect(refusal(() => decideMerge(source, target, all(source), because, context(by)))).toBe(answer)
  })

  it('one that was merged takes nothing more, and says where it went', () => {
    const gone = told(free, decideMerge(free, his, all(free), because, context()).from)
    expect(refusal(() => decideMerge(mine, gone, all(mine), because, context()))).toBe('phase-forbids')
    expect(refusal(() => decide({ type: 'reopen', id: 'r', reason: 'r' }, gone, context()))).toBe('phase-forbids')
  })
})

describe('M3: a split', () => {
  it('gives some alerts to a new incident of the same tier that nobody owns', () => {
    const origin = incident('INC-1', 3, { tier: 2, owner: 'ana' })
    const fresh = { id: 'INC-2', title: 'Another', service: null, team: null, severity: 'high' as const }
    const moved = { alerts: ['a'], firing: 1, total: 1 }
    const { from, to } = decideSplit(origin, fresh, moved, 'not the same', context('person:ana'))
    expect(told(origin, from).alerts).toEqual({ firing: 2, total: 2 })
    expect(told(null, to, 'INC-2')).toMatchObject({ owner: null, tier: 2, alerts: { firing: 1, total: 1 } })
  })

  it('leaves at least one', () => {
    const origin = incident('INC-1', 1)
    const fresh = { id: 'INC-2', title: 'Another', service: null, team: null, severity: 'high' as const }
    expect(refusal(() => decideSplit(origin, fresh, all(origin), 'r', context()))).toBe('nothing-to-change')
  })
})

describe('M4: a merge that is taken back', () => {
  const source = incident('INC-1', 2, { owner: 'ana' })
  const target = incident('INC-2', 1, { owner: 'ben' })
  const { from, to } = decideMerge(source, target, all(source), because, context())
  const [gone, both] = [told(source, from), told(target, to)]

  it('the incident is as it was: phase, owner, alerts; nobody held it meanwhile, and that counts as nothing', () => {
    const back = decideUnmerge(gone, both, all(source), 'they are two', context())
    const again = told(gone, back.to)
    expect(again).toMatchObject({ phase: 'triage', owner: 'ana', alerts: { firing: 2, total: 2 }, unownedMs: 0 })
    expect(again.merged).toBeUndefined()
    expect(again.chain.at(-1)).toMatchObject({ holder: 'ana', began: 'unmerged', to: null })
    expect(again.handovers).toBe(0)
    expect(told(both, back.from).alerts).toEqual({ firing: 1, total: 1 })
  })

  it('only once', () => {
    const back = decideUnmerge(gone, both, all(source), 'they are two', context())
    const again = told(gone, back.to)
    expect(refusal(() => decideUnmerge(again, told(both, back.from), all(source), 'r', context()))).toBe(
      'nothing-to-change',
    )
  })

  it('not before the other is an incident of its own again, if that was merged too', () => {
    const third = incident('INC-3', 1)
    const elsewhere = told(both, decideMerge(both, third, all(both), because, context()).from)
    expect(() => decideUnmerge(gone, elsewhere, all(source), 'r', context())).toThrow(
      'INC-2 was itself merged into INC-3: take that back first.',
    )
    expect(() => decide({ type: 'claim', id: 'c' }, gone, context())).toThrow(
      'It was merged into INC-2: work on that one, or take the merge back.',
    )
  })

  it('not once the other is over', () => {
    const over = told(both, decide({ type: 'set-phase', id: 'p', phase: 'resolved' }, both, context()))
    expect(refusal(() => decideUnmerge(gone, over, all(source), 'r', context()))).toBe('phase-forbids')
  })
})

it('R4 what is merged offers no role any more', () => {
  const from = incident('INC-1', 1, { owner: 'ana' })
  const assign = { id: 'c', type: 'assign-role' as const, role: 'scribe' as const, person: 'dora' }
  const offering = told(from, decide(assign, from, context('person:ana')))
  expect(offering.roles?.scribe?.offer).not.toBeNull()
  const to = incident('INC-2', 1)
  const merged = decideMerge(
    offering,
    to,
    { alerts: [], ...offering.alerts },
    { reason: 'The same.', rule: null },
    context(),
  )
  expect(told(offering, merged.from).roles?.scribe?.offer).toBeNull()
})

it('E1 what was quiet is told when the filter finds it graver, and when it finds that it is of another team', () => {
  const paged = (quiet: boolean): Fact => ({
    type: 'paged',
    ...{ at: now, by: 'system:clock', policy: 'p', step: quiet ? -1 : 0, round: 0, reason: 'first', targets: [] },
    ...{ people: [], channels: [], nextAt: quiet ? now + 1 : null, quietUntil: quiet ? now + 1 : null },
  })
  const found = (tier: Tier, team: string | null): Fact => ({
    type: 'identified',
    ...{ at: now, by: 'system:filter', title: 't', service: 'db', team, severity: 'high', tier, rule: 'r' },
  })
  const waiting = told(incident('INC-1', 1, { tier: 3 }), [paged(true)])
  expect(told(waiting, [found(1, null)]).paging).toBeUndefined()
  expect(told(waiting, [found(3, null)]).paging).toBeDefined()
  const done = told(incident('INC-2', 1, { tier: 1 }), [paged(false)])
  expect(told(done, [found(1, null)]).paging).toBeDefined()
  expect(told(done, [found(1, 'data')]).paging).toBeUndefined()
})
