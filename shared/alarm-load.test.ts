import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Alarm,
  ChatterWatch,
  chatterTimes,
  chatterWithinMs,
  countsIn,
  floodPeriods,
  linesBy,
  loadOf,
  type Metric,
  type MetricId,
  tenMinutesMs,
  topAlarms,
} from './alarm-load.ts'
import { hourMs, minuteMs } from './clocks.ts'

const noon = Date.UTC(2026, 0, 5, 12)
const day = { from: noon - 24 * hourMs, to: noon, chattering: 0, standing: 0 }
const alarm = (at: number, fields: Partial<Alarm> = {}): Alarm => ({
  at,
  count: 1,
  kind: 'opened',
  incidentId: 'INC-1',
  team: null,
  person: null,
  what: 'A',
  rule: 'r',
  ...fields,
})
const drawn = fc.array(
  fc.record({
    at: fc.integer({ min: noon - 26 * hourMs, max: noon + hourMs }),
    count: fc.integer({ min: 1, max: 30 }),
    what: fc.constantFrom(...'ABCDEFGHIJKLMN'),
  }),
  { maxLength: 60 },
)
const metric = (metrics: readonly Metric[], id: MetricId) => metrics.find((each) => each.id === id)
const steady = (perTenMinutes: number) =>
  Array.from({ length: 144 }, (_, index) => alarm(day.from + index * tenMinutesMs, { count: perTenMinutes }))

