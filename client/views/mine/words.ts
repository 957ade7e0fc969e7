import type { RotaNow } from '#shared/duty/view.ts'
import type { Summary } from '#shared/wire.ts'
import type { DueWords } from '../../state/due-words.ts'
import { ageWords, countWords, leftWords, localMinute, utcMinute } from '../../state/time-words.ts'
import type { NextDue } from './groups.ts'

const soonMs = 5 * 60_000

/** What is due next of an incident of mine, as said to its owner. */
export function dueSentence(due: NextDue | null, summary: Summary, now: number): DueWords {
  switch (due?.kind) {
    case undefined:
      return { text: 'Nothing is promised', tone: 'plain' }
    case 'sign-of-life': {
      const since = summary.ownerSilentSince === null ? now : Date.parse(summary.ownerSilentSince)
      return { text: `Are you on it? Nothing from you for ${ageWords(now - since)}`, tone: 'late' }
    }
    case 'relief':
      return { text: `${summary.reliefAskedBy?.name ?? 'Somebody'} asks to take it`, tone: 'soon' }
    case 'classify':
      return { text: 'To be classified', tone: 'soon' }
    case 'resolve':
      return { text: 'All alerts have ended', tone: 'calm' }
    case 'shift-end': {
      const leftMs = (due?.at ?? now) - now
      const next = summary.shiftEnd?.to.map(({ name }) => name).join(', ') ?? ''
      const then = next === '' ? 'nobody comes on after it' : `${next} next`
      if (leftMs <= 0) return { text: `Your shift is over: ${then}`, tone: 'late' }
      return { text: `Your shift ends in ${leftWords(leftMs)}: ${then}`, tone: 'soon' }
    }
    case 'clock': {
      const leftMs = (due?.at ?? now) - now
      const [clock] = summary.clocks?.next ?? []
      const what = `${clock?.name ?? 'Clock'}: ${clock?.deadline ?? ''}`
      if (leftMs <= 0) return { text: `${what} passed ${leftWords(-leftMs)} ago`, tone: 'late' }
      return { text: `${what} in ${leftWords(leftMs)}`, tone: 'soon' }
    }
    case 'update':
    case 'task': {
      const what = due?.kind === 'task' ? 'Task' : 'Update'
      const leftMs = (due?.at ?? now) - now
      if (leftMs <= 0) return { text: `${what} late ${countWords(-leftMs)}`, tone: 'late' }
      return { text: `${what} due in ${leftWords(leftMs)}`, tone: leftMs < soonMs ? 'soon' : 'plain' }
    }
  }
}

const dayMs = 24 * 3_600_000
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** A time of the days around this one by the clock here: `08:00`, `tomorrow 08:00`, `Friday 08:00`, `27.11. 08:00` and in UTC. */
export function whenWords(at: number, now: number): string {
  const zoneMs = (t: number) => t - new Date(t).getTimezoneOffset() * 60_000
  const apart = Math.floor(zoneMs(at) / dayMs) - Math.floor(zoneMs(now) / dayMs)
  const local = localMinute(at)
  const utc = local === utcMinute(at) ? '' : ` (${utcMinute(at)} UTC)`
  const date = new Date(at)
  const day =
    apart === 0
      ? ''
      : apart === 1
        ? 'tomorrow '
        : apart > 1 && apart < 7
          ? `${days[date.getDay()]} `
          : `${date.getDate()}.${date.getMonth() + 1}. `
  return `${day}${local}${utc}`
}

type MyShifts = NonNullable<RotaNow['mine']>

/**
 * Whether I am on call, until when, or when I am next. In one sentence that stands by itself.
 * @param nameOf a rotation's name by its id
 * @param mine null: nobody can say
 */
export function shiftSentence(
  mine: Pick<MyShifts, 'on' | 'next'> | null,
  nameOf: (rotation: string) => string,
  now: number,
): string | null {
  if (mine === null) return null
  const { on, next } = mine
  if (on !== null) {
    const relief = on.next.length === 0 ? '' : `; then ${on.next.map(({ name }) => name).join(', ')}`
    return `You are on call for ${nameOf(on.rotation)} until ${whenWords(Date.parse(on.endsAt), now)}${relief}.`
  }
  if (next !== null)
    return `You are not on call. Your next shift: ${nameOf(next.rotation)}, from ${whenWords(Date.parse(next.from), now)}.`
  return 'You are not on call, and no shift of yours is planned.'
}
