import type { Alert } from '#shared/alert.ts'
import type { Event, Severity, Unreadable } from '#shared/event.ts'
import type { Phase, Tier } from '#shared/incident/state.ts'
import type { Decision, Outcome } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import type { OccurrenceAfter } from '#shared/recurrence.ts'
import type { SilenceSpan, SilenceState } from '#shared/silence.ts'
import type { Finding, NextOf, Watch } from '#shared/watch.ts'
import type { Watches } from './memory/watches.ts'
import type { DrillCatalogue } from './partition.ts'

export type { DrillCatalogue }

/** What the fold reads, in log order. `at` is epoch ms; the fold knows no other clock. */
export type FilterEntry =
  | {
      kind: 'request'
      pos: number
      at: number
      sourceId: string
      keyScope: string
      defaultSeverity: Severity | null
      events: readonly Event[]
      unreadable: readonly Unreadable[]
      /** Rule LP6: what was received before and is read once more is no sign of life of its source. */
      again?: boolean
    }
  /** A due instant has come: expiries are judged at `at`, unless it spares them: senders still get the chance to repeat. */
  | { kind: 'tick'; pos: number; at: number; sparing?: boolean }
  /** Silences that were made, changed or ended, each as it is now. Together: one may take the place of another. */
  | { kind: 'silence'; pos: number; at: number; silences: readonly SilenceSpan[] }
  /** A fact about an incident that grouping depends on. */
  | ({ kind: 'incident'; pos: number; at: number } & IncidentTold)
  | { kind: 'policy'; pos: number; at: number; hash: string; policy: Policy }
  /** From now on this is expected of the source. */
  | { kind: 'source'; pos: number; at: number; sourceId: string; watches: readonly Watch[] }
  /** An exercise begins, with services and silences of its own; null: it is over, and what still fires of it ends (rule DR2). */
  | { kind: 'drill'; pos: number; at: number; catalogue: DrillCatalogue | null; silences?: readonly SilenceSpan[] }

/** What people did to an incident, as far as grouping depends on it. */
export interface IncidentTold {
  incidentId: string
  /** As it is from now on. */
  phase: Phase
  /** Declared by hand: it takes the next number. */
  declared: boolean
  /** A person has touched it for the first time: the filter does not merge it into another any more. */
  taken?: true
  /** All its alerts went to that incident, which it is part of. */
  mergedInto?: string
  /** These of its alerts are another incident (rule M5), which the filter was told of before. */
  parted?: { alerts: readonly string[]; to: string }
  /** It is of an exercise. */
  drill?: true
  /** true: it is restricted; false: it is not any more. Else nothing has changed about that. */
  restricted?: boolean
}

/** What the fold asks of the command room; it becomes facts through the one write path. */
export type Effect =
  | {
      type: 'open'
      incidentId: string
      title: string
      description: string
      service: string | null
      team: string | null
      severity: Severity
      tier: Tier | null
      /** Name of the definition that made it an incident. */
      tierRule: string
      alerts: readonly string[]
      /** Name of the correlation rule that grouped them. */
      rule: string
      /** It is of an exercise. */
      drill?: true
      /** It is not for everybody, from its first moment. */
      restricted?: true
    }
  | {
      type: 'attach'
      incidentId: string
      alerts: readonly string[]
      rule: string /** Says what, when an open offer must be issued again. */
      material: string | null
    }
  | { type: 'refire'; incidentId: string; alerts: readonly string[] }
  | { type: 'resolve'; incidentId: string; alerts: readonly string[] }
  /** `incidentId`, which nobody has touched, turns out to be part of another, with all its alerts. */
  | { type: 'merge'; incidentId: string; into: string; alerts: readonly string[]; rule: string; reason: string }
  /** An alert that joined tells what is at the root of it. */
  | {
      type: 'identify'
      incidentId: string
      title: string
      service: string | null
      team: string | null
      severity: Severity
      tier: Tier | null
      rule: string
    }

