import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  aheadWords,
  dateOf,
  dayStart,
  daysFrom,
  fieldOf,
  instantOf,
  instantOfField,
  momentIn,
  offsetOf,
  rangeIn,
  startOfDate,
} from './zone.ts'

const berlin = 'Europe/Berlin'
const at = (text: string) => Date.parse(text)
const now = at('2026-11-22T11:00:00Z')
const hourMs = 3_600_000

it('says a time by the clock of its zone, with the day where it is another one', () => {
  expect(momentIn(at('2026-11-22T16:30:00Z'), berlin, now)).toBe('today 17:30')
  expect(momentIn(at('2026-11-22T23:30:00Z'), berlin, now)).toBe('Mon 23 Nov 00:30')
  expect(momentIn(at('2027-01-23T07:00:00Z'), 'America/New_York', now)).toBe('Sat 23 Jan 2027 02:00')
})

it('says a stretch, and a whole day as one', () => {
  expect(rangeIn(at('2026-11-23T07:00:00Z'), at('2026-11-23T19:00:00Z'), berlin, now)).toBe('Mon 23 Nov 08:00 to 20:00')
  expect(rangeIn(at('2026-11-23T07:00:00Z'), at('2026-11-24T07:00:00Z'), berlin, now)).toBe(
    'Mon 23 Nov 08:00 to Tue 24 Nov 08:00',
  )
  expect(rangeIn(at('2026-11-22T23:00:00Z'), at('2026-11-23T23:00:00Z'), berlin, now)).toBe('Mon 23 Nov, all day')
  expect(rangeIn(at('2026-11-23T17:00:00Z'), at('2026-11-24T23:00:00Z'), berlin, now)).toBe(
    'Mon 23 Nov 18:00 to Tue 24 Nov 24:00',
  )
})

it('days begin at local midnight, also those of 23 and 25 hours', () => {
  const spring = daysFrom(at('2026-03-27T23:00:00Z'), 3, berlin)
  expect(spring.map((day, index) => (day - (spring[index - 1] ?? day)) / hourMs)).toEqual([0, 24, 23, 24])
  const autumn = daysFrom(at('2026-10-23T22:00:00Z'), 3, berlin)
  expect(autumn.map((day, index) => (day - (autumn[index - 1] ?? day)) / hourMs)).toEqual([0, 24, 25, 24])
  expect(dateOf(spring[2] ?? 0, berlin)).toBe('2026-03-30')
  expect(startOfDate('2026-03-30', berlin)).toBe(spring[2])
  expect([startOfDate('soon', berlin), startOfDate('2026-13-41', berlin)]).toEqual([null, null])
})

it('a clock there is so much ahead or behind', () => {
  expect(aheadWords(berlin, 'Europe/London', now)).toBe('1\u00a0h ahead')
  expect(aheadWords('Asia/Kolkata', 'Europe/London', now)).toBe('5\u00a0h 30\u00a0min ahead')
  expect(aheadWords('America/New_York', 'UTC', now)).toBe('5\u00a0h behind')
  expect(aheadWords('Africa/Abidjan', 'UTC', now)).toBe('')
})

it('a time that the clock skips is as long after the jump', () => {
  // 02:30 of that night is not there: clocks went from 02:00 to 03:00.
  expect(instantOf(at('2026-03-29T02:30:00Z'), berlin)).toBe(at('2026-03-29T01:30:00Z'))
  expect(instantOfField('', berlin)).toBeNull()
  expect(instantOfField('2026-11-23T08:00', berlin)).toBe(at('2026-11-23T07:00:00Z'))
})

const zones = fc.constantFrom('UTC', berlin, 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia')
const minutes = fc
  .integer({ min: at('2020-01-01T00:00:00Z') / 60_000, max: at('2030-01-01T00:00:00Z') / 60_000 })
  .map((minute) => minute * 60_000)

it('law: what a field says is what was put into it, but for the hour that comes twice', () => {
  fc.assert(
    fc.property(minutes, zones, (instant, zone) => {
      const back = instantOfField(fieldOf(instant, zone), zone)
      expect(back === instant || Math.abs((back ?? 0) - instant) <= hourMs).toBe(true)
      expect(fieldOf(back ?? 0, zone)).toBe(fieldOf(instant, zone))
    }),
  )
})

it('law: a day begins no later than its instants, and less than 26 hours before', () => {
  fc.assert(
    fc.property(minutes, zones, (instant, zone) => {
      const began = dayStart(instant, zone)
      expect(began).toBeLessThanOrEqual(instant)
      expect(instant - began).toBeLessThan(26 * hourMs)
      expect(Math.abs(offsetOf(instant, zone))).toBeLessThanOrEqual(14 * hourMs)
    }),
  )
})
