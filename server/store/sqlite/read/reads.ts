import { zstdDecompressSync } from 'node:zlib'
import type { Incident } from '#shared/incident/state.ts'
import { type Decision, type LedgerRow, type Outcome, unaccounted } from '#shared/outcome.ts'
import { openBox } from '../../format/box.ts'
import { isAuthentic, rowName } from '../../format/guard.ts'
import { openLog } from '../../format/log-block.ts'
import { alertPlace, readAuditRow } from '../../format/records.ts'
import type { Keys } from '../../keys/files.ts'
import type { Vault } from '../../keys/vault.ts'
import type { LogEntry, LostItem, LostState, Reader } from '../../port.ts'
import { isSelected } from '../../selection.ts'
import type { AlertRow, CheckpointRow, DecisionRow, GuardedTable } from '../../sql/tables.ts'
import { queries } from '../compiler.ts'
import { countingOf } from '../counting.ts'
import type { Database } from '../database.ts'
import { makeIncidentReads } from '../incidents.ts'
import { alteredRow, corruptStore } from '../trouble.ts'
import { answerPlace, settingPlace } from '../write/commit.ts'

/** What the reader's thread answers, in the caller's thread: alerts as JSON text, which crosses cheaply. */
export type Reads = {
  [M in Exclude<keyof Reader, 'verify' | 'restore' | 'alertsOf'>]: (
    ...args: Parameters<Reader[M]>
  ) => Awaited<ReturnType<Reader[M]>>
} & {
  /** @param hand is given the alerts, in JSON arrays of some hundred */
  restore: (
    options: Parameters<Reader['restore']>[0],
    hand: (alerts: string) => void,
  ) => Omit<Awaited<ReturnType<Reader['restore']>>, 'alerts'>
  alertsOf: (...args: Parameters<Reader['alertsOf']>) => string
}

/** Alerts that cross at once: while one piece is read into objects over there, the next is opened here. */
const alertsPerPiece = 500
/** By so much the clock may have been set back between two facts, for a search by time to miss none. */
const clockSlackMs = 10 * 60_000
/** Snapshots are asked for by the page until enough of them are left after those that changed since. */
const snapshotPage = 200

