import {
  type FactType,
  factTypes,
  factVersion,
  type RecordedFact,
  readFact,
  sealedFields,
} from '#shared/incident/facts.ts'
import type { FactRow } from '../sql/tables.ts'
import { type FactShapes, sealedOf } from './records.ts'

export const factShapes = Object.fromEntries(
  factTypes.map((type: FactType) => [type, { version: factVersion(type), sealed: [...sealedFields(type)] }]),
) as unknown as FactShapes

/** Puts a fact together again. @throws TypeError, ZodError, SyntaxError when the row does not hold a known fact */
export function readFactRow(row: FactRow, words: (commitment: string, field: string) => unknown): RecordedFact {
  const data = JSON.parse(row.data) as Record<string, unknown>
  for (const [field, commitment] of Object.entries(sealedOf(row))) data[field] = words(commitment, field)
  const fact = readFact(row.type, row.fact_version, row.at, row.by, data)
  return { ...fact, seq: row.seq, incidentId: row.incident_id, version: row.version } as RecordedFact
}
