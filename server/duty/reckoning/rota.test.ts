import { describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { at, change, policyWith, rotaOf, span } from './roster.fixture.ts'

const dayMs = 24 * hourMs
const week = [at('2026-01-05T00:00Z'), at('2026-01-12T00:00Z')] as const

describe('turns', () => {
  it.each([
    ['Europe/Berlin', '2026-03-26T09:00', '1d', ['2026-03-28T08:00', '2026-03-29T07:00'], 23],
    ['Europe/Berlin', '2026-10-22T09:00', '1d', ['2026-10-24T07:00', '2026-10-25T08:00'], 25],
    ['America/New_York', '2026-03-05T09:00', '1d', ['2026-03-07T14:00', '2026-03-08T13:00'], 23],
    ['Australia/Adelaide', '2026-10-01T09:00', '1d', ['2026-10-02T23:30', '2026-10-03T22:30'], 23],
    ['Australia/Lord_Howe', '2026-04-02T09:00', '1d', ['2026-04-03T22:00', '2026-04-04T22:30'], 24.5],
  ])('RO3: a day in %s is as long as its clock makes it', (time_zone, starts, turn, [from, to], hours) => {
    const rota = rotaOf(policyWith([{ time_zone, layers: [{ people: ['ana', 'ben'], starts, turn }] }]))
    const begin = at(`${from}Z`)
    const shift = rota.shifts({}, begin, begin + 1)[0]
    expect(shift && span(shift)).toBe(`${from}/${to}`)
    expect(((shift?.to ?? 0) - (shift?.from ?? 0)) / hourMs).toBe(hours)
  })

  it('RO2, RO3: a hand-over at a time that is skipped is at the jump, and at one that is shown twice at the first', () => {
    const layer = { people: ['ana', 'ben'], turn: '1d' }
    const spring = policyWith([{ time_zone: 'Europe/Berlin', layers: [{ ...layer, starts: '2026-03-27T02:30' }] }])
    const autumn = policyWith([{ time_zone: 'Europe/Berlin', layers: [{ ...layer, starts: '2026-10-23T02:30' }] }])
    const spans = (policy: typeof spring, from: string, to: string) =>
      rotaOf(policy).shifts({}, at(from), at(to)).map(span)
    expect(spans(spring, '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-28T01:30/2026-03-29T01:00',
      '2026-03-29T01:00/2026-03-30T00:30',
      '2026-03-30T00:30/2026-03-31T00:30',
    ])
    expect(spans(autumn, '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-24T00:30/2026-10-25T00:30',
      '2026-10-25T00:30/2026-10-26T01:30',
      '2026-10-26T01:30/2026-10-27T01:30',
    ])
  })

  it('nobody is on before the first and after the end', () => {
    const rota = rotaOf(policyWith([{ layers: [{ ends: '2026-01-07T09:00' }] }]))
    expect(rota.onCall('r1', at('2026-01-05T08:59Z'))).toEqual([])
    expect(rota.onCall('r1', at('2026-01-05T09:00Z'))).toEqual(['ana'])
    expect(rota.onCall('r1', at('2026-01-07T09:00Z'))).toEqual([])
    expect(rota.onCall('nothing', week[0])).toEqual([])
  })
})

describe('layers, hours and holidays', () => {
  const office = { weekdays: ['monday:friday'], times: [{ from: '09:00', to: '17:00' }] }
  const policy = policyWith(
    [
      {
        time_zone: 'Europe/Berlin',
        layers: [
          {
            name: 'day',
            people: ['ana', 'ben'],
            starts: '2026-01-05T00:00',
            on: [office],
            holidays: { calendars: ['hesse'], people: ['dov'] },
          },
          {
            name: 'night',
            people: ['cem'],
            starts: '2026-01-05T00:00',
            on: [{ times: [{ from: '17:00', to: '09:00' }] }],
          },
        ],
      },
    ],
    { holidays: [{ id: 'hesse', days: [{ date: '2026-01-06', name: 'Epiphany' }] }] },
  )
  const rota = rotaOf(policy)

  it('a layer is on in its hours, which may pass midnight', () => {
    expect(rota.onCall('r1', at('2026-01-05T07:59Z'))).toEqual(['cem'])
    expect(rota.onCall('r1', at('2026-01-05T08:00Z'))).toEqual(['ana'])
    expect(rota.onCall('r1', at('2026-01-05T16:00Z'))).toEqual(['cem'])
    expect(rota.shifts({ person: 'cem' }, at('2026-01-07T20:00Z'), at('2026-01-07T21:00Z')).map(span)).toEqual([
      '2026-01-07T16:00/2026-01-08T08:00',
    ])
  })

  it('on a holiday somebody else answers', () => {
    expect(rota.onCall('r1', at('2026-01-06T10:00Z'))).toEqual(['dov'])
    expect(rota.onCall('r1', at('2026-01-07T10:00Z'))).toEqual(['ana'])
    expect(rota.onCall('r1', at('2026-01-13T10:00Z'))).toEqual(['ben'])
  })

  it('a layer that is held back on holidays leaves them to one that is on then', () => {
    const layers = [
      { people: ['ana'], starts: '2026-01-01T00:00', holidays: { calendars: ['h'] } },
      { people: ['ben'], starts: '2026-01-01T00:00', on: [{ holidays: ['h'] }] },
    ]
    const holidays = [{ id: 'h', days: [{ date: '2026-01-06', until: '2026-01-07' }] }]
    const rota = rotaOf(policyWith([{ time_zone: 'America/New_York', layers }], { holidays }))
    expect(rota.onCall('r1', at('2026-01-06T04:59Z'))).toEqual(['ana'])
    expect(rota.onCall('r1', at('2026-01-06T05:00Z'))).toEqual(['ben'])
    expect(rota.onCall('r1', at('2026-01-08T04:59Z'))).toEqual(['ben'])
    expect(rota.onCall('r1', at('2026-01-08T05:00Z'))).toEqual(['ana'])
    expect(rota.troubles(...week)).toEqual([])
  })

  it('days that were imported count as those of the policy', () => {
    const imported = new Map([['h', [{ date: '2026-01-06', until: '2026-01-06', name: null }]]])
    const layers = [{ people: ['ana'], starts: '2026-01-01T00:00', holidays: { calendars: ['h'] } }]
    const rota = rotaOf(policyWith([{ layers }], { holidays: [{ id: 'h' }] }), [], { imported: () => imported })
    expect(rota.onCall('r1', at('2026-01-06T12:00Z'))).toEqual([])
    expect(rota.holidays('h')).toEqual([{ date: '2026-01-06', until: '2026-01-06', name: null, imported: true }])
  })

  it('hours may be those of `time_intervals`, in their own zone', () => {
    const night = {
      name: 'night',
      time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }], location: 'Asia/Kolkata' }],
    }
    const layers = [{ starts: '2026-01-01T00:00', on: [{ intervals: ['night'] }] }]
    const rota = rotaOf(policyWith([{ layers }], { time_intervals: [night] }))
    expect(rota.shifts({}, at('2026-01-06T00:00Z'), at('2026-01-07T00:00Z')).map(span)).toEqual([
      '2026-01-06T16:30/2026-01-06T18:30',
    ])
  })

  it('two layers that are on at once are asked in the order in which they are written, each person once', () => {
    const layers = [{ people: ['ana', 'ben'] }, { people: ['ben', 'cem'] }, { people: ['ana'] }]
    const rota = rotaOf(policyWith([{ layers }, { layers: [{ people: ['dov'] }] }]))
    expect(rota.onCall('r1', at('2026-01-06T00:00Z'))).toEqual(['ana', 'ben'])
    expect(rota.onCallOfTeam('team', at('2026-01-06T00:00Z'))).toEqual(['ana', 'ben', 'dov'])
    expect(rota.onCallOfTeam('nobody', at('2026-01-06T00:00Z'))).toEqual([])
  })
})

