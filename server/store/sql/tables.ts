/** Rows as they stand in the database. FORMAT.md says what each column means. Instants are epoch ms. */
export interface FactRow {
  seq: number
  incident_id: string
  version: number
  type: string
  fact_version: number
  at: number
  by: string
  data: string
  sealed: string
  hash: Uint8Array
}
export interface AuditRow {
  seq: number
  at: number
  by: string
  action: string
  subject: string
  outcome: string
  detail: string
  sealed: string
  hash: Uint8Array
}
export interface TextRow {
  commitment: string
  owner: 'fact' | 'audit'
  seq: number
  field: string
  key_id: string
  /** Null once erased. */
  box: Uint8Array | null
}
export interface LogBlockRow {
  first_pos: number
  last_pos: number
  at: number
  key_id: string
  digest: Uint8Array
  /** Null once its retention has ended. */
  box: Uint8Array | null
  hash: Uint8Array
}
export interface ChainRow {
  n: number
  at: number
  prev: Uint8Array
  root: Uint8Array
  facts_to: number
  audit_to: number
  pos_to: number
  count: number
  tally: Uint8Array
  hash: Uint8Array
  signature: Uint8Array
}
export interface TallyRow {
  name: string
  rows: number
  sum: Uint8Array
}
export interface DecisionRow {
  n: number
  pos: number
  idx: number
  source_id: string
  outcome: string
  stage: string
  rule: string
  reason: string
  alert_id: string | null
  incident_id: string | null
  mac: Uint8Array
}
export interface LedgerTableRow {
  minute: number
  source_id: string
  outcome: string
  count: number
  mac: Uint8Array
}
export interface AlertRow {
  id: string
  /** 0 or 1: each alert has room for the row that counts and for the next one. */
  slot: number
  /** Of which checkpoint it is. */
  gen: number
  incident_id: string | null
  live: number
  box: Uint8Array
  mac: Uint8Array
}
export interface SnapshotRow {
  id: string
  seq: number
  version: number
  open: number
  phase: string
  tier: number | null
  owner: string | null
  service: string | null
  declared_seq: number
  changed_at: number
  key_id: string
  box: Uint8Array
  mac: Uint8Array
}
export interface AnswerRow {
  actor: string
  command_id: string
  at: number
  command_hash: string
  status: number
  key_id: string
  box: Uint8Array
  mac: Uint8Array
}
export interface SettingTableRow {
  kind: string
  id: string
  doc: string
  person_id: string | null
  key_id: string | null
  box: Uint8Array | null
  mac: Uint8Array
}
export interface CheckpointRow {
  id: number
  pos: number
  seq: number
  /** The checkpoint that counts; 0 while there is none. */
  gen: number
  /** The newest that was begun. Those between the two are not finished. */
  begun: number
  /** Up to this one, rows that a forgotten alert left behind are gone. */
  tidied: number
  /** JSON: those before `gen` that were never finished. */
  void: string
  /** Null while there is no checkpoint. */
  box: Uint8Array | null
  mac: Uint8Array
}

export interface LostRow {
  pos: number
  idx: number
  source_id: string
  at: number
  reason: string
  count: number
  members: string
  state: string
  changed_at: number | null
  changed_by: string | null
  tries: number
  found_pos: number | null
  mac: Uint8Array
}

export interface Tables {
  fact: FactRow
  audit: AuditRow
  text: TextRow
  log_block: LogBlockRow
  chain: ChainRow
  tally: TallyRow
  decision: DecisionRow
  ledger: LedgerTableRow
  alert: AlertRow
  incident_snapshot: SnapshotRow
  answer: AnswerRow
  setting: SettingTableRow
  checkpoint: CheckpointRow
  lost: LostRow
}

/**
 * Tables whose rows may change, so that the chain cannot hold them row by row: each row has a MAC over the columns named
 * here, in this order, and the tally of each table is signed with every commit. A table that is added goes to the end.
 */
export const guardedTables = {
  decision: {
    key: ['n'],
    columns: ['n', 'pos', 'idx', 'source_id', 'outcome', 'stage', 'rule', 'reason', 'alert_id', 'incident_id'],
  },
  ledger: { key: ['minute', 'source_id', 'outcome'], columns: ['minute', 'source_id', 'outcome', 'count'] },
  alert: { key: ['id', 'slot'], columns: ['id', 'slot', 'gen', 'incident_id', 'live', 'box'] },
  incident_snapshot: {
    key: ['id'],
    columns: [
      'id',
      'seq',
      'version',
      'open',
      'phase',
      'tier',
      'owner',
      'service',
      'declared_seq',
      'changed_at',
      'key_id',
      'box',
    ],
  },
  answer: {
    key: ['actor', 'command_id'],
    columns: ['actor', 'command_id', 'at', 'command_hash', 'status', 'key_id', 'box'],
  },
  setting: { key: ['kind', 'id'], columns: ['kind', 'id', 'doc', 'person_id', 'key_id', 'box'] },
  checkpoint: { key: ['id'], columns: ['id', 'pos', 'seq', 'gen', 'begun', 'tidied', 'void', 'box'] },
  lost: {
    key: ['pos', 'idx'],
    columns: [
      'pos',
      'idx',
      'source_id',
      'at',
      'reason',
      'count',
      'members',
      'state',
      'changed_at',
      'changed_by',
      'tries',
      'found_pos',
    ],
  },
} as const satisfies {
  [T in keyof Tables]?: { key: readonly (keyof Tables[T])[]; columns: readonly (keyof Tables[T])[] }
}

export type GuardedTable = keyof typeof guardedTables
export const guardedNames = Object.keys(guardedTables) as GuardedTable[]
export type Cell = string | number | Uint8Array | null
