import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { UxbridgeError } from '#shared/errors.ts'
import { publicKeyOf } from '../format/chain.ts'
import { deriveKeys, type StateKeys } from '../format/guard.ts'

/** Where a store keeps what. */
export interface Places {
  dir: string
  database: string
  keys: string
  masterKey: string
  signingKey: string
  vault: string
  lock: string
  chainHead: string
  /** Folder of files of evidence. */
  evidence: string
}

export function placesIn(dir: string): Places {
  const keys = join(dir, 'keys')
  return {
    dir,
    database: join(dir, 'uxbridge.sqlite'),
    keys,
    masterKey: join(keys, 'master.key'),
    signingKey: join(keys, 'signing.key'),
    vault: join(keys, 'vault.sqlite'),
    lock: join(keys, 'lock.sqlite'),
    chainHead: join(dir, 'chain-head'),
    evidence: join(dir, 'evidence'),
  }
}

export interface Keys {
  state: StateKeys
  privateKey: KeyObject
  publicKey: KeyObject
}

export function makeFolders(places: Places): void {
  mkdirSync(places.dir, { recursive: true, mode: 0o700 })
  mkdirSync(places.keys, { recursive: true, mode: 0o700 })
}

/** Makes the keys of a new store, durable before anything depends on them. An existing store needs its own. */
export function makeKeys(places: Places): void {
  const isNew = !existsSync(places.database)
  for (const file of [places.masterKey, places.signingKey]) {
    if (existsSync(file)) continue
    if (!isNew)
      throw new UxbridgeError(
        'store-corrupt',
        `${file} is missing, and without it the database in ${places.dir} cannot be read. Put the folder ${places.keys} back from its own backup.`,
      )
    const content =
      file === places.masterKey
        ? randomBytes(32)
        : generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeDurably(file, content)
  }
  syncFolder(places.keys)
  syncFolder(places.dir)
}

/** @throws UxbridgeError `store-corrupt` when a key file is not what it should be */
export function readKeys(places: Places): Keys {
  const master = readFileSync(places.masterKey)
  if (master.length !== 32)
    throw new UxbridgeError(
      'store-corrupt',
      `${places.masterKey} should hold 32 bytes, not ${master.length}. Put it back from its backup.`,
    )
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(readFileSync(places.signingKey))
  } catch (error) {
    throw new UxbridgeError(
      'store-corrupt',
      `${places.signingKey} is no Ed25519 key (${String(error)}). Put it back from its backup.`,
    )
  }
  return { state: deriveKeys(master), privateKey, publicKey: publicKeyOf(privateKey) }
}

function writeDurably(file: string, content: string | Uint8Array): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    if (typeof content === 'string') writeSync(fd, content)
    else writeSync(fd, content)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

export interface ChainHead {
  commit: number
  /** Hex. */
  hash: string
}

const headBytes = 16 + 1 + 64 + 1

/** Fixed length, so that a rewrite in place is one small write: number, space, hash, line feed. */
function headLine(head: ChainHead): string {
  return `${String(head.commit).padStart(16, '0')} ${head.hash}\n`
}

/**
 * The newest commit, kept outside the database: a database whose end was cut off, or that was put back from an old copy,
 * stands behind it. @returns null when there is no such file
 * @throws UxbridgeError `store-corrupt` when the file is not as we write it
 */
export function readChainHead(file: string): ChainHead | null {
  // It may be rewritten while it is read; then the next look sees it whole.
  for (let look = 0; look < 3; look++) {
    if (!existsSync(file)) return null
    const parts = /^(\d{16}) ([0-9a-f]{64})\n$/.exec(readFileSync(file, 'latin1'))
    if (parts !== null) return { commit: Number(parts[1]), hash: String(parts[2]) }
  }
  throw new UxbridgeError('store-corrupt', `${file} was altered: it should hold the number and the hash of a commit.`)
}

/** Written after each commit, without waiting for the disk: after a power cut it may stand behind, never ahead. */
export function openChainHead(file: string): { write(head: ChainHead): void; close(): void } {
  const fd = openSync(file, existsSync(file) ? 'r+' : 'wx+', 0o600)
  const first = Buffer.alloc(1)
  // Blocks are claimed now, so that a full disk is met here and not after a commit.
  if (readSync(fd, first, 0, 1, 0) === 0) writeSync(fd, headLine({ commit: 0, hash: '0'.repeat(64) }), 0)
  return {
    write(head) {
      const written = writeSync(fd, headLine(head), 0)
      if (written !== headBytes) throw new Error(`only ${written} bytes of ${file} were written`)
    },
    close: () => closeSync(fd),
  }
}
