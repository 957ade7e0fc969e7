import { hourMs, minuteMs } from '../clocks.ts'
import type { ClockDefinition, DeadlineDefinition, Limit, Span } from './definition.ts'

/**
 * The same day and time of a later month, in UTC; the last day of that month where it is shorter.
 * Regulation (EEC, Euratom) No 1182/71, Article 3(2)(c), ends such a period with the last hour of that day, and Article 3(4)
 * moves it past weekends and holidays: what is computed here is never later.
 * @param at epoch ms
 * @returns epoch ms
 */
export function addMonths(at: number, months: number): number {
  const from = new Date(at)
  const month = from.getUTCMonth() + months
  const year = from.getUTCFullYear()
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = Date.UTC(year, month, Math.min(from.getUTCDate(), lastDay))
  return day + (at - Date.UTC(year, from.getUTCMonth(), from.getUTCDate()))
}

/** @returns epoch ms */
export function addSpan(at: number, { unit, count }: Span): number {
  return unit === 'ms' ? at + count : addMonths(at, count)
}

/** What deadlines count from, epoch ms: `start`, `aware`, and each deadline that was met, by its id. */
export type Anchors = Readonly<Record<string, number | undefined>>

/**
 * When a deadline is due. Rule CK2: the earliest of its limits counts; one that had passed when the clock started counts only
 * where there is no other: what is classified as major more than 24 hours after awareness is due 4 hours after it was
 * (Delegated Regulation (EU) 2025/301, Article 5(2)).
 * @returns epoch ms, with what it was counted from; null: what it waits for has not happened
 */
export function dueOf(within: readonly Limit[], anchors: Anchors): { at: number; from: number } | null {
  const known = within.flatMap((limit) => {
    const from = anchors[limit.after]
    return from === undefined ? [] : [{ at: addSpan(from, limit), from }]
  })
  const start = anchors.start ?? Number.NEGATIVE_INFINITY
  const ahead = known.filter(({ at }) => at > start)
  const [first, ...rest] = ahead.length > 0 ? ahead : known
  return first === undefined ? null : rest.reduce((least, one) => (one.at < least.at ? one : least), first)
}

/** When a deadline counts as near: with this share of its time left, or so long before it, whichever is earlier. */
export interface Nearness {
  percent: number
  leftMs: number
}
export const usualNearness: Nearness = { percent: 25, leftMs: 4 * hourMs }

/**
 * From when on a deadline is near. Rule CK6: never in the first half of its time, so that a short one is not near at once.
 * @returns epoch ms
 */
export function nearFrom(due: { at: number; from: number }, { percent, leftMs }: Nearness): number {
  const spanMs = Math.max(0, due.at - due.from)
  const before = Math.min(Math.max((spanMs * percent) / 100, leftMs), spanMs / 2)
  return due.at - Math.round(before)
}

/** The definition of each clock that is in force at `at`: of one id the latest that has begun. */
export function inForce(definitions: readonly ClockDefinition[], at: number): ClockDefinition[] {
  const found = new Map<string, ClockDefinition>()
  for (const one of definitions) {
    const known = found.get(one.id)
    if (Date.parse(one.effective) <= at && (known === undefined || known.effective <= one.effective))
      found.set(one.id, one)
  }
  // One without deadlines was taken out of use from that day on.
  return [...found.values()].filter(({ deadlines }) => deadlines.length > 0)
}

/** Whether everything it counts from is there, and nothing waits for itself. @returns what is wrong; null: nothing */
export function chainProblem(deadlines: readonly DeadlineDefinition[]): string | null {
  const before = new Set(['start', 'aware'])
  for (const { id, within } of deadlines) {
    if (before.has(id)) return `"${id}" is there twice, or is a word with a meaning of its own`
    const unknown = within.find((limit) => !before.has(limit.after))
    if (unknown !== undefined) return `"${id}" counts from "${unknown.after}", which is no deadline before it`
    before.add(id)
  }
  return null
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** `72 h`, `1 month`, `90 min`. */
export function spanWords({ unit, count }: Span): string {
  if (unit === 'month') return plural(count, 'month')
  return count % hourMs === 0 ? `${count / hourMs} h` : `${Math.round(count / minuteMs)} min`
}

/** `72 h after the start`, `4 h after the start, at most 24 h after awareness`, `1 month after the incident notification`. */
export function limitWords(within: readonly Limit[], nameOf: (deadline: string) => string): string {
  const afterWhat = (id: string): string =>
    id === 'start' ? 'the start' : id === 'aware' ? 'awareness' : `“${nameOf(id)}”`
  return within
    .map((limit, index) => `${index === 0 ? '' : 'at most '}${spanWords(limit)} after ${afterWhat(limit.after)}`)
    .join(', ')
}
