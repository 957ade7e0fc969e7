import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../clocks.ts'
import { CommandRefused } from '../errors.ts'
import type { ClocksPolicy } from '../legal/policy.ts'
import { clockRulesOf } from '../legal/policy.ts'
import { builtInPolicy, policySchema } from '../policy.ts'
import { commandSchema } from './commands.ts'
import type { Context } from './context.ts'
import { deadlinesOf } from './deadlines.ts'
import { decide, decideDeclaration, type SingleCommand } from './decide.ts'
import { evolve, fold } from './evolve.ts'
import { type Fact, factVersion, type RecordedFact, readFact } from './facts.ts'
import { hasRunningClock, runningDeadlines } from './legal-clocks.ts'
import { decideMerge, decideUnmerge } from './merging.ts'
import type { Incident } from './state.ts'

const begin = Date.UTC(2026, 0, 5, 3)
const iso = (at: number): string => new Date(at).toISOString()

/** One incident, and the clock of whoever tells of it. */
class Case {
  now = begin
  facts: RecordedFact[] = []
  incident!: Incident
  policy: ClocksPolicy = builtInPolicy.clocks
  #ids = 0
  readonly id: string
  constructor(id = 'INC-1') {
    this.id = id
    const fields = { title: 'Data copied', service: null, tier: null, description: '', flags: [] }
    this.record(decideDeclaration({ type: 'declare', team: null, ...fields }, this.context('person:ana')))
  }
  context(by: string): Context {
    return {
      ...{ now: this.now, by, commander: by === 'person:carla', eligible: [] },
      ...{ offerLimitMs: () => minuteMs, nextUpdateMs: () => null },
      clockRules: clockRulesOf(this.policy),
    }
  }
  record(facts: readonly Fact[]): readonly Fact[] {
    let incident: Incident | null = this.facts.length === 0 ? null : this.incident
    for (const fact of facts) {
      const version = (incident?.version ?? 0) + 1
      const placed = { ...fact, seq: version, incidentId: this.id, version } as RecordedFact
      this.facts.push(placed)
      incident = evolve(incident, placed)
    }
    this.incident = incident as Incident
    return facts
  }
  does(act: object, by = 'person:ana'): readonly Fact[] {
    const command = commandSchema.parse({ id: `c${++this.#ids}`, ...act }) as SingleCommand
    return this.record(decide(command, this.incident, this.context(by)))
  }
  starts(clock: string, at: number, more: object = {}): readonly Fact[] {
    return this.does({ type: 'start-clock', clock, at: iso(at), reason: 'Data was copied.', ...more })
  }
  stops(clock: string, more: object = {}): readonly Fact[] {
    return this.does({ type: 'stop-clock', clock, reason: 'Sent, ref 4711.', ...more })
  }
  refused(act: () => unknown): CommandRefused {
    const before = this.incident
    try {
      act()
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      expect(this.incident).toBe(before)
      return error
    }
    return expect.fail('was not refused')
  }
  /** What a poll does at `now`. */
  polls(): string[] {
    const due = deadlinesOf(this.incident, { askAfterMs: () => null, tellAfterMs: 0 })
    if (!due.some(({ kind, at }) => kind === 'clock' && at <= this.now)) return []
    return this.record(decide({ type: 'note-clocks' }, this.incident, this.context('system:clock'))).map(
      (fact) => `${fact.type} ${'deadline' in fact ? fact.deadline : ''}`,
    )
  }
  due(): Record<string, string | null> {
    return Object.fromEntries(
      runningDeadlines(this.incident).map(({ clock, deadline: { id, dueAt } }) => [
        `${clock.id}/${id}`,
        dueAt === null ? null : iso(dueAt),
      ]),
    )
  }
}

