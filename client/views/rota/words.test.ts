import { expect, it } from 'vitest'
import type { ShiftView, TroubleView } from '#shared/duty/view.ts'
import {
  clashWords,
  groupTroubles,
  namesOf,
  offeredWords,
  shiftWords,
  swapFollows,
  troubleWords,
  zoneWords,
} from './words.ts'

const names = namesOf({
  people: [
    { id: 'ada', name: 'Ada Byron' },
    { id: 'bo', name: 'Bo Ek' },
  ],
  rotations: [{ id: 'pay', name: 'Payments' } as never, { id: 'ops', name: 'Ops' } as never],
})
const now = Date.parse('2026-11-22T11:00:00Z')
const clocks = { here: 'Europe/London', now }
const shift: ShiftView = {
  ...{ rotation: 'pay', layer: 'day', person: 'ada', by: 'override', change: 'o1' },
  ...{ from: '2026-11-23T07:00:00.000Z', to: '2026-11-23T19:00:00.000Z' },
}

it('a shift is said whole, by both clocks where they differ, and why it is theirs', () => {
  const layers = [{ name: 'day' }, { name: 'standby' }]
  expect(shiftWords(shift, names, { ...clocks, there: 'Europe/Berlin', layers })).toBe(
    'Ada Byron, Payments, layer day, Mon 23 Nov 07:00 to 19:00, Mon 23 Nov 08:00 to 20:00 in Berlin, override',
  )
  expect(shiftWords({ ...shift, by: 'rotation' }, names, { ...clocks, there: 'UTC', layers: [] })).toBe(
    'Ada Byron, Payments, Mon 23 Nov 07:00 to 19:00',
  )
  expect(zoneWords('America/Argentina/Buenos_Aires')).toBe('Buenos Aires')
})

const gap: TroubleView = { rotation: 'pay', from: shift.from, to: shift.to, kind: 'gap', people: [], other: null }
const alone = (trouble: TroubleView) => troubleWords({ first: trouble, more: [] }, names, clocks)

it('trouble says what, when, and what to do', () => {
  expect(alone(gap)).toEqual({
    title: 'Nobody answers for Payments',
    when: 'Mon 23 Nov 07:00 to 19:00 (12\u00a0h), in 20\u00a0h',
    again: null,
    todo: expect.stringContaining('Put somebody in.'),
  })
  const on = { ...gap, from: '2026-11-22T11:00:40.000Z', to: '2026-11-22T12:00:00.000Z' }
  expect(alone(on).when).toBe('now, until today 12:00 (59\u00a0min)')
  expect(alone({ ...gap, kind: 'double', people: ['ada'], other: 'ops' }).title).toBe(
    'Ada Byron answers for Payments and Ops at once',
  )
  expect(alone({ ...gap, kind: 'gone', people: ['bo'] }).title).toMatch(/^Bo Ek cannot/)
})

it('what comes again is told once; where nobody answers comes before who answers twice', () => {
  const later = { ...gap, from: '2026-11-30T07:00:00.000Z', to: '2026-11-30T19:00:00.000Z' }
  const double: TroubleView = {
    ...gap,
    from: '2026-11-22T12:00:00.000Z',
    kind: 'double',
    people: ['ada'],
    other: 'ops',
  }
  const groups = groupTroubles([double, later, gap])
  expect(groups).toEqual([
    { first: gap, more: [later] },
    { first: double, more: [] },
  ])
  expect(groups[0] && troubleWords(groups[0], names, clocks).again).toBe('once more, the last Mon 30 Nov 07:00')
})

it('a swap says what becomes of whose shifts', () => {
  const inReturn = { rotation: 'ops', layer: '1', from: '2026-11-25T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z' }
  expect(swapFollows({ ...shift, inReturn }, 'bo', names, { ...clocks, me: 'bo' })).toEqual([
    'You answer for Payments Mon 23 Nov 07:00 to 19:00 in place of Ada Byron.',
    'In return Ada Byron answers for Ops Wed 25 Nov, all day.',
  ])
  expect(swapFollows({ ...shift, inReturn }, 'bo', names, { ...clocks, me: 'ada' })).toEqual([
    'Bo Ek answers for Payments Mon 23 Nov 07:00 to 19:00 in your place.',
    'In return you answer for Ops Wed 25 Nov, all day.',
  ])
  const teams = new Map([['pay', 'Payments']])
  expect(offeredWords({ offeredTo: 'team:pay' }, names, teams)).toBe('anybody in Payments')
  expect(offeredWords({ offeredTo: 'bo' }, names, teams)).toBe('Bo Ek')
})

it('what somebody has meanwhile is one sentence, however many shifts that is', () => {
  const clash = (person: string, rotation: string) => ({ person, rotation, from: shift.from, to: shift.to })
  const all = [clash('ada', 'ops'), clash('ada', 'pay'), clash('ada', 'ops'), clash('bo', 'pay')]
  expect(clashWords(all, names, 'ada')).toEqual([
    'You answer for Ops and Payments meanwhile.',
    'Bo Ek answers for Payments meanwhile.',
  ])
})
