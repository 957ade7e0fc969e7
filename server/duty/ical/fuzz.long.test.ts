import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { makeCalendar } from '../../policy/index.ts'
import { makeZone } from '../reckoning/zone.ts'
import { expand } from './expand.ts'
import { readEvents } from './read.ts'

const from = Date.UTC(2026, 0, 1)
const how = {
  zone: makeZone,
  timeZone: 'Europe/Berlin',
  occurrences: makeCalendar(),
  ...{ from, to: from + 366 * 24 * hourMs },
  elapsed: () => performance.now(),
}
/** Reads and expands it. @returns how many came of it; -1 where it is refused */
function read(text: string): number {
  try {
    const { events, skipped } = readEvents(text)
    const { instances, skipped: more } = expand(events, how)
    expect(instances.length).toBeLessThanOrEqual(3000)
    for (const each of instances) expect(each.to).toBeGreaterThan(each.from)
    for (const { why } of [...skipped, ...more]) expect(why).not.toBe('')
    return instances.length
  } catch (error) {
    expect(error).toBeInstanceOf(UxbridgeError)
    return -1
  }
}
/** Time at work, ms: how long it waits for a core is the machine's affair. */
function msSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}
const wrapped = (lines: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n')

const number = fc.integer({ min: -400, max: 400 })
const rulePart = fc.oneof(
  fc.constantFrom('FREQ=DAILY', 'FREQ=HOURLY', 'FREQ=MONTHLY', 'FREQ=YEARLY', 'FREQ=WEEKLY', 'FREQ=SECONDLY'),
  fc
    .tuple(
      fc.constantFrom(
        'INTERVAL',
        'COUNT',
        'BYMONTH',
        'BYMONTHDAY',
        'BYYEARDAY',
        'BYWEEKNO',
        'BYSETPOS',
        'BYHOUR',
        'UNTIL',
      ),
      fc.array(number, { minLength: 1, maxLength: 3 }),
    )
    .map(([name, values]) => `${name}=${values.join(',')}`),
  fc.constantFrom('BYDAY=MO', 'BYDAY=5FR', 'BYDAY=-1SU', 'UNTIL=20260601T000000Z', 'WKST=SU', 'X=1'),
)
const rule = fc.array(rulePart, { minLength: 1, maxLength: 5 }).map((parts) => `RRULE:${parts.join(';')}`)
const time = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 30 }), fc.constantFrom('', 'Z'))
  .map(([day, hour, zone]) => `202601${`${day}`.padStart(2, '0')}T${`${hour}`.padStart(2, '0')}0000${zone}`)
const line = fc.oneof(
  rule,
  time.map((each) => `DTSTART:${each}`),
  time.map((each) => `DTSTART;TZID=Europe/Berlin:${each}`),
  time.map((each) => `DTEND:${each}`),
  time.map((each) => `EXDATE:${each},${each}`),
  time.map((each) => `RECURRENCE-ID:${each}`),
  fc.constantFrom(
    'DURATION:PT1H',
    'DURATION:-P1D',
    'DURATION:P99999D',
    'DTSTART;VALUE=DATE:20260105',
    'UID:1',
    'BEGIN:VALARM',
  ),
  fc.constantFrom(
    'END:VEVENT',
    'BEGIN:VEVENT',
    'BEGIN:VTIMEZONE',
    'TZID:x',
    'END:VTIMEZONE',
    'SUMMARY:a',
    'DTSTART;VALUE=PERIOD:x',
  ),
  fc.string({ maxLength: 40 }).map((text) => `SUMMARY;${text}:${text}`),
)

describe('RO9: files of any making', () => {
  it('are read or refused, never thrown over', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => void read(wrapped(lines))),
      { numRuns: 1500 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void read(text)),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void read(wrapped([text]))),
      { numRuns: 500 },
    )
  })

  it('take so much time at most, whatever rules they have', () => {
    const never = (each: number) => [
      ...['BEGIN:VEVENT', `UID:${each}`, 'DTSTART:20260101T000000Z', 'DTEND:20260101T010000Z'],
      ...[`RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=${each % 24}`, 'END:VEVENT'],
    ]
    const often = (each: number) => [
      ...[
        'BEGIN:VEVENT',
        `UID:o${each}`,
        'DTSTART:20260101T000000Z',
        'DTEND:20260101T000100Z',
        'RRULE:FREQ=HOURLY',
        'END:VEVENT',
      ],
    ]
    const began = process.cpuUsage()
    for (const making of [never, often]) {
      const events = Array.from({ length: 5000 }, (_, each) => making(each)).flat()
      read(['BEGIN:VCALENDAR', ...events, 'END:VCALENDAR'].join('\n'))
    }
    // Two seconds each for their rules, and what the reading takes on a machine with others.
    expect(msSince(began)).toBeLessThan(15_000)
  })

  it('a million characters of anything are over soon', () => {
    const began = process.cpuUsage()
    for (const part of ['BEGIN:VEVENT\n', 'A', ' \n', 'SUMMARY:a\n b', 'DTSTART;X="', '\\', 'BEGIN:VCALENDAR\n'])
      read(`BEGIN:VCALENDAR\n${part.repeat(Math.floor(900_000 / part.length))}`)
    expect(msSince(began)).toBeLessThan(15_000)
  })
})
