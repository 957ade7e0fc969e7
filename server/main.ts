import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Clock, minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Config } from './config.ts'
import { makeDrills } from './demo/drill/index.ts'
import { reachable, sendTo } from './demo/drill/sending.ts'
import {
  type ApiParts,
  beatEveryMs,
  listen,
  makeHttpDoor,
  makeSocketDoor,
  openAdminDoor,
  serverLimits,
} from './doors/index.ts'
import { draftKind, makeDrafts } from './draft/index.ts'
import { makeIntakeHandler, makeListeners, makeRefusalBook, makeSnsOutside } from './intake/index.ts'
import { makePolicyDesk } from './policy/file.ts'
import { readPolicyFile, watchPolicyFile } from './policy/index.ts'
import { openChecking } from './start/checking.ts'
import { type Log, openRooms, type RoomsParts, version } from './start/rooms.ts'
import { openTrials } from './start/trials.ts'
import { type Welcome, welcome } from './start/welcome.ts'
import { openSqliteStore } from './store/index.ts'
import { makeTelling } from './tell/index.ts'

const after = (ms: number, work: () => void) => {
  const timer = setTimeout(work, ms).unref()
  return () => clearTimeout(timer)
}

/** How often what is due is looked for. Deadlines are judged by the clock when they are handled, not by this. */
const pollEveryMs = 100
const checkpointEveryMs = 30_000
const mendEveryMs = 1000
/** A sender at work on an open connection meets a refusal in this time, rather than a connection cut under its hands. */
const lastWordsMs = 200
/** Requests that are under way when the server is told to stop get so long to end; what comes after that is cut off. */
const patienceMs = 2000

/** A running Uxbridge. */
export interface House {
  port: number
  url: string
  welcome: Welcome
  close(): Promise<void>
}

/** Builds the rooms, wires them, and opens the doors. Only this, and `start/rooms.ts`, does. */
export async function openHouse(config: Config, log: Log, clock: Clock = { now: () => Date.now() }): Promise<House> {
  const file = await readPolicyFile(config.policyFile)
  const store = await openSqliteStore({ dir: config.dataDir })
  try {
    return await openDoors({ config, log, clock, file, store })
  } catch (error) {
    await store.close()
    throw error
  }
}

