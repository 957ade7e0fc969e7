import { expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import {
  barsOf,
  chartWords,
  hoursOf,
  lineShifts,
  readQuery,
  ticksOf,
  valuesOf,
  valueWords,
  writeQuery,
} from './words.ts'

const start = Date.UTC(2026, 0, 5, 10)
const iso = (at: number) => new Date(at).toISOString()
const of = { kind: 'everybody' as const, id: null, name: 'Everybody', people: null }
/** A load of which all is known: it ends where a day after its start does. */
const load = (counts: number[], flood = counts.map((count) => count > 10)) => ({
  of,
  all: counts.reduce((sum, count) => sum + count, 0),
  to: iso(start + 24 * hourMs),
  span: '24h' as const,
  periods: { start: iso(start), ms: 10 * minuteMs, counts, flood },
  hours: { start: iso(start), counts: [counts.slice(0, 6), counts.slice(6)].map((c) => c.reduce((a, b) => a + b, 0)) },
})

test('the address says whose load and over which time; what it says wrong is the usual', () => {
  expect(readQuery('last=7d&team=a')).toEqual({ last: '7d', team: 'a', person: null })
  expect(readQuery('last=9y&person=p_1')).toEqual({ last: '24h', team: null, person: 'p_1' })
  expect(readQuery('team=a&person=p_1').person).toBeNull()
  expect(writeQuery(readQuery('person=p_1'))).toBe('last=24h&person=p_1')
})

test('values are as exact as they are telling', () => {
  const words = (value: number | null, id: 'per-10-min' | 'in-flood' = 'per-10-min') => valueWords({ id, value })
  expect([null, 0, 0.02, 0.44, 3.05, 12.6, 1234].map((value) => words(value))).toEqual([
    ...['–', '0', '< 0.1', '0.4', '3', '13', '1,234'],
  ])
  expect([0, 0.0005, 0.0138, 1].map((value) => words(value, 'in-flood'))).toEqual([
    '0\u00a0%',
    '< 0.1\u00a0%',
    '1.4\u00a0%',
    '100\u00a0%',
  ])
})

test('bars are periods; of a week they are hours, and one that a flood is in says so', () => {
  const day = load([1, 2, 3, 11, 0, 0, 4])
  expect(barsOf(day)).toMatchObject({ ms: 10 * minuteMs, lines: [{ at: 1 }, { at: 2 }, { at: 10 }] })
  expect(barsOf(day).bars[3]).toEqual({ at: start + 30 * minuteMs, count: 11, flood: true, known: true })
  expect(barsOf({ ...day, span: '7d', to: iso(start + 7 * 24 * hourMs) })).toMatchObject({
    ms: hourMs,
    bars: [
      { at: start, count: 17, flood: true },
      { at: start + hourMs, count: 4, flood: false },
    ],
    lines: [{ at: 6 }, { at: 12 }],
  })
})

test('what is not known yet is shown as time, and as nothing else', () => {
  const young = { ...load([3]), to: iso(start + 5 * minuteMs) }
  const { bars } = barsOf(young)
  expect(bars.length).toBe(145)
  expect(bars.filter(({ known }) => known)).toEqual([{ at: start, count: 3, flood: false, known: true }])
  expect(bars[0]?.at).toBe(start - 24 * hourMs)
  expect(barsOf({ ...young, span: '7d' }).bars.length).toBe(7 * 24 + 2)
})

test('words of lines are not written over each other', () => {
  const { lines } = barsOf(load([0]))
  expect(lineShifts(lines, 12, 200)).toEqual([0, 0, 0])
  expect(lineShifts(lines, 20, 200)).toEqual([3, 0, 0])
  for (const most of [12, 40, 100, 5000]) {
    const words = lineShifts(lines, most, 200).map((shift, n) => shift - ((lines[n]?.at ?? 0) / most) * 200)
    for (let n = 1; n < words.length; n++)
      expect((words[n - 1] ?? 0) - (words[n] ?? 0)).toBeGreaterThanOrEqual(13 - 1e-9)
  }
})

test('ticks stand at round hours', () => {
  const { bars } = barsOf(load(new Array(40).fill(0)))
  expect(ticksOf(bars, '24h')).toEqual([Date.UTC(2026, 0, 5, 12), Date.UTC(2026, 0, 5, 15)])
})

test('the chart is said in a sentence, and hour by hour', () => {
  expect(chartWords(load([0, 0]))).toBe('0 alarms in all in 24 hours.')
  expect(chartWords({ ...load([12, 11, 1, 12]), of: { ...of, kind: 'team', name: 'Payments' } })).toBe(
    '36 alarms for Payments in 24 hours; at most 12 in ten minutes; 2 floods.',
  )
  expect(hoursOf(load([1, 12, 0, 0, 0, 0, 4]))).toEqual([
    { at: start + hourMs, count: 4, worst: 4, flood: false },
    { at: start, count: 13, worst: 12, flood: true },
  ])
})

test('values of the axis are round and few', () => {
  expect(valuesOf(3)).toEqual([0, 1, 2, 3])
  expect(valuesOf(12)).toEqual([0, 5, 10, 15])
  expect(valuesOf(27)).toEqual([0, 10, 20, 30])
  for (let highest = 1; highest < 20_000; highest = Math.ceil(highest * 1.3)) {
    const values = valuesOf(highest)
    expect(values.length).toBeLessThanOrEqual(6)
    expect(values.at(-1)).toBeGreaterThanOrEqual(highest)
  }
})
