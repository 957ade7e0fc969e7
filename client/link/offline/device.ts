import { z } from 'zod'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import type { Me, Summary } from '#shared/wire.ts'
import { type Api, nothing } from '../api.ts'
import { readError } from '../commands.ts'
import type { Link } from '../link.ts'
import type { LinkClock } from '../transport.ts'
import type { Keep } from './keep.ts'
import { type KeptPicture, makePictureKeeper } from './picture.ts'
import { type Inquiry, makeQueue, type Queue, type QueueItem } from './queue.ts'
import type { Queued } from './queued.ts'

export interface DeviceState {
  /** The last picture that this device saw, as it was found when the page opened. */
  picture: KeptPicture | null
  /** Epoch ms by the server's clock: the last moment for which what is on screen is known to be true. */
  trueAt: number | null
  items: readonly QueueItem[]
  /** False: this browser keeps nothing beyond the page. */
  lasting: boolean
  /** The device itself says that it has no network, and nothing comes from the server either. */
  offline: boolean
}

/** What this device keeps and does for one person while the server is out of reach. */
export interface Device {
  store: StoreApi<DeviceState>
  queue: Queue
  /** Who used it last and has not signed out; null: nobody, or they want to be signed out as soon as that can be told. */
  remembered(): Promise<Me | null>
  /** Somebody is signed in: what others left is taken away. */
  entered(me: Me): Promise<void>
  /** The server says that nobody is signed in. The picture goes; what waits stays for its author. */
  ended(): Promise<void>
  /** The person signs out: everything goes. @param told whether the server knows it */
  left(told: boolean): Promise<void>
  /** Tells the server of a sign-out that it could not be told of. @returns false while it cannot */
  finishLeaving(): Promise<boolean>
  seen(me: Me, incidents: ReadonlyMap<string, Summary>): void
  /** These are not on the board of this person any more: nothing of them stays on the device. */
  gone(ids: Iterable<string>): void
  beside(key: string, value: unknown): void
  network(online: boolean): void
  tick(): void
}

const leavingKey = 'leaving'
const waitOpenMs = 8_000
/** A line that has just broken is mostly back within this. */
const waitClosedMs = 2_500

const becameSchema = z.object({ known: z.boolean(), error: z.unknown() })

export function makeDevice(doors: {
  keep: Keep
  link: Link
  api: Api
  clock: LinkClock
  newId: () => string
  online: boolean
  answered: (item: Queued) => void
}): Device {
  const { keep, link, api, clock } = doors
  const pictures = makePictureKeeper(keep, clock)
  const store = createStore<DeviceState>(() => ({
    picture: null,
    trueAt: null,
    items: [],
    lasting: true,
    offline: !doors.online,
  }))

  const inquire: Inquiry = async (id) => {
    const answer = await api.ask('GET', `/api/commands/${encodeURIComponent(id)}`, becameSchema)
    if (!answer.ok) return undefined
    if (!answer.value.known) return null
    return { error: readError(answer.value.error) }
  }

  const queue = makeQueue({
    keep,
    line: {
      open: () => link.report().open,
      patienceMs: () => (store.getState().offline ? 0 : link.report().open ? waitOpenMs : waitClosedMs),
      command: link.command,
    },
    clock,
    newId: doors.newId,
    inquire,
    answered: doors.answered,
  })
  queue.subscribe(() => store.setState({ items: queue.items(), lasting: keep.lasting() }))

  /** Whose picture may be kept; null: nobody's. */
  let keptFor: string | null = null
  let online = doors.online
  /** Some machines say that they have no network while they do: what comes from the server knows better. */
  const weigh = () => {
    const offline = !online && link.report().state.kind !== 'live'
    if (offline !== store.getState().offline) store.setState({ offline })
    return offline
  }
  let open = false
  link.subscribe((report) => {
    weigh()
    if (report.open === open) return
    open = report.open
    if (open) queue.look()
    else queue.closed()
  })

  function gone(lost: Iterable<string>): void {
    const ids = new Set(lost)
    pictures.drop(ids)
    const { picture } = store.getState()
    if (picture?.incidents.some(({ id }) => ids.has(id)))
      store.setState({ picture: { ...picture, incidents: picture.incidents.filter(({ id }) => !ids.has(id)) } })
  }

  return {
    store,
    queue,
    async remembered() {
      if ((await keep.read()).has(leavingKey)) return null
      const picture = await pictures.read()
      store.setState({ picture, trueAt: store.getState().trueAt ?? picture?.at ?? null, lasting: keep.lasting() })
      return picture?.me ?? null
    },
    async entered(me) {
      await keep.change(leavingKey, () => undefined)
      const { picture } = store.getState()
      const kept = picture ?? (await pictures.read())
      if (kept !== null && kept.me.id !== me.id) {
        await pictures.forget()
        store.setState({ picture: null, trueAt: null })
      }
      keptFor = me.id
      await queue.begin(me.id)
    },
    async ended() {
      keptFor = null
      queue.end()
      store.setState({ picture: null, trueAt: null })
      await pictures.forget()
    },
    async left(told) {
      keptFor = null
      queue.end()
      store.setState({ picture: null, trueAt: null })
      await pictures.forget()
      await keep.clear()
      if (!told) await keep.change(leavingKey, () => true)
    },
    async finishLeaving() {
      if (!(await keep.read()).has(leavingKey)) return true
      const answer = await api.ask('DELETE', '/api/session', nothing)
      if (!answer.ok && !isSignedOut(answer.error)) return false
      await keep.change(leavingKey, () => undefined)
      return true
    },
    seen(me, incidents) {
      const at = link.serverNow()
      store.setState({ trueAt: at })
      // Hidden or ended while this device was away.
      const lost = store.getState().picture?.incidents.filter(({ id }) => !incidents.has(id)) ?? []
      if (lost.length > 0) gone(lost.map(({ id }) => id))
      if (me.id === keptFor) pictures.seen(me, incidents, at)
    },
    gone,
    beside: pictures.beside,
    network(is) {
      online = is
      if (weigh()) queue.closed()
    },
    tick: queue.tick,
  }
}

const isSignedOut = ({ code }: ErrorBody): boolean => code === 'not-signed-in' || code === 'key-revoked'
