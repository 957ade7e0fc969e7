import type { Alert } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'
import type { Policy } from '#shared/policy.ts'

/** What an event means for an alert that is known. `late`: it tells of an earlier time and changes nothing. */
export type Meaning = 'repeat' | 'resolve' | 'refire' | 'late'

/** When the condition began and ends, after the event. `endsAt` is an end, or an expiry while it fires; null = none. */
export interface Span {
  startsAt: number
  endsAt: number | null
  /** The end is ours. */
  assumed: boolean
}

/** Until when the event's sender vouches for it. */
export function expiryOf(event: Event, at: number, policy: Policy): number | null {
  return event.timesOut === true ? at + policy.resolve_timeout : event.expiresAt
}

/** Does the event change what is known? @param at epoch ms at which we received it */
export function meaningOf(alert: Alert, event: Event, at: number): Meaning {
  if (event.status === 'resolved') {
    if (alert.status === 'resolved') return 'repeat'
    // Rule F5: an end that lies wholly before this firing belongs to an earlier one. Both clocks are asked, the
    // sender's and ours, because a start in the future must not make an alert endless.
    const end = event.endsAt ?? at
    const stale = end < alert.startsAt && end < alert.heardAt && event.startsAt < alert.startsAt
    return event.family === 'keyed' && stale ? 'late' : 'resolve'
  }
  if (alert.status === 'firing') return 'repeat'
  // Rule F5: out of order, an event never resurrects a resolved alert; but an end that we only assumed is refuted by
  // any word of the sender. Alertmanager lets every event that is firing now reactivate (rule F4).
  return event.family === 'keyed' && !alert.endAssumed && tellsOfThePast(alert, event, at) ? 'late' : 'refire'
}

/**
 * Whether a trigger tells of a time before the alert ended. Rule F8: a sender's clock may be behind ours by any
 * amount. An end that is only when we heard of it lies that much earlier by the sender's clock; and where the sender names
 * no start, what arrives later is later.
 */
function tellsOfThePast(alert: Alert, event: Event, at: number): boolean {
  if (event.startsAt >= at || alert.endsAt === null) return false
  const behindMs = alert.endUntimed === true ? (alert.lagMs ?? 0) : 0
  return event.startsAt < alert.endsAt - behindMs
}

/** Whether the end that an event tells of is only when we heard of it. An adapter may give our time for a missing one. */
export function untimed(event: Event, at: number): boolean {
  return event.endsAt === null || event.endsAt === at
}

/**
 * The alert's span after an event that is not late.
 * Rule F4: the Alertmanager family follows Alertmanager: spans that overlap are merged, else the newer one replaces.
 * Source: prometheus/alertmanager provider/mem (Put), types (Alert.Merge).
 * Rule F3a: elsewhere the earliest start wins, and an explicit end beats an assumed one.
 */
export function merge(alert: Alert, event: Event, at: number, policy: Policy, into: Span): void {
  const resolved = event.status === 'resolved'
  const end = resolved ? (event.endsAt ?? at) : expiryOf(event, at, policy)
  const assumed = !resolved && event.timesOut === true
  if (event.family === 'alertmanager') mergeAsAlertmanager(alert, event.startsAt, end, assumed, resolved, into)
  else mergeKeyed(alert, event.startsAt, end, assumed, resolved, into)
}

function mergeAsAlertmanager(
  alert: Alert,
  start: number,
  end: number | null,
  assumed: boolean,
  resolved: boolean,
  into: Span,
): void {
  const oldStart = alert.startsAt
  const oldResolved = alert.status === 'resolved'
  const oldEnd = oldResolved ? alert.endsAt : alert.expiresAt
  into.startsAt = start
  into.endsAt = end
  into.assumed = assumed
  // No end at all is later than any.
  const overlap =
    (end !== null && end > oldStart && (oldEnd === null || end < oldEnd)) ||
    (start > oldStart && (oldEnd === null || start < oldEnd))
  if (!overlap) return
  if (oldStart < start) into.startsAt = oldStart
  const oldIsLater = end !== null && (oldEnd === null || oldEnd > end)
  if (!oldIsLater) return
  // Both ended: the later end. Still firing: what was promised stays promised, unless it was our own timeout.
  if (resolved ? oldResolved && !alert.endAssumed : !oldResolved && !alert.endAssumed) into.endsAt = oldEnd
}

function mergeKeyed(
  alert: Alert,
  start: number,
  end: number | null,
  assumed: boolean,
  resolved: boolean,
  into: Span,
): void {
  const wasResolved = alert.status === 'resolved'
  into.startsAt = wasResolved && !resolved ? start : Math.min(alert.startsAt, start)
  into.endsAt = resolved && wasResolved && !alert.endAssumed ? alert.endsAt : end
  into.assumed = assumed
}
