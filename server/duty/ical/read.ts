import ICAL from 'ical.js'
import { UxbridgeError } from '#shared/errors.ts'
import { ianaName } from './zones.ts'

/** A moment of a calendar file: a date, or a time of a place. */
export interface ReadTime {
  /** Local date and time as if it were UTC, ms; of a date its midnight. */
  local: number
  /** A name of the IANA database; null: of wherever the reader is. */
  timeZone: string | null
  isDate: boolean
}

/** An event as it stands in the file. Nothing of it is expanded. */
export interface ReadEvent {
  uid: string
  summary: string
  start: ReadTime
  /** ms by the local clock: an hour of summer time does not move its end. */
  lastsMs: number
  rrule: string | null
  except: readonly ReadTime[]
  also: readonly ReadTime[]
  /** Which one of a recurring event it stands for. */
  insteadOf: ReadTime | null
  cancelled: boolean
  attendees: readonly { email: string | null; name: string | null }[]
}

export interface Skipped {
  summary: string
  at: string | null
  why: string
}

const mostEvents = 5000
const mostLines = 200_000
const mostWords = 200
const dayMs = 24 * 3_600_000

/** What is read of events; the rest may be anything. */
const kept = new Set([
  ...['BEGIN', 'END', 'UID', 'SUMMARY', 'DTSTART', 'DTEND', 'DURATION', 'RRULE', 'EXDATE', 'RDATE', 'RECURRENCE-ID'],
  ...['ATTENDEE', 'STATUS', 'TZID', 'X-LIC-LOCATION'],
])
/** The rule as it is written: ours is the one that reads it, with limits. */
const ruleName = 'X-UXBRIDGE-RULE'

type JProperty = [name: string, parameters: Record<string, unknown>, type: string, ...values: unknown[]]
type JComponent = [name: string, properties: JProperty[], components: JComponent[]]

/**
 * Reads the events of an iCalendar text. What is wrong with one event is said of that one; the others are read.
 * Source: RFC 5545.
 * @throws UxbridgeError `fields-invalid` for what is no calendar, or too much
 */
export function readEvents(text: string): { events: ReadEvent[]; skipped: Skipped[] } {
  const calendars = componentsOf(text).filter(([name]) => name === 'vcalendar')
  const all = calendars.flatMap(([, , parts]) => parts)
  const found = all.filter(([name]) => name === 'vevent')
  if (calendars.length === 0) throw refused('is no calendar; it should begin with BEGIN:VCALENDAR')
  if (found.length > mostEvents)
    throw refused(`has ${found.length} events, more than ${mostEvents}; import a shorter one`)
  const zones = new Map(
    all.flatMap(([name, properties]): [string, string][] => {
      const tzid = textOf(properties, 'tzid')
      const place = ianaName(textOf(properties, 'x-lic-location') ?? '')
      return name === 'vtimezone' && tzid !== null && place !== null ? [[tzid, place]] : []
    }),
  )
  const events: ReadEvent[] = []
  const skipped: Skipped[] = []
  for (const [, properties] of found) {
    const summary = (textOf(properties, 'summary') ?? '').slice(0, mostWords)
    try {
      events.push(eventOf(properties, summary, zones))
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      const written = properties.find(([name]) => name === 'dtstart')?.[3]
      skipped.push({ summary, at: typeof written === 'string' ? written.slice(0, 40) : null, why: error.message })
    }
  }
  return { events, skipped }
}

/** Why one event cannot be read. */
class Unreadable extends Error {
  override name = 'Unreadable'
}

const refused = (message: string) =>
  new UxbridgeError('fields-invalid', `The file cannot be imported: it ${message}.`, {
    fields: [{ path: 'ics', message }],
  })

