import { describe, expect, it } from 'vitest'
import { drillPrefix } from '#shared/drill.ts'
import { trialResultSchema } from '#shared/trial.ts'
import { policyOf, Recording } from './trial.fixture.ts'

const today = policyOf('today', { correlate: [{ name: 'by service', by: ['service'] }] })
const A = { alertname: 'A', service: 'checkout' }
const B = { alertname: 'B', service: 'search' }

describe('what a policy would have changed', () => {
  it('hidden: who is told no more, by which rule, and what people did with the incident', () => {
    const next = policyOf('next', {
      definitions: [
        { name: 'noise', match: ['alertname="A"'], as: 'record' },
        { name: 'the rest', match: ['severity!=""'], as: 2 },
      ],
      correlate: [{ name: 'by service', by: ['service'] }],
    })
    const record = new Recording(today, next)
    record.fire(0, A)
    record.fire(1, B)
    record.phase(2, 'INC-1001', 'resolved')
    const result = record.result(5, (id) => (id === 'INC-1001' ? ['claimed', 'phase-set'] : []))
    expect(trialResultSchema.parse(result)).toEqual(result)
    expect(result.counts).toMatchObject({ hidden: 1, alertsHidden: 1, peopleHidden: 1, graded: 1, same: 0, shown: 0 })
    expect(result.hidden).toMatchObject([
      {
        incident: { id: 'INC-1001', title: 'A', alerts: 1 },
        by: [{ outcome: 'recorded', stage: 'define', rule: 'noise', alerts: 1 }],
        people: { facts: 2, kinds: ['claimed', 'phase-set'] },
      },
    ])
    expect(result.changed).toMatchObject([{ live: { id: 'INC-1002', tier: null }, candidate: { tier: 2 }, laterMs: 0 }])
    expect(result.live.calls).toEqual({ all: 2, tier1: 0, tier2: 0, tier3: 0, unclassified: 2 })
    expect(result.candidate.calls).toEqual({ all: 1, tier1: 0, tier2: 1, tier3: 0, unclassified: 0 })
    expect(result.alertsHidden).toMatchObject([{ title: 'A', incident: 'INC-1001', by: { rule: 'noise' } }])
    expect(result.rules[0]).toEqual({ stage: 'correlate', rule: 'by service', live: 2, candidate: 1 })
  })

  it('shown: what nobody was told of, and what held it back', () => {
    const quiet = policyOf('quiet', { definitions: [{ name: 'noise', match: ['alertname="A"'], as: 'record' }] })
    const record = new Recording(quiet, today)
    record.fire(0, A)
    const { counts, shown, alertsShown } = record.result(5)
    expect(counts).toMatchObject({ shown: 1, alertsShown: 1, hidden: 0 })
    expect(shown).toMatchObject([
      {
        incident: { id: null, title: 'A' },
        by: [{ outcome: 'opened', rule: 'by service' }],
        before: [{ rule: 'noise' }],
      },
    ])
    expect(alertsShown[0]?.source).toEqual({ id: 's1', name: 'source s1' })
  })

  it('merged and split: incidents are the same where they were told of the same firing', () => {
    const one = policyOf('one', { correlate: [{ name: 'all together', by: ['severity'] }] })
    const merging = new Recording(today, one)
    merging.fire(0, A)
    merging.fire(1, B)
    const merged = merging.result(5)
    expect(merged.counts).toMatchObject({ merged: 1, hidden: 0, same: 0, alertsHidden: 0 })
    expect(merged.grouped).toMatchObject([
      { kind: 'merged', live: [{ id: 'INC-1001' }, { id: 'INC-1002' }], candidate: [{ id: 'INC-1001', alerts: 2 }] },
    ])
    expect(merged.grouped[0]?.by.map(({ outcome, rule }) => `${outcome} ${rule}`)).toEqual([
      'opened all together',
      'attached all together',
    ])

    const splitting = new Recording(one, today)
    splitting.fire(0, A)
    splitting.fire(1, B)
    expect(splitting.result(5).grouped).toMatchObject([{ kind: 'split', live: [{ id: 'INC-1001' }] }])
  })

  it('TR3: an incident that was resolved is so in both runs, whatever its number is there, and its alert opens another', () => {
    const fewer = policyOf('fewer', {
      definitions: [
        { name: 'noise', match: ['alertname="B"'], as: 'record' },
        { name: 'the rest', match: ['severity!=""'], as: 'triage' },
      ],
      correlate: [{ name: 'by service', by: ['service'] }],
    })
    const record = new Recording(today, fewer)
    record.fire(0, B)
    record.fire(1, A)
    record.resolve(2, A)
    record.phase(3, 'INC-1002', 'resolved')
    record.fire(60, A)
    const { live, candidate, counts } = record.result(61)
    expect([live.opened, candidate.opened]).toEqual([3, 2])
    expect(counts).toMatchObject({ hidden: 1, same: 2 })
  })

  it('an incident that is opened again calls again; one that was declared by hand keeps its own number', () => {
    const record = new Recording(today, today)
    record.fire(0, A)
    record.phase(1, 'INC-1002', 'investigating', true)
    record.resolve(2, A)
    record.phase(3, 'INC-1001', 'resolved')
    record.fire(6, A)
    record.fire(7, B)
    const { live, candidate } = record.result(8)
    expect(live).toMatchObject({ opened: 2, reopened: 1, calls: { all: 3 } })
    expect(candidate).toEqual(live)
  })

  it('later: what is damped first and let go of after', () => {
    const damping = policyOf('damping', {
      correlate: [{ name: 'by service', by: ['service'] }],
      inhibit_rules: [
        { name: 'cause', source_matchers: ['alertname="B"'], target_matchers: ['alertname="A"'], equal: [] },
      ],
    })
    const record = new Recording(today, damping)
    record.fire(0, B)
    record.fire(1, A)
    record.resolve(9, B)
    const { counts, changed } = record.result(20)
    expect(counts).toMatchObject({ hidden: 0, later: 1, same: 1 })
    expect(changed).toMatchObject([{ live: { id: 'INC-1002' }, candidate: { id: 'INC-1002' }, laterMs: 8 * 60_000 }])
  })

  it('only what is opened since the beginning of the comparison counts', () => {
    const nothing = policyOf('nothing', { definitions: [{ name: 'all', match: ['severity!=""'], as: 'record' }] })
    const record = new Recording(today, nothing, 30)
    record.fire(0, A)
    record.fire(40, B)
    const { counts, events, live, entries, warmedSince, from } = record.result(60)
    expect(counts).toMatchObject({ hidden: 1, alertsHidden: 1 })
    expect([events, entries, live.opened]).toEqual([1, 2, 1])
    expect([warmedSince, from]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:30:00.000Z'])
  })

  it('a storm that the candidate sheds is told of, and those on record by another rule are not', () => {
    const shedding = policyOf('shedding', {
      correlate: [{ name: 'by service', by: ['service'] }],
      filters: { shed: [{ name: 'flood', match: ['severity!=""'], more_than: 2, within: '1m' }] },
    })
    const storm = (record: Recording) => {
      for (let host = 0; host < 6; host++) record.fire(host / 60, { ...A, host: String(host), service: `s${host % 2}` })
    }
    const record = new Recording(today, shedding)
    storm(record)
    const { counts, candidate, alertsHidden } = record.result(0.5)
    expect(candidate.outcomes.shed).toBeGreaterThan(0)
    expect(counts.alertsHidden).toBe(candidate.outcomes.shed)
    expect(alertsHidden[0]?.by).toMatchObject({ outcome: 'shed', stage: 'shed', rule: 'flood' })
    expect(counts.shown).toBe(1)
  })

  it('TR3: what was merged by hand and parted again is so in both runs, and what one policy has in one anyway stays one', () => {
    const one = policyOf('one', { correlate: [{ name: 'all together', by: ['severity'] }] })
    const told = (candidate = today) => {
      const record = new Recording(today, candidate)
      record.fire(0, A)
      record.fire(1, B)
      record.told(2, { incidentId: 'INC-1002', phase: 'merged', declared: false, mergedInto: 'INC-1001' })
      return record
    }
    expect(told().result(5).counts).toMatchObject({ same: 1, merged: 0, hidden: 0 })
    expect(told(one).result(5).counts).toMatchObject({ same: 1, merged: 0, hidden: 0 })

    const parted = told()
    parted.told(3, { incidentId: 'INC-1002', phase: 'triage', declared: false })
    const alerts = parted.alertsOf('INC-1001').filter((id) => parted.titleOf(id) === 'B')
    const to = 'INC-1002'
    parted.told(3, { incidentId: 'INC-1001', phase: 'triage', declared: false, parted: { alerts, to } })
    parted.fire(4, { ...B, host: '2' })
    expect(alerts).toHaveLength(1)
    const { counts, live } = parted.result(5)
    expect(counts).toMatchObject({ same: 2, merged: 0, split: 0 })
    expect(live).toMatchObject({ opened: 2, outcomes: { opened: 2, attached: 1 } })
  })

  it('exercises are of no account', () => {
    const nothing = policyOf('nothing', { definitions: [{ name: 'all', match: ['severity!=""'], as: 'record' }] })
    const record = new Recording(today, nothing)
    record.fire(0, A, {}, `${drillPrefix}watch`)
    record.fire(1, B)
    expect(record.result(5)).toMatchObject({ events: 1, entries: 1, counts: { hidden: 1 }, live: { opened: 1 } })
  })
})
