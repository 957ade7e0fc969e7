import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RotationView, ShiftView } from '#shared/duty/view.ts'
import { askedFirst, clashes, initials, labelFor, placeOf, preview, shiftsOf } from './layout.ts'

const iso = (at: number) => new Date(at).toISOString()
const shift = (layer: string, person: string, from: number, to: number, more: Partial<ShiftView> = {}): ShiftView => ({
  ...{ rotation: 'pay', layer, person, from: iso(from), to: iso(to), by: 'rotation', change: null, ...more },
})
const layer = (name: string) => ({
  ...{ name, people: [], starts: '', ends: null, turnMs: 1, restricted: false, holidays: [] },
})
const rotation = (shifts: ShiftView[], more: Partial<RotationView> = {}): RotationView => ({
  ...{ id: 'pay', name: 'Payments', team: { id: 'pay', name: 'Pay' }, timeZone: 'UTC', onCall: [] },
  ...{ mayOverride: 'anybody', layers: [layer('day'), layer('standby')], shifts, ...more },
})
const people = (asked: readonly { from: number; to: number; shift: ShiftView | null }[]) =>
  asked.map(({ from, to, shift }) => [from, to, shift?.person ?? null])

it('a bar is cut off where the window ends, and is not there outside of it', () => {
  expect(placeOf({ from: 5, to: 30 }, { from: 0, to: 20 })).toEqual({ left: 0.25, width: 0.75 })
  expect(placeOf({ from: 20, to: 30 }, { from: 0, to: 20 })).toBeNull()
  expect(placeOf({ from: -9, to: 0 }, { from: 0, to: 20 })).toBeNull()
})

it('the layer that is written first is asked first; where none is on, there is a gap', () => {
  const both = rotation([shift('standby', 'cy', 0, 60), shift('day', 'ada', 10, 20), shift('day', 'bo', 20, 30)])
  expect(people(askedFirst(both, { from: 0, to: 100 }))).toEqual([
    [0, 10, 'cy'],
    [10, 20, 'ada'],
    [20, 30, 'bo'],
    [30, 60, 'cy'],
    [60, 100, null],
  ])
})

it('what an override would change is told stretch by stretch, in its layer or of whoever is asked first', () => {
  const both = rotation([shift('standby', 'cy', 0, 60), shift('day', 'ada', 10, 20)])
  const tried = { person: 'bo', from: 5, to: 70 }
  expect(preview(both, { ...tried, layer: null }).map(({ before }) => before)).toEqual(['cy', 'ada', 'cy', null])
  expect(preview(both, { ...tried, layer: 'standby' }).map(({ from, to, before }) => [from, to, before])).toEqual([
    [5, 60, 'cy'],
    [60, 70, null],
  ])
})

it('a person who answers elsewhere meanwhile is told', () => {
  const here = rotation([shift('day', 'ada', 0, 10)])
  const there = rotation([shift('day', 'ada', 5, 15), shift('day', 'bo', 0, 20)], { id: 'ops' })
  expect(clashes([here, there], { rotation: 'pay', person: 'ada', from: 0, to: 6 })).toHaveLength(1)
  expect(clashes([here, there], { rotation: 'pay', person: 'ada', from: 0, to: 5 })).toEqual([])
  expect(shiftsOf([there, here], 'ada', 10).map(({ from }) => Date.parse(from))).toEqual([5])
})

it('a name is shortened to its letters', () => {
  expect(['Amara Okafor', 'Joaquín de los Reyes', 'Ada', 'Émile Zola', ''].map(initials)).toEqual([
    ...['AO', 'JR', 'A', 'ÉZ', ''],
  ])
})

it('a name is never cut: it becomes shorter, and nothing where there is no room', () => {
  const px = (text: string) => text.length * 8
  expect([100, 95, 40, 16, 15].map((room) => labelFor('Amara Okafor', room, px))).toEqual([
    ...['Amara Okafor', 'Amara', 'Amara', 'AO', ''],
  ])
})

const shifts = fc.array(
  fc
    .tuple(fc.constantFrom('day', 'standby'), fc.constantFrom('ada', 'bo'), fc.nat(90), fc.integer({ min: 1, max: 40 }))
    .map(([layer, person, from, length]) => shift(layer, person, from, from + length)),
  { maxLength: 8 },
)

it('law: what is asked of whom covers the window once, without holes, and is nobody only where no shift is', () => {
  fc.assert(
    fc.property(shifts, (all) => {
      const asked = askedFirst(rotation(all), { from: 10, to: 90 })
      expect(asked[0]?.from).toBe(10)
      expect(asked.at(-1)?.to).toBe(90)
      asked.forEach((one, index) => {
        if (index > 0) expect(one.from).toBe(asked[index - 1]?.to)
        // Nothing begins or ends within a stretch, so its first instant speaks for it.
        const on = all.filter((shift) => Date.parse(shift.from) <= one.from && Date.parse(shift.to) > one.from)
        const isDay = on.some(({ layer }) => layer === 'day')
        expect(one.shift?.layer ?? null).toBe(isDay ? 'day' : on.length > 0 ? 'standby' : null)
      })
    }),
  )
})
