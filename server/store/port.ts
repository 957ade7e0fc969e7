import type { Alert } from '#shared/alert.ts'
import type { FactType, RecordedFact } from '#shared/incident/facts.ts'
import type { Incident, Phase, Tier } from '#shared/incident/state.ts'
import type { Decision, LedgerRow, Outcome } from '#shared/outcome.ts'

export { corruptSetting } from './format/settings.ts'

/**
 * One entry of the durable, totally ordered log that the filter folds. Entries that are requests carry the exact
 * bytes received; the others carry JSON.
 */
export interface LogEntry {
  /** Position in the log, from 1, without gaps. */
  pos: number
  /** Epoch ms at which we received or made it. */
  at: number
  kind: 'request' | 'tick' | 'incident' | 'policy' | 'source' | 'silence' | 'drill'
  sourceId: string | null
  /** How to read a request besides its bytes (adapter, media type, settings of its source), as the command room writes it. Empty for other entries. */
  adapter: string
  body: Uint8Array
}

/** Who did what, when, from where. Appended for every command, refusal, sign-in and settings change. */
export interface AuditEntry {
  /** Position in the audit, from 1, without gaps. */
  seq: number
  at: number
  /** Actor id: `person:<id>`, `token:<id>`, `system:ops`, `anonymous`. */
  by: string
  /** For example `command.claim`, `session.create`, `source.add`. */
  action: string
  /** What it was done to: an incident, a person, a source. Never a name or an address. */
  subject: string
  outcome: 'done' | 'refused'
  /** Error code where refused, or a few machine-readable facts. No personal data. */
  detail: Record<string, unknown>
  /** Remote address; sealed like the text of a fact, erasable. Null when there is none. */
  address: string | null
  /** Why, in the words of whoever did it, where they are asked for a reason; sealed as the address is. */
  reason?: string | null
}

/** The stored answer to a command, by actor and command id: a repeat gets it again and acts only once. */
export interface StoredAnswer {
  actor: string
  commandId: string
  at: number
  /** Hash of the command, so that an id used again for something else is found out. */
  commandHash: string
  status: number
  body: unknown
}

/** A record of the settings: a person, a source, a key, a session, a link, a version of the policy. */
export interface SettingRow {
  kind: string
  id: string
  /** JSON without personal data; what is personal stands in `personal`. */
  doc: unknown
  /** Personal data of one person: encrypted under that person's own key, which erasure destroys. */
  personal?: { personId: string; value: unknown } | null
}
export interface StoredSetting {
  kind: string
  id: string
  doc: unknown
  /** Null when there is none, or when the person was erased. */
  personal: unknown
}

/** What became of lost property: it waits, a later reading made events of it, or somebody said that it is not needed. */
export type LostState = 'lost' | 'found' | 'discarded'

/** By the log entry that holds its bytes, and the number of its (first) member in that request. */
export interface LostKey {
  pos: number
  index: number
}

/** Lost property: what could not be read of a logged request. The bytes are those of the log entry. */
export interface LostItem extends LostKey {
  sourceId: string
  /** Epoch ms at which the request was received. */
  at: number
  /** As the adapter says it, which quotes nothing of the body. */
  reason: string
  /** How many members it stands for. */
  count: number
  /** Which: `*` = the request as a whole, of which nothing was read; else their numbers, such as `3` or `20-41,57`. */
  members: string
  state: LostState
  /** Epoch ms at which it was last tried, found or discarded. Null: nobody touched it. */
  changedAt: number | null
  /** Actor id of whoever did that. */
  changedBy: string | null
  /** How often it was tried in vain. */
  tries: number
  /** The log entry of what was read at last; null while there is none, or where it says nothing to be kept. */
  foundPos: number | null
}

/** Decisions that were kept, newest first: of one alert, or of one rule of a stage; without either, all. */
export interface DecisionFilter {
  alertId?: string
  stage?: string
  rule?: string
  /** Older than this one: `n` of the last of the page before. */
  before?: number
  limit: number
}

/** A decision in its place: `n` counts them from 1, `at` is when it became durable (epoch ms). */
export interface KeptDecision extends Decision {
  n: number
  at: number
}

export interface LostFilter {
  sourceId?: string
  state?: LostState
  /** Older than this one: the cursor of the page before. */
  before?: LostKey
  limit: number
}

/**
 * Where the filter stood after log position `pos` and journal position `seq`. Written now and then, so that a restart
 * replays only the tail. `alerts` and `incidents`, with those of its parts, are those changed since the last checkpoint;
 * one that leaves out an incident that changed is refused (rule S6).
 */
