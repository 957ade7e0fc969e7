import type { HeldBack } from '#shared/alert.ts'
import type { Event, Labels, Severity } from '#shared/event.ts'
import type { Outcome } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import type { Drafts } from './drafts.ts'
import type { FilterState, Tracked } from './memory/state.ts'
import type { FilterEntry } from './port.ts'

/** One event on its way through the stages, and what they found out about it. Reused from event to event. */
export interface Case {
  entry: Extract<FilterEntry, { kind: 'request' }>
  event: Event
  /** parse: the event's severity, or its source's default where the sender named none. */
  severity: Severity
  /** redact: Alertmanager's fingerprint of the labels as they were sent, where some of them are masked. */
  fingerprint: string | undefined
  /** redact: its free text is word for word what its alert holds. */
  sameWords: boolean
  /** redact: the alert it is about, where that is known; deduplicate: its alert. Set for every stage after that. */
  tracked: Tracked | null
  /** deduplicate: the alert was resolved and fires again. */
  refired: boolean
  /** It was held back and is judged again; no event came. */
  again: boolean
  /** restrict: what it opens is not for everybody. */
  restricted: boolean
  /** enrich: the labels as rules see them, with our `severity`, the resolved `service` and the vendor's `group`. */
  labels: Labels
  service: string | null
  team: string | null
  /** define: which definition made it an incident, and what follows from that. */
  definition: { name: string; tier: Policy['definitions'][number]['as'] | null; reason: string }
}

/** What became of an event, and why, in words that a person can check. */
export interface Verdict {
  outcome: Outcome
  rule: string
  reason: string
  /** So ordinary that only its count is kept, and nobody will ask why. */
  counted?: true
}

/**
 * One step of the filter room. A stage either decides (a verdict ends the event's way) or hands on with null.
 * It may change the state and ask for effects, and reads nothing else: no clock, no randomness.
 */
export interface Stage {
  name: string
  judge(at: Case, state: FilterState, drafts: Drafts): Verdict | null
}

/** The verdict of nearly every event; one object, so that a repeat costs nothing. */
export const repeated: Verdict = Object.freeze({
  outcome: 'repeated',
  rule: 'repeat',
  reason: 'same state of a known alert',
})

/**
 * Keeps the alert from every incident, with what judging it again will need of its event.
 * @param outcome why; absent: silenced
 */
export function holdBack(at: Case, tracked: Tracked, state: FilterState, outcome?: HeldBack['outcome']): void {
  const { group } = tracked
  // Its incident would not take it back any more, so it waits for none.
  if (group !== null && !group.open && at.entry.at > group.reopenUntil) state.release(tracked)
  const { service, groupKey } = at.event
  const why = outcome === undefined ? {} : { outcome }
  state.holding.holdBack(tracked, { ...why, service, groupKey, refired: at.refired })
}
