import type { FilterState, Tracked } from '../state.ts'
import type { Group } from './group.ts'

/**
 * A person has restricted the incident, or opened it again. Rule RS8: its alerts are with it, so what it held back among the
 * others is let go, and the reverse.
 */
export function restrictGroup(group: Group, restricted: boolean, state: FilterState): void {
  if (group.restricted === restricted) return
  state.groups.restrict(group, restricted)
  // In an order that is the same after a restart.
  for (const tracked of [...group.alerts].sort((a, b) => (a.alert.id < b.alert.id ? -1 : 1)))
    rank(tracked, restricted, state)
}

/** From now on the alert is among what is restricted, or among what is not. */
export function rank(tracked: Tracked, restricted: boolean, state: FilterState): void {
  const { alert } = tracked
  if ((alert.restricted === true) === restricted) return
  state.changes.before(tracked)
  if (restricted) alert.restricted = true
  else delete alert.restricted
  if (alert.status === 'firing') state.holding.regroup(tracked)
}
