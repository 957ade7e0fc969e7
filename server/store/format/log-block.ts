import type { KeyObject } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { LogEntry } from '../port.ts'
import type { LogBlockRow } from '../sql/tables.ts'
import { openBox, sealBox } from './box.ts'
import { digest, hex, sha256 } from './chain.ts'
import type { NamedKey } from './records.ts'

/** Log entries in columns: crosses threads and is framed without an object per entry. Bodies lie end to end. */
export interface LogColumns {
  /** Position of the first entry; the others follow. */
  first: number
  at: number[]
  kind: LogEntry['kind'][]
  sourceId: (string | null)[]
  adapter: string[]
  length: number[]
  bodies: Uint8Array
}

/** A block of more than this is split, so that reading one entry never inflates much. A longer body stands alone. */
const maxBlockBytes = 1 << 20
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

type Header = [
  pos: number,
  at: number,
  kind: LogEntry['kind'],
  sourceId: string | null,
  adapter: string,
  length: number,
]

/** Frames, compresses and encrypts the entries. FORMAT.md: The log. */
export function sealLog(log: LogColumns, at: number, key: NamedKey): LogBlockRow[] {
  const rows: LogBlockRow[] = []
  let from = 0
  let bodyFrom = 0
  while (from < log.length.length) {
    const headers: Header[] = []
    let bytes = 0
    let to = from
    for (; to < log.length.length; to++) {
      const length = log.length[to] as number
      if (to > from && bytes + length > maxBlockBytes) break
      headers.push([
        log.first + to,
        log.at[to] as number,
        log.kind[to] as LogEntry['kind'],
        log.sourceId[to] as string | null,
        log.adapter[to] as string,
        length,
      ])
      bytes += length
    }
    const body = log.bodies.subarray(bodyFrom, bodyFrom + bytes)
    rows.push(sealBlock(log.first + from, log.first + to - 1, at, headers, body, key))
    from = to
    bodyFrom += bytes
  }
  return rows
}

function sealBlock(
  first: number,
  last: number,
  at: number,
  headers: Header[],
  bodies: Uint8Array,
  key: NamedKey,
): LogBlockRow {
  const header = Buffer.from(JSON.stringify(headers))
  const plain = Buffer.allocUnsafe(4 + header.length + bodies.length)
  plain.writeUInt32LE(header.length, 0)
  header.copy(plain, 4)
  plain.set(bodies, 4 + header.length)
  const box = sealBox(key.key, zstdCompressSync(plain, zstd), logPlace(first, last))
  const row = { first_pos: first, last_pos: last, at, key_id: key.id, digest: sha256(box) }
  return { ...row, box, hash: logHash(row) }
}

export function logHash(row: Omit<LogBlockRow, 'box' | 'hash'>): Buffer {
  return digest(['uxbridge.log.v1', row.first_pos, row.last_pos, row.at, row.key_id, hex(row.digest)])
}

/** @throws Error when the block was altered or the key is another */
export function openLog(row: LogBlockRow, key: KeyObject): LogEntry[] {
  if (row.box === null) throw new Error('its bytes are gone')
  const plain = zstdDecompressSync(openBox(key, row.box, logPlace(row.first_pos, row.last_pos)))
  const headerEnd = 4 + plain.readUInt32LE(0)
  const headers = JSON.parse(plain.toString('utf8', 4, headerEnd)) as Header[]
  let at = headerEnd
  return headers.map(([pos, received, kind, sourceId, adapter, length]) => {
    // A copy of its own: a view would keep the whole block alive, and could not be handed to another thread.
    const body = new Uint8Array(plain.subarray(at, at + length))
    at += length
    return { pos, at: received, kind, sourceId, adapter, body }
  })
}

function logPlace(first: number, last: number): string {
  return `log:${first}:${last}`
}
