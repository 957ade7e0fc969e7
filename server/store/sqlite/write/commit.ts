import { sealBox } from '../../format/box.ts'
import { type ChainRecord, chainHash, genesis, hex, merkleRoot, signHash } from '../../format/chain.ts'
import { sealLog } from '../../format/log-block.ts'
import {
  auditSubject,
  daySubject,
  type FactShapes,
  hasSealed,
  incidentSubject,
  type NamedKey,
  personSubject,
  sealAudit,
  sealFact,
} from '../../format/records.ts'
import type { Keys } from '../../keys/files.ts'
import type { Vault } from '../../keys/vault.ts'
import { type Heads, requireNextVersion } from '../../order.ts'
import type { LostItem } from '../../port.ts'
import type { Cell, TextRow } from '../../sql/tables.ts'
import { queries, writes } from '../compiler.ts'
import type { Database } from '../database.ts'
import type { Erase, Group, IncidentText } from '../wire.ts'
import { makeCheckpointRows } from './checkpoints.ts'
import type { GuardedRows } from './guarded.ts'

/** Carries out whole groups on the one connection that writes. */
export interface Committer {
  heads(): Heads
  head(): { commit: number; hash: string }
  /** @throws what SQLite or the disk says; then nothing of the group was written */
  commit(group: Group): void
  /** @param snapshotOf an incident as its facts tell it now, without the words that are gone; null when there is none */
  erase(what: Erase, snapshotOf: (incidentId: string) => IncidentText | null): void
}

export interface CommitterParts {
  db: Database
  guarded: GuardedRows
  vault: Vault
  keys: Keys
  shapes: FactShapes
  /** Epoch ms, for the chain and the key of the day. */
  now: () => number
}

const versionsKept = 50_000
/** What forgotten alerts left behind goes with groups that are written anyway: so many that nobody notices. */
const tidiedPerGroup = 50

