import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../clocks.ts'
import { policySchema } from '../policy.ts'
import { builtInClocks } from './built-in.ts'
import type { ClockDefinition } from './definition.ts'
import { clockRulesOf } from './policy.ts'
import { addMonths, addSpan, chainProblem, dueOf, inForce, limitWords, nearFrom, usualNearness } from './reckoning.ts'

const at = (text: string): number => Date.parse(text)
const iso = (ms: number): string => new Date(ms).toISOString()
const clock = (id: string): ClockDefinition => {
  const found = builtInClocks.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}
const within = (id: string, deadline: string) =>
  clock(id).deadlines.find((one) => one.id === deadline)?.within ?? expect.fail(`no ${deadline} in ${id}`)
const anInstant = fc.integer({ min: at('2016-01-01T00:00:00Z'), max: at('2070-01-01T00:00:00Z') })
const limits = fc.array(
  fc.record({
    unit: fc.constantFrom('ms' as const, 'month' as const),
    count: fc.integer({ min: 1, max: 12 }),
    after: fc.constantFrom('start', 'aware'),
  }),
  { minLength: 1, maxLength: 4 },
)

describe('months', () => {
  test('a month later is the same day and time, or the last day of a shorter month', () => {
    expect(iso(addMonths(at('2026-01-15T09:30:00Z'), 1))).toBe('2026-02-15T09:30:00.000Z')
    expect(iso(addMonths(at('2026-01-31T23:59:00Z'), 1))).toBe('2026-02-28T23:59:00.000Z')
    expect(iso(addMonths(at('2028-01-31T23:59:00Z'), 1))).toBe('2028-02-29T23:59:00.000Z')
    expect(iso(addMonths(at('2026-12-31T00:00:00Z'), 2))).toBe('2027-02-28T00:00:00.000Z')
  })

  test('CK2 any number of months keeps the time of day, lands in that month, and never after the same day of it', () => {
    fc.assert(
      fc.property(anInstant, fc.integer({ min: 1, max: 36 }), (from, months) => {
        const [a, b] = [new Date(from), new Date(addMonths(from, months))]
        expect(b.getTime() % (24 * hourMs)).toBe(a.getTime() % (24 * hourMs))
        const monthOf = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth()
        expect(monthOf(b)).toBe(monthOf(a) + months)
        expect(b.getUTCDate()).toBeLessThanOrEqual(a.getUTCDate())
        // Where the day is another, there is no such day in that month.
        if (b.getUTCDate() !== a.getUTCDate()) expect(new Date(b.getTime() + 24 * hourMs).getUTCDate()).toBe(1)
      }),
    )
  })

  test('CK2 what begins later is never due earlier', () => {
    const span = fc.record({
      unit: fc.constantFrom('ms' as const, 'month' as const),
      count: fc.integer({ min: 1, max: 14 }),
    })
    fc.assert(
      fc.property(anInstant, fc.nat(90 * 24 * hourMs), span, (from, laterMs, one) => {
        expect(addSpan(from + laterMs, one)).toBeGreaterThanOrEqual(addSpan(from, one))
      }),
    )
  })
})

describe('when a deadline is due', () => {
  const start = at('2026-03-27T22:10:00Z')

  test('GDPR 33(1): 72 hours after awareness, over a change of summer time too', () => {
    expect(dueOf(within('gdpr-33-1', 'authority'), { start })?.at).toBe(at('2026-03-30T22:10:00Z'))
  })

  test('NIS2 23(4): 24 h and 72 h after awareness, the final report a month after the notification was submitted', () => {
    expect(dueOf(within('nis2-23-4', 'early-warning'), { start })?.at).toBe(start + 24 * hourMs)
    expect(dueOf(within('nis2-23-4', 'notification'), { start })?.at).toBe(start + 72 * hourMs)
    expect(dueOf(within('nis2-23-4', 'final'), { start })).toBeNull()
    const notification = at('2026-03-31T07:00:00Z')
    expect(dueOf(within('nis2-23-4', 'final'), { start, notification })).toEqual({
      at: at('2026-04-30T07:00:00Z'),
      from: notification,
    })
  })

  test('DORA 19: 4 h after classification, at most 24 h after awareness, and 4 h where that has passed already', () => {
    const initial = within('dora-19', 'initial')
    expect(dueOf(initial, { start, aware: start - hourMs })?.at).toBe(start + 4 * hourMs)
    expect(dueOf(initial, { start, aware: start - 22 * hourMs })?.at).toBe(start + 2 * hourMs)
    expect(dueOf(initial, { start, aware: start - 30 * hourMs })?.at).toBe(start + 4 * hourMs)
    expect(dueOf(initial, { start })?.at).toBe(start + 4 * hourMs)
  })

  test('CK2 the earliest limit that was ahead at the start counts, whatever their order', () => {
    fc.assert(
      fc.property(anInstant, fc.nat(400 * 24 * hourMs), limits, (from, knownMs, several) => {
        const anchors = { start: from, aware: from - knownMs }
        const due = dueOf(several, anchors)
        const all = several.map((one) => addSpan(one.after === 'start' ? from : from - knownMs, one))
        const ahead = all.filter((one) => one > from)
        expect(due?.at).toBe(Math.min(...(ahead.length > 0 ? ahead : all)))
        expect(dueOf([...several].reverse(), anchors)?.at).toBe(due?.at)
      }),
    )
  })
})

