import { describe, expect, it } from 'vitest'
import { hourMs } from './clocks.ts'
import { type PolicyInput, policySchema } from './policy.ts'

const night = { name: 'night', time_intervals: [{ times: [{ start_time: '00:00', end_time: '06:00' }] }] }
const window = { name: 'patching', match: ['service="checkout"'], reason: 'hosts restart' }
const recurs = { rrule: 'freq=weekly;byday=su', starts: '2026-01-04T02:00', lasts: '2h', time_zone: 'Europe/Berlin' }
const problems = (policy: object) =>
  policySchema.safeParse(policy).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
const ofWindow = (more: object, policy: object = {}) =>
  problems({ time_intervals: [night], filters: { maintenance: [{ ...window, ...more }] }, ...policy })

describe('filters.maintenance', () => {
  it('is read with the names of times, or with a rule', () => {
    const both = [
      { ...window, intervals: ['night'] },
      { ...window, name: 'weekly', recurs },
    ]
    const input = { time_intervals: [night], filters: { maintenance: both } } as PolicyInput
    expect(policySchema.parse(input).filters.maintenance).toMatchObject([
      { name: 'patching', intervals: ['night'] },
      {
        name: 'weekly',
        recurs: {
          rrule: 'FREQ=WEEKLY;BYDAY=SU',
          starts: '2026-01-04T02:00',
          lastsMs: 2 * hourMs,
          timeZone: 'Europe/Berlin',
        },
      },
    ])
  })

  it.each<[more: object, problem: RegExp]>([
    [{}, /^filters\.maintenance\.0: say either intervals or recurs/],
    [{ intervals: ['night'], recurs }, /^filters\.maintenance\.0: say either intervals or recurs/],
    [{ intervals: ['day'] }, /^filters\.maintenance\.0\.intervals\.0: there is no "day" under time_intervals/],
    [{ intervals: ['night'], reason: ' ' }, /^filters\.maintenance\.0\.reason: say why/],
    [{ intervals: ['night'], match: [] }, /^filters\.maintenance\.0\.match: /],
    [
      { recurs: { ...recurs, rrule: 'weekly' } },
      /^filters\.maintenance\.0\.recurs\.rrule: "WEEKLY" is no part of an RRULE/,
    ],
    [{ recurs: { ...recurs, lasts: '10s' } }, /^filters\.maintenance\.0\.recurs\.lasts: must be at least 1m/],
    [
      { recurs: { ...recurs, time_zone: 'Berlin' } },
      /^filters\.maintenance\.0\.recurs\.time_zone: "Berlin" is no time zone/,
    ],
    [
      { recurs: { ...recurs, starts: 'sunday' } },
      /^filters\.maintenance\.0\.recurs\.starts: write local date and time/,
    ],
  ])('%j is refused in words', (more, problem) => {
    expect(ofWindow(more).join('\n')).toMatch(problem)
  })

  it('MW2: a window that opens must close', () => {
    const never =
      'filters.maintenance.0.intervals: never close, so that nothing would be heard again; leave a time at which they do'
    const always = (...time_intervals: object[]) =>
      ofWindow({ intervals: ['night'] }, { time_intervals: [{ name: 'night', time_intervals }] })
    expect(always({})).toEqual([never])
    expect(always({ weekdays: ['monday:friday'] }, { weekdays: ['saturday', 'sunday'] })).toEqual([never])
    expect(always({ years: ['2030:9999'] })).toEqual([never])
    expect(always({ times: [{ start_time: '00:00', end_time: '23:59' }] })).toEqual([])
    expect(always({ years: ['1999'] })).toEqual([])
  })

  it('two of one name would be one in reasons', () => {
    const twice = { ...window, intervals: ['night'] }
    expect(problems({ time_intervals: [night], filters: { maintenance: [twice, twice] } })).toEqual([
      'filters.maintenance.1.name: "patching" is there twice',
    ])
  })
})

describe('time_intervals', () => {
  it('have their names once, over both lists, as Alertmanager has it', () => {
    expect(problems({ time_intervals: [night], mute_time_intervals: [night] })).toEqual([
      'mute_time_intervals.0.name: time interval "night" is not unique',
    ])
    expect(ofWindow({ intervals: ['night'] }, { time_intervals: [], mute_time_intervals: [night] })).toEqual([])
  })

  it('are named by routes that are there, and not by the root', () => {
    const receivers = [{ name: 'a' }]
    const routed = (route: object) =>
      problems({ receivers, time_intervals: [night], route: { receiver: 'a', ...route } })
    expect(routed({ routes: [{ mute_time_intervals: ['night'], active_time_intervals: ['night'] }] })).toEqual([])
    expect(routed({ routes: [{ mute_time_intervals: ['night', 'day'] }] })).toEqual([
      'route.routes.0.mute_time_intervals.1: undefined time interval "day" used in route',
    ])
    expect(routed({ active_time_intervals: ['night'] })).toEqual([
      'route.active_time_intervals: root route must not have any active time intervals',
    ])
  })
})
