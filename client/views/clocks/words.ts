import type { ClockView } from '#shared/legal/view.ts'
import { leftWords, localMinute, utcMoment } from '../../state/time-words.ts'

export type DeadlineView = ClockView['deadlines'][number]
/** How a deadline stands. `late`: met, but after it was due. */
export type Standing = 'waiting' | 'running' | 'near' | 'passed' | 'met' | 'late' | 'not-required' | 'gone'

export function standingOf(clock: Pick<ClockView, 'ended' | 'goneTo'>, deadline: DeadlineView, now: number): Standing {
  const dueAt = deadline.dueAt === null ? null : Date.parse(deadline.dueAt)
  if (deadline.met !== null) return dueAt !== null && Date.parse(deadline.met.at) > dueAt ? 'late' : 'met'
  if (clock.goneTo !== null) return 'gone'
  if (clock.ended !== null) return 'not-required'
  if (dueAt === null) return 'waiting'
  if (now >= dueAt) return 'passed'
  return deadline.nearAt !== null && now >= Date.parse(deadline.nearAt) ? 'near' : 'running'
}

/** `Wed 25 Nov, 03:00 UTC, 04:00 here` */
export function momentWords(at: number, now: number): string {
  const utc = utcMoment(at, now)
  return new Date(at).getTimezoneOffset() === 0 ? utc : `${utc}, ${localMinute(at)} here`
}

/** One line of how it stands: with the countdown and the instant, both clocks. */
export function standingWords(clock: ClockView, deadline: DeadlineView, now: number): string {
  const dueAt = deadline.dueAt === null ? null : Date.parse(deadline.dueAt)
  const due = dueAt === null ? '' : momentWords(dueAt, now)
  switch (standingOf(clock, deadline, now)) {
    case 'met':
    case 'late': {
      const at = Date.parse(deadline.met?.at ?? '')
      const late = dueAt === null || at <= dueAt ? '' : `, ${leftWords(at - dueAt)} late`
      return `submitted ${momentWords(at, now)}${late}`
    }
    case 'waiting':
      return `due ${deadline.rule}`
    case 'gone':
      return `runs in ${clock.goneTo ?? 'another incident'}`
    case 'not-required':
      return 'not required'
    case 'passed':
      return `passed ${leftWords(now - (dueAt ?? now))} ago: ${due}`
    default:
      return `in ${leftWords((dueAt ?? now) - now)}: ${due}`
  }
}

/** `2 run, 1 passed`; empty where none ever was. */
export function clocksWords(clocks: readonly ClockView[], now: number): string {
  const all = clocks.flatMap((clock) => clock.deadlines.map((deadline) => standingOf(clock, deadline, now)))
  const count = (...of: Standing[]) => all.filter((one) => of.includes(one)).length
  const runs = count('running', 'near', 'passed', 'waiting')
  if (all.length === 0) return ''
  if (runs === 0) return 'none runs'
  const passed = count('passed')
  return `${runs} to be met${passed === 0 ? '' : `, ${passed} passed`}`
}

const two = (n: number) => String(n).padStart(2, '0')

/** As a field for date and time takes it, by the clock of whoever looks. */
export function fieldOf(at: number): string {
  const date = new Date(at)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** @returns epoch ms; null: no time, or none that there is */
export function instantOf(field: string): number | null {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(field) ? new Date(field).getTime() : Number.NaN
  return Number.isNaN(at) ? null : at
}