describe('RO4: what was changed', () => {
  const policy = policyWith([
    {
      layers: [
        { name: 'first', people: ['ana', 'ben'], turn: '1d' },
        { name: 'second', people: ['cem'] },
      ],
    },
  ])
  const noon = at('2026-01-06T12:00Z')
  const evening = at('2026-01-06T18:00Z')

  it('an override takes the place of whoever is asked first; others stay behind', () => {
    const rota = rotaOf(policy, [change({ from: noon, to: evening, person: 'dov' })])
    expect(rota.onCall('r1', noon - 1)).toEqual(['ben', 'cem'])
    expect(rota.onCall('r1', noon)).toEqual(['dov', 'cem'])
    expect(rota.onCall('r1', evening)).toEqual(['ben', 'cem'])
    expect(rota.shifts({ person: 'ben' }, noon - 1, evening + 1).map(span)).toEqual([
      '2026-01-06T09:00/2026-01-06T12:00',
      '2026-01-06T18:00/2026-01-07T09:00',
    ])
    expect(rota.shifts({ person: 'dov' }, noon, noon + 1)).toMatchObject([
      { layer: 'first', by: 'override', from: noon },
    ])
  })

  it('a shift ends where it is changed, also for who asks only about the time before that', () => {
    const policy = policyWith([{ layers: [{ people: ['cem'], turn: '1d' }] }])
    const rota = rotaOf(policy, [change({ from: at('2026-03-03T14:00Z'), to: at('2026-03-03T15:00Z'), person: 'ana' })])
    for (const to of ['2026-03-03T11:00Z', '2026-03-03T14:00Z'])
      expect(rota.shifts({}, at('2026-03-03T10:00Z'), at(to)).map(span)).toEqual(['2026-03-03T09:00/2026-03-03T14:00'])
    const after = rota.shifts({}, at('2026-03-03T16:00Z'), at('2026-03-03T17:00Z'))
    expect(after.map(span)).toEqual(['2026-03-03T15:00/2026-03-04T09:00'])
  })

  it('one of a layer changes that layer only; of a layer that is gone, nothing', () => {
    const second = change({ from: noon, to: evening, person: 'dov', layer: 'second' })
    const gone = change({ from: noon, to: evening, person: 'ana', layer: 'third' })
    expect(rotaOf(policy, [second, gone]).onCall('r1', noon)).toEqual(['ben', 'dov'])
  })

  it('fills a gap, as one shift over several turns', () => {
    const office = policyWith([{ layers: [{ on: [{ times: [{ from: '09:00', to: '17:00' }] }], turn: '1d' }] }])
    const whole = change({ from: at('2026-01-06T00:00Z'), to: at('2026-01-08T00:00Z'), person: 'dov' })
    const shifts = rotaOf(office, [whole]).shifts({}, noon, noon + 1)
    expect(shifts.map(span)).toEqual(['2026-01-06T00:00/2026-01-08T00:00'])
  })

  it('a swap takes the shift only from whom it was offered by, and what comes later goes over it', () => {
    const swap = (insteadOf: string) =>
      change({ by: 'swap', layer: 'first', from: noon, to: evening, person: 'dov', insteadOf })
    expect(rotaOf(policy, [swap('ben')]).onCall('r1', noon)).toEqual(['dov', 'cem'])
    expect(rotaOf(policy, [swap('ana')]).onCall('r1', noon)).toEqual(['ben', 'cem'])
    const over = change({ from: noon, to: evening, person: 'ana' })
    expect(rotaOf(policy, [swap('ben'), over]).onCall('r1', noon)).toEqual(['ana', 'cem'])
    expect(rotaOf(policy, [over, swap('ben')]).onCall('r1', noon)).toEqual(['ana', 'cem'])
    expect(rotaOf(policy, [over, swap('ana')]).onCall('r1', noon)).toEqual(['dov', 'cem'])
  })

  it('who cannot respond any more is not asked, and is a trouble', () => {
    const rota = rotaOf(policy, [], { mayRespond: (person) => person !== 'ben' })
    expect(rota.onCall('r1', noon)).toEqual(['cem'])
    expect(rota.troubles(at('2026-01-05T09:00Z'), at('2026-01-07T12:00Z'))).toEqual([
      {
        rotation: 'r1',
        kind: 'gone',
        people: ['ben'],
        other: null,
        from: at('2026-01-06T09:00Z'),
        to: at('2026-01-07T09:00Z'),
      },
    ])
  })
})

