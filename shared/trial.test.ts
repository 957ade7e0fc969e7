import { expect, it } from 'vitest'
import { type TrialResult, trialResultSchema, withoutUnseen } from './trial.ts'

const at = '2026-01-05T09:00:00.000Z'
const by = { outcome: 'silenced', stage: 'silence', rule: 'r', reason: '' } as const
const incident = (id: string | null, tier: 1 | null = null) => ({
  ...{ id, title: `Title of ${id}`, service: null, severity: 'high' as const, tier, openedAt: at, alerts: 1 },
})
const alert = (id: string, of: string | null) => ({
  ...{ id, title: `Alert of ${of}`, severity: 'high' as const, source: { id: 's', name: 'S' }, incident: of, at, by },
})
const side = {
  ...{ opened: 3, reopened: 0, outcomes: {} },
  calls: { all: 3, tier1: 0, tier2: 0, tier3: 0, unclassified: 3 },
}
const people = { facts: 2, kinds: ['claimed'] }
const result: TrialResult = trialResultSchema.parse({
  ...{ from: at, until: at, warmedSince: null, entries: 9, events: 9, live: side, candidate: side },
  counts: {
    ...{ same: 4, hidden: 2, shown: 1, merged: 1, split: 0, regrouped: 0, graded: 1, later: 1 },
    ...{ alertsHidden: 2, alertsShown: 1, peopleHidden: 1 },
  },
  hidden: [
    { incident: incident('INC-SECRET'), by: [], people },
    { incident: incident('INC-1'), by: [], people: { facts: 0, kinds: [] } },
  ],
  shown: [{ incident: incident(null), by: [], before: [] }],
  grouped: [
    { kind: 'merged', live: [incident('INC-1'), incident('INC-SECRET')], candidate: [incident('INC-1')], by: [] },
  ],
  changed: [{ live: incident('INC-SECRET'), candidate: incident('INC-SECRET', 1), laterMs: 5000 }],
  alertsHidden: [alert('a', 'INC-SECRET'), alert('b', 'INC-1')],
  alertsShown: [alert('c', null)],
  rules: [],
})

it('RS1: whoever may not see an incident learns nothing of it by trying a policy; rows and their counts agree', () => {
  const told = withoutUnseen(result, (id) => id !== 'INC-SECRET')
  expect(JSON.stringify(told)).not.toContain('SECRET')
  expect(told.counts).toEqual({
    ...{ same: 4, hidden: 1, shown: 1, merged: 0, split: 0, regrouped: 0, graded: 0, later: 0 },
    ...{ alertsHidden: 1, alertsShown: 1, peopleHidden: 0 },
  })
  expect([told.hidden, told.shown, told.grouped, told.changed].map(({ length }) => length)).toEqual([1, 1, 0, 0])
})

it('whoever sees them all is told all', () => {
  expect(withoutUnseen(result, () => true)).toEqual(result)
})