export function makeCommitter({ db, guarded, vault, keys, shapes, now }: CommitterParts): Committer {
  const sql = {
    fact: db.prepare(writes.fact),
    audit: db.prepare(writes.audit),
    text: db.prepare(writes.text),
    block: db.prepare(writes.block),
    chain: db.prepare(writes.chain),
  }
  const newest = queries.newest()
  const at = (query: typeof newest.fact) => db.first(query)?.at ?? 0
  const last = db.first(queries.lastCommit())
  let heads: Heads = { pos: at(newest.log), seq: at(newest.fact), auditSeq: at(newest.audit), parts: 0 }
  let decisions = at(newest.decision)
  let commit = { n: last?.n ?? 0, hash: last?.hash ?? genesis(keys.publicKey) }
  const versions = new Map<string, number>()
  guarded.reload()
  const checkpoints = makeCheckpointRows(db, guarded, keys)

  /** The keys that this group needs, made durable before anything is sealed with them. */
  function keysFor(group: Group, time: number): ReadonlyMap<string, NamedKey> {
    const subjects = new Set<string>()
    if (group.log !== null || group.answers.some((answer) => answer.incidentId === null)) subjects.add(daySubject(time))
    for (const fact of group.facts) subjects.add(incidentSubject(fact.incidentId))
    for (const entry of group.audit) if (hasSealed(entry)) subjects.add(auditSubject(entry))
    for (const answer of group.answers) if (answer.incidentId !== null) subjects.add(incidentSubject(answer.incidentId))
    for (const change of group.settings)
      if (change.put && change.personId !== null) subjects.add(personSubject(change.personId))
    for (const checkpoint of group.checkpoints)
      for (const { id } of checkpoint.incidents) subjects.add(incidentSubject(id))
    return vault.keysOf(subjects)
  }

  function putSetting(change: Group['settings'][number], key: (subject: string) => NamedKey): void {
    if (!change.put) {
      guarded.remove('setting', [change.kind, change.id])
      return
    }
    const { kind, id, doc, personId, personal } = change
    if (personId === null || personal === null) {
      guarded.put('setting', [kind, id, doc, null, null, null])
      return
    }
    const { id: keyId, key: secret } = key(personSubject(personId))
    guarded.put('setting', [kind, id, doc, personId, keyId, sealBox(secret, personal, settingPlace(kind, id))])
  }

  /** Runs `work` in one transaction that ends with its record in the chain. */
  function transact(work: (time: number, leaves: Uint8Array[]) => { heads: Heads; decisions: number }): void {
    const time = now()
    db.raw.exec('BEGIN IMMEDIATE')
    try {
      const leaves: Uint8Array[] = []
      const after = work(time, leaves)
      const record: Omit<ChainRecord, 'hash' | 'signature'> = {
        n: commit.n + 1,
        at: time,
        prev: commit.hash,
        root: merkleRoot(leaves),
        facts_to: after.heads.seq,
        audit_to: after.heads.auditSeq,
        pos_to: after.heads.pos,
        count: leaves.length,
        tally: guarded.settle(),
      }
      const hash = chainHash(record)
      const { n, prev, root, facts_to, audit_to, pos_to, count, tally } = record
      sql.chain.run(
        n,
        time,
        prev,
        root,
        facts_to,
        audit_to,
        pos_to,
        count,
        tally,
        hash,
        signHash(keys.privateKey, hash),
      )
      db.raw.exec('COMMIT')
      heads = after.heads
      decisions = after.decisions
      commit = { n, hash }
    } catch (error) {
      if (db.raw.isTransaction) db.raw.exec('ROLLBACK')
      versions.clear()
      throw error
    }
  }

  return {
    heads: () => heads,
    head: () => ({ commit: commit.n, hash: hex(commit.hash) }),
    commit(group) {
      const made = keysFor(group, now())
      const key = (subject: string): NamedKey => {
        const named = made.get(subject)
        if (named === undefined) throw new TypeError(`no key was made for ${subject}`)
        return named
      }
      transact((time, leaves) => {
        const texts: TextRow[] = []
        const next = { ...heads }
        let decision = decisions
        if (versions.size > versionsKept) versions.clear()
        for (const fact of group.facts) {
          const head = versions.get(fact.incidentId) ?? db.first(queries.versionOf(fact.incidentId))?.version ?? 0
          requireNextVersion(fact.incidentId, head, fact.version)
          versions.set(fact.incidentId, fact.version)
          const row = sealFact(fact, shapes, made.get(incidentSubject(fact.incidentId)), texts)
          sql.fact.run(
            row.seq,
            row.incident_id,
            row.version,
            row.type,
            row.fact_version,
            row.at,
            row.by,
            row.data,
            row.sealed,
            row.hash,
          )
          leaves.push(row.hash)
          next.seq = row.seq
        }
        for (const entry of group.audit) {
          const row = sealAudit(entry, made.get(auditSubject(entry)), texts)
          sql.audit.run(row.seq, row.at, row.by, row.action, row.subject, row.outcome, row.detail, row.sealed, row.hash)
          leaves.push(row.hash)
          next.auditSeq = row.seq
        }
        for (const row of texts) sql.text.run(row.commitment, row.owner, row.seq, row.field, row.key_id, row.box)
        if (group.log !== null) {
          for (const row of sealLog(group.log, time, logKey(made, time))) {
            sql.block.run(row.first_pos, row.last_pos, row.at, row.key_id, row.digest, row.box, row.hash)
            leaves.push(row.hash)
            next.pos = row.last_pos
          }
        }
        for (const { minute, sourceId, outcome, count } of group.ledger) {
          const known = guarded.get('ledger', [minute, sourceId, outcome])
          guarded.put('ledger', [minute, sourceId, outcome, count + ((known?.count as number | undefined) ?? 0)])
        }
        for (const { pos, index, sourceId, outcome, stage, rule, reason, alertId, incidentId } of group.decisions)
          guarded.add('decision', [++decision, pos, index, sourceId, outcome, stage, rule, reason, alertId, incidentId])
        for (const answer of group.answers) {
          const { actor, commandId, at, commandHash, status, body, incidentId } = answer
          const named = incidentId === null ? logKey(made, time) : key(incidentSubject(incidentId))
          guarded.put('answer', [
            actor,
            commandId,
            at,
            commandHash,
            status,
            named.id,
            sealBox(named.key, body, answerPlace(actor, commandId)),
          ])
        }
        for (const change of group.settings) putSetting(change, key)
        for (const change of group.lost)
          if (change.put) guarded.put('lost', lostCells(change.item))
          else guarded.remove('lost', [change.key.pos, change.key.index])
        for (const piece of group.checkpoints) checkpoints.put(piece, key)
        checkpoints.tidy(tidiedPerGroup)
        return { heads: next, decisions: decision }
      })
    },
    erase(what, snapshotOf) {
      const subject = 'incidentId' in what ? incidentSubject(what.incidentId) : personSubject(what.personId)
      const keyId = vault.erase(subject, now(), keys.privateKey)
      if (keyId === null) return
      transact(() => {
        // The key is gone, so nobody can read these; that they are gone too leaves nothing to attack later.
        db.run(queries.forgetTexts(keyId))
        if ('personId' in what) {
          for (const { kind, id, doc } of db.all(queries.settingsOfPerson(what.personId)))
            guarded.put('setting', [kind, id, doc, what.personId, null, null])
        } else if (db.first(queries.snapshot(what.incidentId)) !== undefined) {
          const found = snapshotOf(what.incidentId)
          const fresh = vault.keysOf(new Set([subject])).get(subject)
          if (found !== null && fresh !== undefined) checkpoints.putSnapshot(found, fresh)
        }
        return { heads, decisions }
      })
    },
  }

  function logKey(made: ReadonlyMap<string, NamedKey>, time: number): NamedKey {
    const subject = daySubject(time)
    // Midnight may have passed since the keys were made.
    return made.get(subject) ?? (vault.keysOf(new Set([subject])).get(subject) as NamedKey)
  }
}

function lostCells(item: LostItem): Cell[] {
  const { pos, index, sourceId, at, reason, count, members, state, changedAt, changedBy, tries, foundPos } = item
  return [pos, index, sourceId, at, reason, count, members, state, changedAt, changedBy, tries, foundPos]
}

export function settingPlace(kind: string, id: string): string {
  return `setting:${JSON.stringify([kind, id])}`
}
export function answerPlace(actor: string, commandId: string): string {
  return `answer:${JSON.stringify([actor, commandId])}`
}
