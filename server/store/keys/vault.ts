import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { openBox, sealBox } from '../format/box.ts'
import { digest, isSignedBy, signHash } from '../format/chain.ts'
import type { NamedKey } from '../format/records.ts'

/**
 * A key destroyed on purpose. `subject` is whose it was, `keyId` the key that rows name. Signed, so that nobody can make
 * lost words look erased.
 */
export interface Erasure {
  n: number
  keyId: string
  /** Epoch ms. */
  at: number
  signature: Uint8Array
}

const schema = `
CREATE TABLE IF NOT EXISTS data_key (
  id TEXT PRIMARY KEY,
  subject TEXT NOT NULL UNIQUE,
  box BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erasure (
  n INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  signature BLOB NOT NULL
) STRICT;
`

const cacheSize = 20_000

/** Keys per incident, person and day, wrapped with the master key and kept apart from the database and its backups. */
export interface Vault {
  /** The keys of these subjects; those that are missing are made, durable before this returns. */
  keysOf(subjects: ReadonlySet<string>): ReadonlyMap<string, NamedKey>
  /** @returns null when there is no such key (any more). @throws Error when it was altered */
  key(keyId: string): KeyObject | null
  /** Destroys the subject's key. A later key of the same subject has another id. @returns the id of the destroyed key */
  erase(subject: string, at: number, privateKey: KeyObject): string | null
  isErased(keyId: string): boolean
  erasures(): Erasure[]
  /** Keys that do not open, with the reason. */
  damaged(): { id: string; what: string }[]
  /** Forgets what it has read, after a key was destroyed elsewhere. */
  forget(): void
  close(): void
}

export function openVault(file: string, wrapKey: KeyObject): Vault {
  const db = new DatabaseSync(file, { timeout: 10_000 })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
  db.exec(schema)
  const bySubject = db.prepare('SELECT id, subject, box FROM data_key WHERE subject = ?')
  const byId = db.prepare('SELECT id, subject, box FROM data_key WHERE id = ?')
  const insert = db.prepare('INSERT INTO data_key (id, subject, box) VALUES (?, ?, ?)')
  const generations = db.prepare('SELECT count(*) AS n FROM erasure WHERE key_id LIKE ? ESCAPE ?')
  const erased = db.prepare('SELECT n FROM erasure WHERE key_id = ?')
  let subjects = new Map<string, NamedKey>()
  let ids = new Map<string, KeyObject>()

  function keep(row: Record<string, unknown>): NamedKey {
    const { id, subject, box } = row as { id: string; subject: string; box: Uint8Array }
    if (ids.size > cacheSize) forget()
    const named = { id, key: createSecretKey(openBox(wrapKey, box, keyPlace(id, subject))) }
    subjects.set(subject, named)
    ids.set(id, named.key)
    return named
  }

  function forget(): void {
    subjects = new Map()
    ids = new Map()
  }

  function make(subject: string): NamedKey {
    const { n } = generations.get(`${likeText(subject)}/%`, '\\') as { n: number }
    const id = `${subject}/${n + 1}`
    const secret = randomBytes(32)
    const box = sealBox(wrapKey, secret, keyPlace(id, subject))
    insert.run(id, subject, box)
    return { id, key: createSecretKey(secret) }
  }

  return {
    keysOf(wanted) {
      const found = new Map<string, NamedKey>()
      const missing: string[] = []
      for (const subject of wanted) {
        const named = subjects.get(subject)
        if (named !== undefined) {
          found.set(subject, named)
          continue
        }
        const row = bySubject.get(subject)
        if (row === undefined) missing.push(subject)
        else found.set(subject, keep(row))
      }
      if (missing.length === 0) return found
      db.exec('BEGIN IMMEDIATE')
      try {
        for (const subject of missing) found.set(subject, make(subject))
        db.exec('COMMIT')
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
      for (const subject of missing) {
        const named = found.get(subject)
        if (named === undefined) continue
        subjects.set(subject, named)
        ids.set(named.id, named.key)
      }
      return found
    },
    key(keyId) {
      const known = ids.get(keyId)
      if (known !== undefined) return known
      const row = byId.get(keyId)
      return row === undefined ? null : keep(row).key
    },
    erase(subject, at, privateKey) {
      const row = bySubject.get(subject) as { id: string } | undefined
      forget()
      if (row === undefined) return null
      db.exec('BEGIN IMMEDIATE')
      try {
        const { n } = db.prepare('SELECT coalesce(max(n), 0) + 1 AS n FROM erasure').get() as { n: number }
        const signature = signHash(privateKey, erasureHash({ n, keyId: row.id, at }))
        db.prepare('INSERT INTO erasure (n, key_id, at, signature) VALUES (?, ?, ?, ?)').run(n, row.id, at, signature)
        db.prepare('DELETE FROM data_key WHERE id = ?').run(row.id)
        db.exec('COMMIT')
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
      // The key must not live on in the log of the vault.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return row.id
    },
    isErased: (keyId) => erased.get(keyId) !== undefined,
    erasures() {
      const rows = db.prepare('SELECT n, key_id, at, signature FROM erasure ORDER BY n').all()
      return rows.map((row) => {
        const { n, key_id, at, signature } = row as { n: number; key_id: string; at: number; signature: Uint8Array }
        return { n, keyId: key_id, at, signature }
      })
    },
    damaged() {
      const found: { id: string; what: string }[] = []
      for (const row of db.prepare('SELECT id, subject, box FROM data_key').iterate()) {
        const { id, subject, box } = row as { id: string; subject: string; box: Uint8Array }
        try {
          openBox(wrapKey, box, keyPlace(id, subject))
        } catch (error) {
          found.push({ id, what: `it was altered, or the master key is another (${String(error)})` })
        }
      }
      return found
    },
    forget,
    close: () => db.close(),
  }
}

export function isErasureSigned(erasure: Erasure, publicKey: KeyObject): boolean {
  return isSignedBy(publicKey, erasureHash(erasure), erasure.signature)
}

function erasureHash({ n, keyId, at }: Omit<Erasure, 'signature'>): Buffer {
  return digest(['uxbridge.erasure.v1', n, keyId, at])
}

function keyPlace(id: string, subject: string): string {
  return `key:${id}:${subject}`
}

function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}