describe('RO5: troubles', () => {
  it('a gap is where nobody answers though somebody should', () => {
    const on = [{ times: [{ from: '09:00', to: '17:00' }] }]
    const layers = [{ starts: '2026-01-05T00:00', on, ends: '2026-01-08T00:00' }]
    const rota = rotaOf(policyWith([{ layers, covers: [{ times: [{ from: '08:00', to: '17:00' }] }] }]))
    expect(rota.troubles(week[0], at('2026-01-07T00:00Z')).map(span)).toEqual([
      '2026-01-05T08:00/2026-01-05T09:00',
      '2026-01-06T08:00/2026-01-06T09:00',
    ])
    expect(rota.troubles(at('2026-01-09T00:00Z'), at('2026-01-10T00:00Z')).map(span)).toEqual([
      '2026-01-09T08:00/2026-01-09T17:00',
    ])
    expect(rota.troubles(at('2025-12-01T00:00Z'), at('2025-12-02T00:00Z'))).toEqual([])
  })

  it('one person in two rotations at once is a double booking, told once', () => {
    const two = policyWith([
      { layers: [{ people: ['ana', 'ben'], turn: '1d' }] },
      { layers: [{ people: ['ana'], turn: '12h' }] },
    ])
    expect(rotaOf(two).troubles(at('2026-01-05T09:00Z'), at('2026-01-08T09:00Z'))).toEqual(
      ['05', '07'].map((day) => ({
        ...{ rotation: 'r1', kind: 'double', people: ['ana'], other: 'r2' },
        from: at(`2026-01-${day}T09:00Z`),
        to: at(`2026-01-${day}T09:00Z`) + dayMs,
      })),
    )
  })
})

describe('shiftOf', () => {
  it('joins shifts that follow each other, over layers, and says who comes next', () => {
    const policy = policyWith([{ layers: [{ people: ['ana', 'ben'], turn: '1d' }] }])
    const more = change({ from: at('2026-01-06T09:00Z'), to: at('2026-01-06T12:00Z'), person: 'ana' })
    expect(rotaOf(policy, [more]).shiftOf('ana', at('2026-01-05T10:00Z'))).toEqual({
      rotation: 'r1',
      endsAt: at('2026-01-06T12:00Z'),
      next: ['ben'],
    })
    expect(rotaOf(policy).shiftOf('ben', at('2026-01-05T10:00Z'))).toBeNull()
  })

  it('of two rotations it is the one that ends last; one without an end ends beyond sight', () => {
    const policy = policyWith([{ layers: [{ people: ['ana', 'ben'], turn: '1d' }] }, { layers: [{ people: ['ana'] }] }])
    const shift = rotaOf(policy).shiftOf('ana', at('2026-01-05T10:00Z'))
    expect(shift?.rotation).toBe('r2')
    expect((shift?.endsAt ?? 0) - at('2026-01-05T10:00Z')).toBeGreaterThan(59 * dayMs)
  })
})
