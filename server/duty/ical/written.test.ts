import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { calendarText, tagOf, uidOf } from './written.ts'

const event = { uid: 'a@uxbridge', from: 0, to: 60_000, stamp: 0, summary: 'On call', description: '' }

describe('a calendar as text (RFC 5545)', () => {
  it('is what calendar programmes read', () => {
    expect(calendarText('Payments', [{ ...event, from: Date.UTC(2026, 2, 29, 1), to: Date.UTC(2026, 2, 29, 2) }])).toBe(
      [
        ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Uxbridge//Rota//EN', 'CALSCALE:GREGORIAN', 'NAME:Payments'],
        ...['X-WR-CALNAME:Payments', 'REFRESH-INTERVAL;VALUE=DURATION:PT1H', 'BEGIN:VEVENT', 'UID:a@uxbridge'],
        ...['DTSTAMP:19700101T000000Z', 'LAST-MODIFIED:19700101T000000Z', 'DTSTART:20260329T010000Z'],
        ...['DTEND:20260329T020000Z', 'SUMMARY:On call', 'TRANSP:TRANSPARENT', 'END:VEVENT', 'END:VCALENDAR', ''],
      ].join('\r\n'),
    )
  })

  it('of any words has lines of at most 75 octets that end in CRLF, and gives the words back', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 200 })
    fc.assert(
      fc.property(words, words, words, (name, summary, description) => {
        const text = calendarText(name, [{ ...event, summary, description }])
        expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
        for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        const calendar = new ICAL.Component(ICAL.parse(text))
        const read = calendar.getFirstSubcomponent('vevent')
        expect(read?.getFirstPropertyValue('summary')).toBe(summary)
        expect(read?.getFirstPropertyValue('description') ?? '').toBe(description)
        expect(calendar.getFirstPropertyValue('name')).toBe(name)
      }),
      { numRuns: 200 },
    )
  })

  it('what no line may hold is a space', () => {
    expect(calendarText('a\u0007b\tc\r\nd', [])).toContain('NAME:a b c\\nd\r\n')
  })

  it('the same text has the same tag; a stretch keeps its id whoever has it', () => {
    expect(tagOf('a')).toBe(tagOf('a'))
    expect(tagOf('a')).not.toBe(tagOf('b'))
    expect(uidOf('r', 'first', 1)).toBe(uidOf('r', 'first', 1))
    expect(uidOf('r', 'first', 1)).not.toBe(uidOf('r', 'first', 2))
  })
})