async function openDoors(parts: Omit<RoomsParts, 'doors'>): Promise<House> {
  const { config, log, clock, file, store } = parts
  let active = file
  const doors = { sockets: () => sockets.count(), frames: () => sockets.telling.frames(), url: () => url() }
  const {
    access,
    room,
    rota,
    duty,
    picture,
    filterRoom,
    alertmanager,
    alarmLoad,
    precedents,
    tote,
    channels,
    notify,
    metrics,
    sourceKinds,
    adapterFor,
    activatePolicy,
  } = await openRooms({
    ...parts,
    doors,
  })

  const http: Server = createServer(serverLimits)
  const url = () =>
    config.publicUrl ?? `http://${config.loopback ? 'localhost' : config.host}:${(http.address() as AddressInfo).port}`
  const refusals = makeRefusalBook({ clock, isSource: (id) => access.sources.get(id) !== undefined })
  const receive: typeof room.receive = async (source, adapter, raw, reading) => {
    const received = await room.receive(source, adapter, raw, reading)
    refusals.unreadable(source.id, reading.unreadable)
    return received
  }
  const reloadPolicy = async () => {
    if (watching === null)
      throw new UxbridgeError('policy-invalid', 'there is no policy file; set POLICY_FILE and start again')
    await watching.reload()
  }
  const checking = openChecking()
  const { check } = checking
  const policyDesk = makePolicyDesk({
    check,
    file: config.policyFile,
    activeHash: () => room.world().policyHash,
    activate: reloadPolicy,
  })
  const trials = openTrials({ clock, check, dir: config.dataDir, silences: () => room.world().filter.silences() })
  const drills = makeDrills({
    ...{ sources: access.sources, record: room.record, exercise: room.exercise },
    ...{ clock, after, log, newId: randomUUID, nameOf: access.actorName },
    send: sendTo(() => reachable(config.host, (http.address() as AddressInfo).port)),
    incidents: () => room.world().incidents.values(),
    kept: await store.read.settings('drill'),
  })
  const api: ApiParts = {
    access,
    commandRoom: { ...room, receive },
    picture,
    filterRoom,
    alertmanager,
    alarmLoad,
    precedents,
    tote,
    reloadPolicy,
    policyDesk,
    trials,
    drills,
    rota,
    duty,
    channels: channels.desk,
    notify: notify.desk,
    read: store.read,
    kinds: sourceKinds,
    listening: (sourceId) => listeners.state(sourceId),
    troublesOf: refusals.of,
    activePolicy: () => ({ policy: room.policy(), hash: room.world().policyHash }),
    registry: metrics.registry,
    clock,
    log,
    baseUrl: url,
    publicUrl: config.publicUrl,
    version,
  }
  // The hot doors first, on the bare server: nothing else stands between an event and the inbox.
  const { ready } = room
  const outside = makeSnsOutside({ clock })
  const intake = makeIntakeHandler({
    keys: access.keys,
    adapterFor,
    receive,
    refusals,
    outside,
    clock,
    log,
    ready,
    status: alertmanager.status,
  })
  const listeners = makeListeners({ sources: access.sources, kinds: sourceKinds, receive, clock, after, log })
  const staticDir = fileURLToPath(new URL('../client/dist', import.meta.url))
  const app = makeHttpDoor({ ...api, staticDir, trustProxy: config.trustProxy })
  const underWay = new Set<ServerResponse>()
  let closing: Promise<void> | null = null
  http.on('request', (request, response) => {
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
    // Else a sender that goes on sending would keep its connection, and with it the server, for ever.
    if (closing !== null) response.setHeader('Connection', 'close')
    if (!intake(request, response)) app(request, response)
  })
  const keptDrafts = await store.read.settings(draftKind)
  const sockets = makeSocketDoor({
    http,
    access,
    commandRoom: room,
    picture,
    clock,
    log,
    publicUrl: config.publicUrl,
    trustProxy: config.trustProxy,
    trouble: () => store.failure()?.message ?? null,
    drafts: (tell) =>
      makeDrafts(
        { store, picture, clock, newId: randomUUID, after: (ms, work) => void after(ms, work), kept: keptDrafts },
        tell,
      ),
    telling: (broadcast) =>
      makeTelling({
        ...{ picture, filterRoom, tote, clock, broadcast },
        after: (ms, work) => void setTimeout(work, ms).unref(),
      }),
  })

  await listen(http, config)
  const { admin, greeting } = await openAdminDoor(api, config.dataDir)
    .then(async (admin) => ({ admin, greeting: await welcome(access, url(), config.firstSource) }))
    .catch((error: unknown) => {
      http.close()
      throw error
    })
  const sweepEvidence = async () => {
    if (store.failure() !== null) return
    const swept = await room.evidence.sweep()
    if (swept.settled + swept.dropped > 0) log.info(swept, 'files of evidence that a crash left were swept')
  }
  listeners.start()
  await sweepEvidence()
  await drills.recover().catch((err: unknown) => log.error({ err }, 'an exercise that was on could not be ended'))

  const every = (ms: number, name: string, work: () => unknown) => {
    const timer = setInterval(async () => {
      try {
        await work()
      } catch (err) {
        log.error({ err }, `${name} failed`)
      }
    }, ms)
    return timer
  }
  let toldFailing = false
  const timers = [
    every(pollEveryMs, 'poll', () => {
      room.tick()
      picture.sweep()
      sockets.telling.figures()
      // Everybody hears at once that nothing can be written, and that it can again.
      const failing = store.failure() !== null
      if (failing !== toldFailing) sockets.beat()
      toldFailing = failing
    }),
    every(pollEveryMs, 'outbox', () => (room.ready() ? notify.step() : undefined)),
    every(beatEveryMs, 'beat', () => sockets.beat()),
    every(checkpointEveryMs, 'checkpoint', () => room.checkpoint()),
    every(minuteMs, 'flush', () => access.flush()),
    every(minuteMs, 'channels', () => channels.flush()),
    every(minuteMs, 'tote', () => tote.tidy()),
    every(minuteMs, 'retention', async () => {
      if (store.failure() !== null) return
      await sockets.drafts.sweep()
      const removed = await room.expireLost()
      if (removed.rows > 0) log.info(removed, 'lost property whose time has ended was removed')
    }),
    every(minuteMs, 'evidence', async () => {
      await sweepEvidence()
      if (store.failure() !== null) return
      const destroyed = await room.evidence.expire()
      if (destroyed > 0) log.info({ destroyed }, 'bytes of withdrawn evidence whose time has ended were destroyed')
    }),
    every(mendEveryMs, 'mend', async () => {
      if (room.ready() || !(await room.mend())) return
      // The disk may have refused the newest policy: what was restored stands under the one before.
      if (room.world().policyHash !== active.hash) await room.activatePolicy(active)
    }),
  ]
  const watching =
    config.policyFile === null
      ? null
      : watchPolicyFile(config.policyFile, file.hash, {
          async activate(next) {
            active = next
            await activatePolicy(next)
            log.info({ hash: next.hash }, 'new policy is active')
          },
          refuse: (error) =>
            log.error({ problems: error.details?.problems }, `${error.message}\nThe policy before stays active.`),
        })

  const ended = () => new Promise<void>((resolve) => void http.close(() => resolve()))
  const inTime = (work: Promise<unknown>) => {
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(patience.resolve, patienceMs)
    return Promise.race([work, patience.promise]).finally(() => clearTimeout(timer))
  }
  const close = async () => {
    for (const timer of timers) clearInterval(timer)
    drills.close()
    watching?.close()
    await Promise.all([
      // What senders cannot send again is taken in while it still can be.
      inTime(listeners.close()),
      // A message that is under way ends and is noted while it can be, or the next start would send it again.
      inTime(notify.close()).catch((err: unknown) => log.error({ err }, 'what became of messages is not noted')),
    ])
    // Nothing new is written from here on. What is under way is answered: what was accepted by then is awaited, the rest
    // is refused, on connections that end with the answer.
    room.stop()
    await pause(lastWordsMs)
    const stopped = ended()
    await inTime(Promise.all([...underWay].map((response) => once(response, 'close'))))
    try {
      await access.flush()
      await sockets.drafts.sweep()
      await channels.flush()
      await room.checkpoint()
    } catch (err) {
      log.error({ err }, 'stopping without a last checkpoint; the next start replays more of the log')
    }
    channels.close()
    await Promise.all([trials.close(), checking.close()])
    await store.close()
    await admin.close()
    const left = sockets.close()
    http.closeAllConnections()
    await inTime(Promise.all([left, stopped]))
  }
  return {
    port: (http.address() as AddressInfo).port,
    url: url(),
    welcome: greeting,
    close() {
      closing ??= close()
      return closing
    },
  }
}