function componentsOf(text: string): JComponent[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
  if (lines.length > mostLines) throw refused(`has more than ${mostLines} lines; import a shorter one`)
  const wanted = lines.flatMap((line) => {
    const [, name = ''] = /^([A-Za-z0-9-]+)[;:]/.exec(line) ?? []
    const upper = name.toUpperCase()
    if (!kept.has(upper)) return []
    return upper === 'RRULE' ? `${ruleName}${line.slice(name.length)}` : line
  })
  try {
    const parsed = ICAL.parse(wanted.join('\r\n')) as unknown
    const isOne = Array.isArray(parsed) && typeof parsed[0] === 'string'
    return (isOne ? [parsed] : parsed) as JComponent[]
  } catch (error) {
    // The library's errors have several classes, and none of them says where.
    if (!(error instanceof Error)) throw error
    throw refused(`is no calendar that can be read (${error.message.slice(0, 120)})`)
  }
}

function textOf(properties: readonly JProperty[], name: string): string | null {
  const value = properties.find((property) => property[0] === name)?.[3]
  return typeof value === 'string' ? value : null
}

function eventOf(properties: readonly JProperty[], summary: string, zones: ReadonlyMap<string, string>): ReadEvent {
  const timesOf = (name: string): ReadTime[] =>
    properties.filter((property) => property[0] === name).flatMap((property) => readTimes(property, zones))
  const [start] = timesOf('dtstart')
  if (start === undefined) throw new Unreadable('has no DTSTART')
  const [end] = timesOf('dtend')
  const duration = textOf(properties, 'duration')
  const lastsMs =
    end !== undefined
      ? apart(start, end)
      : duration !== null
        ? lengthOf(duration)
        : // Of a date alone it is that day (RFC 5545, 3.6.1).
          start.isDate
          ? dayMs
          : 0
  if (!(lastsMs > 0)) throw new Unreadable('has no length')
  return {
    uid: (textOf(properties, 'uid') ?? '').slice(0, 500),
    summary,
    start,
    lastsMs,
    rrule: textOf(properties, ruleName.toLowerCase()),
    except: timesOf('exdate'),
    also: timesOf('rdate'),
    insteadOf: timesOf('recurrence-id')[0] ?? null,
    cancelled: textOf(properties, 'status')?.toUpperCase() === 'CANCELLED',
    attendees: properties
      .filter(([name]) => name === 'attendee')
      .map(([, parameters, , value]) => ({
        email: typeof value === 'string' && /^mailto:/i.test(value) ? value.slice('mailto:'.length).trim() : null,
        name: typeof parameters.cn === 'string' ? parameters.cn : null,
      })),
  }
}

function readTimes([, parameters, , ...values]: JProperty, zones: ReadonlyMap<string, string>): ReadTime[] {
  const tzid = typeof parameters.tzid === 'string' ? parameters.tzid : null
  const timeZone = tzid === null ? null : (zones.get(tzid) ?? ianaName(tzid))
  return values.map((value): ReadTime => {
    const [, date = '', time, utc] =
      /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(Z)?)?$/.exec(typeof value === 'string' ? value : '') ?? []
    const local = Date.parse(`${date}T${time ?? '00:00:00'}Z`)
    if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(date))
      throw new Unreadable('has a time that is none')
    if (time === undefined) return { local, timeZone: null, isDate: true }
    if (utc === undefined && tzid !== null && timeZone === null)
      throw new Unreadable(`is in the time zone “${tzid.slice(0, 60)}”, which is not known here`)
    return { local, timeZone: utc === undefined ? timeZone : 'UTC', isDate: false }
  })
}

/** Where both are of one place, by the clock there; the few that are not are told apart by whoever expands them. */
function apart(start: ReadTime, end: ReadTime): number {
  if (start.isDate !== end.isDate) throw new Unreadable('begins with a date and ends with a time, or the reverse')
  if (start.timeZone !== end.timeZone) throw new Unreadable('begins in one time zone and ends in another')
  return end.local - start.local
}

function lengthOf(text: string): number {
  const [all, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^\+?P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?)$/.exec(text) ?? []
  if (all === undefined) throw new Unreadable('has a length that is none')
  return (
    ((Number(weeks) * 7 + Number(days)) * 24 + Number(hours)) * 3_600_000 +
    Number(minutes) * 60_000 +
    Number(seconds) * 1000
  )
}