export interface Checkpoint {
  pos: number
  seq: number
  /** The filter's own state besides alerts: JSON. */
  filter: unknown
  alerts: readonly { alert: Alert; live: boolean }[]
  incidents: readonly Incident[]
  /** How many parts were handed in before; none when left out. */
  parts?: number
}

/**
 * A slice of a checkpoint, handed in ahead of it so that nobody waits long behind one commit: a few hundred alerts.
 * Rule S10: the alerts of parts count only once the checkpoint that they belong to is durable, and all of them then; of
 * one that was never finished nothing is ever restored. Of rows with one alert's id the last one handed in counts.
 */
export interface CheckpointPart {
  /** From 0, without gaps. 0 begins a checkpoint, and gives up one that was not finished. */
  index: number
  alerts: readonly { alert: Alert; live: boolean }[]
  incidents: readonly Incident[]
}

/**
 * What must become durable together, or not at all. The store commits intentions in the order in which it was given
 * them, several in one transaction where they come fast (group commit), each commit signed into the chain.
 */
export interface Intention {
  log?: readonly LogEntry[]
  facts?: readonly RecordedFact[]
  decisions?: readonly Decision[]
  /** Counts to add: outcomes, and what the door accepted, which is counted apart from them. */
  ledger?: readonly { minute: number; sourceId: string; outcome: Outcome | 'accepted'; count: number }[]
  audit?: readonly AuditEntry[]
  answers?: readonly StoredAnswer[]
  put?: readonly SettingRow[]
  remove?: readonly { kind: string; id: string }[]
  /** Lost property that is new or has changed. */
  lost?: readonly LostItem[]
  /** Lost property that goes: its time has ended, or it makes room. */
  unlost?: readonly LostKey[]
  checkpointPart?: CheckpointPart
  checkpoint?: Checkpoint
}

export interface IncidentFilter {
  phase?: readonly Phase[]
  open?: boolean
  tier?: readonly (Tier | null)[]
  owner?: string
  service?: string
  /** Incidents declared before this seq: the cursor of the page before. */
  beforeSeq?: number
  limit: number
}

/** What a restart begins from. */
export interface Restored {
  /** Newest positions. 0 when there is nothing. */
  pos: number
  seq: number
  auditSeq: number
  checkpoint: { pos: number; seq: number; filter: unknown } | null
  /** Alerts that the filter must still know. */
  alerts: Alert[]
  /**
   * Every incident that is open, or that was changed since `settledAfter` or since the checkpoint (so that the next one can
   * bring its snapshot), as of now: snapshot + newer facts folded.
   */
  incidents: Incident[]
}

export interface Problem {
  /** Table and key of the row, for a person to find: `fact 17 (claimed, INC-1003)`. */
  row: string
  what: string
}
export interface Verification {
  ok: boolean
  checked: {
    facts: number
    audit: number
    commits: number
    texts: number
    log: number
    settings: number
    others: number
    erased: number
    /** Files of evidence. */
    evidence: number
  }
  head: { commit: number; hash: string }
  problems: Problem[]
}

/**
 * Reads. They run in their own thread and see what has been committed.
 * Rule S11: a row that may change (FORMAT.md: Guarded tables) and was altered by hand is not handed out. The read is
 * refused as `store-corrupt`, which names the row and says what to do.
 */
export interface Reader {
  restore(options: { settledAfter: number }): Promise<Restored>
  /** Log entries after `pos`, oldest first, at most `limit` of them. */
  logAfter(pos: number, limit: number): Promise<LogEntry[]>
  factsOf(incidentId: string, afterVersion?: number): Promise<RecordedFact[]>
  /** Facts of these types, of every incident, from `at` (epoch ms) on, oldest first: of more than `limit` the newest. */
  factsSince(at: number, types: readonly FactType[], limit: number): Promise<RecordedFact[]>
  /** Facts of these types after journal position `seq`, of every incident, in the order of the journal; at most `limit`. */
  factsAfter(seq: number, types: readonly FactType[], limit: number): Promise<RecordedFact[]>
  /** Snapshot + newer facts, for incidents that are no longer kept in memory. */
  incident(incidentId: string): Promise<Incident | null>
  incidents(filter: IncidentFilter): Promise<Incident[]>
  /** Alerts of an incident, as they were at the last checkpoint. */
  alertsOf(incidentId: string, limit: number): Promise<Alert[]>
  decisionsOf(incidentId: string, limit: number): Promise<Decision[]>
  decisions(filter: DecisionFilter): Promise<KeptDecision[]>
  ledger(sinceMinute: number): Promise<LedgerRow[]>
  answer(actor: string, commandId: string): Promise<StoredAnswer | null>
  settings(kind?: string): Promise<StoredSetting[]>
  audit(afterSeq: number, limit: number): Promise<AuditEntry[]>
  /** Lost property, newest first. */
  lost(filter: LostFilter): Promise<LostItem[]>
  /** Proves the record, row by row. Long: streams through everything. */
  verify(): Promise<Verification>
}

