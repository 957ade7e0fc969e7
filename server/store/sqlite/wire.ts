import type { ErrorCode } from '#shared/errors.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { LogColumns } from '../format/log-block.ts'
import type { FactShapes } from '../format/records.ts'
import type { Heads } from '../order.ts'
import type { AuditEntry, Intention, Lease, LeaseAsked, LostItem, LostKey, Reader } from '../port.ts'

/** What one group commit holds: many intentions, laid together so that crossing to the writer costs little. */
export interface Group {
  log: LogColumns | null
  facts: RecordedFact[]
  audit: AuditEntry[]
  /** Added up over the group. */
  ledger: { minute: number; sourceId: string; outcome: string; count: number }[]
  decisions: NonNullable<Intention['decisions']>[number][]
  /** The body as JSON text; with the incident whose key hides it, if any. */
  answers: {
    actor: string
    commandId: string
    at: number
    commandHash: string
    status: number
    body: string
    incidentId: string | null
  }[]
  /** In order; later ones win. */
  settings: SettingChange[]
  /** In order; later ones win. */
  lost: LostChange[]
  /** Pieces of checkpoints, in order. */
  checkpoints: CheckpointPiece[]
}

/** A part of a checkpoint, or its end. Texts are JSON. */
export interface CheckpointPiece {
  /** Parts before this one; 0 gives up a checkpoint that was not finished. */
  before: number
  alerts: AlertText[]
  incidents: IncidentText[]
  end: { pos: number; seq: number; filter: string } | null
}

export interface AlertText {
  id: string
  incidentId: string | null
  live: boolean
  text: string
}

export type SettingChange =
  | { put: true; kind: string; id: string; doc: string; personId: string | null; personal: string | null }
  | { put: false; kind: string; id: string }

export type LostChange = { put: true; item: LostItem } | { put: false; key: LostKey }

/** An incident's snapshot: its JSON, and what it is searched by. */
export interface IncidentText {
  id: string
  seq: number
  version: number
  open: boolean
  phase: string
  tier: number | null
  owner: string | null
  service: string | null
  text: string
}

export interface WriterOptions {
  dir: string
  shapes: FactShapes
  /** For tests: as if the disk had room for this many pages. */
  maxPages: number | null
  /** After a failure: proves first that the disk takes writes again. */
  probe: boolean
}

export type Erase = { incidentId: string } | { personId: string }
export type ToWriter =
  | { kind: 'group'; group: Group }
  | { kind: 'erase'; what: Erase }
  | { kind: 'lease'; asked: LeaseAsked }
  | { kind: 'close' }

export interface Trouble {
  code: ErrorCode
  message: string
  details: Record<string, unknown> | undefined
}
export type FromWriter =
  /** `trouble`: it can be read, but not written. */
  | { kind: 'ready'; heads: Heads; trouble: Trouble | null }
  | { kind: 'done'; leases?: Lease[] }
  /** `kept`: the commit itself had gone through. */
  | { kind: 'failed'; trouble: Trouble; kept: boolean }
  | { kind: 'closed' }

type ReaderMethod = Exclude<keyof Reader, 'verify'>
export type ToReader =
  /** The database is there: the thread was started before, since loading takes longer than opening. */
  { kind: 'open' } | { kind: 'call'; id: number; method: ReaderMethod | 'forget'; args: unknown[] } | { kind: 'close' }
export type FromReader =
  | { kind: 'result'; id: number; result: unknown }
  /** Some of the alerts of a restore, ahead of its result. A JSON array. */
  | { kind: 'alerts'; id: number; alerts: string }
  | { kind: 'error'; id: number; trouble: Trouble }
  | { kind: 'ready' }
  | { kind: 'failed'; trouble: Trouble }
