import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { type Cell, type GuardedTable, guardedNames, guardedTables } from '../sql/tables.ts'
import { digest, hex } from './chain.ts'

/** Keys that are made from the master key, each for one purpose. */
export interface StateKeys {
  /** Wraps the keys of the vault. */
  vault: KeyObject
  /** Authenticates rows. */
  rows: KeyObject
  /** Encrypts alerts and the filter's state. */
  state: KeyObject
  /** Names what may not be told in clear. */
  names: KeyObject
}

/** HKDF-SHA256 (RFC 5869), no salt, the purpose as info. */
export function deriveKeys(master: Uint8Array): StateKeys {
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', master, '', `uxbridge.${purpose}.v1`, 32)))
  return { vault: derive('vault'), rows: derive('rows'), state: derive('state'), names: derive('names') }
}

/**
 * A stable name for a text that says nothing of it: the first 64 bits of a keyed hash. Without the key nobody can find
 * out by trying whether a text they think of is the one that is named.
 * @returns 16 hex digits
 */
export function pseudonymOf(key: KeyObject, text: string): string {
  // Not a part of all the digits, which would keep them in memory.
  return createHmac('sha256', key).update(text).digest().toString('hex', 0, 8)
}

/**
 * What guards one row. `mac` is stored in it. `share` is stored nowhere: it is XORed into the tally of its table, so
 * that a row removed, added or put back in an older form is missed, and nobody can pick rows that cancel out.
 */
export interface Guard {
  mac: Buffer
  share: Buffer
}

export function guardRow(key: KeyObject, table: string, cells: readonly Cell[]): Guard {
  const plain = cells.map((cell) => (typeof cell === 'object' && cell !== null ? { b: base64(cell) } : cell))
  const full = createHmac('sha256', key)
    .update(JSON.stringify(['uxbridge.row.v1', table, ...plain]))
    .digest()
  return { mac: full.subarray(0, 16), share: full.subarray(16) }
}

/** Whether a row is as it was written, or as it once was. The row of a table, with its `mac`. */
export function isAuthentic(key: KeyObject, table: GuardedTable, row: object): boolean {
  const cells = row as Record<string, Cell>
  const { mac } = guardRow(key, table, cellsOf(table, cells))
  return cells.mac instanceof Uint8Array && hex(cells.mac) === hex(mac)
}

export function cellsOf(table: GuardedTable, row: Record<string, Cell>): Cell[] {
  return guardedTables[table].columns.map((column) => row[column] as Cell)
}

/** What a person finds a row by. */
export function rowName(table: GuardedTable, row: object): string {
  return `${table} ${guardedTables[table].key.map((column) => String((row as Record<string, Cell>)[column])).join(' ')}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

export interface Tally {
  rows: number
  sum: Buffer
}
export type Tallies = Map<GuardedTable, Tally>

export function emptyTallies(): Tallies {
  return new Map(guardedNames.map((name) => [name, { rows: 0, sum: Buffer.alloc(16) }]))
}

/** XORs `share` into `sum`, in place: adding and taking away are the same. */
export function mix(sum: Buffer, share: Uint8Array): void {
  for (let i = 0; i < 16; i++) sum[i] = (sum[i] as number) ^ (share[i] as number)
}

/** What each chain record signs of the guarded tables. */
export function tallyHash(tallies: Iterable<readonly [GuardedTable, Tally]>): Buffer {
  return digest(['uxbridge.tally.v1', ...[...tallies].map(([name, { rows, sum }]) => [name, rows, hex(sum)])])
}

/**
 * Rule S12: whether a record signed these tallies, or signed them before the newest tables were there. Those must be empty:
 * whatever is written into one is signed with it.
 * @param signed hex, as it stands in the record
 */
export function isSigned(tallies: Tallies, signed: string): boolean {
  const all = [...tallies]
  while (hex(tallyHash(all)) !== signed) {
    const newest = all.pop()
    if (newest === undefined || newest[1].rows !== 0 || hex(newest[1].sum) !== hex(Buffer.alloc(16))) return false
  }
  return true
}
