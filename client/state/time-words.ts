/**
 * Durations and instants as people read them. Figures and units are kept apart by a no-break space. All pure:
 * `now` and the time zone are handed in.
 */
const nbsp = '\u00a0'
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const two = (n: number) => String(n).padStart(2, '0')

/** How old something is: `20 s`, `6 min`, `1 h 12 min`, `3 d 4 h`. Rounded down: information is never made older. */
export function ageWords(ms: number): string {
  const t = Math.max(0, ms)
  if (t < minuteMs) return `${Math.floor(t / secondMs)}${nbsp}s`
  if (t < hourMs) return `${Math.floor(t / minuteMs)}${nbsp}min`
  if (t < dayMs) return twoUnits(Math.floor(t / hourMs), 'h', Math.floor((t % hourMs) / minuteMs), 'min')
  return twoUnits(Math.floor(t / dayMs), 'd', Math.floor((t % dayMs) / hourMs), 'h')
}

/** The same for narrow places: `40 s`, `22 m`, `1 h 12 m`. */
export function heldWords(ms: number): string {
  return ageWords(ms).replace('min', 'm')
}

/** A running count: `2:14`, `1:02:09`; from a day on `2 d 3 h`. Negative once it is past, with a true minus. */
export function countWords(ms: number): string {
  // Towards the deadline a started second still counts; past it, a second must have gone by.
  const whole = ms >= 0 ? Math.ceil(ms / secondMs) : Math.ceil(ms / secondMs)
  const sign = whole < 0 ? '−' : ''
  const s = Math.abs(whole)
  if (s >= 86_400) return `${sign}${ageWords(s * secondMs)}`
  const hours = Math.floor(s / 3600)
  const rest = `${hours > 0 ? two(Math.floor((s % 3600) / 60)) : Math.floor(s / 60)}:${two(s % 60)}`
  return hours > 0 ? `${sign}${hours}:${rest}` : `${sign}${rest}`
}

/** A running count upwards, such as unowned time: started seconds do not count. */
export function lapseWords(ms: number): string {
  return countWords(Math.floor(Math.max(0, ms) / secondMs) * secondMs)
}

/** Time left, coarse where it is long: `0:46`, `38 min`, `2 h`. */
export function leftWords(ms: number): string {
  if (Math.abs(ms) < 10 * minuteMs) return countWords(ms)
  return ms < 0 ? `−${ageWords(-ms)}` : ageWords(ms)
}

/** The same where there is little room: from two days on, whole days. */
export function shortLeftWords(ms: number): string {
  const days = Math.floor(Math.abs(ms) / dayMs)
  return days < 2 ? leftWords(ms) : `${ms < 0 ? '−' : ''}${days}${nbsp}d`
}

export function utcTime(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}

export function utcMinute(at: number): string {
  return new Date(at).toISOString().slice(11, 16)
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `02:14 UTC`; on another day than today `Mon 23 Nov, 02:14 UTC`, in another year `Sat 23 Jan 2027, 02:14 UTC`.
 * @param at epoch ms
 * @param now epoch ms, of which only the day in UTC is looked at
 */
export function utcMoment(at: number, now: number): string {
  const minute = `${utcMinute(at)} UTC`
  if (Math.floor(at / dayMs) === Math.floor(now / dayMs)) return minute
  const day = new Date(at)
  const year = day.getUTCFullYear() === new Date(now).getUTCFullYear() ? '' : ` ${day.getUTCFullYear()}`
  return `${weekdays[day.getUTCDay()]} ${day.getUTCDate()} ${months[day.getUTCMonth()]}${year}, ${minute}`
}

/** `2026-11-22 02:14:09 UTC` */
export function utcWords(at: number): string {
  const iso = new Date(at).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

/** Hours and minutes of this machine's zone. */
export function localMinute(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Both clocks, for titles and screen readers: `02:14:09 UTC, 03:14 here`. */
export function bothClocks(at: number): string {
  return `${utcTime(at)} UTC, ${localMinute(at)} here`
}

/** `31,204` */
export function figure(n: number): string {
  return n.toLocaleString('en-GB')
}

function twoUnits(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${nbsp}${bigUnit}` : `${big}${nbsp}${bigUnit}${nbsp}${small}${nbsp}${smallUnit}`
}
