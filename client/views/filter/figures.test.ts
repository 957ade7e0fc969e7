import { describe, expect, test } from 'vitest'
import type { FilterView, RuleFigures } from '#shared/filter-room.ts'
import type { Frame } from '#shared/wire.ts'
import { applyFilterFrame } from '../../link/picture.ts'
import {
  filterAddress,
  gapWords,
  heldSentence,
  markLines,
  outcomeWords,
  readFilterQuery,
  ruleKey,
  stagesOf,
} from './figures.ts'

const at = '2026-01-05T12:00:00.000Z'
const noon = Date.parse(at)
const rule = (stage: string, name: string, more: Partial<RuleFigures> = {}): RuleFigures => ({
  ...{
    stage,
    rule: name,
    name,
    origin: 'policy',
    outcomes: {},
    minutes: [],
    day: 0,
    passed: 0,
    again: 0,
    holds: 0,
    marks: 0,
  },
  lastAt: null,
  ...more,
})
const view = (rules: RuleFigures[], more: Partial<FilterView> = {}): FilterView => ({
  at,
  since: at,
  sources: [],
  others: { accepted: 0, rejected: 0 },
  stages: [
    { name: 'deduplicate', outcomes: { repeated: 6 }, again: 0 },
    { name: 'damp', outcomes: {}, again: 0 },
    { name: 'correlate', outcomes: { opened: 1, attached: 3 }, again: 2 },
  ],
  sum: { sinceMs: 3_600_000, accepted: 10, outcomes: { repeated: 6, opened: 1, attached: 3 }, unplaced: 0 },
  held: { silenced: 0, inhibited: 0, damped: 0, shed: 0 },
  incidents: { open: 1, unowned: 0 },
  lost: 0,
  policy: { hash: 'abc', since: null },
  rules,
  rulesInAll: rules.length,
  ...more,
})

describe('the stages', () => {
  test('say how many came so far and how many they decided; after the last none is left', () => {
    const stages = stagesOf(view([rule('damp', 'flapping')]), '', new Set())
    expect(stages.map(({ reached, decided }) => [reached, decided])).toEqual([
      [10, 6],
      [4, 0],
      [4, 4],
    ])
  })

  test('of very many rules those that act are shown, in the order of the policy, and what was shown stays', () => {
    const rules = Array.from({ length: 300 }, (_, n) =>
      rule('damp', `r${n}`, n % 100 === 7 ? { outcomes: { damped: 1 } } : {}),
    )
    rules.push(rule('deduplicate', 'late', { origin: 'built-in' }))
    expect(stagesOf(view(rules), '', new Set())[0]?.rules).toHaveLength(1)
    const names = (text: string, shown: string[] = []) =>
      stagesOf(view(rules), text, new Set(shown))[1]?.rules.map(({ name }) => name)
    expect(names('')).toEqual(['r7', 'r107', 'r207'])
    expect(stagesOf(view(rules), '', new Set())[1]?.quiet).toBe(297)
    expect(names('', [ruleKey({ stage: 'damp', rule: 'r9' })])).toEqual(['r7', 'r9', 'r107', 'r207'])
    expect(names('', ['damp'])).toHaveLength(300)
    expect(names('damp R12')).toEqual(['r12', ...Array.from({ length: 10 }, (_, n) => `r12${n}`)])
  })
})

test('sums are computed: what is missing, too much, or by no rule is said', () => {
  const { sum } = view([])
  expect(gapWords(sum)).toBeNull()
  expect(gapWords({ ...sum, accepted: 12 })).toBe('2 accepted, but without an outcome')
  expect(gapWords({ ...sum, accepted: 9 })).toBe('1 outcomes too many')
  expect(gapWords({ ...sum, unplaced: 3 })).toBe('3 outcomes that no rule accounts for')
  expect(gapWords({ ...sum, unplaced: null })).toBeNull()
  expect(outcomeWords(sum.outcomes)).toBe('1 opened, 3 attached, 6 repeated')
})

