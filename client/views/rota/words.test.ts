import { expect, it } from 'vitest'
import type { ShiftView, TroubleView } from '#shared/duty/view.ts'
import { namesOf, offeredWords, shiftWords, swapFollows, troubleWords, zoneWords } from './words.ts'

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

it('trouble says what, when, and what to do', () => {
  const trouble: TroubleView = { ...shift, kind: 'gap', people: [], other: null } as never
  const gap = troubleWords(trouble, names, clocks)
  expect(gap.title).toBe('Nobody answers for Payments')
  expect(gap.when).toBe('Mon 23 Nov 07:00 to 19:00 · in 20\u00a0h, for 12\u00a0h')
  expect(gap.todo).toContain('Put somebody in')
  const on = { ...trouble, from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T12:00:00.000Z' }
  expect(troubleWords(on, names, clocks).when).toBe('until today 12:00 · now, for 1\u00a0h')
  const double = troubleWords({ ...trouble, kind: 'double', people: ['ada'], other: 'ops' }, names, clocks)
  expect(double.title).toBe('Ada Byron answers for Payments and Ops at once')
  expect(troubleWords({ ...trouble, kind: 'gone', people: ['bo'] }, names, clocks).title).toMatch(/^Bo Ek cannot/)
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