describe('starting a clock', () => {
  test('CK1 it starts when a person says so, at the time they became aware, with who and why', () => {
    const one = new Case()
    one.now += 5 * hourMs
    one.starts('gdpr-33-1', begin)
    expect(one.due()).toEqual({ 'gdpr-33-1/authority': '2026-01-08T03:00:00.000Z' })
    expect(one.incident.clocks?.[0]).toMatchObject({
      startedAt: begin,
      notedAt: one.now,
      by: 'person:ana',
      reason: 'Data was copied.',
    })
  })

  test('CK1 never in the future, and awareness never after the start', () => {
    const one = new Case()
    expect(one.refused(() => one.starts('gdpr-33-1', begin + 1)).code).toBe('fields-invalid')
    one.now += hourMs
    expect(one.refused(() => one.starts('dora-19', begin, { awareAt: iso(begin + 1) })).code).toBe('fields-invalid')
  })

  test('CK2 the fact holds all that follows, so that another policy changes nothing of it', () => {
    const one = new Case()
    one.starts('gdpr-33-2', begin)
    const before = one.due()
    one.policy = policySchema.parse({
      clocks: { definitions: [{ id: 'gdpr-33-2', deadlines: [{ id: 'controller', name: 'Tell', within: '1h' }] }] },
    }).clocks
    expect(one.due()).toEqual(before)
    expect(one.refused(() => one.starts('dora-99', begin)).code).toBe('not-found')
    expect(one.refused(() => one.starts('dora-19', Date.UTC(2024, 0, 1))).message).toContain('not in force')
  })

  test('CK3 one of a kind runs at a time; that it started at another time is a correction', () => {
    const one = new Case()
    one.now += hourMs
    one.starts('nis2-23-4', one.now)
    expect(one.refused(() => one.starts('nis2-23-4', begin)).code).toBe('nothing-to-change')
    one.starts('nis2-23-4', begin, { correct: true, reason: 'The mail was read at 03:00.' })
    expect(one.incident.clocks?.[0]).toMatchObject({ startedAt: begin, corrections: 1 })
    expect(one.due()).toMatchObject({ 'nis2-23-4/early-warning': '2026-01-06T03:00:00.000Z' })
    expect(one.refused(() => one.starts('nis2-23-4', begin, { correct: true })).code).toBe('nothing-to-change')
    expect(one.facts.at(-1)).toMatchObject({ type: 'clock-corrected', wasAt: begin + hourMs })
  })

  test('CK3 after all of it was submitted the same clock can be started again, beside the first', () => {
    const one = new Case()
    one.starts('gdpr-33-1', begin)
    one.now += hourMs
    one.stops('gdpr-33-1')
    one.starts('gdpr-33-1', one.now)
    expect(one.incident.clocks?.map(({ id }) => id)).toEqual(['gdpr-33-1', 'gdpr-33-1#2'])
    expect(one.refused(() => one.starts('gdpr-33-1', one.now)).code).toBe('nothing-to-change')
  })
})

