import { describe, expect, it } from 'vitest'
import { importViewSchema } from '#shared/duty/view.ts'
import { as, commander, type House, openDuty } from './duty.fixture.ts'
import { at, policyWith, span } from './reckoning/roster.fixture.ts'

const lines = (...events: string[][]) =>
  [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//EN'],
    ...events.flatMap((event) => ['BEGIN:VEVENT', ...event, 'END:VEVENT']),
    'END:VCALENDAR',
    '',
  ].join('\r\n')
const berlin = policyWith(
  [
    {
      time_zone: 'Europe/Berlin',
      layers: [
        { name: 'first', people: ['ana'] },
        { name: 'second', people: ['cem'] },
      ],
    },
  ],
  { holidays: [{ id: 'hesse', days: [{ date: '2026-06-04', name: 'Corpus Christi' }] }] },
)
const holidays = { as: { kind: 'holidays', calendar: 'hesse' }, dryRun: false, reason: 'Year’s end' } as const
const shifts = {
  as: { kind: 'overrides', rotation: 'r1', layer: null },
  dryRun: false,
  reason: 'From the old tool',
} as const
const spans = ({ rota }: House, by = 'calendar') =>
  rota
    .shifts({}, at('2026-01-01T00:00Z'), at('2026-12-31T00:00Z'))
    .flatMap((shift) => (shift.by === by ? `${shift.person} ${span(shift)}` : []))

describe('a calendar of holidays', () => {
  const christmas = ['UID:1', 'SUMMARY:Christmas', 'DTSTART;VALUE=DATE:20251225', 'DTEND;VALUE=DATE:20251227']

  it('gives its days to a calendar of the policy: single ones, several in a row, and those that come every year', async () => {
    const house = await openDuty(berlin)
    const yearly = [
      'UID:2',
      'SUMMARY:Unity',
      'DTSTART;VALUE=DATE:20201003',
      'RRULE:FREQ=YEARLY',
      'EXDATE;VALUE=DATE:20271003',
    ]
    const view = importViewSchema.parse(
      await house.duty.import(commander, { ...holidays, ics: lines(christmas, yearly) }),
    )
    expect(view.skipped).toEqual([])
    expect(view.holidays.map(({ date, until, name }) => `${date}/${until} ${name}`)).toEqual([
      ...['2025-10-03/2025-10-03 Unity', '2025-12-25/2025-12-26 Christmas', '2026-10-03/2026-10-03 Unity'],
      ...['2028-10-03/2028-10-03 Unity', '2029-10-03/2029-10-03 Unity'],
    ])
    const shown = house.duty.view(commander, at('2026-06-01T00:00Z'), at('2026-11-01T00:00Z')).holidays
    expect(shown.map(({ date, imported }) => [date, imported])).toEqual([
      ['2026-06-04', false],
      ['2026-10-03', true],
    ])
    await house.open()
    expect(house.duty.view(commander, at('2026-10-03T00:00Z'), at('2026-10-04T00:00Z')).holidays).toHaveLength(1)
    expect(house.audit).toMatchObject([
      { action: 'rota.import', subject: 'hesse', reason: 'Year’s end', detail: { made: 5 } },
    ])
  })

  it('another file goes in its place; one that is only tried does nothing', async () => {
    const house = await openDuty(berlin)
    await house.duty.import(commander, { ...holidays, ics: lines(christmas) })
    const easter = ['UID:3', 'SUMMARY:Easter', 'DTSTART;VALUE=DATE:20260406']
    const tried = await house.duty.import(commander, { ...holidays, ics: lines(easter), dryRun: true })
    expect(tried).toMatchObject({ done: false, holidays: [{ date: '2026-04-06', until: '2026-04-06' }] })
    expect(house.audit).toHaveLength(1)
    await house.duty.import(commander, { ...holidays, ics: lines(easter) })
    const all = house.duty.view(commander, at('2025-12-20T00:00Z'), at('2026-05-01T00:00Z')).holidays
    expect(all.map(({ date }) => date)).toEqual(['2026-04-06'])
  })

  it('events of some hours are none, and that is said', async () => {
    const house = await openDuty(berlin)
    const party = ['UID:4', 'SUMMARY:Party', 'DTSTART:20260106T180000Z', 'DTEND:20260106T230000Z']
    const view = await house.duty.import(commander, { ...holidays, ics: lines(party) })
    expect(view).toMatchObject({
      holidays: [],
      skipped: [{ summary: 'Party', why: 'is not of whole days' }],
      skippedInAll: 1,
    })
  })
})

