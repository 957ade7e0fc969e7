import type { Summary } from '#shared/wire.ts'

const minuteMs = 60_000
const shownMinutes = 30

/** Events per minute up to this one, oldest first, for a line: the silence since the last event belongs to it. */
export function activityAt(
  { activity, activityUntil }: Pick<Summary, 'activity' | 'activityUntil'>,
  now: number,
): number[] {
  if (activityUntil === null) return []
  const silent = Math.floor((now - Date.parse(activityUntil)) / minuteMs)
  const since = new Array<number>(Math.min(shownMinutes, Math.max(0, silent))).fill(0)
  return [...activity, ...since].slice(-shownMinutes)
}
