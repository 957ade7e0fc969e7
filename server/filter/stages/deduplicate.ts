import type { Alert } from '#shared/alert.ts'
import type { Event, Labels } from '#shared/event.ts'
import type { Drafts } from '../drafts.ts'
import type { FilterState, Tracked } from '../memory/state.ts'
import { type Case, repeated, type Stage, type Verdict } from '../stage.ts'
import { clock } from '../words.ts'
import { expiryOf, meaningOf, merge, type Span, untimed } from './merge.ts'

// Filled anew by every merge; kept so that a repeat allocates nothing.
const span: Span = { startsAt: 0, endsAt: null, assumed: false }

/**
 * Gives each condition its one alert, by key scope and the sender's own key. What says nothing new ends here: repeats
 * move counters and ages, and no more. A new alert, or one that fires again, goes on to be placed.
 */
export const deduplicate: Stage = {
  name: 'deduplicate',
  judge(at, state, drafts) {
    const { event, entry } = at
    const { tracked } = at
    at.refired = false
    if (tracked === null) return unknown(at, state)
    const { alert } = tracked
    const now = entry.at
    state.changes.before(tracked)
    alert.events++
    if (now > alert.heardAt) alert.heardAt = now
    // Rule P3: the same report sent twice is one, also when it comes after the end.
    if (event.kind === 'report') return repeated
    if (event.status === 'acknowledged') return acknowledged(alert, now)
    switch (meaningOf(alert, event, now)) {
      case 'repeat':
        return alert.status === 'firing' ? stillFiring(at, tracked, state) : stillResolved(alert, event, now, state)
      case 'resolve':
        return resolved(tracked, event, now, state, drafts)
      case 'late':
        return late(alert, event)
      case 'refire':
        refire(at, tracked, state)
        return null
    }
  },
}

function unknown(at: Case, state: FilterState): Verdict | null {
  const { event, entry } = at
  if (event.status !== 'firing')
    return {
      outcome: 'recorded',
      rule: 'no open alert',
      reason: `${event.status} by the sender, but no alert of this key is open`,
    }
  at.tracked = state.add(entry.keyScope, event.dedupKey, (key, id) => ({
    id,
    key,
    sourceId: entry.sourceId,
    status: 'firing',
    severity: at.severity,
    severityRaw: event.severityRaw,
    title: event.title,
    description: event.description,
    service: event.service,
    labels: event.labels,
    annotations: event.annotations,
    links: event.links,
    ...(at.fingerprint === undefined ? {} : { fingerprint: at.fingerprint }),
    startsAt: event.startsAt,
    endsAt: null,
    endAssumed: event.timesOut === true,
    lagMs: Math.max(0, entry.at - event.startsAt),
    expiresAt: expiryOf(event, entry.at, state.policy),
    firstReceivedAt: entry.at,
    heardAt: entry.at,
    events: 1,
    refires: 0,
    acknowledgedAt: null,
    incidentId: null,
    rule: '',
    ...(event.kind === 'report' ? { endsWithIncident: true as const } : {}),
  }))
  return null
}

/** The newest words of the sender; identity and placing stay. What is kept anyway does not live on in a new copy. */
function restate(alert: Alert, { event, fingerprint, sameWords }: Case): void {
  if (!hasLabelsOf(alert, event, fingerprint)) alert.labels = event.labels
  if (fingerprint !== undefined) alert.fingerprint = fingerprint
  else if (alert.fingerprint !== undefined) delete alert.fingerprint
  if (alert.severityRaw !== event.severityRaw) alert.severityRaw = event.severityRaw
  if (sameWords) return
  alert.title = event.title
  alert.description = event.description
  alert.annotations = event.annotations
  alert.links = event.links
}

