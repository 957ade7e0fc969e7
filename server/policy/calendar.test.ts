import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import { occurrencesAfter, type Recurrence, recurrenceProblem } from '#shared/recurrence.ts'
import { makeCalendar } from './calendar.ts'
import { type PolicyProblem, readPolicyText } from './index.ts'

const calendar = makeCalendar()
const weekly = (more: Partial<Recurrence> = {}): Recurrence => ({
  rrule: 'FREQ=WEEKLY;BYDAY=SU',
  starts: '2026-01-01T02:00',
  lastsMs: 2 * hourMs,
  timeZone: 'Europe/Berlin',
  ...more,
})
const at = (text: string) => Date.parse(text)
const starts = (recurrence: Recurrence, after: string, most = 3) =>
  occurrencesAfter(calendar, recurrence, at(after), most).map(({ startsAt }) =>
    new Date(startsAt).toISOString().slice(0, 16),
  )

describe('a calendar', () => {
  it('knows the one that is under way until just before its end, then the next', () => {
    const first = { startsAt: at('2026-01-04T01:00Z'), endsAt: at('2026-01-04T03:00Z') }
    expect(calendar(weekly(), at('2025-06-01T00:00Z'))).toEqual(first)
    expect(calendar(weekly(), first.startsAt)).toEqual(first)
    expect(calendar(weekly(), first.endsAt - 1)).toEqual(first)
    expect(calendar(weekly(), first.endsAt)).toEqual({
      startsAt: at('2026-01-11T01:00Z'),
      endsAt: at('2026-01-11T03:00Z'),
    })
  })

  it('RR1: goes by the local clock; what summer time skips does not come, what it shows twice comes once', () => {
    const nightly = weekly({ rrule: 'FREQ=DAILY', starts: '2026-01-01T02:30', lastsMs: 10 * minuteMs })
    expect(starts(nightly, '2026-03-28T00:00Z')).toEqual(['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30'])
    expect(starts(nightly, '2026-10-24T00:00Z')).toEqual(['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'])
  })

  it.each<[rrule: string, found: string[]]>([
    ['FREQ=MONTHLY;BYDAY=2TU', ['2026-11-10', '2026-12-08', '2027-01-12']],
    ['FREQ=MONTHLY;BYMONTHDAY=31', ['2026-12-31', '2027-01-31', '2027-03-31']],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ['2026-11-30', '2026-12-31', '2027-01-29']],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', ['2026-11-02', '2026-11-16', '2026-11-30']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', ['2028-02-29', '2032-02-29', '2036-02-29']],
    ['FREQ=DAILY;COUNT=305', ['2026-11-01']],
    ['FREQ=DAILY;UNTIL=20261102T020000Z', ['2026-11-01', '2026-11-02']],
  ])('%s', (rrule, found) => {
    expect(starts(weekly({ rrule, timeZone: 'UTC' }), '2026-11-01T00:00Z').map((start) => start.slice(0, 10))).toEqual(
      found,
    )
  })

  it('what would begin at `until` or later does not come', () => {
    const limited = weekly({ until: at('2026-01-11T01:00Z') })
    expect(starts(limited, '2026-01-01T00:00Z', 5)).toEqual(['2026-01-04T01:00'])
  })

  it('what another version could read, and this one cannot, never comes', () => {
    expect(calendar(weekly({ rrule: 'FREQ=NEVER' }), 0)).toBeNull()
    expect(calendar(weekly({ timeZone: 'Atlantis/Capital' }), 0)).toBeNull()
  })

  it('RR2: a window of a policy that never opens, or never closes, refuses the policy with its line', () => {
    const refused = (rrule: string, lasts: string) => {
      try {
        readPolicyText(`filters:
  maintenance:
    - name: a
      match: [job="a"]
      reason: b
      recurs:
        rrule: ${rrule}
        starts: 2026-01-01T02:00
        lasts: ${lasts}
        time_zone: UTC
`)
      } catch (error) {
        return ((error as UxbridgeError).details as { problems: PolicyProblem[] }).problems.map(
          ({ line, message }) => `${line}: ${message}`,
        )
      }
      return []
    }
    expect(refused('FREQ=WEEKLY;BYDAY=MO', '2h')).toEqual([])
    expect(refused('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', '2h')).toEqual([expect.stringMatching(/^7: never comes/)])
    expect(refused('FREQ=DAILY', '2d')).toEqual([expect.stringMatching(/^9: is longer than from one to the next/)])
    expect(refused('FREQ=SOMETIMES', '2h')).toEqual([expect.stringMatching(/^7: FREQ=SOMETIMES is not read here/)])
  })

  it('RR2: a rule that no day fits never comes, and says so soon', () => {
    for (const rrule of ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=DAILY;COUNT=2;BYMONTH=2;BYMONTHDAY=30'])
      expect(recurrenceProblem(calendar, weekly({ rrule }), 0)).toMatchObject({ at: 'rrule' })
    expect(recurrenceProblem(calendar, weekly(), 0)).toBeNull()
    expect(recurrenceProblem(calendar, weekly({ lastsMs: 8 * 24 * hourMs }), 0)).toMatchObject({ at: 'lastsMs' })
  })
})
