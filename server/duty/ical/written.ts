import { hash } from 'node:crypto'
import ICAL from 'ical.js'

/** An event of a calendar that is read by others; instants are epoch ms. */
export interface WrittenEvent {
  /** Stays the same while it is the same stretch of the same layer, whoever's it is. */
  uid: string
  from: number
  to: number
  /** When what it says was last changed. */
  stamp: number
  summary: string
  description: string
}

const second = 1000
/** `20260105T090000Z`. */
const utc = (at: number) => ICAL.Time.fromJSDate(new Date(Math.floor(at / second) * second), true)
/** What a line of text may not hold. Source: RFC 5545, 3.1 (CONTROL); a line break is written as \n by the library. */
const clean = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
  text.replaceAll('\r\n', '\n').replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ')

/**
 * A calendar as text: CRLF, lines folded at 75 octets, times in UTC, so that no reader needs to know a time zone.
 * Source: RFC 5545, 3.1, 3.6.1; RFC 7986, 5.1 and 5.7 (NAME, REFRESH-INTERVAL).
 */
export function calendarText(name: string, events: readonly WrittenEvent[]): string {
  const calendar = new ICAL.Component('vcalendar')
  calendar.addPropertyWithValue('version', '2.0')
  calendar.addPropertyWithValue('prodid', '-//Uxbridge//Rota//EN')
  calendar.addPropertyWithValue('calscale', 'GREGORIAN')
  calendar.addPropertyWithValue('name', clean(name))
  // What most programmes read in place of NAME.
  const shown = new ICAL.Property('x-wr-calname', calendar)
  shown.resetType('text')
  shown.setValue(clean(name))
  calendar.addProperty(shown)
  const refresh = new ICAL.Property('refresh-interval', calendar)
  refresh.resetType('duration')
  refresh.setValue(ICAL.Duration.fromString('PT1H'))
  calendar.addProperty(refresh)
  for (const { uid, from, to, stamp, summary, description } of events) {
    const event = new ICAL.Component('vevent')
    event.addPropertyWithValue('uid', uid)
    event.addPropertyWithValue('dtstamp', utc(stamp))
    event.addPropertyWithValue('last-modified', utc(stamp))
    event.addPropertyWithValue('dtstart', utc(from))
    event.addPropertyWithValue('dtend', utc(to))
    event.addPropertyWithValue('summary', clean(summary))
    if (description !== '') event.addPropertyWithValue('description', clean(description))
    // Being on duty leaves room for meetings.
    event.addPropertyWithValue('transp', 'TRANSPARENT')
    calendar.addSubcomponent(event)
  }
  // The type that the library adds to a name that it does not know is not read by all.
  return `${calendar.toString().replace('X-WR-CALNAME;VALUE=TEXT:', 'X-WR-CALNAME:')}\r\n`
}

/** Opaque: of a rotation, its layer and a beginning. */
export const uidOf = (rotation: string, layer: string, from: number): string =>
  `${hash('sha256', `${rotation}\n${layer}\n${from}`, 'hex').slice(0, 32)}@uxbridge`

/** A strong entity tag. */
export const tagOf = (text: string): string => `"${hash('sha256', text, 'hex').slice(0, 32)}"`
