import { createStore, type StoreApi } from 'zustand/vanilla'
import { protocol } from '#shared/wire.ts'
import { type Api, makeApi } from './link/api.ts'
import { type Link, makeLink } from './link/link.ts'
import { type Device, makeDevice } from './link/offline/device.ts'
import { type Browser, type Install, makeInstall } from './link/offline/install.ts'
import { type Keep, keepInMemory } from './link/offline/keep.ts'
import { makeTelling, type TellingFigures } from './link/telling.ts'
import type { LinkClock, Transport } from './link/transport.ts'
import { type Act, answerWords, makeAct } from './state/act.ts'
import { type Announcer, makeAnnouncer } from './state/announce.ts'
import { type BoardStore, followBoard } from './state/board.ts'
import { hasPart } from './state/filter.ts'
import { makeSession, meOf, type Session } from './state/session.ts'

/** Everything the screens stand on, built once by `main.tsx` (or by a story, over a transport of its own). */
export interface App {
  link: Link
  api: Api
  session: Session
  board: BoardStore
  act: Act
  announcer: Announcer
  /** What this device keeps for whoever uses it. */
  device: Device
  /** The app as something on this device. */
  install: Install
  /** The server's clock, moved once a second. Everything that ticks reads this and nothing else. */
  now: StoreApi<{ at: number }>
  telling: StoreApi<TellingFigures>
  start(): void
}

/** A network that is there and answers nothing must not keep somebody from what their device knows. */
const answerWithinMs = 4_000
/** After so long without a touch a newer version of the app may take over. */
const untouchedAfterMs = 60_000

export function makeApp(parts: {
  transport: Transport
  clock: LinkClock
  random: () => number
  newId: () => string
  fetcher: typeof fetch
  /** Calls `then` once the present state has been painted. */
  painted: (then: () => void) => void
  room: 'board' | 'wall'
  /** What this browser keeps; without, it keeps nothing. */
  keep?: Keep
  /** Whether the device has a network, as it says itself. */
  online?: boolean
  window: Browser
  /** How long nobody has touched this page, ms; a page that nobody sees is not touched. */
  untouchedMs?: () => number
  /** False while developing: there is no service worker then. */
  built?: boolean
}): App {
  const { clock } = parts
  const link = makeLink({ transport: parts.transport, clock, random: parts.random, newId: parts.newId, protocol })
  const api = makeApi(parts.fetcher)
  const announcer = makeAnnouncer(clock)
  const keep = parts.keep ?? keepInMemory()
  const install = makeInstall({ window: parts.window, api, keep, built: parts.built ?? false })
  const device = makeDevice({
    keep,
    link,
    api,
    clock,
    newId: parts.newId,
    online: parts.online ?? true,
    answered: (item) =>
      announcer.say({ tone: 'news', text: answerWords(item), incidentId: item.incident, offers: [], shownAt: '/mine' }),
  })
  const session = makeSession(api, { leaving: install.leaving, left: device.left })
  const act = makeAct(device.queue, announcer)
  const meter = makeTelling()
  const telling = createStore<TellingFigures>(() => meter.read())
  const now = createStore(() => ({ at: link.serverNow() }))

  const { store: board } = followBoard(
    link,
    parts.room,
    ({ notices, receivedAt, isNews, before, after }) => {
      if (receivedAt !== null)
        parts.painted(() => {
          meter.record(link.serverNow() - Date.parse(receivedAt))
          telling.setState(meter.read())
        })
      const gone = [...before.incidents.keys()].filter((id) => !after.incidents.has(id))
      // A wall is nobody's, and has less.
      if (gone.length > 0 && parts.room === 'board') device.gone(gone)
      // The first picture is not news.
      if (before.seq === null || !isNews) return
      const me = meOf(session.store.getState())
      announcer.changed(before.incidents, after.incidents, notices, me.id, me.actions.includes('incident.command'))
    },
    {
      clock,
      stays(summary) {
        const me = meOf(session.store.getState())
        return me.actions.includes('restricted.read') || hasPart(summary, me.id)
      },
    },
  )
  link.restricted({
    changed: () => {},
    hidden(incidentId) {
      act.forget(incidentId)
      announcer.forget(incidentId)
      device.gone([incidentId])
      void install.forget(incidentId)
    },
  })

  link.subscribe(({ state }) => {
    if (state.kind === 'signed-out') session.ended()
  })
  session.store.subscribe((state) => {
    if (state.kind === 'signed-in') {
      void device.entered(state.me)
      void install.entered(state.me.id)
      link.start()
      link.retryNow()
    }
    if (state.kind === 'signed-out') {
      void device.ended()
      link.stop()
    }
  })

  function tick(): void {
    now.setState({ at: link.serverNow() })
    const { incidents, seq } = board.getState()
    const state = session.store.getState()
    // A wall is nobody's.
    if (parts.room === 'board' && seq !== null && state.kind === 'signed-in' && link.report().state.kind === 'live')
      device.seen(state.me, incidents)
    device.tick()
    // Their own page has nothing that is typed into, but for its dialogs.
    const free =
      act.store.getState().doing === null && act.drafts.size === 0 && parts.window.location.pathname === '/mine'
    install.updateIfIdle(free && (parts.untouchedMs?.() ?? 0) > untouchedAfterMs)
    // On the second, so that all countdowns turn together.
    clock.after(1000 - (link.serverNow() % 1000), tick)
  }

  /** Who we are, by the server; and while it cannot be reached, by what this device remembers. */
  async function begin(): Promise<void> {
    if (parts.room === 'wall') return session.look()
    if (!(await device.finishLeaving())) return session.store.setState({ kind: 'signed-out', ended: false }, true)
    const me = await device.remembered()
    const stand = () => {
      const { kind } = session.store.getState()
      if (me !== null && (kind === 'unknown' || kind === 'unreachable')) session.entered(me)
    }
    clock.after(answerWithinMs, stand)
    await session.look()
    stand()
  }

  return {
    link,
    api,
    session,
    board,
    act,
    announcer,
    device,
    install,
    now,
    telling,
    start() {
      tick()
      void begin()
    },
  }
}
