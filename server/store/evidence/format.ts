import { createHash, type KeyObject, randomBytes } from 'node:crypto'
import { openBox, sealBox } from '../format/box.ts'
import type { NamedKey } from '../format/records.ts'

/** FORMAT.md: Evidence. Pinned. */
const magic = 'uxbridge.evidence.v1'
const chunkBytes = 64 * 1024
const lengthBytes = 4
/** In the length of a piece: it is the last. */
const lastMark = 0x80000000
/** A header is some hundred bytes; a file without an end of line is none of ours. */
const longestHeader = 4096
/** What a box adds to what is in it. */
const boxBytes = 29

/** SHA-256 of a stored file as it lies on the disk, hex: its name. */
export type Digest = string

/** What a file came to when it was sealed. */
export interface Sealed {
  digest: Digest
  /** SHA-256 of what is in it, hex. */
  sha256: string
  /** Bytes of what is in it. */
  size: number
}

function placeOf(id: string, index: number, isLast: boolean): string {
  return `evidence:${id}:${index}:${isLast ? 'last' : 'more'}`
}

/**
 * Encrypts a file piece by piece; no more than a piece of it is in memory at once.
 * @returns the pieces of the sealed file; the generator's own result says what it came to
 * @throws whatever `plain` throws
 */
export async function* sealFile(plain: AsyncIterable<Uint8Array>, key: NamedKey): AsyncGenerator<Buffer, Sealed> {
  const id = randomBytes(16).toString('hex')
  const whole = createHash('sha256')
  const content = createHash('sha256')
  let size = 0
  let index = 0
  let held = Buffer.alloc(0)
  const out = (piece: Buffer): Buffer => {
    whole.update(piece)
    return piece
  }
  const box = (piece: Buffer, isLast: boolean): Buffer => {
    const sealed = sealBox(key.key, piece, placeOf(id, index++, isLast))
    const length = Buffer.alloc(lengthBytes)
    length.writeUInt32LE(sealed.length + (isLast ? lastMark : 0))
    return out(Buffer.concat([length, sealed]))
  }
  yield out(Buffer.from(`${magic}\n${JSON.stringify({ id, key: key.id })}\n`))
  for await (const piece of plain) {
    content.update(piece)
    size += piece.byteLength
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece])
    // One is held back: only the end says which is the last.
    while (held.length > chunkBytes) {
      yield box(held.subarray(0, chunkBytes), false)
      held = held.subarray(chunkBytes)
    }
  }
  yield box(held, true)
  return { digest: whole.digest('hex'), sha256: content.digest('hex'), size }
}

/**
 * Opens a sealed file that comes in pieces of any size. Rule EV2: whatever was changed, moved, cut off or added is found.
 */
export class Opener {
  readonly #keyOf: (keyId: string) => KeyObject
  #key: KeyObject | null = null
  #id = ''
  #index = 0
  #isOver = false
  #held: Buffer = Buffer.alloc(0)

  /** @param keyOf throws where there is no such key */
  constructor(keyOf: (keyId: string) => KeyObject) {
    this.#keyOf = keyOf
  }

  /** @returns what of the content is whole now. @throws Error when it is not as it was sealed */
  push(bytes: Uint8Array): Buffer[] {
    this.#held = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes])
    if (this.#key === null && !this.#readHeader()) return []
    const opened: Buffer[] = []
    for (;;) {
      const piece = this.#next()
      if (piece === null) return opened
      if (piece.length > 0) opened.push(piece)
    }
  }

  /** @throws Error when its end is missing */
  end(): void {
    if (!this.#isOver || this.#held.length > 0)
      throw new Error(this.#isOver ? 'something was added at its end' : 'its end is missing')
  }

  #readHeader(): boolean {
    const first = this.#held.indexOf(0x0a)
    const second = first === -1 ? -1 : this.#held.indexOf(0x0a, first + 1)
    if (second === -1) {
      if (this.#held.length > longestHeader) throw new Error('it is no file of evidence')
      return false
    }
    if (this.#held.toString('latin1', 0, first) !== magic) throw new Error('it is no file of a known version')
    const { id, key } = JSON.parse(this.#held.toString('utf8', first + 1, second)) as { id: string; key: string }
    this.#id = id
    this.#key = this.#keyOf(key)
    this.#held = this.#held.subarray(second + 1)
    return true
  }

  #next(): Buffer | null {
    if (this.#held.length < lengthBytes || this.#key === null) return null
    const said = this.#held.readUInt32LE(0)
    const isLast = said >= lastMark
    const length = isLast ? said - lastMark : said
    if (this.#isOver || length > chunkBytes + boxBytes) throw new Error('it was changed')
    if (this.#held.length < lengthBytes + length) return null
    const box = this.#held.subarray(lengthBytes, lengthBytes + length)
    this.#held = this.#held.subarray(lengthBytes + length)
    const opened = openBox(this.#key, box, placeOf(this.#id, this.#index++, isLast))
    this.#isOver = isLast
    return opened
  }
}

/** The name of the key that a sealed file was made with, from its beginning. @returns null when it is no such file */
export function keyIdIn(beginning: Buffer): string | null {
  const match = /^uxbridge\.evidence\.v1\n(\{[^\n]*\})\n/.exec(beginning.toString('latin1'))
  if (match?.[1] === undefined) return null
  try {
    const { key } = JSON.parse(match[1]) as { key?: unknown }
    return typeof key === 'string' ? key : null
  } catch {
    return null
  }
}
