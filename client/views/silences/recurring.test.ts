import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRule } from '#shared/recurrence.ts'
import {
  draftOf,
  monthlyWays,
  newDraft,
  occurrenceWords,
  type RecurrenceDraft,
  recurrenceWords,
  ruleOf,
  weekdays,
} from './recurring.ts'

const draft = (more: Partial<RecurrenceDraft> = {}): RecurrenceDraft => ({
  ...newDraft('2026-11-24T02:00', 'Europe/Berlin'),
  ...more,
})

describe('the fields of a recurrence', () => {
  it.each<[Partial<RecurrenceDraft>, string]>([
    [{}, 'FREQ=WEEKLY;BYDAY=TU'],
    [{ days: ['SU', 'MO'], every: '2' }, 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU'],
    [{ rhythm: 'daily', ends: 'count', count: '3' }, 'FREQ=DAILY;COUNT=3'],
    [{ rhythm: 'monthly' }, 'FREQ=MONTHLY;BYMONTHDAY=24'],
    [{ rhythm: 'monthly', monthly: 'nth' }, 'FREQ=MONTHLY;BYDAY=4TU'],
    [
      { rhythm: 'monthly', monthly: 'last', ends: 'date', until: '2027-03-01' },
      'FREQ=MONTHLY;BYDAY=-1TU;UNTIL=20270301',
    ],
    [{ rhythm: 'rule', rule: ' FREQ=HOURLY ' }, 'FREQ=HOURLY'],
  ])('%j say %s', (more, rule) => {
    expect(ruleOf(draft(more))).toBe(rule)
  })

  it('say a rule that is read, and are found again in it', () => {
    const any = fc.record({
      rhythm: fc.constantFrom('daily' as const, 'weekly' as const, 'monthly' as const),
      every: fc.integer({ min: 1, max: 30 }).map(String),
      days: fc.subarray(weekdays.map(([key]) => key)),
      monthly: fc.constantFrom('date' as const, 'nth' as const, 'last' as const),
      ends: fc.constantFrom('year' as const, 'date' as const, 'count' as const),
    })
    fc.assert(
      fc.property(any, (more) => {
        const rule = ruleOf(draft({ ...more, until: '2027-01-31', count: '7' }))
        expect(() => readRule(rule)).not.toThrow()
        const found = draftOf({ rrule: rule, starts: '2026-11-24T02:00', timeZone: 'UTC' })
        expect(ruleOf(found)).toBe(rule)
        expect(found.rhythm).toBe(more.rhythm)
      }),
    )
  })

  it('cannot say every rule: then it stands as it is', () => {
    const rrule = 'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1'
    expect(draftOf({ rrule, starts: '2026-11-24T02:00', timeZone: 'UTC' })).toMatchObject({
      rhythm: 'rule',
      rule: rrule,
    })
  })

  it('a month has its days by number and by place', () => {
    expect(monthlyWays('2026-11-24T02:00').map(([, words]) => words)).toEqual([
      'on day 24',
      'on the fourth Tuesday',
      'on the last Tuesday',
    ])
    expect(monthlyWays('2026-11-30T02:00').map(([, words]) => words)).toEqual(['on day 30', 'on the last Monday'])
    expect(monthlyWays('')).toHaveLength(1)
  })
})

describe('in words', () => {
  const words = (rrule: string) =>
    recurrenceWords({ rrule, starts: '2026-11-24T02:00', lastsMs: 5_400_000, timeZone: 'UTC' })
  it.each([
    ['FREQ=DAILY', 'every day at 02:00 for 1\u00a0h\u00a030\u00a0min'],
    ['FREQ=WEEKLY;BYDAY=MO,TH', 'every Mon, Thu at 02:00 for 1\u00a0h\u00a030\u00a0min'],
    ['BYDAY=TH,MO;FREQ=WEEKLY', 'every Mon, Thu at 02:00 for 1\u00a0h\u00a030\u00a0min'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=SU', 'every 2 weeks on Sun at 02:00 for 1\u00a0h\u00a030\u00a0min'],
    ['FREQ=MONTHLY;BYDAY=4TU', 'every month on the fourth Tuesday at 02:00 for 1\u00a0h\u00a030\u00a0min'],
    ['FREQ=YEARLY', 'FREQ=YEARLY, for 1\u00a0h\u00a030\u00a0min'],
  ])('%s: %s', (rule, said) => {
    expect(words(rule)).toBe(said)
  })

  it('a time is said by the clock of its zone, over midnight with both days, in another year with that', () => {
    const now = Date.parse('2026-11-22T12:00:00Z')
    const time = (startsAt: string, endsAt: string, zone: string) => occurrenceWords({ startsAt, endsAt }, zone, now)
    expect(time('2026-11-29T01:00:00Z', '2026-11-29T03:00:00Z', 'Europe/Berlin')).toBe('Sun 29 Nov, 02:00 to 04:00')
    expect(time('2026-11-29T22:30:00Z', '2026-11-30T03:00:00Z', 'UTC')).toBe('Sun 29 Nov, 22:30 to Mon 30 Nov, 03:00')
    expect(time('2027-01-03T01:00:00Z', '2027-01-03T03:00:00Z', 'UTC')).toBe('Sun 3 Jan 2027, 01:00 to 03:00')
  })
})
