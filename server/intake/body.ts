import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'

/** Why a body was not read: 413 too large, 415 an encoding we do not read, 503 too much is being read at once. */
export class BodyRefused extends Error {
  override name = 'BodyRefused'
  readonly status: 413 | 415 | 503
  constructor(status: BodyRefused['status'], message: string) {
    super(message)
    this.status = status
  }
}
/** The sender hung up before the body was whole: there is nobody to answer. */
export class SenderGone extends Error {
  override name = 'SenderGone'
}

/** Bytes of bodies that are being read or decompressed at this moment, over all requests. */
export interface ReadBudget {
  used: number
  readonly limit: number
}

/**
 * The whole body, decompressed. `maxBytes` holds before and after decompression, while it streams: a bomb is refused at
 * the cap, not unpacked first. Bytes that are not what Content-Encoding says come back as they are.
 * @throws BodyRefused, SenderGone
 */
export function readBody(request: IncomingMessage, maxBytes: number, budget: ReadBudget): Promise<Uint8Array> {
  const said = request.headers['content-length']
  if (said !== undefined && Number(said) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (!encodings.has(encoding))
    return Promise.reject(
      new BodyRefused(
        415,
        `Content-Encoding "${encoding.slice(0, 40)}" is not read here; use gzip, deflate, br or none`,
      ),
    )
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = () => {
      budget.used -= size
      request.removeListener('data', take)
      request.removeListener('end', end)
      request.removeListener('close', gone)
      request.removeListener('error', gone)
    }
    const refuse = (error: Error) => {
      settle()
      // What still comes is read and thrown away, so that the answer reaches a sender that is still sending.
      request.resume()
      reject(error)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      budget.used += chunk.length
      if (size > maxBytes) refuse(tooLarge(maxBytes))
      else if (budget.used > budget.limit) refuse(tooMuch())
      else chunks.push(chunk)
    }
    const end = () => {
      settle()
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)
      if (encoding === 'identity' || size === 0) resolve(whole)
      else inflate(whole, encoding, maxBytes, budget).then(resolve, reject)
    }
    const gone = () => {
      settle()
      reject(new SenderGone('the sender hung up'))
    }
    // A node request without `expect` needs no more than this; listeners go when it is over, keep-alive sockets stay.
    request.on('data', take)
    request.on('end', end)
    request.on('close', gone)
    request.on('error', gone)
  })
}

const encodings = new Set(['identity', '', 'gzip', 'x-gzip', 'deflate', 'br'])

function decoderFor(encoding: string, first: number): Transform {
  if (encoding === 'br') return createBrotliDecompress()
  if (encoding !== 'deflate') return createGunzip()
  // RFC 9110: deflate means zlib; some senders mean the bare stream. The first byte tells (RFC 1950: method 8).
  return (first & 0x0f) === 8 ? createInflate() : createInflateRaw()
}

/** What is unpacked counts as what is read does: a thousand small bombs at once must not fill the memory. */
function inflate(packed: Buffer, encoding: string, maxBytes: number, budget: ReadBudget): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const decoder = decoderFor(encoding, packed[0] ?? 0)
    const chunks: Buffer[] = []
    let size = 0
    const settle = () => {
      decoder.removeAllListeners('data')
      budget.used -= size
    }
    const refuse = (error: BodyRefused) => {
      settle()
      decoder.destroy()
      reject(error)
    }
    decoder.on('data', (chunk: Buffer) => {
      size += chunk.length
      budget.used += chunk.length
      if (size > maxBytes) refuse(tooLarge(maxBytes))
      else if (budget.used > budget.limit) refuse(tooMuch())
      else chunks.push(chunk)
    })
    decoder.on('end', () => {
      const whole = Buffer.concat(chunks, size)
      settle()
      resolve(whole)
    })
    // Left as it came: it will be found unreadable, answered so, and kept as such.
    decoder.on('error', () => {
      settle()
      resolve(packed)
    })
    decoder.end(packed)
  })
}

function tooMuch(): BodyRefused {
  return new BodyRefused(503, 'too many bodies are being read at once; send again in a few seconds')
}

function tooLarge(maxBytes: number): BodyRefused {
  return new BodyRefused(
    413,
    `the body is larger than ${maxBytes} bytes, the limit of this door before and after decompression`,
  )
}
