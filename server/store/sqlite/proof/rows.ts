import { erasedText, erasedValue, type RecordedFact } from '#shared/incident/facts.ts'
import type { NamedFile } from '../../evidence/proof.ts'
import { hex, sha256 } from '../../format/chain.ts'
import { readFactRow } from '../../format/facts.ts'
import { logHash, openLog } from '../../format/log-block.ts'
import {
  auditHash,
  auditSubject,
  factHash,
  incidentSubject,
  openText,
  readAuditRow,
  sealedOf,
  type TextPlace,
} from '../../format/records.ts'
import type { Vault } from '../../keys/vault.ts'
import type { Verification } from '../../port.ts'
import { queries } from '../compiler.ts'
import type { Database } from '../database.ts'

export interface WalkParts {
  db: Database
  vault: Vault
  checked: Verification['checked']
  report: (row: string, what: string) => void
  /** Keys whose erasure is signed. */
  erased: ReadonlySet<string>
  /** What the facts say of files, gathered while they are walked. */
  files: { named: NamedFile[]; destroyed: Set<string> }
}

/** A row that the chain signs: its number, what a person calls it, and its leaf. */
export interface Numbered {
  n: number
  name: string
  hash: Uint8Array
}

export function* walkFacts(parts: WalkParts): Generator<Numbered> {
  const { db, checked, report } = parts
  const versions = new Map<string, number>()
  let expected = 1
  for (const row of db.each(queries.whole.facts())) {
    const name = `fact ${row.seq} (${row.type}, ${row.incident_id})`
    missing('fact', expected, row.seq, report)
    expected = row.seq + 1
    const version = (versions.get(row.incident_id) ?? 0) + 1
    if (row.version !== version) report(name, `it has version ${row.version} where ${version} follows`)
    versions.set(row.incident_id, row.version)
    if (hex(factHash(row)) !== hex(row.hash)) report(name, 'its hash does not fit its columns')
    const subject = incidentSubject(row.incident_id)
    attempt(name, report, () => {
      const fact = readFactRow(row, (commitment, field) =>
        readText(parts, name, commitment, { owner: 'fact', seq: row.seq, field }, subject),
      )
      noteFile(parts, fact)
    })
    checked.facts++
    yield { n: row.seq, name, hash: row.hash }
  }
}

function noteFile({ files }: WalkParts, fact: RecordedFact): void {
  if (fact.type === 'evidence-destroyed') files.destroyed.add(`${fact.incidentId}/${fact.digest}`)
  if (fact.type !== 'evidence-added' || fact.digest === null) return
  const { incidentId, evidence, digest, size } = fact
  const sha256 = fact.sha256 === erasedText ? null : fact.sha256
  files.named.push({ incidentId, evidence, digest, sha256, size })
}

export function* walkAudit(parts: WalkParts): Generator<Numbered> {
  const { db, checked, report } = parts
  let expected = 1
  for (const row of db.each(queries.whole.audit())) {
    const name = `audit ${row.seq} (${row.action}, ${row.by})`
    missing('audit', expected, row.seq, report)
    expected = row.seq + 1
    if (hex(auditHash(row)) !== hex(row.hash)) report(name, 'its hash does not fit its columns')
    attempt(name, report, () =>
      readAuditRow(row, (commitment, field) =>
        readText(parts, name, commitment, { owner: 'audit', seq: row.seq, field }, auditSubject(row)),
      ),
    )
    checked.audit++
    yield { n: row.seq, name, hash: row.hash }
  }
  verifyTextCount(parts)
}

export function* walkLog(parts: WalkParts): Generator<Numbered> {
  const { db, vault, checked, report, erased } = parts
  let expected = 1
  for (const row of db.each(queries.whole.blocks())) {
    const name = `log_block ${row.first_pos}`
    missing('log entry', expected, row.first_pos, report)
    expected = row.last_pos + 1
    if (hex(logHash(row)) !== hex(row.hash)) report(name, 'its hash does not fit its columns')
    if (row.box === null) report(name, 'its bytes are gone')
    else if (hex(sha256(row.box)) !== hex(row.digest)) report(name, 'its bytes do not fit their digest')
    else
      attempt(name, report, () => {
        const key = vault.key(row.key_id)
        if (key === null) {
          if (erased.has(row.key_id)) checked.erased++
          else report(name, `its key ${row.key_id} is not in the vault`)
          return
        }
        const entries = openLog(row, key)
        if (entries.some((entry, index) => entry.pos !== row.first_pos + index) || entries.at(-1)?.pos !== row.last_pos)
          report(name, 'its entries are not those it names')
        checked.log += entries.length
      })
    yield { n: row.last_pos, name, hash: row.hash }
  }
}

function missing(what: string, expected: number, found: number, report: WalkParts['report']): void {
  if (found === expected) return
  report(
    `${what} ${expected}`,
    found === expected + 1 ? 'it is missing' : `${what} ${expected} to ${found - 1} are missing`,
  )
}

/** Opens one text, and says so when it is not where, or what, it must be. */
function readText(parts: WalkParts, owner: string, commitment: string, place: TextPlace, subject: string): unknown {
  const { db, vault, checked, report, erased } = parts
  const name = `text of ${owner}, ${place.field}`
  const gone = erasedValue(place.field)
  const row = db.first(queries.text(commitment))
  if (row === undefined) {
    report(name, 'it is missing')
    return gone
  }
  checked.texts++
  if (row.commitment !== commitment || row.owner !== place.owner || row.seq !== place.seq || row.field !== place.field)
    report(name, 'it was moved here from another place')
  if (!row.key_id.startsWith(`${subject}/`))
    report(name, `it names the key ${row.key_id}, which is not that of ${subject}`)
  if (erased.has(row.key_id)) {
    checked.erased++
    return gone
  }
  if (row.box === null) {
    report(name, 'its words are gone, and no erasure is on record')
    return gone
  }
  try {
    const key = vault.key(row.key_id)
    if (key !== null) return openText(row, key)
    report(name, `its key ${row.key_id} is not in the vault, and no erasure is on record`)
  } catch (error) {
    report(name, `it was altered (${error instanceof Error ? error.message : String(error)})`)
  }
  return gone
}

/** Every text that a fact or an audit entry names was met; more rows than that belong to nothing. */
function verifyTextCount({ db, checked, report }: WalkParts): void {
  const { n } = db.raw.prepare('SELECT count(*) AS n FROM text').get() as { n: number }
  if (n === checked.texts) return
  const named = new Set<string>()
  for (const whole of [queries.whole.facts(), queries.whole.audit()])
    for (const row of db.each(whole as ReturnType<typeof queries.whole.audit>))
      attempt(
        '',
        () => undefined,
        () => {
          for (const commitment of Object.values(sealedOf(row))) named.add(commitment)
        },
      )
  for (const row of db.each(queries.whole.texts()))
    if (!named.has(row.commitment))
      report(`text ${row.commitment.slice(0, 16)}… (${row.owner} ${row.seq}, ${row.field})`, 'nothing refers to it')
}

function attempt(name: string, report: WalkParts['report'], work: () => void): void {
  try {
    work()
  } catch (error) {
    report(name, error instanceof Error ? error.message : String(error))
  }
}