describe('when it is near', () => {
  test('CK6 with a quarter of its time left or four hours, whichever is earlier; never in its first half', () => {
    const left = (spanMs: number) => spanMs - nearFrom({ at: spanMs, from: 0 }, usualNearness)
    expect(left(72 * hourMs)).toBe(18 * hourMs)
    expect(left(24 * hourMs)).toBe(6 * hourMs)
    expect(left(10 * hourMs)).toBe(4 * hourMs)
    expect(left(4 * hourMs)).toBe(2 * hourMs)
    fc.assert(
      fc.property(fc.nat(60 * 24 * hourMs), (spanMs) => {
        expect(left(spanMs)).toBeLessThanOrEqual(spanMs / 2 + 1)
        expect(left(spanMs)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('definitions', () => {
  test('each built-in clock is whole: a source, deadlines that count from what comes before them', () => {
    for (const one of builtInClocks) {
      expect(one.source).not.toBe('')
      expect(chainProblem(one.deadlines)).toBeNull()
      expect(one.awareWhen !== null).toBe(
        one.deadlines.some((each) => each.within.some((limit) => limit.after === 'aware')),
      )
    }
  })

  test('a clock is not in force before its day', () => {
    const ids = (day: string) => inForce(builtInClocks, at(day)).map(({ id }) => id)
    expect(ids('2024-10-17T23:59:59Z')).not.toContain('nis2-23-4')
    expect(ids('2024-10-18T00:00:00Z')).toContain('nis2-23-4')
    expect(ids('2024-10-18T00:00:00Z')).not.toContain('dora-19')
  })

  test('words of the limits', () => {
    const nameOf = (id: string) => clock('nis2-23-4').deadlines.find((one) => one.id === id)?.name ?? id
    expect(limitWords(within('dora-19', 'initial'), nameOf)).toBe('4 h after the start, at most 24 h after awareness')
    expect(limitWords(within('nis2-23-4', 'final'), nameOf)).toBe('1 month after “Incident notification”')
    expect(limitWords([{ unit: 'ms', count: 90 * minuteMs, after: 'start' }], nameOf)).toBe('90 min after the start')
  })
})

describe('the policy file', () => {
  const rulesOf = (clocks: unknown) => clockRulesOf(policySchema.parse({ clocks }).clocks)
  const now = at('2026-06-01T00:00:00Z')
  const problemsOf = (clocks: unknown) => {
    const read = policySchema.safeParse({ clocks })
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }

  test('says nothing: the built-in clocks and the usual nearness', () => {
    expect(rulesOf({})).toEqual({ definitions: builtInClocks, near: usualNearness })
  })

  test('changes a built-in clock, and leaves of it what it does not name', () => {
    const { definitions } = rulesOf({
      definitions: [{ id: 'gdpr-33-2', deadlines: [{ id: 'controller', name: 'Tell the controller', within: '12h' }] }],
    })
    const [found] = inForce(definitions, now).filter(({ id }) => id === 'gdpr-33-2')
    expect(found).toMatchObject({ source: clock('gdpr-33-2').source, name: 'GDPR 33(2)' })
    expect(found?.deadlines[0]?.within).toEqual([{ unit: 'ms', count: 12 * hourMs, after: 'start' }])
  })

  test('turns one off, from a day on or always', () => {
    const of = (entry: object) => inForce(rulesOf({ definitions: [{ id: 'dora-19', ...entry }] }).definitions, now)
    expect(of({ off: true }).map(({ id }) => id)).not.toContain('dora-19')
    expect(of({ off: true, effective: '2026-06-02' }).map(({ id }) => id)).toContain('dora-19')
  })

  test('CK2 a definition of a later day leaves what holds until then', () => {
    const { definitions } = rulesOf({
      definitions: [
        {
          id: 'nis2-23-4',
          effective: '2027-01-01',
          deadlines: [
            { id: 'early-warning', name: 'Early warning', basis: 'law', within: '12h' },
            { id: 'final', name: 'Final report', within: [{ time: '1mo', after: 'early-warning' }] },
          ],
        },
      ],
    })
    const lengthAt = (day: string) =>
      inForce(definitions, at(day)).find(({ id }) => id === 'nis2-23-4')?.deadlines[0]?.within[0]?.count
    expect(lengthAt('2026-12-31T23:59:59Z')).toBe(24 * hourMs)
    expect(lengthAt('2027-01-01T00:00:00Z')).toBe(12 * hourMs)
  })

  test('adds a clock of the house, which must be whole and counts only from what comes before', () => {
    const whole = {
      id: 'customer-x',
      name: 'Customer X',
      source: 'Contract of 2025, 7.2',
      starts_when: 'we found that it concerns them',
      deadlines: [{ id: 'call', name: 'Call them', within: '2h' }],
    }
    expect(inForce(rulesOf({ definitions: [whole] }).definitions, now).map(({ id }) => id)).toContain('customer-x')
    const { source: _, ...lacking } = whole
    expect(problemsOf({ definitions: [lacking] })).toEqual([
      'clocks.definitions.0.source: is missing: "customer-x" is no built-in clock, so all of it must be said',
    ])
    expect(problemsOf({ definitions: [whole, whole] })[0]).toContain('is there twice')
    const circular = [{ id: 'call', name: 'Call', within: [{ time: '2h', after: 'call' }] }]
    expect(problemsOf({ definitions: [{ ...whole, deadlines: circular }] })[0]).toContain('is no deadline before it')
    const wrong = [{ id: 'call', name: 'Call', within: 'soon' }]
    expect(problemsOf({ definitions: [{ ...whole, deadlines: wrong }] })).toHaveLength(1)
  })
})