/** A file that is kept. */
export interface KeptBytes {
  /** SHA-256 of it as it is stored, encrypted: its name, which stands in clear in the fact that names it. Hex. */
  digest: string
  /** SHA-256 of what is in it. Hex. */
  sha256: string
  /** Bytes of what is in it. */
  size: number
}

/**
 * Files of evidence, encrypted under the key of their incident. Rule EV1: a file is durable before a fact names it, and
 * nobody sees it before; what no fact came to name is swept away.
 */
export interface EvidenceBytes {
  /**
   * Takes a file in, piece by piece. Durable when it resolves; it waits for `settle`, `drop` or `leave`.
   * @throws UxbridgeError `store-full`; whatever `plain` throws. Nothing of it is left then
   */
  keep(incidentId: string, plain: AsyncIterable<Uint8Array>): Promise<KeptBytes>
  /** A durable fact names it. */
  settle(incidentId: string, digest: string): Promise<void>
  /** No fact will name it. */
  drop(incidentId: string, digest: string): Promise<void>
  /** Nobody knows whether a fact names it: the next sweep asks the journal. */
  leave(incidentId: string, digest: string): void
  /**
   * The content, proven against its name before the first byte is handed out.
   * @throws UxbridgeError `store-corrupt` when it is missing or was changed
   */
  open(incidentId: string, digest: string): Promise<AsyncIterable<Uint8Array>>
  /** Settles what a fact names and removes what none does, where a crash left it. @param isNamed whether one does */
  sweep(
    isNamed: (incidentId: string, digest: string) => Promise<boolean>,
  ): Promise<{ settled: number; dropped: number }>
  /** Removes it for good; a fact that says so is durable. */
  destroy(incidentId: string, digest: string): Promise<void>
}

/** Keys that `holder` wants until `until`, asked at `at` (epoch ms). */
export interface LeaseAsked {
  keys: readonly string[]
  /** Names one process: what it holds it gets again. */
  holder: string
  at: number
  until: number
}
/** A key that was given. `again`: somebody had it before, so what it stands for may have been done: look before acting. */
export interface Lease {
  key: string
  again: boolean
}

/** The only room that knows SQL. */
export interface Store {
  /**
   * Resolves when durable, in the order of calls.
   * @throws UxbridgeError `store-full` when the disk refuses. Nothing of the refused group was written, and every later
   * commit is refused too until `mend` succeeds: what the callers hold in memory runs ahead of the disk by then.
   */
  commit(intention: Intention): Promise<void>
  /** Intentions handed in and not yet durable, and the bytes of their bodies: what overload is judged by. */
  backlog(): { intentions: number; bytes: number }
  /** Set while commits are refused; from the start for a database that lost its end, which can be read and verified. */
  failure(): Error | null
  /** Tries to write again after a failure. The caller must restore its memory from `read.restore` before it goes on. */
  mend(): Promise<void>
  read: Reader
  evidence: EvidenceBytes
  /**
   * Gives the right to do what each key stands for. Rule S13: of several processes that ask for a key, one has it until its
   * time is over; after that, whoever asks next, so that nothing stays undone when the first one dies.
   * @returns the keys that were given @throws UxbridgeError `store-full` while commits are refused
   */
  lease(asked: LeaseAsked): Promise<Lease[]>
  /**
   * A stable name, 16 hex digits, for a text that must not stand in clear: a hash under a key of this house.
   * Names of alerts in facts are made so, because labels may hold personal data and are easily guessed.
   */
  pseudonym(text: string): string
  /** Public key (PEM, SPKI) that verifies the chain. */
  publicKey(): string
  /**
   * Destroys salts and words of these incidents' texts and their files, or a person's key. The chain stays valid. What the caller still
   * holds in memory must be read again, or the next checkpoint brings the words back.
   */
  erase(what: { incidentId: string } | { personId: string }): Promise<void>
  close(): Promise<void>
}
