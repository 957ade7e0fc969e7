import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'

/** SHA-256 of the JSON text of `parts`; the first part names what is hashed, so that no two kinds can be confused. */
export function digest(parts: readonly unknown[]): Buffer {
  return hash('sha256', JSON.stringify(parts), 'buffer')
}

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/**
 * Merkle tree hash of 32-byte leaves, as in RFC 6962 section 2.1: a leaf is hashed after 0x00, a node after 0x01, and
 * the left side holds the largest power of two smaller than the whole. No leaves: SHA-256 of nothing.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256(new Uint8Array(0))
  return subtree(leaves, 0, leaves.length)
}

function subtree(leaves: readonly Uint8Array[], from: number, to: number): Buffer {
  const count = to - from
  if (count === 1) {
    const leaf = Buffer.alloc(33)
    leaf.set(leaves[from] ?? [], 1)
    return sha256(leaf)
  }
  let half = 1
  while (half * 2 < count) half *= 2
  const node = Buffer.allocUnsafe(65)
  node[0] = 1
  node.set(subtree(leaves, from, from + half), 1)
  node.set(subtree(leaves, from + half, to), 33)
  return sha256(node)
}

/** One signed record per group commit. Columns of table `chain`; FORMAT.md: The chain. */
export interface ChainRecord {
  n: number
  /** Epoch ms. */
  at: number
  prev: Uint8Array
  root: Uint8Array
  facts_to: number
  audit_to: number
  pos_to: number
  /** Leaves under `root`. */
  count: number
  tally: Uint8Array
  hash: Uint8Array
  signature: Uint8Array
}

export function chainHash(record: Omit<ChainRecord, 'hash' | 'signature'>): Buffer {
  const { n, at, prev, root, facts_to, audit_to, pos_to, count, tally } = record
  return digest(['uxbridge.chain.v1', n, at, hex(prev), hex(root), facts_to, audit_to, pos_to, count, hex(tally)])
}

/** What the first record names as its predecessor: it ties the chain to the key that signs it. */
export function genesis(publicKey: KeyObject): Buffer {
  return digest(['uxbridge.genesis.v1', publicKey.export({ type: 'spki', format: 'der' }).toString('hex')])
}

export function signHash(privateKey: KeyObject, hash: Uint8Array): Buffer {
  return sign(null, hash, privateKey)
}

export function isSignedBy(publicKey: KeyObject, hash: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, hash, publicKey, signature)
}

export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey)
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