export function makeReads(db: Database, vault: Vault, keys: Keys, dir: string): Reads {
  const incidents = makeIncidentReads(db, vault, keys, dir)

  function open<T>(row: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw corruptStore(dir, `${row}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Rule S11. */
  function trusted<R extends object>(table: GuardedTable, row: R): R {
    if (!isAuthentic(keys.state.rows, table, row)) throw alteredRow(dir, table, row)
    return row
  }

  /** The one row that says which checkpoint counts. */
  function stand(): CheckpointRow | undefined {
    const row = db.first(queries.checkpoint())
    return row && trusted('checkpoint', row)
  }

  function alertText(row: AlertRow): string {
    return open(rowName('alert', row), () => openBox(keys.state.state, row.box, alertPlace(row)).toString())
  }

  function decisionOf(row: DecisionRow): Decision {
    return {
      pos: trusted('decision', row).pos,
      index: row.idx,
      sourceId: row.source_id,
      outcome: row.outcome as Outcome,
      stage: row.stage,
      rule: row.rule,
      reason: row.reason,
      alertId: row.alert_id,
      incidentId: row.incident_id,
    }
  }

  /** Incidents that changed after the last checkpoint, as of now. */
  function changed(): Map<string, { incident: Incident; changedAt: number }> {
    const since = stand()?.seq ?? 0
    const found = new Map<string, { incident: Incident; changedAt: number }>()
    for (const { incident_id: id } of db.all(queries.incidentsAfter(since))) {
      const one = incidents.incident(id)
      if (one !== null) found.set(id, one)
    }
    return found
  }

  /** A seq that no fact of that instant or later stands before. There is no index by time: facts come in its order. */
  function seqBefore(at: number): number {
    let [low, high] = [1, db.first(queries.newest().fact)?.at ?? 0]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((db.first(queries.factAt(middle))?.at ?? 0) < at) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    restore({ settledAfter }, hand) {
      const newest = queries.newest()
      const saved = stand()
      const box = saved?.box ?? null
      const state =
        box && open('checkpoint', () => zstdDecompressSync(openBox(keys.state.state, box, 'checkpoint')).toString())
      let piece: string[] = []
      for (const row of db.each(queries.liveAlerts(countingOf(saved)))) {
        if (piece.push(alertText(row)) < alertsPerPiece) continue
        hand(`[${piece.join(',')}]`)
        piece = []
      }
      hand(`[${piece.join(',')}]`)
      const found = [...changed().values()].map(({ incident }) => incident)
      const newer = new Set(found.map(({ id }) => id))
      for (const row of db.all(queries.snapshotsToRestore(settledAfter))) {
        if (newer.has(row.id)) continue
        const incident = incidents.open(row) ?? incidents.incident(row.id)?.incident
        if (incident) found.push(incident)
      }
      return {
        pos: db.first(newest.log)?.at ?? 0,
        seq: db.first(newest.fact)?.at ?? 0,
        auditSeq: db.first(newest.audit)?.at ?? 0,
        checkpoint:
          saved === undefined || state === null
            ? null
            : { pos: saved.pos, seq: saved.seq, filter: JSON.parse(state) as unknown },
        incidents: found,
      }
    },
    logAfter(pos, limit) {
      const entries: LogEntry[] = []
      for (const row of db.each(queries.blocksFrom(pos + 1))) {
        const key = vault.key(row.key_id)
        const place = `log_block ${row.first_pos}`
        if (key === null) throw corruptStore(dir, `${place}: the key ${row.key_id} is not in the vault`)
        for (const entry of open(place, () => openLog(row, key))) {
          if (entry.pos > pos && entries.length < limit) entries.push(entry)
        }
        if (entries.length >= limit) break
      }
      return entries
    },
    factsOf: (incidentId, afterVersion = 0) => incidents.factsOf(incidentId, afterVersion),
    factsSince(at, types, limit) {
      const from = seqBefore(at - clockSlackMs)
      return db
        .all(queries.factsFrom(from, at, types, limit))
        .reverse()
        .map(incidents.read)
    },
    factsAfter: (seq, types, limit) => db.all(queries.factsAfter(seq, types, limit)).map(incidents.read),
    incident: (incidentId) => incidents.incident(incidentId)?.incident ?? null,
    incidents(filter) {
      if (filter.phase?.length === 0 || filter.tier?.length === 0) return []
      const newer = changed()
      const selected: { incident: Incident; declaredSeq: number }[] = []
      for (const [id, { incident }] of newer) {
        const declaredSeq = db.first(queries.declaredSeq(id))?.seq ?? 0
        if (isSelected(incident, declaredSeq, filter)) selected.push({ incident, declaredSeq })
      }
      let fromSnapshots = 0
      for (let offset = 0; fromSnapshots < filter.limit; offset += snapshotPage) {
        const rows = db.all(queries.snapshotsLike(filter, snapshotPage, offset))
        for (const row of rows) {
          if (newer.has(row.id) || fromSnapshots >= filter.limit) continue
          const incident = incidents.open(row) ?? incidents.incident(row.id)?.incident
          if (incident) selected.push({ incident, declaredSeq: row.declared_seq })
          fromSnapshots++
        }
        if (rows.length < snapshotPage) break
      }
      selected.sort((a, b) => b.declaredSeq - a.declaredSeq)
      return selected.slice(0, filter.limit).map(({ incident }) => incident)
    },
    alertsOf: (incidentId, limit) =>
      `[${db
        .all(queries.alertsOf(incidentId, countingOf(stand()), limit))
        .map(alertText)
        .join(',')}]`,
    decisionsOf: (incidentId, limit) => db.all(queries.decisionsOf(incidentId, limit)).map(decisionOf),
    decisions: (filter) =>
      db.all(queries.decisions(filter)).map((row) => ({ n: row.n, at: row.at, ...decisionOf(row) })),
    ledger(sinceMinute) {
      const rows: LedgerRow[] = []
      let apart = true
      // Before the door's own count was kept, a minute was what became of it.
      const close = (row: LedgerRow | undefined) => {
        if (row !== undefined && !apart) row.accepted = -unaccounted(row)
      }
      for (const counted of db.all(queries.ledgerSince(sinceMinute))) {
        const { minute, source_id: sourceId, outcome, count } = trusted('ledger', counted)
        let row = rows.at(-1)
        if (row?.minute !== minute || row.sourceId !== sourceId) {
          close(row)
          row = { minute, sourceId, accepted: 0, counts: {} }
          rows.push(row)
          apart = false
        }
        if (outcome === 'accepted') {
          row.accepted = count
          apart = true
        } else row.counts[outcome as Outcome] = count
      }
      close(rows.at(-1))
      return rows
    },
    answer(actor, commandId) {
      const row = db.first(queries.answer(actor, commandId))
      if (row === undefined) return null
      const { at, command_hash: commandHash, status } = trusted('answer', row)
      const key = vault.key(row.key_id)
      const body: unknown =
        key === null
          ? null
          : open(`answer ${actor} ${commandId}`, () =>
              JSON.parse(openBox(key, row.box, answerPlace(actor, commandId)).toString()),
            )
      return { actor, commandId, at, commandHash, status, body }
    },
    settings: (kind) =>
      db.all(queries.settings(kind)).map((row) => {
        trusted('setting', row)
        const key = row.key_id === null ? null : vault.key(row.key_id)
        const { box } = row
        const personal: unknown =
          key === null || box === null
            ? null
            : open(`setting ${row.kind} ${row.id}`, () =>
                JSON.parse(openBox(key, box, settingPlace(row.kind, row.id)).toString()),
              )
        return {
          kind: row.kind,
          id: row.id,
          doc: open(`setting ${row.kind} ${row.id}`, () => JSON.parse(row.doc) as unknown),
          personal,
        }
      }),
    lost: (filter) =>
      db.all(queries.lost(filter)).map((row): LostItem => {
        const { pos, idx, source_id, at, reason, count, members, state, changed_at, changed_by, tries, found_pos } =
          trusted('lost', row)
        return {
          pos,
          index: idx,
          sourceId: source_id,
          at,
          reason,
          count,
          members,
          state: state as LostState,
          changedAt: changed_at,
          changedBy: changed_by,
          tries,
          foundPos: found_pos,
        }
      }),
    audit: (afterSeq, limit) =>
      db.all(queries.auditAfter(afterSeq, limit)).map((row) => readAuditRow(row, incidents.words)),
  }
}
