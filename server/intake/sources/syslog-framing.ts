import { memberLimits } from './labels.ts'

/** Longer messages are cut here. RFC 5425 asks for 8 KiB; a datagram cannot hold more than this. */
export const longestMessage = 64 * 1024

/** One message as it came, without what framed it. `cut`: there was more of it than is kept here. */
export interface Framed {
  bytes: Uint8Array
  cut: boolean
}

/** A message and the address it came from. */
export interface Received extends Framed {
  peer: string
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const openingBracket = 0x3c
/** More digits than this announce no message that anybody sends. */
const countDigits = 7

/**
 * Messages of one TCP stream, whatever pieces it arrives in. Both framings of RFC 6587 are read, and told apart for each
 * message by itself: `<octets> <message>` where a count is followed by the `<` of a priority, else a line that ends
 * with LF, CR LF or NUL. Rule Y1: any cut of a stream gives the same messages.
 */
export class SyslogStream {
  /** `between` messages, in the digits of a `count`, at the byte after it (`counted?`), in the `octets`, in a `line`. */
  #state: 'between' | 'count' | 'counted?' | 'octets' | 'line' = 'between'
  #digits = ''
  #left = 0
  #parts: Uint8Array[] = []
  #size = 0
  #cut = false

  /** Whether there are bytes of a message whose end has not come. */
  get unfinished(): boolean {
    return this.#state !== 'between'
  }

  push(chunk: Uint8Array): Framed[] {
    const found: Framed[] = []
    let at = 0
    while (at < chunk.length) {
      const byte = chunk[at] as number
      switch (this.#state) {
        case 'between':
          if (isTrailer(byte)) at++
          else if (byte >= 0x31 && byte <= 0x39) this.#state = 'count'
          else this.#state = 'line'
          break
        case 'count':
          if (byte === space) {
            this.#state = 'counted?'
            at++
          } else if (byte >= 0x30 && byte <= 0x39 && this.#digits.length < countDigits) {
            this.#digits += String.fromCharCode(byte)
            at++
          } else this.#becomeLine(this.#digits)
          break
        case 'counted?':
          if (byte === openingBracket) {
            this.#left = Number(this.#digits)
            this.#digits = ''
            this.#state = 'octets'
          } else this.#becomeLine(`${this.#digits} `)
          break
        case 'octets': {
          const end = Math.min(chunk.length, at + this.#left)
          this.#keep(chunk.subarray(at, end))
          this.#left -= end - at
          at = end
          if (this.#left === 0) this.#finish(found)
          break
        }
        case 'line': {
          let end = at
          while (end < chunk.length && chunk[end] !== lineFeed && chunk[end] !== 0) end++
          this.#keep(chunk.subarray(at, end))
          at = end
          if (end < chunk.length) {
            at++
            this.#finish(found)
          }
          break
        }
      }
    }
    return found
  }

  /**
   * The line whose end has not come; for a sender that ends none and has fallen silent. A counted message is waited for:
   * its sender said how long it is.
   */
  flushLine(): Framed[] {
    return this.#state === 'octets' ? [] : this.flush()
  }

  /** What there is of the message that was under way; for a stream that has ended. */
  flush(): Framed[] {
    const found: Framed[] = []
    if (this.#state === 'count' || this.#state === 'counted?') this.#becomeLine(this.#digits)
    if (this.#state === 'octets') this.#cut = true
    if (this.#state !== 'between') this.#finish(found)
    return found
  }

  #becomeLine(beginning: string): void {
    this.#digits = ''
    this.#state = 'line'
    this.#keep(Buffer.from(beginning))
  }

  #keep(bytes: Uint8Array): void {
    const room = longestMessage - this.#size
    if (bytes.length > room) this.#cut = true
    const kept = bytes.subarray(0, room)
    if (kept.length === 0) return
    // A copy: the piece of a socket's read buffer would keep the whole of it alive.
    this.#parts.push(Buffer.from(kept))
    this.#size += kept.length
  }

  #finish(found: Framed[]): void {
    const whole = this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts)
    const bytes = this.#cut ? whole : withoutTrailer(whole)
    if (bytes.length > 0) found.push({ bytes, cut: this.#cut })
    this.#state = 'between'
    this.#left = 0
    this.#parts = []
    this.#size = 0
    this.#cut = false
  }
}

function isTrailer(byte: number | undefined): boolean {
  return byte === lineFeed || byte === carriageReturn || byte === 0
}

/** The same bytes without LF, CR and NUL at their end. */
export function withoutTrailer(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && isTrailer(bytes[end - 1])) end--
  return bytes.subarray(0, end)
}

/** One datagram is one message. @returns null for one that says nothing */
export function framedDatagram(bytes: Uint8Array): Framed | null {
  const kept = withoutTrailer(bytes.subarray(0, longestMessage))
  return kept.length === 0 ? null : { bytes: kept, cut: bytes.length > longestMessage }
}

/**
 * Many messages as one body, in octet counting: before each a frame that begins with `@` and says where it came from,
 * and ` cut` where it was longer than is kept.
 * Rule Y2: whatever stands in them, they are read from it as they came.
 */
export function bodyOf(messages: readonly Received[]): Buffer {
  return Buffer.concat(
    messages.flatMap(({ peer, cut, bytes }) => {
      const about = `@${peer}${cut ? ' cut' : ''}`
      return [Buffer.from(`${about.length} ${about}${bytes.length} `), bytes]
    }),
  )
}

const sign = 0x40

/** The messages of such a body, in order: those before a broken frame, and why it is broken. */
export function messagesIn(body: Uint8Array): { messages: Received[]; broken: string | null } {
  const messages: Received[] = []
  let about: Pick<Received, 'peer' | 'cut'> | null = null
  let at = 0
  while (at < body.length) {
    if (messages.length === memberLimits.members)
      return { messages, broken: `more than ${memberLimits.members} messages in one body; the rest was not read` }
    const digits = /^\d{1,7}(?= )/.exec(Buffer.from(body.subarray(at, at + countDigits + 1)).toString('latin1'))?.[0]
    if (digits === undefined) return { messages, broken: `no count of octets at byte ${at}` }
    const start = at + digits.length + 1
    at = start + Number(digits)
    if (at > body.length) return { messages, broken: 'the last message is shorter than its count of octets' }
    const bytes = body.subarray(start, at)
    if (about === null && bytes[0] === sign) {
      const [peer = '', ...words] = Buffer.from(bytes).toString('utf8').slice(1).split(' ')
      about = { peer, cut: words.includes('cut') }
    } else {
      messages.push({ peer: '', cut: false, ...about, bytes })
      about = null
    }
  }
  return { messages, broken: about === null ? null : 'the last message is missing' }
}
