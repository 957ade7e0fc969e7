import { type Incident, isOpen } from '#shared/incident/state.ts'
import type { CheckpointPart, Intention } from '../../port.ts'
import type { CheckpointPiece, Group, IncidentText } from '../wire.ts'

/** Lays intentions together into one group, in the order in which they come. Runs on the main thread: lean. */
export interface Gathering {
  /** How many intentions, and the bytes of their bodies. */
  intentions: number
  bytes: number
  add(intention: Intention): void
  /** The group, and what of it is handed over rather than copied. Nothing may be added any more. */
  take(): { group: Group; transfer: ArrayBuffer[] }
}

const firstBufferBytes = 64 * 1024

export function makeGathering(): Gathering {
  const group: Group = {
    log: null,
    facts: [],
    audit: [],
    ledger: [],
    decisions: [],
    answers: [],
    settings: [],
    lost: [],
    checkpoints: [],
  }
  let bodies = new Uint8Array(0)
  const ledger = new Map<string, Group['ledger'][number]>()

  function room(bytes: number): void {
    const needed = gathering.bytes + bytes
    if (needed <= bodies.length) return
    // Not from a pool: the memory is handed over to the writer whole.
    const larger = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(firstBufferBytes, needed, bodies.length * 2)).buffer)
    larger.set(bodies.subarray(0, gathering.bytes))
    bodies = larger
  }

  function addLog(entries: NonNullable<Intention['log']>): void {
    for (const { pos, at, kind, sourceId, adapter, body } of entries) {
      group.log ??= { first: pos, at: [], kind: [], sourceId: [], adapter: [], length: [], bodies }
      const { log } = group
      log.at.push(at)
      log.kind.push(kind)
      log.sourceId.push(sourceId)
      log.adapter.push(adapter)
      log.length.push(body.byteLength)
      room(body.byteLength)
      bodies.set(body, gathering.bytes)
      gathering.bytes += body.byteLength
    }
  }

  function addLedger(rows: NonNullable<Intention['ledger']>): void {
    for (const { minute, sourceId, outcome, count } of rows) {
      const key = `${minute} ${outcome} ${sourceId}`
      const known = ledger.get(key)
      if (known !== undefined) known.count += count
      else ledger.set(key, { minute, sourceId, outcome, count })
    }
  }

  const gathering: Gathering = {
    intentions: 0,
    bytes: 0,
    add(intention) {
      gathering.intentions++
      if (intention.log !== undefined) addLog(intention.log)
      if (intention.ledger !== undefined) addLedger(intention.ledger)
      if (intention.facts !== undefined) group.facts.push(...intention.facts)
      if (intention.audit !== undefined) group.audit.push(...intention.audit)
      if (intention.decisions !== undefined) group.decisions.push(...intention.decisions)
      if (intention.answers !== undefined) {
        const incidentId = intention.facts?.[0]?.incidentId ?? null
        for (const { body, ...answer } of intention.answers)
          group.answers.push({ ...answer, body: JSON.stringify(body), incidentId })
      }
      if (intention.put !== undefined)
        for (const { kind, id, doc, personal } of intention.put) {
          const personId = personal?.personId ?? null
          group.settings.push({
            put: true,
            kind,
            id,
            doc: JSON.stringify(doc),
            personId,
            personal: personal ? JSON.stringify(personal.value) : null,
          })
        }
      if (intention.remove !== undefined)
        for (const { kind, id } of intention.remove) group.settings.push({ put: false, kind, id })
      if (intention.lost !== undefined) for (const item of intention.lost) group.lost.push({ put: true, item })
      if (intention.unlost !== undefined) for (const key of intention.unlost) group.lost.push({ put: false, key })
      const { checkpointPart: part, checkpoint } = intention
      if (part !== undefined) group.checkpoints.push(pieceOf(part, part.index, null))
      if (checkpoint !== undefined) {
        const { pos, seq, filter, parts = 0 } = checkpoint
        group.checkpoints.push(pieceOf(checkpoint, parts, { pos, seq, filter: JSON.stringify(filter) }))
      }
    },
    take() {
      group.ledger = [...ledger.values()]
      if (group.log === null) return { group, transfer: [] }
      group.log.bodies = bodies.subarray(0, gathering.bytes)
      return { group, transfer: [bodies.buffer as ArrayBuffer] }
    },
  }
  return gathering
}

function pieceOf(
  { alerts, incidents }: Pick<CheckpointPart, 'alerts' | 'incidents'>,
  before: number,
  end: CheckpointPiece['end'],
): CheckpointPiece {
  const texts = alerts.map(({ alert, live }) => {
    const { id, incidentId } = alert
    return { id, incidentId, live, text: JSON.stringify(alert) }
  })
  return { before, alerts: texts, incidents: incidents.map(incidentText), end }
}

/** What a snapshot is searched by, and its JSON. */
export function incidentText(incident: Incident): IncidentText {
  const { id, seq, version, phase, tier, owner, service } = incident
  return { id, seq, version, open: isOpen(phase), phase, tier, owner, service, text: JSON.stringify(incident) }
}
