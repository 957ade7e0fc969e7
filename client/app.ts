import { createStore, type StoreApi } from 'zustand/vanilla'
import { protocol } from '#shared/wire.ts'
import { type Api, makeApi } from './link/api.ts'
import { type Link, makeLink } from './link/link.ts'
import { makeTelling, type TellingFigures } from './link/telling.ts'
import type { LinkClock, Transport } from './link/transport.ts'
import { type Act, makeAct } from './state/act.ts'
import { type Announcer, makeAnnouncer } from './state/announce.ts'
import { type BoardStore, followBoard } from './state/board.ts'
import { makeSession, meOf, type Session } from './state/session.ts'

/** Everything the screens stand on, built once by `main.tsx` (or by a story, over a transport of its own). */
export interface App {
  link: Link
  api: Api
  session: Session
  board: BoardStore
  act: Act
  announcer: Announcer
  /** The server's clock, moved once a second. Everything that ticks reads this and nothing else. */
  now: StoreApi<{ at: number }>
  telling: StoreApi<TellingFigures>
  start(): void
}

export function makeApp(parts: {
  transport: Transport
  clock: LinkClock
  random: () => number
  newId: () => string
  fetcher: typeof fetch
  /** Calls `then` once the present state has been painted. */
  painted: (then: () => void) => void
  room: 'board' | 'wall'
}): App {
  const { clock } = parts
  const link = makeLink({ transport: parts.transport, clock, random: parts.random, newId: parts.newId, protocol })
  const api = makeApi(parts.fetcher)
  const session = makeSession(api)
  const announcer = makeAnnouncer(clock)
  const meter = makeTelling()
  const telling = createStore<TellingFigures>(() => meter.read())
  const now = createStore(() => ({ at: link.serverNow() }))

  const { store: board } = followBoard(link, parts.room, ({ notices, receivedAt, before, after }) => {
    if (receivedAt !== null)
      parts.painted(() => {
        meter.record(link.serverNow() - Date.parse(receivedAt))
        telling.setState(meter.read())
      })
    // The first picture is not news.
    if (before.seq === null) return
    const me = meOf(session.store.getState())
    announcer.changed(before.incidents, after.incidents, notices, me.id, me.actions.includes('incident.command'))
  })

  link.subscribe(({ state }) => {
    if (state.kind === 'signed-out') session.ended()
  })
  session.store.subscribe((state) => {
    if (state.kind === 'signed-in') {
      link.start()
      link.retryNow()
    }
    if (state.kind === 'signed-out') link.stop()
  })

  function tick(): void {
    now.setState({ at: link.serverNow() })
    // On the second, so that all countdowns turn together.
    clock.after(1000 - (link.serverNow() % 1000), tick)
  }

  return {
    link,
    api,
    session,
    board,
    act: makeAct(link, announcer),
    announcer,
    now,
    telling,
    start() {
      tick()
      void session.look()
    },
  }
}
