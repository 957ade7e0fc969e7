import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { PolicyInput } from '#shared/policy.ts'
import { at, change, people, policyWith, rotaOf, zones } from './roster.fixture.ts'
import { makeZone } from './zone.ts'

const dayMs = 24 * hourMs
type LayerHoursInput = NonNullable<NonNullable<PolicyInput['rotations']>[number]['covers']>[number]

describe('laws', () => {
  const instant = fc
    .integer({ min: at('2025-12-20T00:00Z') / minuteMs, max: at('2027-01-10T00:00Z') / minuteMs })
    .map((m) => m * minuteMs)
  const turn = fc.constantFrom('1h', '5h', '12h', '1d', '36h', '1w', '2w')
  const hour = fc.integer({ min: 0, max: 23 }).map((each) => `${each}`.padStart(2, '0'))
  const layer = fc.record({
    people: fc.subarray(people, { minLength: 1 }),
    turn,
    starts: fc
      .tuple(fc.constantFrom('2026-01-05', '2026-03-28', '2026-10-24'), hour)
      .map(([date, h]) => `${date}T${h}:30`),
  })
  const hours = fc.constantFrom<LayerHoursInput>(
    { weekdays: ['monday:friday'], times: [{ from: '02:30', to: '17:00' }] },
    { weekdays: ['friday:monday'] },
    { times: [{ from: '18:00', to: '06:00' }] },
    { holidays: ['h'] },
  )
  const restricted = fc.tuple(layer, fc.option(hours, { nil: null }), fc.boolean()).map(([each, on, free]) => ({
    ...each,
    ...(on === null ? {} : { on: [on] }),
    ...(free ? { holidays: { calendars: ['h'] } } : {}),
  }))
  const zone = fc.constantFrom(...zones)
  const holidays = [{ id: 'h', days: [{ date: '2026-03-29', until: '2026-04-03' }, { date: '2026-10-25' }] }]
  const changes = fc.array(
    fc.tuple(
      instant,
      fc.integer({ min: 1, max: 30 * 24 }),
      fc.constantFrom(...people),
      fc.constantFrom(null, '1', '2'),
    ),
    { maxLength: 8 },
  )
  const anyRota = fc
    .record({ time_zone: zone, layers: fc.array(restricted, { minLength: 1, maxLength: 3 }), changes })
    .map(({ time_zone, layers, changes: made }) => ({
      rota: rotaOf(
        policyWith([{ time_zone, layers }], { holidays }),
        made.map(([from, long, person, layer]) => change({ from, to: from + long * hourMs, person, layer })),
      ),
      overrides: made.map(([from, long, person, layer]) => ({ from, to: from + long * hourMs, person, layer })),
    }))

  it('RO3: the shifts of one layer that is always on follow each other without gap or overlap, each at the same local hour', () => {
    fc.assert(
      fc.property(zone, layer, instant, (time_zone, one, from) => {
        const rota = rotaOf(policyWith([{ time_zone, layers: [one] }]))
        const clock = makeZone(time_zone)
        const shifts = rota.shifts({}, from, from + 21 * dayMs)
        const starts = clock.instantOf(at(`${one.starts}Z`))
        for (const [index, shift] of shifts.entries()) {
          const before = shifts[index - 1]
          if (before !== undefined) {
            expect(shift.from).toBe(before.to)
            const next = one.people[(one.people.indexOf(before.person) + 1) % one.people.length]
            const isWhole = shift.to > shift.from
            // A turn of an hour that is skipped passes its owner by.
            if (isWhole && one.turn !== '1h') expect(shift.person).toBe(next)
          }
          const minutes = (clock.localAt(shift.from) / minuteMs) % 60
          const jumped = clock.localAt(shift.from) - clock.localAt(shift.from - 1) !== 1
          if (!jumped) expect(minutes).toBe(30)
          if (!jumped && ['1d', '1w', '2w'].includes(one.turn))
            expect(clock.localAt(shift.from) % dayMs).toBe(at(`${one.starts}Z`) % dayMs)
        }
        if (from + 21 * dayMs > starts) {
          expect(shifts[0]?.from).toBeLessThanOrEqual(Math.max(from, starts))
          expect(shifts.at(-1)?.to).toBeGreaterThanOrEqual(from + 21 * dayMs)
        } else expect(shifts).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('shifts of a time are those of its parts', () => {
    fc.assert(
      fc.property(anyRota, instant, fc.nat(20 * 24), fc.nat(20 * 24), ({ rota }, from, first, second) => {
        const middle = from + first * hourMs
        const to = middle + second * hourMs
        const key = (shift: object) => JSON.stringify(shift)
        const parts = new Set([...rota.shifts({}, from, middle), ...rota.shifts({}, middle, to)].map(key))
        expect(new Set(rota.shifts({}, from, to).map(key))).toEqual(parts)
      }),
      { numRuns: 150 },
    )
  })

  it('who is on call is whoever has a shift, and the newest override goes over all', () => {
    fc.assert(
      fc.property(anyRota, fc.array(instant, { minLength: 1, maxLength: 20 }), ({ rota, overrides }, instants) => {
        const edges = overrides.flatMap(({ from, to }) => [from, to - 1, to])
        for (const now of [...instants, ...edges]) {
          const shifts = rota.shifts({ rotation: 'r1' }, now, now + 1)
          const inOrder = shifts.toSorted((a, b) => (a.layer < b.layer ? -1 : 1)).map(({ person }) => person)
          expect(rota.onCall('r1', now)).toEqual([...new Set(inOrder)])
          const newest = overrides.findLast(({ from, to }) => from <= now && now < to)
          if (newest?.layer === null) expect(rota.onCall('r1', now)[0]).toBe(newest.person)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('turns are fair: over whole rounds everybody has as many, and as long but for changed clocks', () => {
    fc.assert(
      fc.property(
        zone,
        fc.subarray(people, { minLength: 2 }),
        fc.integer({ min: 1, max: 12 }),
        (time_zone, crew, rounds) => {
          const rota = rotaOf(
            policyWith([{ time_zone, layers: [{ people: crew, turn: '1d', starts: '2026-01-05T09:00' }] }]),
          )
          const begin = makeZone(time_zone).instantOf(at('2026-01-05T09:00Z'))
          const end = makeZone(time_zone).instantOf(at('2026-01-05T09:00Z') + rounds * crew.length * dayMs)
          const shifts = rota.shifts({}, begin, end)
          const had = crew.map((person) => shifts.filter((shift) => shift.person === person))
          for (const each of had) {
            expect(each).toHaveLength(rounds)
            expect(
              Math.abs(each.reduce((sum, shift) => sum + shift.to - shift.from, 0) - rounds * dayMs),
            ).toBeLessThanOrEqual(2 * hourMs)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

it('who is on call is answered in microseconds, with hundreds of rotations', () => {
  const layers = [
    { people, turn: '12h', on: [{ weekdays: ['monday:friday'] }] },
    { people, turn: '1d' },
  ]
  const rota = rotaOf(policyWith(Array.from({ length: 300 }, () => ({ time_zone: 'Europe/Berlin', layers }))))
  const now = at('2026-06-03T12:00Z')
  for (let each = 1; each <= 300; each++) rota.onCall(`r${each}`, now)
  const began = process.cpuUsage()
  let manned = 0
  for (let round = 0; round < 100; round++)
    for (let each = 1; each <= 300; each++) manned += rota.onCall(`r${each}`, now + round * hourMs).length > 0 ? 1 : 0
  const { user, system } = process.cpuUsage(began)
  const each = (user + system) / 30_000
  expect(manned).toBe(30_000)
  // Time at work, in µs: how long it waits for a core is the machine's affair.
  expect(each).toBeLessThan(50)
})
