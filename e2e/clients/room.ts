import { afterAll, beforeAll } from 'vitest'
import type { AlertView, SourceView } from '#shared/wire.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { type Server, type ServerOptions, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

export interface Snippet {
  title: string
  language: 'yaml' | 'shell' | 'json' | 'text'
  text: string
}

/** A source that a real client sends to, as its page shows it, and what became of what was sent. */
export interface Feed {
  id: string
  key: string
  /** For signatures, where the kind has one of ours. */
  secret: string | null
  /** Where it sends to. `localhost` is left as the page prints it. */
  url: string
  /** Ready-to-paste configuration, with this key in it. */
  connect: readonly Snippet[]
  /** @throws Error when the page prints none with these words in its title */
  snippet(words: string): string
  /** Events of the last hour, and what became of them. */
  ledger(): Promise<SourceView['lastHour']>
  /** Its alerts of all incidents. */
  alerts(): Promise<AlertView[]>
  /** Waits for its only alert with such a title and this status. @throws Error when there are several of the title */
  alert(title: RegExp, status: AlertView['status']): Promise<AlertView>
  /** Waits until so many events were accepted, and says what became of all. */
  accepted(count: number): Promise<SourceView['lastHour']>
}

/** One server with people in it for the clients of a file. */
export interface Room {
  server: Server
  house: House
  /** The administrator adds a source, as on the page of the sources. */
  add(kind: string): Promise<Feed>
  /** Closed when the file ends, the last first. */
  later(close: () => Promise<unknown> | unknown): void
}

interface AddedSource {
  source: SourceView
  key: string
  secret: string | null
  url: string
  connect: Snippet[]
}

export function useRoom(options: ServerOptions = {}): Room {
  const closing: (() => Promise<unknown> | unknown)[] = []
  const room = { later: (close) => void closing.push(close) } as Room
  beforeAll(async () => {
    room.server = await startServer(options)
    closing.unshift(() => room.server.close())
    room.house = await setUpHouse(room.server, { responders: 1 })
    let count = 0
    room.add = async (kind) => {
      const name = `${kind} ${++count}`
      return feedOf(room.house, await must<AddedSource>('POST', '/api/sources', { kind, name }))
    }
  })
  afterAll(async () => {
    // One that cannot be closed keeps the others open no longer.
    const failed: unknown[] = []
    for (const close of closing.splice(0).reverse())
      await Promise.resolve()
        .then(close)
        .catch((error: unknown) => failed.push(error))
    if (failed.length > 0) throw new AggregateError(failed, 'not everything could be closed')
  })
  const must = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    room.house.administrator.must<T>(method, path, body)
  return room
}

/** Shorter than a test may take, so that what was missing is said; slower than what one person may ask in a second. */
const patience = { within: 45_000, every: 100 }

function feedOf({ administrator }: House, { source, key, secret, url, connect }: AddedSource): Feed {
  const feed: Feed = {
    id: source.id,
    key,
    secret,
    url,
    connect,
    snippet(words) {
      const found = connect.find(({ title }) => title.includes(words))
      if (found === undefined) throw new Error(`the page of ${source.kind} prints nothing titled "${words}"`)
      return found.text
    },
    async ledger() {
      const { sources } = await administrator.must<{ sources: SourceView[] }>('GET', '/api/sources')
      const found = sources.find(({ id }) => id === source.id)
      if (found === undefined) throw new Error(`the source ${source.kind} is gone`)
      return found.lastHour
    },
    async alerts() {
      const { incidents } = await administrator.picture()
      const all = await Promise.all(incidents.map(({ id }) => administrator.alerts(id)))
      return all.flat().filter((alert) => alert.source.id === source.id)
    },
    alert: (title, status) =>
      until(
        `one alert ${title} that is ${status}`,
        async () => {
          const all = await feed.alerts()
          const found = all.filter((alert) => title.test(alert.title))
          if (found.length === 1 && found[0]?.status === status) return found[0]
          throw new Error(`there are: ${all.map((alert) => `${alert.title} (${alert.status})`).join('; ') || 'none'}`)
        },
        patience,
      ),
    accepted: (count) =>
      until(
        `${count} events of ${source.kind}`,
        async () => {
          const ledger = await feed.ledger()
          if (ledger.accepted === count) return ledger
          throw new Error(`there are: ${JSON.stringify(ledger)}`)
        },
        patience,
      ),
  }
  return feed
}