describe('alarm load', () => {
  it('AL1: every alarm of the time is in one period, and in the sum', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: noon - 26 * hourMs, max: noon }), (plans, from) => {
        const alarms = plans.map(({ at, ...rest }) => alarm(at, rest))
        const { periods, all, top, metrics } = loadOf({ ...day, from, alarms })
        const inside = alarms.filter(({ at }) => at >= from && at <= noon).reduce((sum, { count }) => sum + count, 0)
        expect(all).toBe(inside)
        expect(periods.reduce((sum, count) => sum + count, 0)).toBe(inside)
        expect(metric(metrics, 'worst-10-min')?.value).toBe(Math.max(0, ...periods))
        expect(top.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(inside)
      }),
    )
  })

  it('judges rates by one and two in ten minutes, six and twelve an hour', () => {
    const verdictsAt = (perTenMinutes: number) => {
      const { metrics } = loadOf({ ...day, alarms: steady(perTenMinutes) })
      const rate = metric(metrics, 'per-10-min')
      expect(rate?.value).toBeCloseTo(perTenMinutes)
      expect(metric(metrics, 'per-hour')).toMatchObject({ value: perTenMinutes * 6, verdict: rate?.verdict })
      return rate?.verdict
    }
    expect([1, 2, 3].map(verdictsAt)).toEqual(['within', 'at most', 'beyond'])
  })

  it('AL3: before an hour is known, averages and shares are not judged; an hour that has had too much is', () => {
    const early = { ...day, from: noon - 20 * minuteMs }
    const verdicts = (count: number) => {
      const { metrics } = loadOf({ ...early, alarms: [alarm(noon - 1, { count })] })
      const ids = ['per-10-min', 'per-hour', 'worst-10-min', 'periods-over-10', 'in-flood'] as const
      return ids.map((id) => metric(metrics, id)?.verdict)
    }
    const little = 'too little'
    expect(verdicts(1)).toEqual([little, little, 'within', little, little])
    expect(verdicts(50)).toEqual([little, 'beyond', 'beyond', little, little])
    const young = loadOf({ ...day, from: noon - 39_000, alarms: [alarm(noon - 1, { count: 2 })] })
    expect(young.metrics.slice(0, 2)).toMatchObject([
      { value: 2, verdict: 'too little' },
      { value: 2, verdict: 'too little' },
    ])
    expect(loadOf({ ...early, from: noon, alarms: [] }).metrics[0]).toMatchObject({
      value: null,
      verdict: 'too little',
    })
  })

  it('a flood begins with more than ten in ten minutes and is over with fewer than five', () => {
    const rates = [0, 10, 11, 9, 5, 4, 9, 12, 4]
    expect(floodPeriods(rates)).toEqual([false, false, true, true, true, false, false, true, false])
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (counts) => {
        const flood = floodPeriods(counts)
        for (const [index, count] of counts.entries()) {
          if (count > 10) expect(flood[index]).toBe(true)
          if (count < 5) expect(flood[index]).toBe(false)
          if (count >= 5 && count <= 10) expect(flood[index]).toBe(flood[index - 1] ?? false)
        }
      }),
    )
    const { metrics } = loadOf({
      ...day,
      alarms: [alarm(noon - 1, { count: 11 }), alarm(noon - hourMs, { count: 11 })],
    })
    expect(metric(metrics, 'in-flood')).toMatchObject({ value: 2 / 145, verdict: 'beyond' })
    expect(metric(metrics, 'worst-10-min')).toMatchObject({ value: 11, verdict: 'beyond' })
  })

  it('the ten most frequent are judged only where there is enough to judge', () => {
    const few = loadOf({ ...day, alarms: [alarm(noon - 1, { count: 99 })] })
    expect(metric(few.metrics, 'top-10-share')).toMatchObject({ value: 1, verdict: 'too little' })
    const many = Array.from({ length: 400 }, (_, n) => alarm(noon - 1 - n, { what: `rule ${n}` }))
    expect(metric(loadOf({ ...day, alarms: many }).metrics, 'top-10-share')).toMatchObject({
      value: 10 / 400,
      verdict: 'at most',
    })
    const one = [...many, alarm(noon - 1, { what: 'noisy', count: 200, rule: 'critical' })]
    const load = loadOf({ ...day, alarms: one })
    expect(metric(load.metrics, 'top-10-share')?.verdict).toBe('beyond')
    expect(load.top[0]).toEqual({ what: 'noisy', rule: 'critical', count: 200, share: 200 / 600 })
    expect([load.kinds, load.top.length, topAlarms([]).kinds]).toEqual([401, 10, 0])
  })

  it('none may chatter, and fewer than five may stand', () => {
    const of = (chattering: number, standing: number) =>
      loadOf({ ...day, alarms: [], chattering, standing })
        .metrics.slice(-2)
        .map(({ verdict }) => verdict)
    expect(of(0, 4)).toEqual(['within', 'within'])
    expect(of(1, 5)).toEqual(['beyond', 'beyond'])
  })

  it('what fires three times within a minute chatters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.constantFrom('a', 'b'), wait: fc.constantFrom(0, 5_000, 20_000, 30_000, 60_000) })),
        (steps) => {
          const watch = new ChatterWatch()
          const fired: { id: string; at: number }[] = []
          let now = noon
          for (const { id, wait } of steps) {
            now += wait
            fired.push({ id, at: now })
            const recent = fired.filter((one) => one.id === id && now - one.at < chatterWithinMs)
            expect(watch.fired(id, now)).toBe(recent.length >= chatterTimes)
          }
        },
      ),
    )
  })

  it('each team and person has a line, and together they are all there is', () => {
    fc.assert(
      fc.property(drawn, fc.infiniteStream(fc.constantFrom(null, 'a', 'b')), (plans, dice) => {
        const alarms = plans.map(({ at, ...rest }) =>
          alarm(at, { ...rest, team: dice.next().value, person: dice.next().value }),
        )
        const { all } = loadOf({ ...day, alarms })
        for (const by of ['team', 'person'] as const) {
          const lines = [...linesBy(alarms, by, day.from, day.to).values()]
          expect(lines.reduce((sum, line) => sum + line.all, 0)).toBe(all)
          for (const { lastTenMinutes, lastHour, worst, all: own, verdict } of lines) {
            expect(lastTenMinutes).toBeLessThanOrEqual(lastHour)
            expect(Math.max(lastHour, worst)).toBeLessThanOrEqual(own)
            if (worst > 10) expect(verdict).toBe('beyond')
          }
        }
      }),
    )
    const mine = linesBy([alarm(noon - 5 * minuteMs, { person: 'a', count: 3 })], 'person', day.from, noon).get('a')
    expect(mine).toEqual({ lastTenMinutes: 3, lastHour: 3, average: 3 / 144, worst: 3, all: 3, verdict: 'within' })
  })

  it('makes no endless list', () => {
    expect(() => countsIn([], 0, Date.UTC(2026, 0, 1), 1)).toThrow(RangeError)
    expect(countsIn([{ at: 5, count: 2 }], 10, 5, 10)).toEqual([])
  })
})
