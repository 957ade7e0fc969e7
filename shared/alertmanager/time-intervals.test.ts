import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { noEnd } from '#shared/recurrence.ts'
import { stretchAfter, type TimeInterval, timeIntervalsSchema, timetable, writtenInterval } from './time-intervals.ts'

const read = (interval: object) =>
  timeIntervalsSchema.parse([{ name: 'x', time_intervals: [interval] }])[0]?.time_intervals ?? []
const at = (text: string) => Date.parse(text)
const refusal = (interval: object): string | undefined =>
  timeIntervalsSchema.safeParse([{ name: 'x', time_intervals: [interval] }]).error?.issues[0]?.message

describe('time_intervals are read as Alertmanager reads them', () => {
  it('all fields, names in any case, members and ranges, numbers as YAML has them', () => {
    expect(
      read({
        times: [{ start_time: '09:00', end_time: '24:00' }],
        weekdays: ['Monday:friday', 'sunday'],
        days_of_month: ['1:5', '-3:-1', 9],
        months: ['1:3', 'May:august', 12],
        years: ['2026:2028', 2030],
        location: 'Europe/Berlin',
      }),
    ).toEqual([
      {
        times: [{ begin: 540, end: 1440 }],
        weekdays: [
          { begin: 1, end: 5 },
          { begin: 0, end: 0 },
        ],
        daysOfMonth: [
          { begin: 1, end: 5 },
          { begin: -3, end: -1 },
          { begin: 9, end: 9 },
        ],
        months: [
          { begin: 1, end: 3 },
          { begin: 5, end: 8 },
          { begin: 12, end: 12 },
        ],
        years: [
          { begin: 2026, end: 2028 },
          { begin: 2030, end: 2030 },
        ],
        location: 'Europe/Berlin',
      },
    ])
  })

  it.each<[interval: object, message: RegExp]>([
    [{ times: [{ start_time: '9:00', end_time: '10:00' }] }, /couldn't parse timestamp 9:00/],
    [{ times: [{ start_time: '09:00', end_time: '24:01' }] }, /couldn't parse timestamp 24:01/],
    [{ times: [{ start_time: '22:00', end_time: '06:00' }] }, /past midnight needs two/],
    [{ times: [{ start_time: '09:00', end_time: '09:00' }] }, /start time cannot be equal/],
    [{ weekdays: ['friday:monday'] }, /start day cannot be before end day/],
    [{ weekdays: ['mon'] }, /mon is not a valid weekday/],
    [{ weekdays: ['monday:tuesday:friday'] }, /couldn't parse range/],
    [{ days_of_month: ['0'] }, /0 is not a valid day/],
    [{ days_of_month: ['32'] }, /32 is not a valid day/],
    [{ days_of_month: ['-1:5'] }, /end day must be negative/],
    [{ days_of_month: ['25:-10'] }, /end day -10 is always before start day 25/],
    [{ days_of_month: ['x'] }, /"x" is not a number/],
    [{ months: ['december:january'] }, /end month january is before start month december/],
    [{ months: ['13'] }, /13 is not a valid month/],
    [{ years: ['2028:2026'] }, /end year 2026 is before start year 2028/],
    [{ location: 'Mars/Base' }, /unknown time zone Mars\/Base/],
    [{ location: 'Local' }, /another zone on every machine/],
    [{ weekday: ['monday'] }, /[Uu]nrecognized/],
  ])('%j is refused: %s', (interval, message) => {
    expect(refusal(interval)).toMatch(message)
  })
})

describe('what is in force', () => {
  it('every part must fit; a part that is an empty list never does, one that is absent always', () => {
    const inForce = (interval: object, when: string) => timetable(read(interval)).activeAt(at(when))
    const office = { times: [{ start_time: '09:00', end_time: '17:00' }], weekdays: ['monday:friday'] }
    expect(inForce(office, '2026-11-23T09:00:00Z')).toBe(true)
    expect(inForce(office, '2026-11-23T16:59:59.999Z')).toBe(true)
    expect(inForce(office, '2026-11-23T17:00:00Z')).toBe(false)
    expect(inForce(office, '2026-11-22T12:00:00Z')).toBe(false)
    expect(inForce({}, '2026-11-22T12:00:00Z')).toBe(true)
    expect(inForce({ location: '' }, '2026-11-22T12:00:00Z')).toBe(true)
    expect(inForce({ times: [] }, '2026-11-22T12:00:00Z')).toBe(false)
    expect(timetable([]).activeAt(0)).toBe(false)
  })

  it('days from the end of the month, in long and short ones; what begins after the end is left out', () => {
    const days = (range: string, month: string) => {
      const table = timetable(read({ days_of_month: [range] }))
      return Array.from({ length: 31 }, (_, n) => n + 1).filter((day) => {
        const when = at(`${month}-${String(day).padStart(2, '0')}T12:00:00Z`)
        return new Date(when).getUTCDate() === day && table.activeAt(when)
      })
    }
    expect(days('-3:-1', '2026-02')).toEqual([26, 27, 28])
    expect(days('-3:-1', '2026-12')).toEqual([29, 30, 31])
    expect(days('29:31', '2028-02')).toEqual([29])
    expect(days('30:31', '2028-02')).toEqual([])
    expect(days('-31:-29', '2026-04')).toEqual([1, 2])
    expect(days('20:-5', '2026-04')).toEqual([20, 21, 22, 23, 24, 25, 26])
  })

  it('the clock of the zone counts: summer time moves it, and what it shows twice fits twice', () => {
    const night = timetable(read({ times: [{ start_time: '02:00', end_time: '03:00' }], location: 'Europe/Berlin' }))
    const changes = (from: string, count: number) => {
      const found: string[] = []
      for (
        let next = night.changeAfter(at(from));
        next !== null && found.length < count;
        next = night.changeAfter(next)
      )
        found.push(new Date(next).toISOString().slice(5, 16))
      return found
    }
    // On 29 March there is no such hour; on 25 October there are two of them.
    expect(changes('2026-03-28T00:00:00Z', 4)).toEqual(['03-28T01:00', '03-28T02:00', '03-30T00:00', '03-30T01:00'])
    expect(changes('2026-10-24T12:00:00Z', 4)).toEqual(['10-25T00:00', '10-25T02:00', '10-26T01:00', '10-26T02:00'])
  })

  it('a change that is far away is found, and none where there is none', () => {
    const next = (interval: object, from = '2026-11-22T12:00:00Z') => {
      const change = timetable(read(interval)).changeAfter(at(from))
      return change === null ? null : new Date(change).toISOString()
    }
    expect(next({ years: ['2050'] })).toBe('2050-01-01T00:00:00.000Z')
    expect(next({ days_of_month: [29], months: ['february'], weekdays: ['monday'] })).toBe('2044-02-29T00:00:00.000Z')
    expect(next({ years: ['1999:2020'] })).toBeNull()
    expect(next({ days_of_month: ['31'], months: ['april'] })).toBeNull()
    expect(next({})).toBeNull()
  })

  it('several that follow on one another are one stretch', () => {
    const nightly = [
      ...read({ times: [{ start_time: '22:00', end_time: '24:00' }] }),
      ...read({ times: [{ start_time: '00:00', end_time: '06:00' }] }),
    ]
    expect(stretchAfter(timetable(nightly), at('2026-11-22T12:00:00Z'))).toEqual({
      startsAt: at('2026-11-22T22:00:00Z'),
      endsAt: at('2026-11-23T06:00:00Z'),
    })
    const always = [...read({ weekdays: ['monday:friday'] }), ...read({ weekdays: ['saturday', 'sunday'] })]
    expect(stretchAfter(timetable(always), 7)).toEqual({ startsAt: 7, endsAt: noEnd })
    expect(stretchAfter(timetable(read({ times: [] })), 7)).toBeNull()
  })

  const range = (least: number, most: number) =>
    fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map(([a, b]) => ({
      begin: Math.min(a, b),
      end: Math.max(a, b),
    }))
  const some = (of: fc.Arbitrary<{ begin: number; end: number }>) =>
    fc.option(fc.array(of, { minLength: 1, maxLength: 2 }), { freq: 2 })
  const interval: fc.Arbitrary<TimeInterval> = fc.record({
    times: some(range(0, 47).map(({ begin, end }) => ({ begin: begin * 30, end: end * 30 + 30 }))),
    weekdays: some(range(0, 6)),
    daysOfMonth: some(range(1, 31)),
    months: fc.constant(null),
    years: fc.constant(null),
    location: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Beirut'),
  })
  /** Nights on which the clocks of these zones are changed, and an ordinary one. */
  const start = fc
    .constantFrom('2026-03-29', '2026-10-25', '2026-04-05', '2026-10-04', '2026-03-08', '2026-11-01', '2026-06-10')
    .chain((day) => fc.integer({ min: -1500, max: 600 }).map((minutes) => at(`${day}T00:00:00Z`) + minutes * minuteMs))

  it('TI2: what is written is read back as the same', () => {
    const any = fc.record({ interval, months: some(range(1, 12)), years: some(range(2020, 2040)) })
    fc.assert(
      fc.property(any, ({ interval, months, years }) => {
        const whole = { ...interval, months, years }
        expect(read(writtenInterval(whole))).toEqual([whole])
      }),
    )
  })

  it('TI1: nothing changes before the next change, and it does then', () => {
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 2 }), start, (intervals, from) => {
        const table = timetable(intervals)
        const change = table.changeAfter(from)
        const was = table.activeAt(from)
        const last = Math.min(change ?? Number.POSITIVE_INFINITY, from + 2000 * minuteMs)
        for (let each = from; each < last; each += 15 * minuteMs) expect(table.activeAt(each)).toBe(was)
        if (change === null) return
        expect(table.activeAt(change - 1)).toBe(was)
        expect(table.activeAt(change)).toBe(!was)
      }),
      { numRuns: 60 },
    )
  })
})
