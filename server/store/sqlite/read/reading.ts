import { resolve } from 'node:path'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { isAuthentic, pseudonymOf } from '../../format/guard.ts'
import { placesIn, readKeys } from '../../keys/files.ts'
import { openVault } from '../../keys/vault.ts'
import type { LogEntry, StoredSetting } from '../../port.ts'
import type { DecisionRow } from '../../sql/tables.ts'
import { queries } from '../compiler.ts'
import { openDatabase } from '../database.ts'
import { alteredRow, troubleOf } from '../trouble.ts'
import { makeReads } from './reads.ts'

/** Where the record put an alert. `n` counts decisions, `pos` is the log entry that led to it. */
export interface PlaceOnRecord {
  n: number
  pos: number
  alertId: string
  incidentId: string
}

/**
 * The record, read in the caller's own thread by a connection of its own: for long work that must not make the reader's
 * other callers wait. It sees what was committed when each call begins.
 */
export interface Reading {
  /** Newest position of the log; 0 when there is none. */
  newestPos(): number
  /** As `Reader.logAfter`. @throws UxbridgeError `store-corrupt` */
  logAfter(pos: number, limit: number): LogEntry[]
  /** Number of the last decision about entries up to `pos`: to begin `placesAfter` with. */
  decisionsTo(pos: number): number
  placesAfter(n: number, limit: number): PlaceOnRecord[]
  factsOf(incidentId: string): RecordedFact[]
  settings(kind: string): StoredSetting[]
  /** Hash of the policy that was active at this instant (epoch ms); null before the first. */
  policyAt(at: number): string | null
  /** As `Store.pseudonym`. */
  pseudonym(text: string): string
  close(): void
}

/** @throws UxbridgeError `store-corrupt` when it cannot be read; the folder must be a store's that is open */
export function openReading(folder: string): Reading {
  const dir = resolve(folder)
  try {
    const places = placesIn(dir)
    const keys = readKeys(places)
    const vault = openVault(places.vault, keys.state.vault)
    const db = openDatabase(places.database, { readOnly: true })
    const reads = makeReads(db, vault, keys, dir)
    const trusted = (row: DecisionRow): DecisionRow => {
      if (!isAuthentic(keys.state.rows, 'decision', row)) throw alteredRow(dir, 'decision', row)
      return row
    }
    return {
      newestPos: () => db.first(queries.newest().log)?.at ?? 0,
      logAfter: reads.logAfter,
      decisionsTo(pos) {
        // Decisions are numbered in the order of the log.
        let low = 0
        let high = db.first(queries.newest().decision)?.at ?? 0
        while (low < high) {
          const middle = Math.floor((low + high) / 2) + 1
          const row = db.first(queries.decisionFrom(middle))
          if (row === undefined || row.pos > pos) high = middle - 1
          else low = middle
        }
        return low
      },
      placesAfter: (n, limit) =>
        db.all(queries.placesAfter(n, limit)).flatMap((row): PlaceOnRecord[] => {
          const { alert_id: alertId, incident_id: incidentId, pos } = trusted(row)
          return alertId === null || incidentId === null ? [] : [{ n: row.n, pos, alertId, incidentId }]
        }),
      factsOf: (incidentId) => reads.factsOf(incidentId),
      settings: (kind) => reads.settings(kind),
      policyAt: (at) => db.first(queries.auditedLast('policy.activate', at))?.subject ?? null,
      pseudonym: (text) => pseudonymOf(keys.state.names, text),
      close() {
        db.close()
        vault.close()
      },
    }
  } catch (error) {
    throw troubleOf(error, dir)
  }
}
