/**
 * Instants by the clock of a time zone, in words and as fields of a form. Pure: zones and `now` are handed in; instants
 * are epoch ms.
 */
const dayMs = 24 * 3_600_000
const minuteMs = 60_000

const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    ...({
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'short',
      day: 'numeric',
    } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
  })
  formats.set(zone, made)
  return made
}

export interface Local {
  year: number
  /** `Nov` */
  month: string
  day: number
  /** `Mon` */
  weekday: string
  /** `08:05` */
  minute: string
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const known = new Map<string, Local>()
const mostKnown = 20_000

/** What a clock on the wall there shows. Shifts share their beginnings and ends, so each is reckoned once. */
export function localOf(at: number, zone: string): Local {
  const key = `${zone} ${at}`
  const found = known.get(key)
  if (found !== undefined) return found
  const made = reckoned(at, zone)
  if (known.size >= mostKnown) known.clear()
  known.set(key, made)
  return made
}

function reckoned(at: number, zone: string): Local {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  // Browsers differ in whether September is short as Sep or Sept.
  const month = (parts.get('month') ?? '').slice(0, 3)
  const minute = `${parts.get('hour')}:${parts.get('minute')}`
  return {
    year: Number(parts.get('year')),
    month,
    day: Number(parts.get('day')),
    weekday: parts.get('weekday') ?? '',
    minute,
  }
}

/** By how much the clock there is ahead of UTC, ms. */
export function offsetOf(at: number, zone: string): number {
  const { year, month, day, minute } = localOf(at, zone)
  const [hours = 0, minutes = 0] = minute.split(':').map(Number)
  const shown = Date.UTC(year, months.indexOf(month), day, hours, minutes)
  return shown - Math.floor(at / minuteMs) * minuteMs
}

/** The instant at which a clock there shows this; where it never does, the one as long after the jump. */
export function instantOf(shownUtc: number, zone: string): number {
  const guess = shownUtc - offsetOf(shownUtc, zone)
  const better = shownUtc - offsetOf(guess, zone)
  return shownUtc - offsetOf(better, zone) === better ? better : Math.max(guess, better)
}

/** Midnight at which the local day of `at` began, shifted by whole days. */
export function dayStart(at: number, zone: string, days = 0): number {
  const { year, month, day } = localOf(at, zone)
  return instantOf(Date.UTC(year, months.indexOf(month), day + days), zone)
}

/** Local date for an address: `2026-11-23`. */
export function dateOf(at: number, zone: string): string {
  const { year, month, day } = localOf(at, zone)
  return `${year}-${two(months.indexOf(month) + 1)}-${two(day)}`
}
const two = (n: number) => String(n).padStart(2, '0')

/** @returns midnight of a date such as `2026-11-23`; null where it is none */
export function startOfDate(date: string, zone: string): number | null {
  const at = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  return Number.isNaN(at) ? null : instantOf(at, zone)
}

/** For a field of the kind `datetime-local`. */
export function fieldOf(at: number, zone: string): string {
  return `${dateOf(at, zone)}T${localOf(at, zone).minute}`
}
/** @returns null where the field is empty or no time */
export function instantOfField(text: string, zone: string): number | null {
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) || text.length < 16 ? null : instantOf(at, zone)
}

/** `today 08:00`, `Mon 23 Nov 08:00`, in another year `Sat 23 Jan 2027 08:00`. */
export function momentIn(at: number, zone: string, now: number): string {
  return `${dayIn(at, zone, now)} ${localOf(at, zone).minute}`
}

export function dayIn(at: number, zone: string, now: number): string {
  const there = localOf(at, zone)
  const today = localOf(now, zone)
  if (there.day === today.day && there.month === today.month && there.year === today.year) return 'today'
  return `${there.weekday} ${there.day} ${there.month}${there.year === today.year ? '' : ` ${there.year}`}`
}

/** `Mon 23 Nov 08:00 to 20:00`; the day is said again where it is another one, and midnight ends the day before. */
export function rangeIn(from: number, to: number, zone: string, now: number): string {
  const start = localOf(from, zone)
  const end = localOf(to, zone)
  const lastDay = dayIn(end.minute === '00:00' && to - from >= minuteMs ? to - minuteMs : to, zone, now)
  const minute = end.minute === '00:00' ? '24:00' : end.minute
  const sameDay = dayIn(from, zone, now) === lastDay
  if (sameDay && start.minute === '00:00' && minute === '24:00') return `${dayIn(from, zone, now)}, all day`
  return `${momentIn(from, zone, now)} to ${sameDay ? '' : `${lastDay} `}${minute}`
}

/** `1 h ahead`, `5 h 30 min behind`; empty where the clocks agree. */
export function aheadWords(zone: string, here: string, at: number): string {
  const ms = offsetOf(at, zone) - offsetOf(at, here)
  if (ms === 0) return ''
  const hours = Math.floor(Math.abs(ms) / (60 * minuteMs))
  const minutes = (Math.abs(ms) / minuteMs) % 60
  const words = [hours > 0 ? `${hours}\u00a0h` : '', minutes > 0 ? `${minutes}\u00a0min` : ''].filter(Boolean).join(' ')
  return `${words} ${ms > 0 ? 'ahead' : 'behind'}`
}

/** Midnights from the one at `from`, one more than there are days. */
export function daysFrom(from: number, count: number, zone: string): number[] {
  // From noon on, so that a day of 23 or 25 hours is stepped over whole.
  return Array.from({ length: count + 1 }, (_, index) => dayStart(from + dayMs / 2, zone, index))
}
