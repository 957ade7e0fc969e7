import { stretchAfter, timetable } from '#shared/alertmanager/time-intervals.ts'
import type { CompiledMatcher } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'
import type { Occurrence, OccurrenceAfter } from '#shared/recurrence.ts'
import { maintenanceId } from '#shared/silence.ts'

/** A maintenance window of the policy, ready to be asked when it is open. */
export interface Window {
  /** As alerts and reasons name it. */
  id: string
  name: string
  matchers: readonly CompiledMatcher[]
  /** Two of one signature are the same window: what it holds back it goes on holding back. */
  signature: string
  /** The first time that it is open and that ends after `after` (epoch ms); null when there is none. */
  next(after: number): Occurrence | null
}

/**
 * The maintenance windows of a policy. Rule MW1: what fires while one is open, and matches, is held back as by a silence; it
 * opens and closes by itself, at instants that follow from the policy alone.
 */
export function windowsOf(
  { filters, time_intervals, mute_time_intervals }: Policy,
  occurrences: OccurrenceAfter,
): Window[] {
  const named = new Map([...time_intervals, ...mute_time_intervals].map((each) => [each.name, each.time_intervals]))
  return filters.maintenance.map(({ name, match, intervals, recurs }) => {
    const all = (intervals ?? []).flatMap((interval) => named.get(interval) ?? [])
    const table = timetable(all)
    const next = (after: number): Occurrence | null =>
      recurs === undefined ? stretchAfter(table, after) : occurrences(recurs, after)
    return { id: maintenanceId(name), name, matchers: match, signature: JSON.stringify([match, all, recurs]), next }
  })
}
