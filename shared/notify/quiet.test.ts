import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Preferences, usualPreferences } from './preferences.ts'
import { isZone, passage, quietUntil } from './quiet.ts'

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const nights = (zone: string, from = '22:00', to = '07:00'): Preferences => ({
  ...usualPreferences,
  zone,
  quiet: [{ days: everyDay, from, to }],
})
const at = (text: string) => Date.parse(text)
const until = (preferences: Preferences, text: string) => {
  const end = quietUntil(preferences, at(text))
  return end === null ? null : new Date(end).toISOString()
}

describe('quiet hours', () => {
  test('over midnight, in the zone of the person', () => {
    expect(until(nights('UTC'), '2026-11-22T21:59:59Z')).toBeNull()
    expect(until(nights('UTC'), '2026-11-22T22:00:00Z')).toBe('2026-11-23T07:00:00.000Z')
    expect(until(nights('UTC'), '2026-11-23T06:59:59Z')).toBe('2026-11-23T07:00:00.000Z')
    expect(until(nights('UTC'), '2026-11-23T07:00:00Z')).toBeNull()
    expect(until(nights('Asia/Tokyo'), '2026-11-22T14:00:00Z')).toBe('2026-11-22T22:00:00.000Z')
  })

  test('a night of 23 or 25 hours ends by the wall clock', () => {
    expect(until(nights('Europe/Berlin'), '2026-03-28T22:30:00Z')).toBe('2026-03-29T05:00:00.000Z')
    expect(until(nights('Europe/Berlin'), '2026-10-24T21:30:00Z')).toBe('2026-10-25T06:00:00.000Z')
  })

  test('the day is that on which it begins; spans that touch are one', () => {
    const friday: Preferences = { ...usualPreferences, quiet: [{ days: [5], from: '22:00', to: '07:00' }] }
    expect(until(friday, '2026-11-21T03:00:00Z')).toBe('2026-11-21T07:00:00.000Z')
    expect(until(friday, '2026-11-21T23:00:00Z')).toBeNull()
    const both: Preferences = {
      ...usualPreferences,
      quiet: [
        { days: everyDay, from: '22:00', to: '06:00' },
        { days: everyDay, from: '06:00', to: '09:30' },
      ],
    }
    expect(until(both, '2026-11-22T23:00:00Z')).toBe('2026-11-23T09:30:00.000Z')
  })

  test('quiet for ever ends within eight days, so that nothing is forgotten', () => {
    expect(until(nights('UTC', '00:00', '00:00'), '2026-11-22T12:00:00Z')).toBe('2026-11-30T00:00:00.000Z')
  })

  test('law: it ends later than now, at a minute that is not quiet, and it is quiet until then', () => {
    const time = fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minute) => {
      const two = (n: number) => String(n).padStart(2, '0')
      return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
    })
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu')
    const span = fc.record({ days: fc.subarray(everyDay, { minLength: 1 }), from: time, to: time })
    const when = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z') })
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 2 }),
        zone,
        when,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (quiet, zone, now, part) => {
          const preferences = { quiet, zone }
          const end = quietUntil(preferences, now)
          if (end === null) return
          expect(end).toBeGreaterThan(now)
          if (end - now < 7 * 24 * 3_600_000 - 60_000) expect(quietUntil(preferences, end)).toBeNull()
          expect(quietUntil(preferences, now + Math.floor((end - 1 - now) * part))).toBeGreaterThanOrEqual(end)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('rule N4: neither offers nor Tier 1 wait, unless that was chosen', () => {
    const now = at('2026-11-22T23:00:00Z')
    const offered = { code: 'offered', from: null, to: 'p', revision: 1, deadlineAt: 0, again: false } as const
    const unowned = { code: 'unowned' } as const
    const quiet = nights('UTC')
    expect(passage(quiet, 'email', unowned, 2, now)).toMatchObject({ goes: 'later' })
    expect(passage(quiet, 'email', unowned, null, now)).toMatchObject({ goes: 'later' })
    expect(passage(quiet, 'email', unowned, 1, now)).toEqual({ goes: 'now' })
    expect(passage(quiet, 'email', offered, 3, now)).toEqual({ goes: 'now' })
    const chosen = { ...quiet, quietForUrgent: true }
    expect(passage(chosen, 'email', unowned, 1, now)).toMatchObject({ goes: 'later' })
    expect(passage(chosen, 'email', offered, 3, now)).toMatchObject({ goes: 'later' })
  })

  test('a way that is off, or not for this tier, is never gone; an offer goes by any that is on', () => {
    const some: Preferences = {
      ...usualPreferences,
      channels: { ...usualPreferences.channels, email: { on: true, tiers: [1] }, ntfy: { on: false, tiers: [1, 2] } },
    }
    const offered = { code: 'offered', from: null, to: 'p', revision: 1, deadlineAt: 0, again: false } as const
    expect(passage(some, 'email', { code: 'unowned' }, 2, 0)).toEqual({ goes: 'never' })
    expect(passage(some, 'email', offered, 3, 0)).toEqual({ goes: 'now' })
    expect(passage(some, 'ntfy', offered, 1, 0)).toEqual({ goes: 'never' })
  })

  test('zones are those the platform knows', () => {
    expect(isZone('Europe/Berlin')).toBe(true)
    expect(isZone('Europe/Nowhere')).toBe(false)
  })
})
