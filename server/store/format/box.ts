import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto'

const boxVersion = 1
const ivBytes = 12
const tagBytes = 16

// Asking the kernel for 12 bytes costs more than the encryption of a small box, so randomness is fetched by the page.
const pool = Buffer.alloc(ivBytes * 512)
let poolAt = pool.length

function freshIv(): Buffer {
  if (poolAt === pool.length) {
    randomFillSync(pool)
    poolAt = 0
  }
  poolAt += ivBytes
  return Buffer.from(pool.subarray(poolAt - ivBytes, poolAt))
}

/**
 * AES-256-GCM: version byte 1, nonce (12), ciphertext, tag (16). FORMAT.md: Boxes.
 * @param place names the row and column the box belongs to, so that a box moved elsewhere does not open
 */
export function sealBox(key: KeyObject, plain: Uint8Array | string, place: string): Buffer {
  const iv = freshIv()
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(place))
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  cipher.final()
  return Buffer.concat([Buffer.of(boxVersion), iv, body, cipher.getAuthTag()])
}

/** @throws Error when the box is not as it was sealed, or not in its place, or the key is another */
export function openBox(key: KeyObject, box: Uint8Array, place: string): Buffer {
  if (box.length < 1 + ivBytes + tagBytes || box[0] !== boxVersion) throw new Error('it is no box of a known version')
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(1, 1 + ivBytes))
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(box.subarray(box.length - tagBytes))
  const plain = decipher.update(box.subarray(1 + ivBytes, box.length - tagBytes))
  decipher.final()
  return plain
}
