import type { Actor } from '#shared/access.ts'
import type { Command, Declare } from '#shared/incident/commands.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Matcher } from '#shared/matchers.ts'
import type { Decision } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import type { Silence, WantedSilence } from '#shared/silence.ts'
import type { Doer, Source } from '../access/port.ts'
import type { Adapter, RawRequest, Reading } from '../intake/port.ts'

/** Where a request came from, for the audit. Personal data: goes nowhere else. */
export interface Origin {
  address: string | null
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
  /** The newest state, possibly a moment ahead of the disk; only for deciding. */
  incident(id: string): Incident | undefined
  policy(): Policy
  ready(): boolean
}

/** What became of one request, durable. */
export interface Received {
  pos: number
  /** Of its events that changed something or were held back; repeats are only counted. */
  decisions: readonly Decision[]
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
}

/** Silences: what is held back, by whom and why. Each change is log entry, settings and audit together. */
export interface SilenceDesk {
  /**
   * Makes a silence, or changes the one of `wanted.id`: in place where that does not change its past, else the old one
   * ends and the answer has another id (rule L3). A start in the past is now. Durable when it resolves.
   * @throws UxbridgeError `fields-invalid`, `not-found` (no silence of that id), `store-full`, `not-ready`
   */
  set(who: Silencer, wanted: WantedSilence): Promise<Silence>
  /**
   * Ends it now; one that has ended stays as it is. Durable when it resolves.
   * @throws UxbridgeError `not-found`, `store-full`, `not-ready`
   */
  expire(who: Silencer, id: string): Promise<Silence>
  /** Active ones, those to come, and those that ended less than `silenceKeptMs` ago; the order in which they were made. */
  list(): readonly Silence[]
  get(id: string): Silence | undefined
  /** Firing alerts that this silence holds back or marks now. */
  firingOf(id: string): number
  /** @throws UxbridgeError `fields-invalid` */
  preview(matchers: readonly Matcher[]): SilencePreview
}

/** A change of settings and its audit entry, durable together. */
export interface SettingsChange {
  by: string
  action: string
  subject: string
  outcome: 'done' | 'refused'
  detail?: Record<string, unknown>
  address: string | null
  put?: readonly import('../store/port.ts').SettingRow[]
  remove?: readonly { kind: string; id: string }[]
}
