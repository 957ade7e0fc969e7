import { constants, zstdCompressSync } from 'node:zlib'
import { UxbridgeError } from '#shared/errors.ts'
import { sealBox } from '../../format/box.ts'
import { alertPlace, incidentSubject, type NamedKey } from '../../format/records.ts'
import type { Keys } from '../../keys/files.ts'
import { requireSnapshots } from '../../order.ts'
import type { AlertRow, Cell } from '../../sql/tables.ts'
import { queries } from '../compiler.ts'
import { countingOf } from '../counting.ts'
import type { Database } from '../database.ts'
import type { AlertText, CheckpointPiece, IncidentText } from '../wire.ts'
import type { GuardedRows } from './guarded.ts'

/** Thousands of open incidents make megabytes of much the same; the first level is fast and nearly as good. */
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/**
 * Writes checkpoints piece by piece. Each is a generation of rows of `alert`; an alert has two slots, so that the row of
 * the generation that counts stays while the next one is written into the other. The one row of `checkpoint` says which
 * generations count: until it is written at the end, a restart finds everything as it was at the checkpoint before
 * (rule S10).
 */
export interface CheckpointRows {
  put(piece: CheckpointPiece, key: (subject: string) => NamedKey): void
  putSnapshot(incident: IncidentText, key: NamedKey): void
  /** Removes what forgotten alerts left in their other slot: looks at `limit` of them at most. */
  tidy(limit: number): void
}

export function makeCheckpointRows(db: Database, guarded: GuardedRows, keys: Keys): CheckpointRows {
  const saved = db.first(queries.checkpoint())
  let counting = countingOf(saved)
  let stand = { pos: saved?.pos ?? 0, seq: saved?.seq ?? 0, box: saved?.box ?? null }
  let begun = saved?.begun ?? 0
  /** Where tidying has come to. */
  let tidied = { gen: (saved?.tidied ?? 0) + 1, id: '' }

  // Asked once per alert: compiled and prepared here, not each time.
  const slotsOf = db.prepare(queries.alertSlots('').sql)
  const counts = (row: Pick<AlertRow, 'gen'>) => row.gen <= counting.gen && !counting.voided.includes(row.gen)

  /** The slot that may be written over: our own, or one that counts no more. Null while there is a free one. */
  function slotFor(rows: readonly AlertRow[]): AlertRow | null {
    const own = rows.find((row) => row.gen === begun) ?? rows.find((row) => !counts(row))
    if (own !== undefined) return own
    const [one, other] = rows
    if (one === undefined || other === undefined) return null
    return one.gen < other.gen ? one : other
  }

  function putAlert({ id, incidentId, live, text }: AlertText): void {
    const rows = slotsOf.all(id) as unknown as AlertRow[]
    const old = slotFor(rows)
    const row = {
      id,
      slot: old?.slot ?? (rows[0]?.slot === 0 ? 1 : 0),
      gen: begun,
      incident_id: incidentId?.toWellFormed() ?? null,
      live: live ? 1 : 0,
    }
    const box = sealBox(keys.state.state, text, alertPlace(row))
    const cells = [row.id, row.slot, row.gen, row.incident_id, row.live, box]
    if (old === null) guarded.add('alert', cells)
    else guarded.replace('alert', old as unknown as Record<string, Cell>, cells)
  }

  function putSnapshot(incident: IncidentText, key: NamedKey): void {
    const declaredSeq = db.first(queries.declaredSeq(incident.id))?.seq
    const changedAt = db.first(queries.factAt(incident.seq))?.at
    if (declaredSeq === undefined || changedAt === undefined)
      throw new UxbridgeError('internal', `The snapshot of ${incident.id} is ahead of its facts.`)
    const { id, seq, version, phase, tier, owner, service, text } = incident
    const box = sealBox(key.key, text, `incident:${id}`)
    const open = incident.open ? 1 : 0
    const found = [declaredSeq, changedAt, key.id, box]
    guarded.put('incident_snapshot', [id, seq, version, open, phase, tier, owner, service, ...found])
  }

  function putCheckpoint(): void {
    const { pos, seq, box } = stand
    const voided = JSON.stringify(counting.voided)
    guarded.put('checkpoint', [1, pos, seq, counting.gen, begun, tidied.gen - 1, voided, box])
  }

  /** From here on the generation counts, and those that were begun before it and not finished never will. */
  function finish({ pos, seq, filter }: NonNullable<CheckpointPiece['end']>): void {
    requireSnapshots(db.first(queries.unsnapped(stand.seq, seq))?.incident_id, seq)
    const voided = [...counting.voided]
    for (let gen = counting.gen + 1; gen < begun; gen++) voided.push(gen)
    counting = { gen: begun, voided }
    stand = { pos, seq, box: sealBox(keys.state.state, zstdCompressSync(filter, zstd), 'checkpoint') }
    putCheckpoint()
  }

  return {
    put(piece, key) {
      if (piece.before === 0) begun++
      for (const alert of piece.alerts) putAlert(alert)
      for (const incident of piece.incidents) putSnapshot(incident, key(incidentSubject(incident.id)))
      if (piece.end !== null) finish(piece.end)
      else if (piece.before === 0) putCheckpoint()
    },
    putSnapshot,
    tidy(limit) {
      if (tidied.gen > counting.gen) return
      const forgotten = db.all(queries.forgottenAlerts(tidied, counting.gen, limit))
      for (const row of forgotten) {
        if (counts(row))
          for (const other of db.all(queries.alertSlots(row.id)))
            if (other.slot !== row.slot && other.gen < row.gen) guarded.remove('alert', [other.id, other.slot])
        tidied = { gen: row.gen, id: row.id }
      }
      if (forgotten.length < limit) tidied = { gen: counting.gen + 1, id: '' }
    },
  }
}
