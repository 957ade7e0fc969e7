import type { OccurrenceView, SilenceView } from '#shared/silence.ts'
import { ageWords } from '../../state/time-words.ts'

/** How a silence comes: once, by one of the usual rhythms, or by a rule of one's own. */
export const rhythms = [
  ['once', 'Once'],
  ['daily', 'Daily'],
  ['weekly', 'Weekly'],
  ['monthly', 'Monthly'],
  ['rule', 'RRULE'],
] as const
export type Rhythm = (typeof rhythms)[number][0]

export const weekdays = [
  ['MO', 'Mon'],
  ['TU', 'Tue'],
  ['WE', 'Wed'],
  ['TH', 'Thu'],
  ['FR', 'Fri'],
  ['SA', 'Sat'],
  ['SU', 'Sun'],
] as const
export type Weekday = (typeof weekdays)[number][0]

/** What the editor's fields say of a recurrence. */
export interface RecurrenceDraft {
  rhythm: Exclude<Rhythm, 'once'>
  /** Every so many days, weeks or months, as typed. */
  every: string
  /** Of a week; none: the day of `starts`. */
  days: readonly Weekday[]
  /** Of a month: the day of `starts` by its number, as the second Tuesday, or as the last one. */
  monthly: 'date' | 'nth' | 'last'
  rule: string
  /** Local date and time in `timeZone`: `YYYY-MM-DDTHH:MM`. */
  starts: string
  timeZone: string
  ends: 'year' | 'date' | 'count'
  /** `YYYY-MM-DD`. */
  until: string
  count: string
}

/** @param starts local date and time */
export function newDraft(starts: string, timeZone: string): RecurrenceDraft {
  const usual = { rhythm: 'weekly', every: '1', days: [], monthly: 'date' } as const
  return { ...usual, rule: 'FREQ=WEEKLY;BYDAY=SU', starts, timeZone, ends: 'year', until: '', count: '10' }
}

/** Day of the week and of the month of a local date, with its place in the month. */
export function dayOf(starts: string): { weekday: Weekday; date: number; nth: number; isLast: boolean } | null {
  const at = new Date(`${starts.slice(0, 10)}T00:00:00Z`)
  if (Number.isNaN(at.getTime())) return null
  const date = at.getUTCDate()
  const inMonth = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
  const weekday = weekdays[(at.getUTCDay() + 6) % 7]?.[0] ?? 'MO'
  return { weekday, date, nth: Math.ceil(date / 7), isLast: date + 7 > inMonth }
}

/** Something that it needs is not typed yet. */
export function isUnfinished({ rhythm, rule, starts, timeZone, every, ends, until, count }: RecurrenceDraft): boolean {
  if (starts === '' || timeZone.trim() === '') return true
  if (rhythm === 'rule') return rule.trim() === ''
  return every.trim() === '' || (ends === 'date' && until === '') || (ends === 'count' && count.trim() === '')
}

/** The RRULE that the fields say; what is typed wrong stays in it, for the server to refuse in words. */
export function ruleOf(draft: RecurrenceDraft): string {
  const { rhythm, every, days, monthly, rule, starts, ends, until, count } = draft
  if (rhythm === 'rule') return rule.trim()
  const day = dayOf(starts)
  const parts = [`FREQ=${rhythm.toUpperCase()}`]
  if (every.trim() !== '1') parts.push(`INTERVAL=${every.trim()}`)
  if (rhythm === 'weekly') {
    const chosen =
      days.length === 0 ? [day?.weekday ?? 'MO'] : weekdays.map(([key]) => key).filter((key) => days.includes(key))
    parts.push(`BYDAY=${chosen.join(',')}`)
  }
  if (rhythm === 'monthly' && day !== null) {
    if (monthly === 'date') parts.push(`BYMONTHDAY=${day.date}`)
    else parts.push(`BYDAY=${monthly === 'last' ? -1 : day.nth}${day.weekday}`)
  }
  if (ends === 'count') parts.push(`COUNT=${count.trim()}`)
  if (ends === 'date') parts.push(`UNTIL=${until.replaceAll('-', '')}`)
  return parts.join(';')
}

