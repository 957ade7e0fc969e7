import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { pino } from 'pino'
import { type Clock, minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { makeAccess } from './access/index.ts'
import { makeCommandRoom, restoreWorld, watchSourceId } from './command/index.ts'
import type { Config } from './config.ts'
import {
  type ApiParts,
  beatEveryMs,
  listen,
  makeHttpDoor,
  makeSocketDoor,
  openAdminDoor,
  serverLimits,
} from './doors/index.ts'
import { makeFilter } from './filter/index.ts'
import {
  makeIntakeHandler,
  makeListeners,
  makeReaders,
  makeRefusalBook,
  makeSnsOutside,
  nextOfCron,
  reportSource,
  settingsFor,
  watchesFor,
} from './intake/index.ts'
import { makeAlertmanagerPicture, makePicture } from './picture/index.ts'
import { type ActivePolicy, readPolicyFile, readPolicyText, watchPolicyFile } from './policy/index.ts'
import { openSqliteStore } from './store/index.ts'
import type { Store } from './store/port.ts'
import { makeMetrics, makeTelling } from './tell/index.ts'

type Log = pino.Logger

const after = (ms: number, work: () => void) => {
  const timer = setTimeout(work, ms).unref()
  return () => clearTimeout(timer)
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** How often what is due is looked for. Deadlines are judged by the clock when they are handled, not by this. */
const pollEveryMs = 100
const checkpointEveryMs = 30_000
const mendEveryMs = 1000
const ledgerShownMs = 60 * minuteMs
/** A sender at work on an open connection meets a refusal in this time, rather than a connection cut under its hands. */
const lastWordsMs = 200
/** Requests that are under way when the server is told to stop get so long to end; what comes after that is cut off. */
const patienceMs = 2000

/** A running Uxbridge. */
export interface House {
  port: number
  url: string
  /** What a person must see once: set-up link, first key. Null when there is nothing to say. */
  welcome: { setup: string | null; curl: string | null }
  close(): Promise<void>
}

/** Builds every room, wires them, and opens the doors. The only place that does. */
export async function openHouse(config: Config, log: Log, clock: Clock = { now: () => Date.now() }): Promise<House> {
  const file = await readPolicyFile(config.policyFile)
  const store = await openSqliteStore({ dir: config.dataDir })
  try {
    return await furnish(config, log, clock, file, store)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function furnish(
  config: Config,
  log: Log,
  clock: Clock,
  file: ActivePolicy,
  store: Awaited<ReturnType<typeof openSqliteStore>>,
): Promise<House> {
  let active = file
  const settings = await store.read.settings()
  const versions = new Map<string, ActivePolicy>([[file.hash, file]])
  for (const { kind, id, doc } of settings)
    if (kind === 'policy') versions.set(id, readPolicyText((doc as { text: string }).text))

  const { sourceKinds, adapterById, adapterFor } = makeReaders({
    policyOf: (hash) => versions.get(hash)?.policy,
    activeHash: () => room.world().policyHash,
  })
  const access = makeAccess({
    initial: settings,
    clock,
    random: randomBytes,
    kinds: sourceKinds,
    publicUrl: config.publicUrl,
    policy: () => room.policy(),
    record: (change) => room.record(change),
    keep: (change) => store.commit(change),
  })
  const restore = async () => {
    const world = await restoreWorld({
      read: store.read,
      makeFilter: (seed) => makeFilter({ ...seed, idOf: store.pseudonym, nextOf: nextOfCron }),
      adapter: adapterById,
      policyOf: (hash) => versions.get(hash)?.policy,
      firstPolicy: file,
      now: clock.now(),
    })
    log.info(
      { pos: world.pos, seq: world.seq, replayed: world.replayed, incidents: world.incidents.size },
      'picture restored',
    )
    return world
  }
  const world = await restore()

  const metrics = makeMetrics({
    incidents: () => picture.size(),
    alerts: () => room.world().filter.size(),
    backlog: () => store.backlog(),
    sockets: () => sockets.count(),
    frames: () => sockets.telling.frames(),
    ready: () => room.ready(),
    lost: () => room.lost.waiting(),
  })
  const timed: Store = {
    ...store,
    async commit(intention) {
      const began = performance.now()
      await store.commit(intention)
      metrics.commit((performance.now() - began) / 1000)
    },
  }
  const ownNames: Readonly<Record<string, string>> = {
    [watchSourceId]: 'Watch over sources',
    [reportSource.id]: reportSource.name,
  }
  const sourceName = (id: string) =>
    access.sources.get(id)?.name ?? ownNames[id] ?? 'Former source'
  const teamName = (id: string) => room.policy().teams.find((team) => team.id === id)?.name ?? id
  const room = makeCommandRoom(
    {
      store: timed,
      clock,
      log,
      people: access.people,
      newId: randomUUID,
      readerOf(sourceId, adapterId) {
        const source = access.sources.get(sourceId)
        const adapter = adapterById(adapterId)
        return source && adapter ? { source, adapter, settings: settingsFor(adapter, source) } : null
      },
      restore,
      onDurable(durable) {
        picture.apply(durable)
        for (const { counts } of durable.intakes) metrics.events(counts)
      },
      onRestored: () =>
        void refill().catch((err: unknown) => log.error({ err }, 'the picture could not be made again')),
    },
    world,
    (versions.get(world.policyHash) ?? file).policy,
  )
  const picture = makePicture({
    read: store.read,
    clock,
    filter: () => room.world().filter,
    names: {
      person: access.nameOf,
      actor: access.actorName,
      team: teamName,
      source: (id) => sourceName(id),
      silence: (id) => room.silences.get(id),
    },
    sources: () => access.sources.list(),
    runbookOf: (service) => room.policy().services.find((each) => each.id === service)?.runbook ?? null,
  })
  const alertmanager = makeAlertmanagerPicture({
    alerts: () => room.world().filter.alerts(),
    policy: () => room.policy(),
    clock,
    version,
  })
  const refill = async () =>
    picture.reset(room.world().incidents.values(), await store.read.ledger(clock.now() - ledgerShownMs))
  await refill()
  if (room.world().policyHash !== file.hash || world.pos === 0) await room.activatePolicy(file)

  /** Who is expected to speak follows from the settings of the sources. */
  const watch = async (sourceId: string) => {
    const source = access.sources.get(sourceId)
    await room.watch(sourceId, source === undefined ? [] : watchesFor(source, access.sources.live(sourceId)))
  }
  for (const { id } of access.sources.list()) await watch(id)
  access.sources.onChange(
    (id) =>
      void watch(id).catch((err: unknown) =>
        log.error({ err, source: id }, 'the watch over a source could not be set'),
      ),
  )

  const http: Server = createServer(serverLimits)
  const url = () =>
    config.publicUrl ?? `http://${config.loopback ? 'localhost' : config.host}:${(http.address() as AddressInfo).port}`
  const refusals = makeRefusalBook({ clock, isSource: (id) => access.sources.get(id) !== undefined })
  const receive: typeof room.receive = async (source, adapter, raw, reading) => {
    const received = await room.receive(source, adapter, raw, reading)
    refusals.unreadable(source.id, reading.unreadable)
    return received
  }
  const api: ApiParts = {
    access,
    commandRoom: { ...room, receive },
    picture,
    alertmanager,
    reloadPolicy: async () => {
      if (watching === null)
        throw new UxbridgeError('policy-invalid', 'there is no policy file; set POLICY_FILE and start again')
      await watching.reload()
    },
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
    telling: (broadcast) =>
      makeTelling({ picture, clock, broadcast, after: (ms, work) => void setTimeout(work, ms).unref() }),
  })

  await listen(http, config)
  const { admin, greeting } = await openAdminDoor(api, config.dataDir)
    .then(async (admin) => ({ admin, greeting: await welcome() }))
    .catch((error: unknown) => {
      http.close()
      throw error
    })
  listeners.start()

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
    every(beatEveryMs, 'beat', () => sockets.beat()),
    every(checkpointEveryMs, 'checkpoint', () => room.checkpoint()),
    every(minuteMs, 'flush', () => access.flush()),
    every(minuteMs, 'retention', async () => {
      if (store.failure() !== null) return
      const removed = await room.expireLost()
      if (removed.rows > 0) log.info(removed, 'lost property whose time has ended was removed')
    }),
    every(mendEveryMs, 'mend', async () => {
      if (store.failure() === null || !(await room.mend())) return
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
            versions.set(next.hash, next)
            await room.activatePolicy(next)
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
    watching?.close()
    // What senders cannot send again is taken in while it still can be.
    await inTime(listeners.close())
    // Nothing new is written from here on. What is under way is answered: what was accepted by then is awaited, the rest
    // is refused, on connections that end with the answer.
    room.stop()
    await pause(lastWordsMs)
    const stopped = ended()
    await inTime(Promise.all([...underWay].map((response) => once(response, 'close'))))
    try {
      await access.flush()
      await room.checkpoint()
    } catch (err) {
      log.error({ err }, 'stopping without a last checkpoint; the next start replays more of the log')
    }
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

  /** First start: the link for the first administrator, and a source to try the curl line with. */
  async function welcome(): Promise<House['welcome']> {
    const link = await access.links.issueSetup()
    if (!config.firstSource || access.sources.list().length > 0)
      return { setup: link && `${url()}/setup#${link.token}`, curl: null }
    const { key } = await access.sources.add(
      { by: 'system:start', address: null },
      { kind: 'alertmanager', name: 'First events' },
    )
    const body =
      '[{"labels":{"alertname":"FirstEvent","service":"checkout","severity":"critical"},"annotations":{"summary":"Checkout: 1 in 5 payments fails"}}]'
    return {
      setup: link && `${url()}/setup#${link.token}`,
      curl: `curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}' ${url()}/api/v2/alerts`,
    }
  }
}
