import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'

export interface DueItem {
  key: string
  incidentId: string
  what: string
  /** Epoch ms. */
  at: number
}

/** The nearest things that somebody waits for: answers to offers, promised updates, tasks, legal clocks. */
export function dueItems(incidents: Iterable<Summary>, limit: number): DueItem[] {
  const items: DueItem[] = []
  for (const summary of incidents) {
    const { id } = summary
    // These run on when the work has ended (rule CK5).
    for (const { clock, name, deadline, dueAt } of summary.clocks?.next ?? [])
      items.push({ key: `${id}/${clock}/${deadline}`, incidentId: id, what: name, at: Date.parse(dueAt) })
    if (!isOpen(summary.phase)) continue
    if (summary.offer !== null)
      items.push({
        key: `${id}/offer`,
        incidentId: id,
        what: 'Answer',
        at: Date.parse(summary.offer.deadline),
      })
    if (summary.nextUpdateDueAt !== null)
      items.push({ key: `${id}/update`, incidentId: id, what: 'Update', at: Date.parse(summary.nextUpdateDueAt) })
    if (summary.tasks !== undefined && summary.tasks.nextDueAt !== null)
      items.push({ key: `${id}/task`, incidentId: id, what: 'Task', at: Date.parse(summary.tasks.nextDueAt) })
  }
  return items.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1)).slice(0, limit)
}

/** The legal clock that is due next, of all but exercises; null: none runs. */
export function nearestClock(
  incidents: Iterable<Summary>,
): { incidentId: string; name: string; deadline: string; at: number; nearAt: number } | null {
  let nearest: ReturnType<typeof nearestClock> = null
  for (const { id, drill, clocks } of incidents) {
    const next = clocks?.next[0]
    if (drill || next === undefined) continue
    const at = Date.parse(next.dueAt)
    if (nearest !== null && nearest.at <= at) continue
    nearest = { incidentId: id, name: next.name, deadline: next.deadline, at, nearAt: Date.parse(next.nearAt) }
  }
  return nearest
}

export interface HolderRow {
  id: string
  name: string
  holds: readonly { incidentId: string; tier: Summary['tier']; since: number }[]
  silent: boolean
}

/** Who holds what, most first: what the readiness tote will say more of. */
export function holders(incidents: Iterable<Summary>): HolderRow[] {
  const rows = new Map<string, { id: string; name: string; holds: HolderRow['holds'][number][]; silent: boolean }>()
  for (const summary of incidents) {
    const { owner } = summary
    if (owner === null || !isOpen(summary.phase)) continue
    const row = rows.get(owner.id) ?? { ...owner, holds: [], silent: false }
    row.holds.push({
      incidentId: summary.id,
      tier: summary.tier,
      since: Date.parse(summary.chain.at(-1)?.from ?? summary.openedAt),
    })
    row.silent ||= summary.ownerSilentSince !== null
    rows.set(owner.id, row)
  }
  return [...rows.values()]
    .map((row) => ({ ...row, holds: row.holds.toSorted((a, b) => (a.tier ?? 1) - (b.tier ?? 1) || a.since - b.since) }))
    .sort((a, b) => b.holds.length - a.holds.length || (a.name < b.name ? -1 : 1))
}
