import { describe, expect, it } from 'vitest'
import { policySchema } from '../policy.ts'

const layer = { people: ['ana', 'ben'], starts: '2026-01-05T09:00', turn: '1w' }
const rotation = { id: 'r', team: 'web', time_zone: 'Europe/Berlin', layers: [layer] }
const policyOf = (over: object = {}, more: object = {}) => ({
  teams: [{ id: 'web', members: ['ana', 'ben', 'cem'] }],
  holidays: [{ id: 'hesse', days: [{ date: '2026-12-25', until: '2026-12-26', name: 'Christmas' }] }],
  rotations: [{ ...rotation, ...over }],
  ...more,
})
const problems = (value: object): string[] => {
  const { error } = policySchema.safeParse(value)
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}
const inLayer = (over: object) => policyOf({ layers: [{ ...layer, ...over }] })

describe('RO1: rotations in a policy', () => {
  it('are read: turns in ms, weekdays by number, times in minutes', () => {
    const on = [{ weekdays: ['Friday:monday'], times: [{ from: '18:00', to: '08:30' }] }, { holidays: ['hesse'] }]
    const { rotations, holidays } = policySchema.parse(inLayer({ on, turn: '12h', ends: '2027-01-01T00:00' }))
    expect(rotations[0]?.layers[0]).toMatchObject({
      turn: 43_200_000,
      on: [{ weekdays: [[4, 5, 6, 0]], times: [{ from: 1080, to: 510 }] }, { holidays: ['hesse'] }],
    })
    expect(holidays[0]?.days).toHaveLength(1)
    expect(policySchema.parse({}).rotations).toEqual([])
  })

  it.each<[string, object, string]>([
    ['unknown team', policyOf({ team: 'db' }), 'rotations.0.team: there is no team "db" under teams'],
    [
      'no member',
      inLayer({ people: ['ana', 'zoe'] }),
      'rotations.0.layers.0.people.1: "zoe" is no member of the team "web"',
    ],
    ['person twice', inLayer({ people: ['ana', 'ana'] }), 'rotations.0.layers.0.people.1: "ana" is there twice'],
    [
      'turn 0',
      inLayer({ turn: '0h' }),
      'rotations.0.layers.0.turn: must be at least 1h, in whole hours: for example 12h, 1d or 1w',
    ],
    ['turn of minutes', inLayer({ turn: '90m' }), 'rotations.0.layers.0.turn: must be at least 1h, in whole hours'],
    ['turn too long', inLayer({ turn: '60w' }), 'rotations.0.layers.0.turn: must be at most 366d'],
    ['turn that is none', inLayer({ turn: 'weekly' }), 'rotations.0.layers.0.turn: "weekly" is no duration'],
    ['time zone', policyOf({ time_zone: 'CEST' }), 'rotations.0.time_zone: "CEST" is no time zone'],
    [
      'start',
      inLayer({ starts: '2026-02-30T09:00' }),
      'rotations.0.layers.0.starts: "2026-02-30T09:00" is no date and time',
    ],
    ['end', inLayer({ ends: '2026-01-05T09:00' }), 'rotations.0.layers.0.ends: is not after starts'],
    ['weekday', inLayer({ on: [{ weekdays: ['mon'] }] }), 'rotations.0.layers.0.on.0.weekdays.0: "mon" is no weekday'],
    [
      'time',
      inLayer({ on: [{ times: [{ from: '9', to: '17:00' }] }] }),
      'rotations.0.layers.0.on.0.times.0.from: write a time',
    ],
    [
      'no time',
      inLayer({ on: [{ times: [{ from: '09:00', to: '09:00' }] }] }),
      'rotations.0.layers.0.on.0.times.0: begins when it ends',
    ],
    [
      'two ways',
      inLayer({ on: [{ weekdays: ['monday'], holidays: ['hesse'] }] }),
      'rotations.0.layers.0.on.0: say weekdays and times, or',
    ],
    ['no way', inLayer({ on: [{}] }), 'rotations.0.layers.0.on.0: say weekdays and times, or'],
    [
      'interval',
      inLayer({ on: [{ intervals: ['night'] }] }),
      'rotations.0.layers.0.on.0.intervals.0: there is no "night" under time_intervals',
    ],
    [
      'calendar',
      inLayer({ holidays: { calendars: ['mars'] } }),
      'rotations.0.layers.0.holidays.calendars.0: there is no "mars" under holidays',
    ],
    [
      'who replaces',
      inLayer({ holidays: { calendars: ['hesse'], people: ['zoe'] } }),
      'rotations.0.layers.0.holidays.people.0: "zoe" is no member',
    ],
    [
      'covers',
      policyOf({ covers: [{ holidays: ['mars'] }] }),
      'rotations.0.covers.0.holidays.0: there is no "mars" under holidays',
    ],
    [
      'layer twice',
      policyOf({ layers: [{ ...layer, name: '2' }, layer] }),
      'rotations.0.layers.1.name: "2" is there twice',
    ],
    ['no layer', policyOf({ layers: [] }), 'rotations.0.layers: '],
    ['rotation twice', policyOf({}, { rotations: [rotation, rotation] }), 'rotations.1.id: "r" is there twice'],
    ['calendar twice', policyOf({}, { holidays: [{ id: 'h' }, { id: 'h' }] }), 'holidays.1.id: "h" is there twice'],
    [
      'day',
      policyOf({}, { holidays: [{ id: 'h', days: [{ date: '2026-02-30' }] }] }),
      'holidays.0.days.0.date: "2026-02-30" is no date',
    ],
    [
      'days',
      policyOf({}, { holidays: [{ id: 'h', days: [{ date: '2026-02-03', until: '2026-02-01' }] }] }),
      'holidays.0.days.0.until: ends before',
    ],
    [
      'long',
      policyOf({}, { holidays: [{ id: 'h', days: [{ date: '2026-02-03', until: '2026-07-01' }] }] }),
      'holidays.0.days.0.until: is longer',
    ],
    [
      'phone',
      policyOf({}, { teams: [{ id: 'web', members: ['ana', 'ben'], phone: { answered_by: 'rotation:x' } }] }),
      'teams.0.phone.answered_by: there is no rotation "x"',
    ],
    [
      'phone of a team',
      policyOf({}, { teams: [{ id: 'web', members: ['ana', 'ben'], phone: { answered_by: 'team:web' } }] }),
      'teams.0.phone.answered_by: write rotation:<id>',
    ],
  ])('%s is refused with its path', (_, policy, wanted) => {
    const found = problems(policy)
    expect(
      found.some((problem) => problem.startsWith(wanted)),
      found.join('\n'),
    ).toBe(true)
  })
})
