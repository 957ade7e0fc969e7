import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'

/** Something promised is late: the next update, the owner's sign of life, or what a legal clock is due for. */
export function isBreaching(summary: Summary, now: number): boolean {
  if (!isOpen(summary.phase)) return false
  if (summary.ownerSilentSince !== null) return true
  if (summary.clocks?.next.some(({ dueAt }) => Date.parse(dueAt) <= now)) return true
  return summary.nextUpdateDueAt !== null && Date.parse(summary.nextUpdateDueAt) <= now
}

/**
 * Rule R1: what is real comes before what is exercised; then by tier (unclassified counts as Tier 1 until triaged), within a tier unowned first, then breaching, then
 * the oldest. What is no longer worked on comes after everything open, newest end first.
 */
export function compareRank(a: Summary, b: Summary, now: number): number {
  const openA = isOpen(a.phase)
  const openB = isOpen(b.phase)
  if (openA !== openB) return openA ? -1 : 1
  if (!openA) return byText(b.resolvedAt ?? b.openedAt, a.resolvedAt ?? a.openedAt) || byText(a.id, b.id)
  return (
    Number(a.drill) - Number(b.drill) ||
    (a.tier ?? 1) - (b.tier ?? 1) ||
    Number(a.owner !== null) - Number(b.owner !== null) ||
    Number(isBreaching(b, now)) - Number(isBreaching(a, now)) ||
    byText(a.openedAt, b.openedAt) ||
    byText(a.id, b.id)
  )
}

/** ISO instants of one form sort as text. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export type SortBy = 'rank' | 'newest' | 'quiet'

export function compareBy(sort: SortBy, now: number): (a: Summary, b: Summary) => number {
  if (sort === 'newest') return (a, b) => byText(b.openedAt, a.openedAt) || byText(a.id, b.id)
  // Longest without news first.
  if (sort === 'quiet') return (a, b) => byText(a.heardAt, b.heardAt) || byText(a.id, b.id)
  return (a, b) => compareRank(a, b, now)
}
