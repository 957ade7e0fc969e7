import { describe, expect, test } from 'vitest'
import type { ClockView } from '#shared/legal/view.ts'
import { clocksWords, type DeadlineView, fieldOf, instantOf, standingOf, standingWords } from './words.ts'

const hourMs = 3_600_000
const now = Date.UTC(2026, 0, 6, 12)
const iso = (at: number) => new Date(at).toISOString()
const deadline = (more: Partial<DeadlineView> = {}): DeadlineView => ({
  ...{ id: 'authority', name: 'Notification', basis: 'law', rule: '72 h after the start', met: null },
  ...{ dueAt: iso(now + 30 * hourMs), nearAt: iso(now + 12 * hourMs) },
  ...more,
})
const by = { id: 'p_1', name: 'Ana' }
const clock = (deadlines: DeadlineView[], more: Partial<ClockView> = {}): ClockView => ({
  ...{ id: 'gdpr-33-1', definition: 'gdpr-33-1', edition: '2018-05-25', name: 'GDPR 33(1)', source: 'x', says: 'y' },
  ...{ startedAt: iso(now - hourMs), awareAt: null, notedAt: iso(now), by, reason: 'z', corrections: 0 },
  ...{ cameFrom: null, goneTo: null, ended: null, deadlines },
  ...more,
})
const met = (at: number) => ({ at: iso(at), by, reason: '' })

describe('words of clocks', () => {
  test('how a deadline stands follows from its instants, at them and not after', () => {
    const one = deadline()
    const at = (instant: number) => standingOf(clock([one]), one, instant)
    expect(at(now)).toBe('running')
    expect(at(now + 12 * hourMs)).toBe('near')
    expect(at(now + 30 * hourMs)).toBe('passed')
    const of = (more: Partial<DeadlineView>, around: Partial<ClockView> = {}) =>
      standingOf(clock([], around), deadline(more), now)
    expect(of({ met: met(now + 30 * hourMs) })).toBe('met')
    expect(of({ met: met(now + 30 * hourMs + 1) })).toBe('late')
    expect(of({ dueAt: null, nearAt: null })).toBe('waiting')
    expect(of({}, { ended: met(now) })).toBe('not-required')
    expect(of({}, { goneTo: 'INC-2' })).toBe('gone')
  })

  test('a line says the countdown and the instant; what waits says for what', () => {
    const says = (more: Partial<DeadlineView>) => standingWords(clock([]), deadline(more), now)
    expect(says({})).toMatch(/^in 1\sd\s6\sh: Wed 7 Jan, 18:00 UTC/)
    expect(says({ dueAt: iso(now - 2 * hourMs) })).toMatch(/^passed 2\sh ago: 10:00 UTC/)
    expect(says({ dueAt: null, nearAt: null, rule: '1 month after “Notification”' })).toBe(
      'due 1 month after “Notification”',
    )
    expect(says({ dueAt: iso(now - 2 * hourMs), met: met(now) })).toMatch(/^submitted 12:00 UTC.*, 2\sh late$/)
  })

  test('the heading counts what is to be met', () => {
    expect(clocksWords([], now)).toBe('')
    expect(clocksWords([clock([deadline(), deadline({ dueAt: iso(now - 1) })])], now)).toBe('2 to be met, 1 passed')
    expect(clocksWords([clock([deadline({ met: met(now) })])], now)).toBe('none runs')
  })

  test('a field keeps the minute, and knows what is no time', () => {
    expect(instantOf(fieldOf(now))).toBe(now)
    expect(instantOf('')).toBeNull()
    expect(instantOf('2026-13-45T00:00')).toBeNull()
  })
})
