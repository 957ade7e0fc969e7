import { UxbridgeError } from '#shared/errors.ts'
import type { ListenAt } from '../port.ts'
import { bodyOf, type Received } from './syslog-framing.ts'

/** Messages are taken in together: when so many wait, or when the first has waited so long. */
const batchSize = 500
const batchBytes = 4 * 1024 * 1024
/** At most so many bytes of a body say where a message came from and how long it is. */
const aboutBytes = 80
const batchAfterMs = 50
/** Refused for now (a full disk, too much at once): tried again after this. */
const retryAfterMs = 1000

/** How many may wait to be taken in. From `busy` on, senders that can be made to wait are; beyond `full` nothing fits. */
const limits = { busy: { count: 2000, bytes: 8 * 1024 * 1024 }, full: { count: 50_000, bytes: 16 * 1024 * 1024 } }

export type QueueParts = Pick<ListenAt, 'take' | 'after' | 'log' | 'sourceId' | 'maxBytes'>

/**
 * Between a listener and the inbox: makes one request of many messages, in order, one after another. What the inbox refuses
 * for now is kept and tried again. Rule Y6: nothing that was put in is given up uncounted.
 */
export class SyslogQueue {
  readonly #at: QueueParts
  readonly #onCalm: () => void
  #waiting: Received[] = []
  #bytes = 0
  #callOff: (() => void) | null = null
  #under: Promise<void> | null = null
  #retryNow: (() => void) | null = null
  #closing = false
  #lost = 0
  #trouble: string | null = null

  /** @param onCalm called when there is room again after `busy` */
  constructor(at: QueueParts, onCalm: () => void) {
    this.#at = at
    this.#onCalm = onCalm
  }

  /** Who can be made to wait should wait. */
  get busy(): boolean {
    return this.#waiting.length >= limits.busy.count || this.#bytes >= limits.busy.bytes
  }
  /** Why nothing is taken in at the moment, in the words of the inbox; null when it is. */
  get trouble(): string | null {
    return this.#trouble
  }
  get waiting(): number {
    return this.#waiting.length
  }
  /** Messages that were given up. */
  get lost(): number {
    return this.#lost
  }

  /** @returns false when there is no room: the message was not put in */
  put(message: Received): boolean {
    if (this.#waiting.length >= limits.full.count || this.#bytes >= limits.full.bytes) return false
    const room = this.#at.maxBytes - aboutBytes
    const fitting =
      message.bytes.length <= room ? message : { ...message, bytes: message.bytes.subarray(0, room), cut: true }
    this.#waiting.push(fitting)
    this.#bytes += fitting.bytes.length
    if (this.#waiting.length >= batchSize) this.#begin()
    else if (this.#under === null && this.#callOff === null)
      this.#callOff = this.#at.after(batchAfterMs, () => this.#begin())
    return true
  }

  /** Takes in what waits, once; what is refused even then is lost, and counted in the log. */
  async close(): Promise<void> {
    this.#closing = true
    this.#retryNow?.()
    this.#begin()
    while (this.#under !== null) await this.#under
    if (this.#lost > 0)
      this.#at.log.error({ source: this.#at.sourceId, messages: this.#lost }, 'syslog messages were not taken in')
  }

  #begin(): void {
    this.#callOff?.()
    this.#callOff = null
    if (this.#under !== null || this.#waiting.length === 0) return
    this.#under = this.#takeAll().finally(() => {
      this.#under = null
      // Put in while the last batch was on its way, and not yet asked for.
      if (this.#waiting.length > 0) this.#begin()
    })
  }

  async #takeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch()
      const outcome = await this.#take(batch)
      if (outcome === 'later' && !this.#closing) {
        await this.#pause()
        continue
      }
      if (outcome !== 'taken') this.#lost += batch.length
      // Asked now, not before the wait: it may have become busy meanwhile, and somebody waits for calm.
      const was = this.busy
      this.#waiting.splice(0, batch.length)
      for (const { bytes } of batch) this.#bytes -= bytes.length
      if (was && !this.busy) this.#onCalm()
    }
  }

  #nextBatch(): Received[] {
    const room = Math.min(batchBytes, this.#at.maxBytes)
    let bytes = 0
    let count = 0
    for (const message of this.#waiting) {
      bytes += message.bytes.length + aboutBytes
      if (count === batchSize || (count > 0 && bytes > room)) break
      count++
    }
    return this.#waiting.slice(0, count)
  }

  async #take(batch: readonly Received[]): Promise<'taken' | 'later' | 'never'> {
    try {
      await this.#at.take(bodyOf(batch))
      this.#trouble = null
      return 'taken'
    } catch (error) {
      this.#trouble = (error as Error).message
      if (error instanceof UxbridgeError && (error.status === 503 || error.status === 429)) return 'later'
      this.#at.log.error({ err: error, source: this.#at.sourceId }, 'syslog messages could not be taken in')
      return 'never'
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#at.after(retryAfterMs, resolve)
      this.#retryNow = () => {
        callOff()
        resolve()
      }
    })
  }
}
