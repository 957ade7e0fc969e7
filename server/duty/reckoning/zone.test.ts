import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { at, zones } from './roster.fixture.ts'
import { makeZone } from './zone.ts'

const local = (text: string) => at(`${text}:00Z`)

describe('RO2: local times', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00Z', 'skipped: the moment of the jump'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30Z', 'shown twice: the first'],
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:00Z', 'skipped'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30Z', 'shown twice'],
    ['Australia/Adelaide', '2026-10-04T02:15', '2026-10-03T16:30Z', 'skipped, in the south, with half an hour'],
    ['Australia/Adelaide', '2026-04-05T02:15', '2026-04-04T15:45Z', 'shown twice, in the south'],
    ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:30Z', 'half an hour is skipped'],
    ['America/Santiago', '2026-09-06T00:00', '2026-09-06T04:00Z', 'a midnight that is skipped'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00Z', 'a day that never was'],
    ['Asia/Kolkata', '2026-07-01T09:00', '2026-07-01T03:30Z', 'an offset of half an hour'],
  ])('%s %s', (name, text, instant) => {
    expect(new Date(makeZone(name).instantOf(local(text))).toISOString()).toBe(new Date(at(instant)).toISOString())
  })

  it('agree with Temporal wherever there is nothing to choose, and keep their order everywhere', () => {
    const made = new Map(zones.map((name) => [name, makeZone(name)]))
    const minutes = fc.integer({ min: Date.UTC(1995, 0, 1) / 60_000, max: Date.UTC(2045, 0, 1) / 60_000 })
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, fc.integer({ min: 0, max: 5000 }), (name, minute, more) => {
        const zone = made.get(name)
        if (zone === undefined) throw new RangeError(name)
        const instant = minute * 60_000
        const there = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(name)
        expect(zone.localAt(instant)).toBe(instant + there.offsetNanoseconds / 1e6)
        const plain = there.toPlainDateTime()
        const first = plain.toZonedDateTime(name, { disambiguation: 'earlier' })
        expect(zone.instantOf(zone.localAt(instant))).toBe(first.epochMilliseconds)
        expect(zone.instantOf(minute * 60_000 + more * 60_000)).toBeGreaterThanOrEqual(zone.instantOf(minute * 60_000))
      }),
      { numRuns: 400 },
    )
  })

  it('of a place that is unknown are refused', () => {
    expect(() => makeZone('Europe/Atlantis').localAt(0)).toThrow(RangeError)
  })
})
