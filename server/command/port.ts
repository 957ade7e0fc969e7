import type { Actor } from '#shared/access.ts'
import type { Alert } from '#shared/alert.ts'
import type { Evidence } from '#shared/evidence.ts'
import type { Command, Declare } from '#shared/incident/commands.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Matcher } from '#shared/matchers.ts'
import type { Decision } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import type { Occurrence, Recurrence } from '#shared/recurrence.ts'
import type { Silence, SilenceState, WantedRecurring, WantedSilence } from '#shared/silence.ts'
import type { Doer, Source } from '../access/port.ts'
import type { Adapter, RawRequest, Reading } from '../intake/port.ts'
import type { LostItem, LostKey } from '../store/port.ts'

/** Where a request came from, for the audit. Personal data: goes nowhere else. */
export interface Origin {
  address: string | null
}

/** What one row of lost property came to when it was tried. */
export interface LostTried extends LostKey {
  state: LostItem['state']
  /** Why it cannot be read, where it still waits. */
  reason: string
  /** Members that the row stands for. */
  count: number
  /** Events that were taken in; 0 where what it says is nothing to be kept. */
  events: number
  foundPos: number | null
  /** Incidents that these events opened, joined or ended. */
  incidents: readonly string[]
}

/** A logged request as it was received. */
export interface LostBytes extends Omit<RawRequest, 'settings' | 'receivedAt'> {
  adapterId: string
  /** The member alone, as it stands in the request; null where it cannot be told apart. */
  member: string | null
}

/**
 * Lost property: what could not be read of accepted requests. Rule LP3: a member is taken in once at most, however often and
 * by however many it is tried.
 */
export interface LostDesk {
  /** The newest state, possibly a moment ahead of the disk. */
  get(key: LostKey): LostItem | undefined
  /** Members that wait, of one source or in all. */
  waiting(sourceId?: string): number
  /** Members of the source that were pushed out by newer ones, since what is kept began. */
  madeRoom(sourceId: string): number
  /**
   * The request that it was in. Audited, with the reason, before anything is read.
   * @param whole whether all of it is taken away, or only looked at: for the audit
   * @throws UxbridgeError `not-found`, `store-full`
   */
  bytes(who: Doer, key: LostKey, reason: string, whole: boolean): Promise<LostBytes>
  /**
   * Reads it with the adapter and the settings that its source has today, and takes in what can be read now.
   * @returns what the row came to, and any rows it was divided into; unchanged when somebody else has found it before
   * @throws UxbridgeError `not-found`, `lost-settled` when it was discarded, `reader-gone`, `store-full`
   */
  retry(who: Doer, key: LostKey): Promise<LostTried[]>
  /** The same with everything of a source that waits; what nobody can read any more says so as its reason. */
  retryAll(who: Doer, sourceId: string): Promise<LostTried[]>
  /**
   * Says that it is not needed: it stays listed until its time ends. Audited, with the reason.
   * @returns members discarded now; 0 when it was before
   * @throws UxbridgeError `not-found`, `lost-settled` when it was found
   */
  discard(who: Doer, key: LostKey, reason: string): Promise<number>
  discardAll(who: Doer, sourceId: string, reason: string): Promise<number>
}

/** A file on its way in. */
export interface Upload {
  commandId: string
  name: string
  note: string
  /** Bytes, as the sender says; null where it does not. */
  length: number | null
  content: AsyncIterable<Uint8Array>
}

/** Files of incidents. Links, payloads and withdrawals are commands. */
export interface EvidenceDesk {
  /**
   * Takes a file in and makes it evidence: durable, or nothing of it is left.
   * @throws UxbridgeError `not-found`, `not-allowed`, `phase-forbids`, `nothing-to-change` (it is there already), `body-too-large`,
   * `body-malformed`, `media-type-unsupported`, `overloaded`, `store-full`
   */
  keep(
    actor: Actor,
    incidentId: string,
    upload: Upload,
    origin: Origin,
  ): Promise<{ seq: number; facts: readonly RecordedFact[] }>
  /**
   * The content of one, audited before a byte of it is given, and proven to be what came in.
   * @param as `preview`: to be shown where it stands, which only images are
   * @throws UxbridgeError `not-found`, `not-allowed`, `media-type-unsupported`, `store-corrupt`, `store-full`
   */
  open(
    actor: Actor,
    who: Doer,
    incidentId: string,
    evidence: number,
    as: 'download' | 'preview',
  ): Promise<{ evidence: Evidence; content: AsyncIterable<Uint8Array> }>
  /** Puts what a crash left into its place, or removes it. Called at the start and by a poll. */
  sweep(): Promise<{ settled: number; dropped: number }>
  /**
   * Destroys the bytes of what was withdrawn longer ago than the policy keeps them (rule EV6). Called by a poll.
   * @returns of how many
   */
  expire(): Promise<number>
}