test('the address holds the open rule and the words, and reads back', () => {
  const query = { stage: 'define', rule: 'a/b & c', text: 'x y' }
  const address = filterAddress(query)
  expect(readFilterQuery(address.slice(address.indexOf('?') + 1))).toEqual(query)
  expect(filterAddress({ stage: null, rule: null, text: '' })).toBe('/filter')
  expect(readFilterQuery('rule=x')).toEqual({ stage: null, rule: null, text: '' })
})

describe('what holds an alert back, in words', () => {
  const free = { silence: null, inhibited: null, damped: null, shed: null }
  test('says by which rule and until when', () => {
    expect(heldSentence(free, noon)).toBeNull()
    expect(heldSentence({ ...free, damped: { until: at, rule: 'flapping' } }, noon)).toBe(
      'damped by rule “flapping”: let go at 12:00 UTC if it is calm',
    )
    expect(heldSentence({ ...free, silence: { id: 's', createdBy: '', endsAt: at, comment: '' } }, noon)).toBe(
      'silenced by somebody until 12:00 UTC',
    )
    const silence = { id: 's', createdBy: 'Mei', endsAt: at, comment: '' }
    const days = (n: number) => noon - n * 24 * 3_600_000
    expect(heldSentence({ ...free, silence }, days(1))).toMatch(/^silenced by Mei until \w{3} \d+ \w{3}, 12:00 UTC$/)
    expect(heldSentence({ ...free, silence }, days(400))).toMatch(/until \w{3} \d+ \w{3} \d{4}, 12:00 UTC$/)
  })
  test('each mark is a line with a link to its rule', () => {
    const lines = markLines(
      {
        held: 'damped',
        silences: [],
        windows: ['every night'],
        inhibited: { rule: 'cluster', by: 'a1', title: 'ClusterDown', incidentId: 'INC-7' },
        flaps: { rule: 'flapping', refires: 6, penalty: 2.31, until: at },
        storm: { rule: 'many', since: at, shed: 1200, kinds: 1 },
      },
      noon,
    )
    expect(lines.map(({ words }) => words)).toEqual([
      'in maintenance window “every night” of the policy',
      'an effect of “ClusterDown” (INC-7) by rule “cluster”; let go when that ends',
      'damped by “flapping”: fired again 6 times, 2.31 counts against it, let go at 12:00 UTC if calm',
      'one of a storm since 12:00 UTC by rule “many”: 1,200 shed of 1 kind; let go when it is over',
    ])
    expect(lines[2]?.href).toBe('/filter?stage=damp&rule=flapping')
  })
})

describe('frames of the filter room', () => {
  const place = { room: 'filter' as const, toldAt: at }
  const { rules, rulesInAll: _, ...flow } = view([rule('damp', 'a'), rule('damp', 'b')])
  const whole: Frame = { ...place, kind: 'snapshot', seq: 5, filter: { ...flow, rules, rulesInAll: 2 } }
  const moved: Frame = {
    ...place,
    ...{ kind: 'delta', after: 5, seq: 6 },
    filter: { ...flow, lost: 3, rules: [rule('damp', 'b', { holds: 1 })] },
  }
  test('L1 a delta applies where it follows; the rules that did not move keep their identity', () => {
    const first = applyFilterFrame(null, whole)
    if (first.kind !== 'applied') throw new Error('the snapshot did not apply')
    const next = applyFilterFrame(first.picture, moved)
    if (next.kind !== 'applied') throw new Error('the delta did not apply')
    expect(next.picture).toMatchObject({
      seq: 6,
      filter: { lost: 3, rulesInAll: 2, rules: [{ holds: 0 }, { holds: 1 }] },
    })
    expect(next.picture.filter.rules[0]).toBe(first.picture.filter.rules[0])
    expect(applyFilterFrame(next.picture, moved)).toEqual({ kind: 'repeat' })
    expect(applyFilterFrame(null, moved)).toEqual({ kind: 'gap' })
    expect(applyFilterFrame(next.picture, { ...moved, after: 9, seq: 10 })).toEqual({ kind: 'gap' })
  })
})
