import type { Actor } from '#shared/access.ts'
import type { Command, Declare } from '#shared/incident/commands.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import type { Source } from '../access/port.ts'
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
  receive(source: Source, adapter: Adapter, raw: RawRequest, reading: Reading): Promise<void>
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