/** The one write path: guard → read → decide → append. Everything that changes an incident goes through here. */
export interface CommandRoom {
  /**
   * Takes in what an adapter read: log entry, outcomes and facts become durable together. Resolves when they are.
   * @throws UxbridgeError `overloaded`, `store-full`, `not-ready`
   */
  receive(source: Source, adapter: Adapter, raw: RawRequest, reading: Reading): Promise<Received>
  /**
   * @returns the facts that followed, durable; for a repeated id the stored answer
   * @throws CommandRefused, UxbridgeError; messages may hold `mention`s, which the door replaces by names
   */
  command(
    actor: Actor,
    incidentId: string,
    command: Command,
    origin: Origin,
  ): Promise<{ seq: number; facts: readonly RecordedFact[] }>
  declare(
    actor: Actor,
    what: Declare,
    origin: Origin,
  ): Promise<{ incidentId: string; seq: number; facts: readonly RecordedFact[] }>
  /** Notes a sign-in, a refusal at a door, or a settings change in the audit, with the settings it changes. Durable. */
  record(entry: SettingsChange): Promise<void>
  lost: LostDesk
  evidence: EvidenceDesk
  silences: SilenceDesk
  /** The newest state, possibly a moment ahead of the disk; only for deciding. */
  incident(id: string): Incident | undefined
  /** Whether the incident is there for this actor (rule RS1), as of now. True of what does not exist. */
  sees(actor: Actor | null, incidentId: string): boolean
  /**
   * Who sees it while it is restricted (rule RS1): ids of people, and the name of its team.
   * @throws UxbridgeError `not-found`
   */
  sight(incidentId: string): Promise<{
    team: string | null
    commanders: readonly string[]
    onCall: readonly string[]
    named: readonly string[]
  }>
  policy(): Policy
  ready(): boolean
}

/** What became of one request, durable. */
export interface Received {
  pos: number
  /** Of its events that changed something or were held back; repeats are only counted. */
  decisions: readonly Decision[]
  /** Incidents whose alerts were heard of again without a change. */
  touched: ReadonlySet<string>
}

/** Who asks for a silence, for the audit. */
export interface Silencer extends Doer {
  /** The person that `by` acts for: author and comment are theirs, and gone when they are erased. Left out: `by` tells. */
  personId?: string | null
}

/** What a set of matchers would hold back if it were a silence now. */
export interface SilencePreview {
  /** Firing alerts that match. */
  firing: number
  /** Those of them that a silence holds back already. */
  silenced: number
  /** Incidents they belong to, with how many of their firing alerts match; most first. */
  incidents: readonly { id: string; firing: number }[]
  /** The newest 50 that match. */
  alerts: readonly Alert[]
}

/** A maintenance window as it stands. */
export interface MaintenanceWindow {
  /** As alerts name it. */
  id: string
  name: string
  matchers: readonly Matcher[]
  reason: string
  /** Names under `time_intervals`; null where it comes by a rule. */
  intervals: readonly string[] | null
  recurs: Recurrence | null
  state: SilenceState
  /** The time that is on or comes next; null: none ever does. */
  occurrence: Occurrence | null
  /** Those after it, at most four. */
  later: readonly Occurrence[]
}

/** Silences: what is held back, by whom and why. Each change is log entry, settings and audit together. */
export interface SilenceDesk {
  /**
   * Makes a silence, or changes the one of `wanted.id`: in place where that does not change its past, else the old one
   * ends and the answer has another id (rule Q3). A start in the past is now. Durable when it resolves.
   * @throws UxbridgeError `fields-invalid`, `not-found` (no silence of that id), `store-full`, `not-ready`
   */
  set(who: Silencer, wanted: WantedSilence): Promise<Silence>
  /**
   * The same for one that comes again (rule Q9): it is one silence, with one id, over all its times. Without `until` it
   * ends after `longestRecurringMs`.
   * @throws UxbridgeError as `set`, also where the rule never comes or never lets go (rule RR2)
   */
  setRecurring(who: Silencer, wanted: WantedRecurring): Promise<Silence>
  /**
   * Moves the end of one that is in force; of one that comes again, only of the time that is on.
   * @throws UxbridgeError `fields-invalid` (it is not in force, or too long), `not-found`, `store-full`, `not-ready`
   */
  extend(who: Silencer, id: string, byMs: number): Promise<Silence>
  /**
   * Ends many at once: what they hold back together is let go together. Durable when it resolves.
   * @param reason in the words of whoever does it, for the audit
   * @returns for each id the silence as it is now; null: there is none
   * @throws UxbridgeError `store-full`, `not-ready`
   */
  expireAll(who: Silencer, ids: readonly string[], reason: string): Promise<{ id: string; silence: Silence | null }[]>
  /**
   * Ends it now; one that has ended stays as it is. Durable when it resolves.
   * @throws UxbridgeError `not-found`, `store-full`, `not-ready`
   */
  expire(who: Silencer, id: string): Promise<Silence>
  /** Active ones, those to come, and those that ended less than `silenceKeptMs` ago; the order in which they were made. */
  list(): readonly Silence[]
  get(id: string): Silence | undefined
  /** A silence, or a maintenance window of the policy as one: whatever alerts name as what holds them back. */
  holder(id: string): Silence | undefined
  /** Maintenance windows of the policy, in its order. */
  windows(): readonly MaintenanceWindow[]
  /** The next times of one that comes again: the one that is on or comes next, and those after it. */
  next(silence: Pick<Silence, 'startsAt' | 'endsAt' | 'recurs'>, most: number): Occurrence[]
  /** The next times of what is wanted. @throws UxbridgeError `fields-invalid` where there would be none, as `setRecurring` */
  nextOf(recurs: Recurrence, most: number): Occurrence[]
  /** Firing alerts that this silence or window holds back or marks now, of those that this actor may see. */
  firingFor(actor: Actor | null): (id: string) => number
  /** Of what this actor may see. @throws UxbridgeError `fields-invalid` */
  preview(matchers: readonly Matcher[], actor: Actor | null): SilencePreview
}

/** A change of settings and its audit entry, durable together. */
export interface SettingsChange {
  by: string
  action: string
  subject: string
  outcome: 'done' | 'refused'
  detail?: Record<string, unknown>
  /** In the words of whoever did it, where they are asked for a reason. */
  reason?: string
  address: string | null
  put?: readonly import('../store/port.ts').SettingRow[]
  remove?: readonly { kind: string; id: string }[]
}
