import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from './clocks.ts'
import {
  isTimeZone,
  occurrencesAfter,
  type Recurrence,
  recurrenceProblem,
  recurrenceSchema,
  ruleText,
} from './recurrence.ts'

/** Comes every `everyMs` from instant 0 on. */
const every =
  (everyMs: number, count = Number.POSITIVE_INFINITY) =>
  ({ lastsMs }: Recurrence, after: number) => {
    const number = Math.max(0, Math.floor((after - lastsMs) / everyMs) + 1)
    return number >= count ? null : { startsAt: number * everyMs, endsAt: number * everyMs + lastsMs }
  }
const lasting = (lastsMs: number): Recurrence => ({
  rrule: 'FREQ=DAILY',
  starts: '2026-01-01T00:00',
  lastsMs,
  timeZone: 'UTC',
})

describe('an RRULE', () => {
  it.each([
    ['rrule:freq=weekly;byday=mo,th;', 'FREQ=WEEKLY;BYDAY=MO,TH'],
    [' FREQ=MONTHLY;BYDAY=-1FR;COUNT=12', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=12'],
    ['FREQ=DAILY;UNTIL=20261231T230000Z', 'FREQ=DAILY;UNTIL=20261231T230000Z'],
    ['FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU', 'FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU'],
  ])('%s is kept as %s', (given, kept) => {
    expect(ruleText(given)).toBe(kept)
  })

  it.each([
    ['every monday', /is no part of an RRULE; write for example/],
    ['FREQ=WEEKLY\nEXDATE:20260101T000000', /is no part/],
    ['FREQ=MINUTELY', /FREQ=MINUTELY is not read here; write one of HOURLY/],
    ['BYDAY=MO', /FREQ is missing/],
    ['FREQ=DAILY;FREQ=DAILY', /there twice/],
    ['FREQ=DAILY;X-FOO=1', /X-FOO is not read here/],
    ['FREQ=DAILY;BYSECOND=1', /BYSECOND is not read here/],
    ['FREQ=DAILY;constructor=1', /CONSTRUCTOR is not read here/],
    ['FREQ=DAILY;COUNT=0', /COUNT=0 cannot be read; it wants a number from 1 to 500/],
    ['FREQ=DAILY;COUNT=1,2', /COUNT=1,2 cannot be read/],
    ['FREQ=DAILY;BYMONTH=13', /months from 1 to 12/],
    ['FREQ=WEEKLY;BYDAY=MON', /days such as MO/],
    ['FREQ=WEEKLY;BYDAY=1MO', /needs FREQ=MONTHLY/],
    ['FREQ=WEEKLY;BYMONTHDAY=1', /does not go with/],
    ['FREQ=MONTHLY;BYWEEKNO=1', /needs FREQ=YEARLY/],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260101', /either COUNT or UNTIL/],
    ['FREQ=DAILY;UNTIL=20260101T000000', /in UTC/],
  ])('%j is refused in words', (given, words) => {
    expect(() => ruleText(given)).toThrow(words)
  })
})

describe('a recurrence', () => {
  const given = { rrule: 'FREQ=DAILY', starts: '2026-02-28T02:00', lastsMs: hourMs, timeZone: 'Europe/Berlin' }
  const fault = (more: object) => recurrenceSchema.safeParse({ ...given, ...more }).error?.issues[0]?.message

  it('says when, how long and in which zone, each in words where it is wrong', () => {
    expect(recurrenceSchema.parse(given)).toEqual(given)
    expect(fault({ starts: '2026-02-29T02:00' })).toBe('"2026-02-29T02:00" is no date and time')
    expect(fault({ starts: '2026-02-28 02:00' })).toMatch(/write local date and time/)
    expect(fault({ timeZone: 'Berlin' })).toMatch(/"Berlin" is no time zone/)
    expect(fault({ timeZone: '+02:00' })).toMatch(/is no time zone/)
    expect(fault({ lastsMs: 1 })).toMatch(/at least 1m/)
    expect(fault({ rrule: 'daily' })).toMatch(/is no part of an RRULE/)
    expect(isTimeZone('UTC')).toBe(true)
  })

  it('RR2: one that never comes, or whose end is after the next beginning, is a mistake; an hour more is not, for summer time', () => {
    expect(recurrenceProblem(() => null, lasting(hourMs), 0)).toMatchObject({ at: 'rrule' })
    expect(recurrenceProblem(every(hourMs), lasting(hourMs + minuteMs), 0)).toBeNull()
    expect(recurrenceProblem(every(24 * hourMs), lasting(24 * hourMs), 0)).toBeNull()
    expect(recurrenceProblem(every(24 * hourMs), lasting(25 * hourMs), 0)).toMatchObject({ at: 'lastsMs' })
    expect(recurrenceProblem(every(24 * hourMs, 1), lasting(90 * hourMs), 0)).toBeNull()
    expect(recurrenceProblem(every(24 * hourMs, 1), lasting(90 * hourMs), hourMs)).toBeNull()
  })

  it('the next ones end one after another', () => {
    expect(occurrencesAfter(every(hourMs, 3), lasting(minuteMs), 30_000, 5)).toEqual([
      { startsAt: 0, endsAt: minuteMs },
      { startsAt: hourMs, endsAt: hourMs + minuteMs },
      { startsAt: 2 * hourMs, endsAt: 2 * hourMs + minuteMs },
    ])
  })
})
