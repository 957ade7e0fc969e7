import { generateKeyPairSync, generateKeySync } from 'node:crypto'
import { UxbridgeError } from '#shared/errors.ts'
import { evolve, fold } from '#shared/incident/evolve.ts'
import {
  erasedText,
  erasedValue,
  factVersion,
  type RecordedFact,
  readFact,
  sealedFields,
} from '#shared/incident/facts.ts'
import { type Incident, isOpen } from '#shared/incident/state.ts'
import { type Decision, type LedgerRow, unaccounted } from '#shared/outcome.ts'
import { makeEvidenceMemory } from './evidence/memory.ts'
import { pseudonymOf } from './format/guard.ts'
import { type Heads, headsAfter, requireNextVersion, requireSnapshots } from './order.ts'
import type {
  AuditEntry,
  Checkpoint,
  Intention,
  LogEntry,
  LostItem,
  Reader,
  SettingRow,
  Store,
  StoredAnswer,
} from './port.ts'
import { isSelected } from './selection.ts'

/** A store that forgets when the process ends, and that can be told to act like a full disk. For tests. */
export interface MemoryStore extends Store {
  /** From now on every commit is refused as `store-full`, until `mend`. */
  fillUp(): void
  /** While set, commits are kept waiting: nothing resolves until it is called again with false. */
  hold(on: boolean): void
}

type KeptAnswer = StoredAnswer & { incidentId: string | null }