describe('stopping a clock', () => {
  test('CK4 each deadline stops by its own submission, and what waits for it is due from then', () => {
    const one = new Case()
    one.starts('dora-19', begin, { awareAt: iso(begin - 2 * hourMs) })
    expect(one.due()).toEqual({
      'dora-19/initial': '2026-01-05T07:00:00.000Z',
      'dora-19/intermediate': null,
      'dora-19/final': null,
    })
    expect(one.refused(() => one.stops('dora-19', { deadline: 'final' })).message).toContain(
      '“Intermediate report” first',
    )
    one.now += 3 * hourMs
    one.stops('dora-19', { at: iso(begin + 2 * hourMs) })
    expect(one.due()).toEqual({ 'dora-19/intermediate': '2026-01-08T05:00:00.000Z', 'dora-19/final': null })
    one.now = Date.UTC(2026, 0, 31, 12)
    one.stops('dora-19', { deadline: 'intermediate' })
    expect(one.due()).toEqual({ 'dora-19/final': '2026-02-28T12:00:00.000Z' })
    one.stops('dora-19')
    expect(hasRunningClock(one.incident)).toBe(false)
    expect(one.refused(() => one.stops('dora-19')).code).toBe('nothing-to-change')
  })

  test('CK4 not before it started, not in the future, not twice, not what never started', () => {
    const one = new Case()
    one.starts('nis2-23-4', begin)
    one.now += hourMs
    expect(one.refused(() => one.stops('nis2-23-4', { at: iso(begin - 1) })).code).toBe('fields-invalid')
    expect(one.refused(() => one.stops('nis2-23-4', { at: iso(one.now + 1) })).code).toBe('fields-invalid')
    expect(one.refused(() => one.stops('gdpr-34')).code).toBe('not-found')
    expect(one.refused(() => one.stops('nis2-23-4', { deadline: 'x' })).code).toBe('not-found')
    one.stops('nis2-23-4', { deadline: 'early-warning' })
    expect(one.refused(() => one.stops('nis2-23-4', { deadline: 'early-warning' })).code).toBe('nothing-to-change')
  })

  test('CK7 that it is not required ends what is left; what was recorded by mistake can be taken back', () => {
    const one = new Case()
    one.starts('nis2-23-4', begin)
    one.now += hourMs
    one.stops('nis2-23-4')
    one.stops('nis2-23-4', { how: 'not-required', reason: 'Not significant after all.' })
    expect(one.due()).toEqual({})
    one.stops('nis2-23-4', { how: 'mistaken', reason: 'It is significant.' })
    expect(Object.keys(one.due())).toEqual(['nis2-23-4/notification', 'nis2-23-4/final'])
    one.stops('nis2-23-4', { deadline: 'early-warning', how: 'mistaken', reason: 'Only drafted.' })
    expect(one.due()).toMatchObject({ 'nis2-23-4/early-warning': '2026-01-06T03:00:00.000Z' })
    expect(one.refused(() => one.stops('nis2-23-4', { how: 'mistaken' })).code).toBe('nothing-to-change')
  })

  test('CK5 neither a lower tier nor resolving, review, closing, dismissing or reopening stops anything', () => {
    const ends = [
      [
        { type: 'set-phase', phase: 'resolved' },
        { type: 'set-phase', phase: 'review' },
        { type: 'set-phase', phase: 'closed' },
      ],
      [
        { type: 'classify', tier: 3, reason: 'Small.' },
        { type: 'dismiss', reason: 'Nothing.' },
      ],
      [
        { type: 'set-phase', phase: 'resolved' },
        { type: 'reopen', reason: 'Again.' },
      ],
      [
        { type: 'flag', flag: 'personal-data', on: true },
        { type: 'flag', flag: 'personal-data', on: false },
      ],
    ]
    for (const acts of ends) {
      const one = new Case()
      one.does({ type: 'claim' })
      one.starts('nis2-23-4', begin)
      const before = one.due()
      for (const act of acts) one.does(act)
      expect(one.due()).toEqual(before)
      one.now = begin + 80 * hourMs
      expect(one.polls()).toEqual(['clock-breached early-warning', 'clock-breached notification'])
      // It can still be stopped there, and another one started.
      one.stops('nis2-23-4', { deadline: 'early-warning' })
      one.starts('gdpr-34', begin)
    }
  })
})