describe('a calendar of shifts', () => {
  it('puts in whom its events name, by address or by name, at the times of their places', async () => {
    const house = await openDuty(berlin)
    const ics = lines(
      [
        'UID:1',
        'SUMMARY:x',
        'ATTENDEE;CN=Somebody:mailto:ben@example.org',
        'DTSTART;TZID=Europe/Berlin:20260328T180000',
        'DTEND;TZID=Europe/Berlin:20260329T090000',
      ],
      ['UID:2', 'SUMMARY:On call: dov  LEVI (primary)', 'DTSTART:20260401T000000', 'DURATION:PT12H'],
      [
        'UID:3',
        'SUMMARY:Primary',
        'ATTENDEE;CN="Cem Kaya":urn:x',
        'DTSTART;TZID=Eastern Standard Time:20260402T090000',
        'DTEND;TZID=Eastern Standard Time:20260402T170000',
      ],
      ['UID:4', 'SUMMARY:Ana Lima', 'DTSTART;VALUE=DATE:20261025'],
    )
    const view = importViewSchema.parse(await house.duty.import(commander, { ...shifts, ics }))
    expect(view.skipped).toEqual([])
    expect(spans(house)).toEqual([
      'ben 2026-03-28T17:00/2026-03-29T07:00',
      'dov 2026-03-31T22:00/2026-04-01T10:00',
      'cem 2026-04-02T13:00/2026-04-02T21:00',
      'ana 2026-10-24T22:00/2026-10-25T23:00',
    ])
    expect(house.rota.onCall('r1', at('2026-03-29T06:59Z'))).toEqual(['ben', 'cem'])
  })

  it('expands rules by the local clock, with exceptions, additions and events that were moved', async () => {
    const house = await openDuty(berlin)
    const weekly = [
      'UID:1',
      'SUMMARY:Ben Ode',
      'DTSTART;TZID=/x.org/Europe/Berlin:20260309T090000',
      'DTEND;TZID=/x.org/Europe/Berlin:20260309T170000',
    ]
    const rule = [
      'RRULE:FREQ=WEEKLY;UNTIL=20260420T235959Z',
      'EXDATE;TZID=Europe/Berlin:20260323T090000',
      'RDATE;TZID=Europe/Berlin:20260325T090000',
    ]
    const moved = [
      'UID:1',
      'SUMMARY:Dov Levi',
      'RECURRENCE-ID;TZID=Europe/Berlin:20260406T090000',
      'DTSTART;TZID=Europe/Berlin:20260406T120000',
      'DURATION:PT1H',
    ]
    const called = [
      'UID:1',
      'SUMMARY:Ben Ode',
      'RECURRENCE-ID;TZID=Europe/Berlin:20260413T090000',
      'STATUS:CANCELLED',
      'DTSTART;TZID=Europe/Berlin:20260413T090000',
      'DURATION:PT1H',
    ]
    await house.duty.import(commander, { ...shifts, ics: lines([...weekly, ...rule], moved, called) })
    expect(spans(house)).toEqual([
      'ben 2026-03-09T08:00/2026-03-09T16:00',
      'ben 2026-03-16T08:00/2026-03-16T16:00',
      'ben 2026-03-25T08:00/2026-03-25T16:00',
      'ben 2026-03-30T07:00/2026-03-30T15:00',
      'dov 2026-04-06T10:00/2026-04-06T11:00',
      'ben 2026-04-20T07:00/2026-04-20T15:00',
    ])
  })

  it('again it changes nothing, and what was changed by hand since goes over it; another file takes away what has not begun', async () => {
    const house = await openDuty(berlin)
    const one = ['UID:1', 'SUMMARY:Ben Ode', 'DTSTART:20260110T090000Z', 'DTEND:20260111T090000Z']
    const two = ['UID:2', 'SUMMARY:Dov Levi', 'DTSTART:20260120T090000Z', 'DTEND:20260121T090000Z']
    await house.duty.import(commander, { ...shifts, ics: lines(one, two) })
    const own = { from: '2026-01-20T12:00:00.000Z', to: '2026-01-20T13:00:00.000Z', layer: null }
    await house.duty.override(commander, { rotation: 'r1', person: 'cem', ...own, reason: 'x' })
    await house.duty.import(commander, { ...shifts, ics: lines(two, one) })
    expect(house.rota.onCall('r1', at('2026-01-20T12:30Z'))).toEqual(['cem'])
    house.now = at('2026-01-10T12:00Z')
    await house.duty.import(commander, {
      ...shifts,
      ics: lines(['UID:9', 'SUMMARY:nobody', 'DTSTART;VALUE=DATE:20260301']),
    })
    expect(spans(house)).toEqual(['ben 2026-01-10T09:00/2026-01-11T09:00'])
  })

  it('what nothing comes of is said, event by event', async () => {
    const house = await openDuty(berlin)
    house.gone.add('dov')
    const when = ['DTSTART:20260201T090000Z', 'DTEND:20260201T100000Z']
    const { skipped, overrides } = await house.duty.import(commander, {
      ...shifts,
      ics: lines(
        ['SUMMARY:Zoe', ...when],
        ['SUMMARY:Ana Lima and Ben Ode', ...when],
        ['SUMMARY:Dov Levi', ...when],
        ['SUMMARY:Ben Ode', 'STATUS:CANCELLED', ...when],
        ['SUMMARY:Ben Ode', 'DTSTART:20250201T090000Z', 'DTEND:20250201T100000Z'],
        ['SUMMARY:Ben Ode'],
        ['SUMMARY:Ben Ode', 'DTSTART:20260201T090000Z'],
        ['SUMMARY:Ben Ode', 'DTSTART;TZID=Mars:20260201T090000', 'DURATION:PT1H'],
        ['SUMMARY:Ben Ode', 'RRULE:FREQ=SECONDLY', ...when],
        ['SUMMARY:Ben Ode', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', ...when],
        ['SUMMARY:Ben Ode', 'DTSTART:20269901T090000Z', 'DURATION:PT1H'],
        ['SUMMARY:Ben Ode', 'DTSTART:20260201T090000Z', 'DURATION:P100D'],
      ),
    })
    expect(overrides).toEqual([])
    expect(new Set(skipped.map(({ why }) => why.split(/[:,]/)[0]))).toEqual(
      new Set([
        ...[
          'names nobody of the team',
          'names several of the team',
          'is of Dov Levi',
          'is cancelled',
          'has no DTSTART',
        ],
        ...['is not in the time that is read', 'has no length', 'is in the time zone “Mars”', 'never comes'],
        ...['has a rule that is not read', 'has a time that is none', 'is longer than 92 days'],
      ]),
    )
  })
})

describe('what is no calendar, or not for whoever asks', () => {
  it.each([
    ['', 'ics'],
    ['hello', 'ics'],
    ['BEGIN:VCALENDAR', 'ics'],
    ['BEGIN:VEVENT\nEND:VEVENT', 'ics'],
    [Array.from({ length: 5001 }, () => 'BEGIN:VEVENT\nEND:VEVENT').join('\n'), 'ics'],
  ])('%# is refused', async (text, path) => {
    const house = await openDuty(berlin)
    const ics = text.startsWith('BEGIN:VEVENT\nEND:VEVENT\n') ? `BEGIN:VCALENDAR\n${text}\nEND:VCALENDAR` : text
    await expect(house.duty.import(commander, { ...shifts, ics })).rejects.toMatchObject({
      code: 'fields-invalid',
      details: { fields: [{ path }] },
    })
  })

  it('nobody but a commander imports, and only to what is there', async () => {
    const house = await openDuty(berlin)
    const ics = lines()
    await expect(house.duty.import(as('ana'), { ...shifts, ics })).rejects.toMatchObject({ code: 'not-allowed' })
    for (const wrong of [
      { kind: 'holidays', calendar: 'mars' },
      { kind: 'overrides', rotation: 'r9', layer: null },
      { kind: 'overrides', rotation: 'r1', layer: 'third' },
    ] as const)
      await expect(house.duty.import(commander, { ...shifts, as: wrong, ics })).rejects.toMatchObject({
        code: 'fields-invalid',
      })
  })
})