function stillFiring(at: Case, tracked: Tracked, state: FilterState): Verdict | null {
  const { alert } = tracked
  merge(alert, at.event, at.entry.at, state.policy, span)
  alert.startsAt = span.startsAt
  alert.expiresAt = span.endsAt
  alert.endAssumed = span.assumed
  state.expiries.add(tracked)
  const changed = alert.severity !== at.severity
  const moved = state.holding.any && (changed || saysOther(alert, at.event))
  restate(alert, at)
  alert.severity = at.severity
  if (moved) state.holding.mark(tracked)
  // Below the definition of an incident it was; with another severity it is judged again, or it would stay hidden. So
  // would one that was held back and is not any more.
  const letGo = alert.heldBack !== undefined && !state.holding.holds(alert)
  return letGo || (changed && alert.incidentId === null) ? null : repeated
}

/** Whether silences and inhibitions may see another alert than before. Where the labels are the key, as with Alertmanager, they cannot. */
function saysOther({ title, labels }: Alert, event: Event): boolean {
  if (title !== event.title) return true
  if (event.family === 'alertmanager') return false
  return !sameLabels(labels, event.labels)
}

/** Where the labels are the key, and none of them is masked, they need not be compared. */
function hasLabelsOf(alert: Alert, event: Event, fingerprint: string | undefined): boolean {
  const isKey = event.family === 'alertmanager' && alert.fingerprint === undefined && fingerprint === undefined
  return isKey || sameLabels(alert.labels, event.labels)
}

function sameLabels(held: Labels, said: Labels): boolean {
  if (held === said) return true
  let more = 0
  for (const name in said) {
    if (said[name] !== held[name]) return false
    more++
  }
  for (const _ in held) more--
  return more === 0
}

function stillResolved(alert: Alert, event: Event, now: number, state: FilterState): Verdict {
  merge(alert, event, now, state.policy, span)
  alert.startsAt = span.startsAt
  if (alert.endsAt !== span.endsAt) alert.endUntimed = untimed(event, now)
  alert.endsAt = span.endsAt
  alert.endAssumed = false
  return repeated
}

function resolved(tracked: Tracked, event: Event, now: number, state: FilterState, drafts: Drafts): Verdict {
  const { alert } = tracked
  merge(alert, event, now, state.policy, span)
  alert.startsAt = span.startsAt
  const end = span.endsAt ?? now
  alert.endUntimed = untimed(event, now)
  const told = state.settle(tracked, end, false)
  if (told !== null) drafts.resolve(told, alert.id)
  return { outcome: 'resolved', rule: 'ended by the sender', reason: `the sender says that it ended at ${clock(end)}` }
}

function refire(at: Case, tracked: Tracked, state: FilterState): void {
  const { alert } = tracked
  merge(alert, at.event, at.entry.at, state.policy, span)
  alert.status = 'firing'
  alert.startsAt = span.startsAt
  alert.lagMs = Math.max(0, at.entry.at - at.event.startsAt)
  alert.endsAt = null
  alert.expiresAt = span.endsAt
  alert.endAssumed = span.assumed
  alert.acknowledgedAt = null
  alert.refires++
  restate(alert, at)
  alert.severity = at.severity
  state.firing++
  state.holding.refires(tracked, at.entry.at)
  state.expiries.add(tracked)
  at.refired = true
}

/** Somebody acknowledged it over there: a note on the alert, never ownership here. */
function acknowledged(alert: Alert, now: number): Verdict {
  if (alert.status === 'resolved')
    return {
      outcome: 'recorded',
      rule: 'no open alert',
      reason: 'acknowledged by the sender, but the alert is resolved',
    }
  if (alert.acknowledgedAt !== null) return repeated
  alert.acknowledgedAt = now
  return {
    outcome: 'recorded',
    rule: 'acknowledged',
    reason: 'acknowledged at the sender: a note on the alert, no owner here',
  }
}

function late(alert: Alert, event: Event): Verdict {
  const reason =
    event.status === 'resolved'
      ? `tells of an end at ${clock(event.endsAt ?? event.startsAt)}, before the alert began again at ${clock(alert.startsAt)}`
      : `tells of a start at ${clock(event.startsAt)}, before the alert ended at ${clock(alert.endsAt ?? alert.heardAt)}`
  return { outcome: 'recorded', rule: 'late', reason: `${reason}; nothing changes` }
}
