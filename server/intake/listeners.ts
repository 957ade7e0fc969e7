import { type Clock, minuteMs, secondMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { commonSettings } from '#shared/source.ts'
import type { Source, SourceDesk } from '../access/port.ts'
import type { Adapter, ListenAt, Listener, RawRequest, Reading, SourceKind } from './port.ts'
import { RateLimiter } from './rate.ts'
import { limitBySettings, settingsFor } from './settings.ts'

export interface ListenersParts {
  sources: Pick<SourceDesk, 'get' | 'list' | 'live' | 'secretsFor' | 'onChange'>
  kinds: readonly SourceKind[]
  /** Resolves when what was received is durable. @throws UxbridgeError `overloaded`, `store-full`, `not-ready` */
  receive(source: Source, adapter: Adapter, raw: RawRequest, reading: Reading): Promise<unknown>
  clock: Clock
  /** Calls back once, later. @returns a function that calls it off */
  after(ms: number, work: () => void): () => void
  log: ListenAt['log']
}

/** How it stands with a source's own door, for its page. */
export interface Listening {
  ok: boolean
  says: string
}

/** The doors of sources that are no HTTP: a port that they send to, or a broker that they are fetched from. */
export interface Listeners {
  /** Opens those of all sources, and from then on follows every change of a source. */
  start(): void
  /** Null for a source whose kind has no door of its own. */
  state(sourceId: string): Listening | null
  /** Resolves when all are closed, and what they had taken in is durable or refused. */
  close(): Promise<void>
}

const retryFromMs = secondMs
const retryToMs = minuteMs

/**
 * Rule Y7: what is open is what the sources ask for now. A source whose settings change is opened again, one without a valid
 * key is closed. A door that cannot be opened never keeps the server or another source from anything: it is tried
 * again, ever less often up to once a minute, and its page says why.
 */
export function makeListeners(parts: ListenersParts): Listeners {
  const { sources, kinds, clock, log } = parts
  const seats = new Map<string, Seat>()
  const rates = new RateLimiter()
  let stopListening: (() => void) | null = null
  let closing = false

  const kindOf = (sourceId: string): (SourceKind & Required<Pick<SourceKind, 'listen'>>) | null => {
    const source = sources.get(sourceId)
    const kind = source && kinds.find((known) => known.kind === source.kind)
    return kind?.listen === undefined ? null : (kind as SourceKind & Required<Pick<SourceKind, 'listen'>>)
  }

  function settle(sourceId: string): void {
    if (closing || (kindOf(sourceId) === null && !seats.has(sourceId))) return
    let seat = seats.get(sourceId)
    if (seat === undefined) {
      seat = {
        listener: null,
        like: null,
        trouble: 'It is being opened.',
        tries: 0,
        callOff: null,
        last: Promise.resolve(),
      }
      seats.set(sourceId, seat)
    }
    const settled = seat
    // One step after another: a port must be closed before it is opened again.
    settled.last = settled.last
      .then(() => reconcile(sourceId, settled))
      .catch((err: unknown) =>
        log.error({ err, source: sourceId }, 'the door of a source could not be closed in order'),
      )
  }

  async function reconcile(sourceId: string, seat: Seat): Promise<void> {
    seat.callOff?.()
    seat.callOff = null
    const source = sources.get(sourceId)
    const kind = kindOf(sourceId)
    const wanted = !closing && source !== undefined && kind !== null && sources.live(sourceId) ? source : null
    const like = wanted === null || kind === null ? null : likenessOf(wanted, kind)
    if (seat.listener !== null) {
      if (like === seat.like) return
      const { listener } = seat
      seat.listener = null
      seat.trouble = 'It is being opened again.'
      await listener.close(closing ? undefined : (wanted?.settings ?? null))
    }
    if (seat.like !== like) seat.tries = 0
    seat.like = like
    if (wanted === null || kind === null) {
      seat.trouble = 'Closed: no key of this source is valid. Make a new key to open it again.'
      return
    }
    try {
      seat.listener = await kind.listen(placeOf(wanted, kind))
      seat.tries = 0
      log.info({ source: sourceId, kind: kind.kind }, 'the door of a source is open')
    } catch (error) {
      const says = (error as Error).message
      const waitMs = Math.min(retryToMs, retryFromMs * 2 ** seat.tries++)
      if (seat.trouble !== says)
        log.error({ source: sourceId, kind: kind.kind, says }, 'the door of a source stays closed')
      seat.trouble = says
      if (!closing) seat.callOff = parts.after(waitMs, () => settle(sourceId))
    }
  }

  /** What a door depends on. Settings that only reading depends on, or that every source has, need none opened again. */
  function likenessOf({ id, settings }: Source, { adapters }: SourceKind): string {
    const others = new Set([...commonSettings.map(({ name }) => name), ...adapters.flatMap(({ uses = [] }) => uses)])
    const own = Object.entries(settings).filter(([name]) => !others.has(name))
    return JSON.stringify([own.sort(), Object.entries(sources.secretsFor(id)).sort()])
  }

  function placeOf({ id, settings }: Source, { kind, adapters }: SourceKind): ListenAt {
    const adapter = adapters.find(({ door }) => door === 'listener')
    if (adapter === undefined) throw new TypeError(`the kind ${kind} listens, but reads nothing at a listener`)
    const maxBytesOf = (source: Source) => Math.min(adapter.maxBytes, limitBySettings(source).maxBytes)
    return {
      sourceId: id,
      settings,
      secrets: sources.secretsFor(id),
      clock,
      after: parts.after,
      log,
      get maxBytes() {
        const source = sources.get(id)
        return source === undefined ? adapter.maxBytes : maxBytesOf(source)
      },
      async take(body, { contentType = '', headers = {} } = {}) {
        const source = sources.get(id)
        if (source === undefined) throw new UxbridgeError('not-ready', 'This source is gone.')
        if (body.length > maxBytesOf(source))
          throw new UxbridgeError('body-too-large', `${body.length} bytes are more than this source may send at once.`)
        const limit = limitBySettings(source)
        if (rates.take(id, limit, clock.now()) > 0)
          throw new UxbridgeError('rate-exceeded', `This source may send ${limit.perSecond} requests per second.`)
        const raw: RawRequest = {
          body,
          contentType,
          method: 'POST',
          path: '',
          query: '',
          headers,
          settings: settingsFor(adapter, source),
          receivedAt: clock.now(),
        }
        const reading = adapter.parse(raw)
        if (reading.keep) await parts.receive(source, adapter, raw, reading)
      },
    }
  }

  return {
    start() {
      stopListening = sources.onChange(settle)
      for (const { id } of sources.list()) settle(id)
    },
    state(sourceId) {
      if (kindOf(sourceId) === null) return null
      const seat = seats.get(sourceId)
      return seat?.listener?.state() ?? { ok: false, says: seat?.trouble ?? 'It is being opened.' }
    },
    async close() {
      closing = true
      stopListening?.()
      await Promise.all(
        [...seats].map(async ([sourceId, seat]) => {
          seat.callOff?.()
          await seat.last
          await reconcile(sourceId, seat).catch((err: unknown) =>
            log.error({ err, source: sourceId }, 'the door of a source could not be closed in order'),
          )
        }),
      )
    },
  }
}

/** One source's door, open or not. */
interface Seat {
  listener: Listener | null
  /** What it was opened with, or is to be. */
  like: string | null
  /** Why it is not open. */
  trouble: string
  /** In vain, one after another. */
  tries: number
  /** Calls off the next try. */
  callOff: (() => void) | null
  /** The newest step. */
  last: Promise<void>
}
