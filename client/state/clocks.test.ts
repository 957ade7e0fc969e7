import { describe, expect, test } from 'vitest'
import type { ClockSum } from '#shared/legal/view.ts'
import type { Summary } from '#shared/wire.ts'
import { checkout } from '../stories/incidents.ts'
import { makeAnnouncer } from './announce.ts'
import { dueItems, nearestClock } from './due.ts'
import { factWords } from './fact-words.ts'
import { isBreaching } from './rank.ts'

const now = Date.UTC(2026, 0, 6, 12)
const hourMs = 3_600_000
const iso = (at: number) => new Date(at).toISOString()
const next = (inMs: number, more: Partial<ClockSum['next'][number]> = {}): ClockSum => ({
  running: 1,
  next: [
    {
      ...{ clock: 'gdpr-33-1', name: 'GDPR 33(1)', deadline: 'Notification to the authority', breached: false },
      ...{ dueAt: iso(now + inMs), nearAt: iso(now + inMs - hourMs) },
      ...more,
    },
  ],
})
const summary = (id: string, more: Partial<Summary> = {}): Summary => ({
  ...{ ...checkout, id, roles: [], offer: null, nextUpdateDueAt: null, ownerSilentSince: null, drill: false },
  ...more,
})

describe('clocks on the board', () => {
  test('CK8 what is due stands among the next things, of what has ended too', () => {
    const of = [
      summary('INC-1', { phase: 'closed', clocks: next(3 * hourMs) }),
      summary('INC-2', { nextUpdateDueAt: iso(now + hourMs) }),
    ]
    expect(dueItems(of, 5).map(({ incidentId, what }) => `${what} ${incidentId}`)).toEqual([
      'Update INC-2',
      'GDPR 33(1) INC-1',
    ])
  })

  test('the strip has the nearest of all but exercises', () => {
    expect(nearestClock([])).toBeNull()
    const of = [
      summary('INC-1', { clocks: next(5 * hourMs) }),
      summary('INC-2', { clocks: next(2 * hourMs) }),
      summary('INC-3', { clocks: next(hourMs), drill: true }),
    ]
    expect(nearestClock(of)).toMatchObject({ incidentId: 'INC-2', at: now + 2 * hourMs })
  })

  test('an incident with a clock that passed is breaching', () => {
    expect(isBreaching(summary('INC-1', { clocks: next(1) }), now)).toBe(false)
    expect(isBreaching(summary('INC-1', { clocks: next(0) }), now)).toBe(true)
  })

  test('N1 that a clock passed interrupts once, and not whoever comes later', () => {
    const announcer = makeAnnouncer({ now: () => now, after: () => () => undefined })
    const picture = (clocks: ClockSum) => new Map([['INC-1', summary('INC-1', { clocks })]])
    const [runs, passed, stillPassed] = [
      picture(next(0)),
      picture(next(0, { breached: true })),
      picture(next(0, { breached: true })),
    ]
    announcer.changed(new Map(), passed, [], 'p_1', true)
    expect(announcer.store.getState().assertive).toBe('')
    announcer.changed(runs, passed, [], 'p_1', false)
    announcer.changed(passed, stillPassed, [], 'p_1', false)
    const { assertive, said } = announcer.store.getState()
    expect(assertive).toBe(
      'GDPR 33(1) has passed on INC-1: Notification to the authority is not recorded as submitted.',
    )
    expect(said.filter(({ tone }) => tone === 'alert')).toHaveLength(1)
  })

  test('corrections of clocks are shown as corrections', () => {
    const fact = {
      seq: 1,
      incidentId: 'INC-1',
      version: 2,
      at: iso(now),
      by: { id: 'p_1', name: 'Ana' },
      reason: 'Mail.',
    }
    const about = { clock: 'gdpr-33-1', name: 'GDPR 33(1)' }
    const moved = { startedAt: iso(now - 48 * hourMs), wasAt: iso(now - hourMs) }
    expect(factWords({ ...fact, ...about, ...moved, type: 'clock-corrected' })).toMatchObject({
      kind: 'correction',
      did: 'corrected the start of the clock GDPR 33(1): Sun 4 Jan, 12:00 UTC, not 11:00 UTC',
      said: 'Mail.',
    })
    const back = { deadline: 'authority', deadlineName: 'Notification to the authority' }
    expect(factWords({ ...fact, ...about, ...back, type: 'clock-resumed' })).toMatchObject({
      kind: 'correction',
      did: 'corrected: “Notification to the authority” of the clock GDPR 33(1) was not submitted; it runs again',
    })
  })
})