/** The fields for a recurrence that there is; a rule that they cannot say is shown as it is. */
export function draftOf({ rrule, starts, timeZone }: Pick<Recurs, 'rrule' | 'starts' | 'timeZone'>): RecurrenceDraft {
  const plain = newDraft(starts, timeZone)
  const parts = new Map(rrule.split(';').map((part) => part.split('=') as [string, string]))
  const date = /^(\d{4})(\d\d)(\d\d)$/.exec(parts.get('UNTIL') ?? '')
  const count = parts.get('COUNT')
  const draft: RecurrenceDraft = {
    ...plain,
    rhythm: rhythmOf(parts.get('FREQ')),
    every: parts.get('INTERVAL') ?? '1',
    days: daysOf(parts.get('BYDAY')),
    monthly: parts.has('BYMONTHDAY') ? 'date' : parts.get('BYDAY')?.startsWith('-1') ? 'last' : 'nth',
    ...(date === null ? {} : { ends: 'date' as const, until: date.slice(1).join('-') }),
    ...(count === undefined ? {} : { ends: 'count' as const, count }),
  }
  return same(ruleOf(draft), rrule) ? { ...draft, rule: rrule } : { ...plain, rhythm: 'rule', rule: rrule }
}

/** The same rule, in whatever order its parts and their values stand. */
function same(a: string, b: string): boolean {
  const sorted = (rule: string) =>
    rule
      .split(';')
      .map((part) => part.split(/[=,]/).sort().join())
      .sort()
      .join(';')
  return sorted(a) === sorted(b)
}

type Recurs = NonNullable<SilenceView['recurs']>

const rhythmOf = (frequency = ''): RecurrenceDraft['rhythm'] =>
  (({ DAILY: 'daily', WEEKLY: 'weekly', MONTHLY: 'monthly' }) as const)[frequency] ?? 'rule'
const daysOf = (list = ''): Weekday[] => weekdays.map(([key]) => key).filter((key) => list.split(',').includes(key))

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth']
const longNames: Readonly<Record<Weekday, string>> = {
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
  SU: 'Sunday',
}

/** The ways in which a month may have the day of `starts`, each with its words. */
export function monthlyWays(starts: string): [way: RecurrenceDraft['monthly'], words: string][] {
  const day = dayOf(starts)
  if (day === null) return [['date', 'on the same day']]
  const name = longNames[day.weekday]
  const ways: [RecurrenceDraft['monthly'], string][] = [['date', `on day ${day.date}`]]
  if (day.nth < 5) ways.push(['nth', `on the ${ordinals[day.nth - 1]} ${name}`])
  if (day.isLast) ways.push(['last', `on the last ${name}`])
  return ways
}

/** `every Mon, Thu at 02:00 for 2 h`; a rule that is none of the usual ones stands as it is. */
export function recurrenceWords(recurs: Pick<Recurs, 'rrule' | 'starts' | 'timeZone' | 'lastsMs'>): string {
  const draft = draftOf(recurs)
  const lasts = `for ${ageWords(recurs.lastsMs)}`
  if (draft.rhythm === 'rule') return `${recurs.rrule}, ${lasts}`
  const unit = { daily: 'day', weekly: 'week', monthly: 'month' }[draft.rhythm]
  const often = draft.every === '1' ? `every ${unit}` : `every ${draft.every} ${unit}s`
  const at = `at ${recurs.starts.slice(11)} ${lasts}`
  if (draft.rhythm === 'daily') return `${often} ${at}`
  if (draft.rhythm === 'monthly') {
    const [, way = ''] = monthlyWays(draft.starts).find(([way]) => way === draft.monthly) ?? []
    return `${often} ${way} ${at}`
  }
  const chosen = draft.days.length === 0 ? [dayOf(draft.starts)?.weekday] : draft.days
  const names = weekdays.filter(([key]) => chosen.includes(key)).map(([, name]) => name)
  const list = names.length === 7 ? 'all days' : names.join(', ')
  return draft.every === '1' ? `every ${list} ${at}` : `${often} on ${list} ${at}`
}

/** When it is on, by the clock of a zone: `Sun 29 Nov, 02:00 to 04:00`; with the year where it is another than now's. */
export function occurrenceWords({ startsAt, endsAt }: OccurrenceView, timeZone: string, now: number): string {
  const start = Date.parse(startsAt)
  const end = Date.parse(endsAt)
  const day = (at: number) => dayWords(at, timeZone, now)
  const same = day(start) === day(end)
  return `${day(start)}, ${minuteIn(start, timeZone)} to ${same ? '' : `${day(end)}, `}${minuteIn(end, timeZone)}`
}

function dayWords(at: number, timeZone: string, now: number): string {
  const year = (instant: number) => new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric' }).format(instant)
  const more = year(at) === year(now) ? {} : ({ year: 'numeric' } as const)
  return new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', day: 'numeric', month: 'short', ...more })
    .format(at)
    .replace(/^(\w+),/, '$1')
}

function minuteIn(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}