export interface Folded {
  /** One per event, in order of the entry; the count is kept for speed, decisions are those that are not `repeated`. */
  counts: Partial<Record<Outcome, number>>
  decisions: readonly Decision[]
  /** In order; what concerns two incidents comes after what was asked of each before. */
  effects: readonly Effect[]
  /**
   * What became of alerts that were held back and are not any more. No event led to it, so it is in no count; `index`
   * goes on after the events of the entry.
   */
  judgedAgain: readonly Decision[]
  /** Incidents whose alerts were heard of again without a change, or are silenced by others than before. */
  touched: ReadonlySet<string>
  /** What was found out about sources: each is to be taken in as an event of its source, right after this entry. */
  findings: readonly Finding[]
}

/** What the filter knows of one incident's alerts: counters and ages that are not facts. */
export interface IncidentVitals {
  heardAt: number
  events: number
  /** Events per minute: [minute (epoch ms), count], oldest first, at most 30 minutes. */
  activity: readonly (readonly [number, number])[]
  /**
   * Set while it is open and all its firing alerts are silenced: which silence lets the first of them go again, and when
   * (epoch ms).
   */
  silenced: { id: string; until: number } | null
}

/**
 * The filter room: (state, entry) → (state, outcome, effects). Deterministic: no clock, no randomness, no I/O.
 * Rule F2: the same entries in the same order always give the same state, outcomes and effects.
 */
export interface Filter {
  fold(entry: FilterEntry): Folded
  /** Earliest instant at which something expires, begins or ends by itself; null when nothing does. */
  nextDueAt(): number | null
  /** The same for silences, and for what a restriction let go: due whatever senders are still to say. */
  nextSilenceAt(): number | null
  alert(id: string): Alert | undefined
  /** Every alert it knows, firing or resolved, as they are now, but those of exercises; to be read at once, before the next fold. */
  alerts(): Iterable<Alert>
  /** The same of exercises. */
  drillAlerts(): Iterable<Alert>
  alertsOf(incidentId: string): Alert[]
  vitalsOf(incidentId: string): IncidentVitals | undefined
  /** Whether it was opened by the filter, is open, and nobody has touched it. */
  provisional(incidentId: string): boolean
  watches: Pick<Watches, 'silentSince' | 'expectedBy' | 'of'>
  /** Every silence it knows, in the order in which they were made; those that ended, for `silenceKeptMs`. */
  silences(): SilenceSpan[]
  silence(id: string): SilenceSpan | undefined
  /** Maintenance windows of the policy, each as it stands: `id` as alerts name it, and the time that it is open or opens next. */
  windows(): { id: string; startsAt: number; endsAt: number; state: SilenceState }[]
  /** Firing alerts that this silence matches, while it is in force. */
  silencedBy(id: string): number
  /** Storms that are on, with what each has shed. Instants in epoch ms; `nextAt`: when it may be over. */
  storms(): { rule: string; sourceId: string; since: number; shed: number; kinds: number; nextAt: number }[]
  /** Without exercises. `held`: firing alerts that are held back. */
  size(): { alerts: number; firing: number; held: number; groups: number }
  /** Number the next incident will get. */
  nextIncidentNumber(): number
  /** Free text with everything masked that the policy's rules of redaction find. */
  mask(text: string): string
  /**
   * Cuts: everything as it is now, to be written down while the fold goes on. A filter made again from all the cuts so far
   * goes on as this one does from here (rule F3).
   * @throws TypeError while slices of the cut before are left
   */
  beginCheckpoint(): CheckpointCut
}

/** Where the filter stood at one moment. */
export interface CheckpointCut {
  /** JSON state besides alerts. */
  filter: unknown
  /**
   * The next of the alerts that changed since the cut before, each as it was at this one; `live` false = forgotten by then.
   * Fewer than `limit` only when these are the last. A later row of the same id replaces an earlier one.
   */
  next(limit: number): { alert: Alert; live: boolean }[]
  /** For a checkpoint that could not be written: the next cut has all of this one again. */
  abandon(): void
}

export interface FilterSeed {
  policy: Policy
  policyHash: string
  /** As `beginCheckpoint()` gave it; null for a new house. */
  filter: unknown
  alerts: readonly Alert[]
  /** Name of a text that says nothing of it, such as the identity of an alert from its scoped key: 16 hex digits, always the same. Without: a plain hash of it. */
  idOf?: ((scopedKey: string) => string) | undefined
  /** Reads cron expressions. Without: there are none. */
  nextOf?: NextOf | undefined
  /** Reads iCalendar rules. Without: nothing comes again. */
  occurrences?: OccurrenceAfter | undefined
}