/** The store's port on plain arrays: what it holds went through JSON like on a disk, so nothing is shared with callers. */
export function makeMemoryStore(): MemoryStore {
  const log: LogEntry[] = []
  const facts: RecordedFact[] = []
  const streams = new Map<string, RecordedFact[]>()
  const audit: AuditEntry[] = []
  const decisions: Decision[] = []
  const ledger = new Map<string, LedgerRow>()
  const answers = new Map<string, KeptAnswer>()
  const settings = new Map<string, SettingRow>()
  const lost = new Map<string, LostItem>()
  const alerts = new Map<string, Checkpoint['alerts'][number]>()
  /** Of a checkpoint that is not finished. */
  let parts: Checkpoint['alerts'][number][] = []
  /** Seq up to which each incident was handed in by a checkpoint. */
  const snapshots = new Map<string, number>()
  let checkpoint: { pos: number; seq: number; filter: unknown } | null = null
  let heads: Heads = { pos: 0, seq: 0, auditSeq: 0, parts: 0 }
  let commits = 0
  let failure: Error | null = null
  let held: { release: Promise<void>; open: () => void } | null = null
  const waiting = { intentions: 0, bytes: 0 }
  const leases = new Map<string, { holder: string; until: number }>()
  const names = generateKeySync('hmac', { length: 256 })
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()

  function apply(intention: Intention): void {
    const next = headsAfter(heads, intention)
    const versions = new Map<string, number>()
    const newFacts = (intention.facts ?? []).map(copyFact)
    for (const { incidentId, version } of newFacts) {
      requireNextVersion(incidentId, versions.get(incidentId) ?? streams.get(incidentId)?.length ?? 0, version)
      versions.set(incidentId, version)
    }
    if (intention.checkpoint !== undefined) {
      const { seq, incidents } = intention.checkpoint
      const left = [...facts.slice(checkpoint?.seq ?? 0), ...newFacts].find(
        (fact) =>
          fact.seq <= seq &&
          fact.seq > (snapshots.get(fact.incidentId) ?? 0) &&
          !incidents.some((one) => one.id === fact.incidentId && one.seq >= fact.seq),
      )
      requireSnapshots(left?.incidentId, seq)
    }
    for (const incident of [...(intention.checkpointPart?.incidents ?? []), ...(intention.checkpoint?.incidents ?? [])])
      snapshots.set(incident.id, incident.seq)
    heads = next
    commits++
    for (const entry of intention.log ?? []) log.push({ ...entry, body: new Uint8Array(entry.body) })
    for (const fact of newFacts) {
      facts.push(fact)
      const stream = streams.get(fact.incidentId)
      if (stream === undefined) streams.set(fact.incidentId, [fact])
      else stream.push(fact)
    }
    audit.push(...copy(intention.audit ?? []))
    decisions.push(...copy(intention.decisions ?? []))
    for (const { minute, sourceId, outcome, count } of intention.ledger ?? []) {
      const key = `${minute} ${sourceId}`
      const row = ledger.get(key) ?? { minute, sourceId, accepted: 0, counts: {} }
      if (outcome === 'accepted') row.accepted += count
      else row.counts[outcome] = (row.counts[outcome] ?? 0) + count
      ledger.set(key, row)
    }
    for (const answer of intention.answers ?? [])
      answers.set(key2(answer.actor, answer.commandId), {
        ...copy(answer),
        incidentId: newFacts[0]?.incidentId ?? null,
      })
    for (const row of intention.put ?? []) settings.set(key2(row.kind, row.id), copy(row))
    for (const row of intention.remove ?? []) settings.delete(key2(row.kind, row.id))
    for (const item of intention.lost ?? []) lost.set(`${item.pos} ${item.index}`, copy(item))
    for (const { pos, index } of intention.unlost ?? []) lost.delete(`${pos} ${index}`)
    if (intention.checkpointPart !== undefined) {
      if (intention.checkpointPart.index === 0) parts = []
      parts.push(...copy(intention.checkpointPart.alerts))
    }
    if (intention.checkpoint !== undefined) {
      const { pos, seq, filter, parts: count = 0 } = intention.checkpoint
      checkpoint = copy({ pos, seq, filter })
      for (const row of [...(count === 0 ? [] : parts), ...copy(intention.checkpoint.alerts)])
        alerts.set(row.alert.id, row)
      parts = []
    }
  }

  /** Newest first by declaration, as pages of incidents are. */
  function incidentsByDeclaration(): { incident: Incident; declaredSeq: number; changedAt: number }[] {
    return [...streams.values()]
      .flatMap((stream) => {
        const incident = fold(stream)
        const first = stream[0]
        const last = stream.at(-1)
        return incident && first && last ? [{ incident, declaredSeq: first.seq, changedAt: last.at }] : []
      })
      .sort((a, b) => b.declaredSeq - a.declaredSeq)
  }

  const read: Reader = {
    async restore({ settledAfter }) {
      const { pos, seq, auditSeq } = heads
      return copy({
        pos,
        seq,
        auditSeq,
        checkpoint,
        alerts: [...alerts.values()].filter((row) => row.live).map((row) => row.alert),
        incidents: incidentsByDeclaration()
          .filter(
            ({ incident, changedAt }) =>
              isOpen(incident.phase) || changedAt >= settledAfter || incident.seq > (checkpoint?.seq ?? 0),
          )
          .map(({ incident }) => incident),
      })
    },
    async logAfter(pos, limit) {
      return log.slice(pos, pos + limit).map((entry) => ({ ...entry, body: new Uint8Array(entry.body) }))
    },
    async factsOf(incidentId, afterVersion = 0) {
      return copy((streams.get(incidentId) ?? []).slice(afterVersion))
    },
    async factsSince(at, types, limit) {
      const found = facts.filter((fact) => fact.at >= at && types.includes(fact.type))
      return copy(found.slice(Math.max(0, found.length - limit)))
    },
    async factsAfter(seq, types, limit) {
      return copy(
        facts
          .slice(seq)
          .filter(({ type }) => types.includes(type))
          .slice(0, limit),
      )
    },
    async incident(incidentId) {
      let incident: Incident | null = null
      for (const fact of streams.get(incidentId) ?? []) incident = evolve(incident, fact)
      return copy(incident)
    },
    async incidents(filter) {
      const selected = incidentsByDeclaration().filter((row) => isSelected(row.incident, row.declaredSeq, filter))
      return copy(selected.slice(0, filter.limit).map((row) => row.incident))
    },
    async alertsOf(incidentId, limit) {
      const found = [...alerts.values()].map((row) => row.alert).filter((alert) => alert.incidentId === incidentId)
      return copy(found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit))
    },
    async decisionsOf(incidentId, limit) {
      return copy(decisions.filter((decision) => decision.incidentId === incidentId).slice(0, limit))
    },
    async decisions({ alertId, stage, rule, before, limit }) {
      const rows = decisions
        .map((decision, index) => ({ n: index + 1, at: log[decision.pos - 1]?.at ?? 0, ...decision }))
        .filter(
          (row) =>
            (alertId === undefined || row.alertId === alertId) &&
            (stage === undefined || row.stage === stage) &&
            (rule === undefined || row.rule === rule) &&
            (before === undefined || row.n < before),
        )
      return copy(rows.reverse().slice(0, limit))
    },
    async ledger(sinceMinute) {
      const rows = [...ledger.values()].filter((row) => row.minute >= sinceMinute)
      // Where the door's own count was not kept, a minute is what became of it.
      const whole = rows.map((row) => (row.accepted === 0 ? { ...row, accepted: -unaccounted(row) } : row))
      return copy(whole.sort((a, b) => a.minute - b.minute || (a.sourceId < b.sourceId ? -1 : 1)))
    },
    async answer(actor, commandId) {
      const found = answers.get(key2(actor, commandId))
      if (found === undefined) return null
      const { incidentId: _, ...answer } = found
      return copy(answer)
    },
    async settings(kind) {
      const rows = [...settings.entries()].filter(([, row]) => kind === undefined || row.kind === kind)
      rows.sort(([a], [b]) => (a < b ? -1 : 1))
      return copy(
        rows.map(([, row]) => ({ kind: row.kind, id: row.id, doc: row.doc, personal: row.personal?.value ?? null })),
      )
    },
    async audit(afterSeq, limit) {
      return copy(audit.slice(afterSeq, afterSeq + limit))
    },
    async lost({ sourceId, state, before, limit }) {
      const rows = [...lost.values()].filter(
        (item) =>
          (sourceId === undefined || item.sourceId === sourceId) &&
          (state === undefined || item.state === state) &&
          (before === undefined || item.pos < before.pos || (item.pos === before.pos && item.index < before.index)),
      )
      return copy(rows.sort((a, b) => b.pos - a.pos || b.index - a.index).slice(0, limit))
    },
    async verify() {
      const checked = {
        facts: facts.length,
        audit: audit.length,
        commits,
        texts: 0,
        log: log.length,
        settings: settings.size,
        others: 0,
        erased: 0,
        evidence: facts.filter(({ type }) => (type as string) === 'evidence-added').length,
      }
      return { ok: true, checked, head: { commit: commits, hash: '' }, problems: [] }
    },
  }

  const evidence = makeEvidenceMemory(() => failure)
  return {
    read,
    evidence,
    async commit(intention) {
      if (failure !== null) throw failure
      apply(intention)
      if (held === null) return
      const bytes = (intention.log ?? []).reduce((sum, entry) => sum + entry.body.byteLength, 0)
      waiting.intentions++
      waiting.bytes += bytes
      await held.release
      waiting.intentions--
      waiting.bytes -= bytes
    },
    hold(on) {
      held?.open()
      held = null
      if (!on) return
      const { promise, resolve } = Promise.withResolvers<void>()
      held = { release: promise, open: resolve }
    },
    backlog: () => ({ ...waiting }),
    failure: () => failure,
    fillUp() {
      failure = new UxbridgeError('store-full', 'The memory store was told to be full. Call mend to go on.')
    },
    async mend() {
      failure = null
      heads = { ...heads, parts: 0 }
    },
    async lease({ keys, holder, at, until }) {
      if (failure !== null) throw failure
      return [...new Set(keys)].flatMap((key) => {
        const known = leases.get(key)
        if (known !== undefined && known.until > at && known.holder !== holder) return []
        leases.set(key, { holder, until })
        return [{ key, again: known !== undefined }]
      })
    },
    pseudonym: (text) => pseudonymOf(names, text),
    publicKey: () => publicKey,
    async erase(what) {
      if ('incidentId' in what) {
        evidence.erase(what.incidentId)
        for (const fact of streams.get(what.incidentId) ?? []) {
          const words = Object.fromEntries(sealedFields(fact.type).map((field) => [field, erasedValue(field)]))
          Object.assign(fact, copy(words))
        }
        for (const answer of answers.values()) if (answer.incidentId === what.incidentId) answer.body = null
        return
      }
      for (const row of settings.values()) if (row.personal?.personId === what.personId) row.personal = null
      for (const entry of audit) {
        if (entry.by !== `person:${what.personId}`) continue
        if (entry.address !== null) entry.address = erasedText
        if (typeof entry.reason === 'string') entry.reason = erasedText
      }
    },
    async close() {
      held?.open()
      failure = new UxbridgeError('not-ready', 'The store is closed.')
    },
  }
}

/** What JSON keeps of it: a store that hands back `undefined`, dates or shared objects would promise too much. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function copyFact(fact: RecordedFact): RecordedFact {
  const { type, at, by, seq, incidentId, version, ...data } = copy(fact)
  return { ...readFact(type, factVersion(type), at, by, data), seq, incidentId, version } as RecordedFact
}

function key2(a: string, b: string): string {
  return JSON.stringify([a, b])
}
