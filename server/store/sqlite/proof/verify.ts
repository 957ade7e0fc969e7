import type { KeyObject } from 'node:crypto'
import { verifyFiles } from '../../evidence/proof.ts'
import { type ChainRecord, chainHash, genesis, hex, isSignedBy, merkleRoot } from '../../format/chain.ts'
import type { ChainHead, Keys } from '../../keys/files.ts'
import { isErasureSigned, type Vault } from '../../keys/vault.ts'
import type { Verification } from '../../port.ts'
import { queries } from '../compiler.ts'
import type { Database } from '../database.ts'
import { verifyGuarded } from './guarded.ts'
import { type Numbered, type WalkParts, walkAudit, walkFacts, walkLog } from './rows.ts'

/** A damaged store can have a problem per row; a person reads the first ones. */
const problemsNamed = 1000

export interface VerifyParts {
  db: Database
  vault: Vault
  keys: Keys
  /** Read before the database was, so that it cannot be ahead of it. Null when there is no such file. */
  outside: ChainHead | null | 'altered'
  /** The folder of evidence, and what lay in it before the database was looked at; so that nothing in it is newer. */
  evidence: { folder: string; there: readonly string[] }
}

/**
 * Proves the record, row by row: FORMAT.md, Proof. Runs in one read transaction.
 * Rule S5: one altered, removed, added, reordered or cut-off row of any table is found and named.
 */
export function verify({ db, vault, keys, outside, evidence }: VerifyParts): Verification {
  const checked = { facts: 0, audit: 0, commits: 0, texts: 0, log: 0, settings: 0, others: 0, erased: 0, evidence: 0 }
  const result: Verification = {
    ok: true,
    checked,
    head: { commit: 0, hash: hex(genesis(keys.publicKey)) },
    problems: [],
  }
  const report = (row: string, what: string) => {
    result.ok = false
    if (result.problems.length < problemsNamed) result.problems.push({ row, what })
  }

  for (const row of db.raw.prepare('PRAGMA integrity_check(20)').all()) {
    const said = String(row.integrity_check)
    if (said !== 'ok') report('database', said)
  }
  const files: WalkParts['files'] = { named: [], destroyed: new Set() }
  const erased = verifyVault(vault, keys.publicKey, report)
  const parts: WalkParts = { db, vault, checked, report, erased, files }
  const last = walkChain(parts, keys, result)
  verifyFiles({ ...evidence, ...files, vault, erased, checked, report })
  verifyGuarded(parts, keys.state.rows, last)
  compareOutside(db, outside, last, hex(genesis(keys.publicKey)), report)
  return result
}

type Report = (row: string, what: string) => void

/** @returns the ids of keys that were destroyed on purpose */
function verifyVault(vault: Vault, publicKey: KeyObject, report: Report): ReadonlySet<string> {
  const erased = new Set<string>()
  let expected = 1
  for (const erasure of vault.erasures()) {
    if (erasure.n !== expected) report(`erasure ${expected}`, 'it is missing from the list of erasures')
    expected = erasure.n + 1
    if (isErasureSigned(erasure, publicKey)) erased.add(erasure.keyId)
    else report(`erasure ${erasure.n} (${erasure.keyId})`, 'its signature does not fit')
  }
  for (const { id, what } of vault.damaged()) report(`data_key ${id}`, what)
  return erased
}

/** Walks the commits, and under each the rows it signed. @returns the newest commit */
function walkChain(parts: WalkParts, keys: Keys, result: Verification): ChainRecord | null {
  const { db, checked, report } = parts
  const facts = take(walkFacts(parts))
  const audit = take(walkAudit(parts))
  const log = take(walkLog(parts))
  let last: ChainRecord | null = null
  for (const record of db.each(queries.whole.chain())) {
    const name = `chain ${record.n}`
    const expected: number = (last?.n ?? 0) + 1
    if (record.n !== expected)
      report(
        `chain ${expected}`,
        record.n === expected + 1 ? 'it is missing' : `commits ${expected} to ${record.n - 1} are missing`,
      )
    if (hex(record.prev) !== (last === null ? hex(genesis(keys.publicKey)) : hex(last.hash)))
      report(
        name,
        last === null
          ? 'it does not begin this chain: the signing key is another'
          : 'it does not follow from the commit before',
      )
    const hash = chainHash(record)
    if (hex(hash) !== hex(record.hash)) report(name, 'its hash does not fit its columns')
    if (!isSignedBy(keys.publicKey, record.hash, record.signature)) report(name, 'its signature does not fit')
    const leaves = [...facts.to(record.facts_to), ...audit.to(record.audit_to), ...log.to(record.pos_to)]
    if (leaves.length !== record.count) report(name, `it signed ${record.count} rows; there are ${leaves.length}`)
    if (hex(merkleRoot(leaves)) !== hex(record.root))
      report(name, `its Merkle root does not fit the rows it signed (${spans(last, record)})`)
    checked.commits++
    last = record
  }
  for (const rest of [facts, audit, log]) for (const name of rest.rest()) report(name, 'no commit signed it')
  if (last !== null) result.head = { commit: last.n, hash: hex(last.hash) }
  return last
}

function spans(last: ChainRecord | null, record: ChainRecord): string {
  const span = (what: string, from: number, to: number) => (to > from ? [`${what} ${from + 1} to ${to}`] : [])
  return [
    ...span('facts', last?.facts_to ?? 0, record.facts_to),
    ...span('audit', last?.audit_to ?? 0, record.audit_to),
    ...span('log', last?.pos_to ?? 0, record.pos_to),
  ].join(', ')
}

/** Hands out rows up to a number, as the commits say how far they reach. */
function take(rows: Iterator<Numbered>): { to(n: number): Uint8Array[]; rest(): Iterable<string> } {
  let next = rows.next()
  return {
    to(n) {
      const leaves: Uint8Array[] = []
      while (!next.done && next.value.n <= n) {
        leaves.push(next.value.hash)
        next = rows.next()
      }
      return leaves
    },
    *rest() {
      for (; !next.done; next = rows.next()) yield next.value.name
    },
  }
}

function compareOutside(
  db: Database,
  outside: VerifyParts['outside'],
  last: ChainRecord | null,
  start: string,
  report: Report,
): void {
  if (outside === 'altered') {
    report('chain-head', 'the file beside the database does not hold the number and the hash of a commit')
    return
  }
  if (outside === null) {
    if (last !== null) report('chain-head', 'the file beside the database is missing')
    return
  }
  const n = last?.n ?? 0
  if (outside.commit > n) {
    report(
      n + 1 === outside.commit ? `chain ${outside.commit}` : `chain ${n + 1} to ${outside.commit}`,
      'the end was cut off: chain-head says it was committed',
    )
    return
  }
  const inside = outside.commit === 0 ? start : hex(db.first(queries.commit(outside.commit))?.hash ?? new Uint8Array())
  if (inside !== outside.hash && outside.commit > 0)
    report(`chain ${outside.commit}`, 'it is not the commit that chain-head names')
}
