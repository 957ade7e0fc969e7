import { evolve } from '#shared/incident/evolve.ts'
import { erasedValue, type RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import { openBox } from '../format/box.ts'
import { readFactRow } from '../format/facts.ts'
import { isAuthentic } from '../format/guard.ts'
import { openText } from '../format/records.ts'
import type { Keys } from '../keys/files.ts'
import type { Vault } from '../keys/vault.ts'
import type { FactRow, SnapshotRow } from '../sql/tables.ts'
import { queries } from './compiler.ts'
import type { Database } from './database.ts'
import { alteredRow, corruptStore } from './trouble.ts'

/** Reads what the journal says about incidents, on any connection. */
export interface IncidentReads {
  words(commitment: string, field: string): unknown
  factsOf(incidentId: string, afterVersion: number): RecordedFact[]
  /** The fact in a row that is at hand. */
  read(row: FactRow): RecordedFact
  /** Snapshot and newer facts. Null when there is no such incident. */
  incident(incidentId: string): { incident: Incident; changedAt: number } | null
  /** From a snapshot that is at hand; null when its key was destroyed, so that it must be made from the facts. */
  open(row: SnapshotRow): Incident | null
}

export function makeIncidentReads(db: Database, vault: Vault, keys: Keys, dir: string): IncidentReads {
  function words(commitment: string, field: string): unknown {
    const row = db.first(queries.text(commitment))
    if (row === undefined) throw corruptStore(dir, `text ${commitment.slice(0, 16)}… (${field}) is missing`)
    if (row.box === null) return erasedValue(field)
    try {
      const key = vault.key(row.key_id)
      if (key !== null) return openText(row, key)
    } catch (error) {
      throw corruptStore(dir, `text of ${row.owner} ${row.seq} (${field}): ${messageOf(error)}`)
    }
    if (vault.isErased(row.key_id)) return erasedValue(field)
    throw corruptStore(dir, `the key ${row.key_id} of ${row.owner} ${row.seq} (${field}) is not in the vault`)
  }

  function read(row: FactRow): RecordedFact {
    try {
      return readFactRow(row, words)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'store-corrupt') throw error
      throw corruptStore(dir, `fact ${row.seq} (${row.type}, ${row.incident_id}): ${messageOf(error)}`)
    }
  }

  function factsOf(incidentId: string, afterVersion: number): RecordedFact[] {
    return db.all(queries.factsOf(incidentId, afterVersion)).map(read)
  }

  function open(row: SnapshotRow): Incident | null {
    if (!isAuthentic(keys.state.rows, 'incident_snapshot', row)) throw alteredRow(dir, 'incident_snapshot', row)
    try {
      const key = vault.key(row.key_id)
      if (key !== null) return JSON.parse(openBox(key, row.box, `incident:${row.id}`).toString()) as Incident
    } catch (error) {
      throw corruptStore(dir, `incident_snapshot ${row.id}: ${messageOf(error)}`)
    }
    return null
  }

  return {
    words,
    factsOf,
    read,
    open,
    incident(incidentId) {
      const row = db.first(queries.snapshot(incidentId))
      let incident = row === undefined ? null : open(row)
      let changedAt = row?.changed_at ?? 0
      for (const fact of factsOf(incidentId, incident?.version ?? 0)) {
        try {
          incident = evolve(incident, fact)
        } catch (error) {
          throw corruptStore(dir, `fact ${fact.seq} (${fact.type}, ${incidentId}): ${messageOf(error)}`)
        }
        changedAt = fact.at
      }
      return incident === null ? null : { incident, changedAt }
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