describe('what is noted by itself', () => {
  test('CK6 near and passed are noted once each, at their instants', () => {
    const one = new Case()
    one.starts('gdpr-33-1', begin)
    one.now = begin + 54 * hourMs - 1
    expect(one.polls()).toEqual([])
    one.now++
    expect(one.polls()).toEqual(['clock-near authority'])
    expect(one.polls()).toEqual([])
    one.now = begin + 72 * hourMs
    expect(one.polls()).toEqual(['clock-breached authority'])
    expect(one.polls()).toEqual([])
    one.stops('gdpr-33-1')
    one.now += hourMs
    expect(one.polls()).toEqual([])
  })

  test('CK6 what had passed when it was started is noted as passed, and never as near', () => {
    const one = new Case()
    one.now += 100 * hourMs
    one.starts('gdpr-33-1', begin)
    expect(one.polls()).toEqual(['clock-breached authority'])
    one.starts('gdpr-33-1', begin + 90 * hourMs, { correct: true })
    expect(one.polls()).toEqual([])
    one.now = begin + 150 * hourMs
    expect(one.polls()).toEqual(['clock-near authority'])
  })

  test('CK5 CK6 whatever people do, a deadline is noted as passed at most once between changes of its time, and only after it', () => {
    const act = fc.oneof(
      fc.record({
        type: fc.constant('start'),
        clock: fc.constantFrom('nis2-23-4', 'dora-19'),
        agoH: fc.nat(40),
        correct: fc.boolean(),
      }),
      fc.record({
        type: fc.constant('stop'),
        clock: fc.constantFrom('nis2-23-4', 'dora-19'),
        how: fc.constantFrom('submitted', 'not-required', 'mistaken'),
      }),
      fc.record({ type: fc.constant('wait'), h: fc.integer({ min: 1, max: 400 }) }),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        const one = new Case()
        for (const step of acts) {
          try {
            if ('h' in step) one.now += step.h * hourMs
            else if ('how' in step) one.stops(step.clock, { how: step.how })
            else one.starts(step.clock, one.now - step.agoH * hourMs, { correct: step.correct })
          } catch (error) {
            if (!(error instanceof CommandRefused)) throw error
          }
          one.polls()
          expect(one.polls()).toEqual([])
          for (const { deadline } of runningDeadlines(one.incident)) {
            if (deadline.dueAt === null) expect(deadline.noted).toBeNull()
            else expect(deadline.noted === 'breached').toBe(deadline.dueAt <= one.now)
          }
        }
        // Rule I1: the record alone gives the same.
        const stored = JSON.parse(JSON.stringify(one.facts)) as RecordedFact[]
        const read = stored.map(({ seq, incidentId, version, type, at, by, ...data }) => ({
          ...readFact(type, factVersion(type), at, by, data),
          ...{ seq, incidentId, version },
        }))
        expect(fold(read as RecordedFact[])).toEqual(one.incident)
      }),
      { numRuns: 60 },
    )
  })
})

describe('merging', () => {
  const none = { alerts: [], firing: 0, total: 0 }
  const merge = (source: Case, target: Case) => {
    const act = { reason: 'The same.', rule: null }
    const { from, to } = decideMerge(source.incident, target.incident, none, act, target.context('person:carla'))
    source.record(from)
    target.record(to)
  }
  const unmerge = (source: Case, target: Case) => {
    const context = target.context('person:carla')
    const { from, to } = decideUnmerge(source.incident, target.incident, none, 'Not the same.', context)
    source.record(to)
    target.record(from)
  }

  test('CK5 clocks that run are carried to the incident that goes on, with what was submitted, and stop there', () => {
    const [source, target] = [new Case('INC-1'), new Case('INC-2')]
    source.starts('nis2-23-4', begin)
    target.starts('nis2-23-4', begin)
    source.stops('nis2-23-4', { deadline: 'early-warning' })
    merge(source, target)
    expect(hasRunningClock(source.incident)).toBe(false)
    expect(source.incident.clocks?.[0]).toMatchObject({ goneTo: 'INC-2' })
    expect(Object.keys(target.due())).toEqual([
      ...['nis2-23-4/early-warning', 'nis2-23-4/notification', 'nis2-23-4/final'],
      ...['nis2-23-4@INC-1/notification', 'nis2-23-4@INC-1/final'],
    ])
    expect(source.refused(() => source.starts('gdpr-34', begin)).message).toContain('INC-2')
    target.stops('nis2-23-4@INC-1')
    expect(target.due()['nis2-23-4@INC-1/final']).toBe('2026-02-05T03:00:00.000Z')
  })

  test('CK5 a merge that is taken back brings them back, as they stand then', () => {
    const [source, target, last] = [new Case('INC-1'), new Case('INC-2'), new Case('INC-3')]
    source.starts('nis2-23-4', begin)
    merge(source, target)
    merge(target, last)
    expect(Object.keys(last.due())).toHaveLength(3)
    last.stops('nis2-23-4')
    unmerge(target, last)
    unmerge(source, target)
    expect(hasRunningClock(last.incident) || hasRunningClock(target.incident)).toBe(false)
    expect(source.due()).toEqual({ 'nis2-23-4/notification': '2026-01-08T03:00:00.000Z', 'nis2-23-4/final': null })
    expect(source.incident.clocks).toHaveLength(1)
  })
})
