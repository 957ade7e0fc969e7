import { hash, type KeyObject, randomBytes } from 'node:crypto'
import type { FactType, RecordedFact } from '#shared/incident/facts.ts'
import type { AuditEntry } from '../port.ts'
import type { AlertRow, AuditRow, FactRow, TextRow } from '../sql/tables.ts'
import { openBox, sealBox } from './box.ts'
import { digest } from './chain.ts'

/** A key of the vault, and the name under which rows refer to it. */
export interface NamedKey {
  id: string
  key: KeyObject
}

const saltBytes = 32
const textDomain = Buffer.from('uxbridge.text.v1')

/** Hides words of any length, and binds to them: nobody can guess them from it, nor find others that fit. */
export function commitmentOf(salt: Uint8Array, words: Uint8Array): string {
  return hash('sha256', Buffer.concat([textDomain, salt, words]), 'hex')
}

/** Where a text belongs. `facts` and `audit` number their rows apart. */
export interface TextPlace {
  owner: 'fact' | 'audit'
  seq: number
  field: string
}

function placeOf(place: TextPlace, commitment: string): string {
  return `text:${place.owner}:${place.seq}:${place.field}:${commitment}`
}

/** Commits to a value and encrypts it, with its salt, under a key that can be destroyed. */
export function sealText(value: unknown, place: TextPlace, key: NamedKey): TextRow {
  const words = Buffer.from(JSON.stringify(value))
  const salt = randomBytes(saltBytes)
  const commitment = commitmentOf(salt, words)
  return {
    commitment,
    ...place,
    key_id: key.id,
    box: sealBox(key.key, Buffer.concat([salt, words]), placeOf(place, commitment)),
  }
}

/** @throws Error when the row was altered, or the words are not those that were committed to */
export function openText(row: TextRow, key: KeyObject): unknown {
  if (row.box === null) throw new Error('its words are gone')
  const plain = openBox(key, row.box, placeOf(row, row.commitment))
  const words = plain.subarray(saltBytes)
  if (commitmentOf(plain.subarray(0, saltBytes), words) !== row.commitment)
    throw new Error('its words are not those committed to')
  return JSON.parse(words.toString())
}

/**
 * How facts of each type are written today. Handed in: the schemas that it comes from take long to load, and the thread
 * that writes needs nothing else of them.
 */
export type FactShapes = Readonly<Record<FactType, { version: number; sealed: readonly string[] }>>

/**
 * Splits a fact into its row, without words, and the texts that hold them. Half a surrogate pair cannot be stored as
 * text: it is replaced before it is hashed, not by the database after. Within JSON it is escaped and survives.
 */
export function sealFact(fact: RecordedFact, shapes: FactShapes, key: NamedKey | undefined, texts: TextRow[]): FactRow {
  const { seq, incidentId, version, type, at, by, ...data } = fact
  const rest: Record<string, unknown> = data
  const sealed: Record<string, string> = {}
  for (const field of shapes[type].sealed) {
    if (key === undefined) throw new TypeError(`no key for the words of fact ${seq}`)
    const text = sealText(rest[field], { owner: 'fact', seq, field }, key)
    texts.push(text)
    sealed[field] = text.commitment
    delete rest[field]
  }
  const row = {
    seq,
    incident_id: incidentId.toWellFormed(),
    version,
    type,
    fact_version: shapes[type].version,
    at,
    by: by.toWellFormed(),
    data: JSON.stringify(rest),
    sealed: JSON.stringify(sealed),
  }
  return { ...row, hash: factHash(row) }
}

export function factHash(row: Omit<FactRow, 'hash'>): Buffer {
  const { seq, incident_id, version, type, fact_version, at, by, data, sealed } = row
  return digest(['uxbridge.fact.v1', seq, incident_id, version, type, fact_version, at, by, data, sealed])
}

/** Field → commitment (hex). */
export function sealedOf(row: { sealed: string }): Record<string, string> {
  return JSON.parse(row.sealed) as Record<string, string>
}

const sealedOfAudit = ['address', 'reason'] as const

/** Whether an audit entry holds what may not stand in clear. */
export function hasSealed(entry: AuditEntry): boolean {
  return sealedOfAudit.some((field) => (entry[field] ?? null) !== null)
}

export function sealAudit(entry: AuditEntry, key: NamedKey | undefined, texts: TextRow[]): AuditRow {
  const { seq, at, by, action, subject, outcome, detail } = entry
  const sealed: Record<string, string> = {}
  for (const field of sealedOfAudit) {
    const words = entry[field] ?? null
    if (words === null) continue
    if (key === undefined) throw new TypeError(`no key for the ${field} of audit entry ${seq}`)
    const text = sealText(words, { owner: 'audit', seq, field }, key)
    texts.push(text)
    sealed[field] = text.commitment
  }
  const row = {
    seq,
    at,
    by: by.toWellFormed(),
    action: action.toWellFormed(),
    subject: subject.toWellFormed(),
    outcome,
    detail: JSON.stringify(detail),
    sealed: JSON.stringify(sealed),
  }
  return { ...row, hash: auditHash(row) }
}

export function auditHash(row: Omit<AuditRow, 'hash'>): Buffer {
  const { seq, at, by, action, subject, outcome, detail, sealed } = row
  return digest(['uxbridge.audit.v1', seq, at, by, action, subject, outcome, detail, sealed])
}

export function readAuditRow(row: AuditRow, words: (commitment: string, field: string) => unknown): AuditEntry {
  const { seq, at, by, action, subject, outcome } = row
  const { address, reason } = sealedOf(row)
  return {
    seq,
    at,
    by,
    action,
    subject,
    outcome: outcome as AuditEntry['outcome'],
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    address: address === undefined ? null : (words(address, 'address') as string),
    ...(reason === undefined ? {} : { reason: words(reason, 'reason') as string }),
  }
}

/** Where the box of an alert belongs: its place names every other column, so that whoever opens it has checked the row. */
export function alertPlace({ id, slot, gen, incident_id, live }: Omit<AlertRow, 'box' | 'mac'>): string {
  return `alert:${JSON.stringify([id, slot, gen, incident_id, live])}`
}

/** Which key the words of an incident are sealed with. */
export function incidentSubject(incidentId: string): string {
  return `incident:${incidentId.toWellFormed()}`
}
export function personSubject(personId: string): string {
  return `person:${personId.toWellFormed()}`
}
/** What belongs to nobody in particular is sealed with the key of its day (UTC). @param at epoch ms */
export function daySubject(at: number): string {
  return `day:${new Date(at).toISOString().slice(0, 10)}`
}
/** An address is personal data of the one who acted; of one who is no known person, it goes with the day. */
export function auditSubject(entry: { by: string; at: number }): string {
  return entry.by.startsWith('person:') ? entry.by.toWellFormed() : daySubject(entry.at)
}
