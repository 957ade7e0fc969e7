import { UxbridgeError } from '#shared/errors.ts'
import type { Intention } from './port.ts'

/** The newest positions that were handed in. */
export interface Heads {
  pos: number
  seq: number
  auditSeq: number
  /** Parts of a checkpoint that is not finished. */
  parts: number
}

/**
 * Rule S1: positions in log, journal and audit follow each other without gaps. Whoever hands in anything else has lost
 * count, which is a fault of ours, so nothing of the intention is kept.
 * @returns the heads after the intention; the given ones are left alone
 * @throws UxbridgeError `internal`
 */
export function headsAfter(heads: Heads, intention: Intention): Heads {
  let { pos, seq, auditSeq, parts } = heads
  if (intention.log !== undefined) for (const entry of intention.log) pos = follow('log entry', pos, entry.pos)
  if (intention.facts !== undefined) for (const fact of intention.facts) seq = follow('fact', seq, fact.seq)
  if (intention.audit !== undefined)
    for (const entry of intention.audit) auditSeq = follow('audit entry', auditSeq, entry.seq)
  const { checkpoint, checkpointPart } = intention
  if (checkpointPart !== undefined) parts = partsWith(parts, checkpointPart.index) + 1
  if (checkpoint !== undefined && (checkpoint.pos > pos || checkpoint.seq > seq))
    throw new UxbridgeError(
      'internal',
      `A checkpoint at ${checkpoint.pos}/${checkpoint.seq} lies ahead of ${pos}/${seq}.`,
    )
  if (checkpoint !== undefined) {
    partsWith(parts, checkpoint.parts ?? 0)
    parts = 0
  }
  return { pos, seq, auditSeq, parts }
}

/** @param before the number of parts that the next piece of a checkpoint says were handed in before it */
function partsWith(parts: number, before: number): number {
  if (before !== 0 && before !== parts)
    throw new UxbridgeError('internal', `The store has ${parts} parts of a checkpoint, not ${before}.`)
  return before
}

function follow(what: string, head: number, next: number): number {
  if (next !== head + 1)
    throw new UxbridgeError('internal', `The store stands at ${what} ${head}; ${what} ${next} does not follow.`)
  return next
}

/**
 * Rule S2: versions in an incident's stream follow each other without gaps, from 1.
 * @param head version of the newest fact of the stream, 0 for a new one
 * @throws UxbridgeError `internal`
 */
export function requireNextVersion(incidentId: string, head: number, version: number): void {
  if (version !== head + 1)
    throw new UxbridgeError(
      'internal',
      `${incidentId} stands at version ${head}; a fact of version ${version} does not follow.`,
    )
}

/**
 * Rule S6: a checkpoint brings the snapshot of every incident that changed since the one before; the tail that a
 * restart folds begins at its seq, so one left out would be restored as it was.
 * @param incidentId an incident that changed and has no snapshot of it; undefined when there is none
 * @throws UxbridgeError `internal`
 */
export function requireSnapshots(incidentId: string | undefined, seq: number): void {
  if (incidentId !== undefined)
    throw new UxbridgeError(
      'internal',
      `The checkpoint at ${seq} lacks the snapshot of ${incidentId}, which changed since the one before.`,
    )
}
