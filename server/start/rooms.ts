import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { pino } from 'pino'
import type { Alert } from '#shared/alert.ts'
import { linksFor } from '#shared/catalogue.ts'
import { type Clock, minuteMs } from '#shared/clocks.ts'
import { drillPrefix, isOfDrill } from '#shared/drill.ts'
import { type Sight, sightOf } from '#shared/incident/restricted.ts'
import { everySource, everySourceBeside } from '#shared/watch.ts'
import { makeAccess } from '../access/index.ts'
import { drillWatchSourceId, makeCommandRoom, restoreWorld, watchSourceId } from '../command/index.ts'
import type { Config } from '../config.ts'
import { makeDuty } from '../duty/index.ts'
import { makeFilter } from '../filter/index.ts'
import { makeReaders, nextOfCron, reportSource, settingsFor, watchesFor } from '../intake/index.ts'
import { makeAlarmLoad, makeAlertmanagerPicture, makeFilterPicture, makePicture, makeTote } from '../picture/index.ts'
import { type ActivePolicy, makeCalendar, readPolicyText } from '../policy/index.ts'
import { makePrecedents } from '../precedents/index.ts'
import type { Store } from '../store/port.ts'
import { makeMetrics, openChannels, openNotify } from '../tell/index.ts'

export type Log = pino.Logger

export const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const ledgerShownMs = 60 * minuteMs

/** What the rooms ask of the doors, which are opened after them. */
export interface DoorFigures {
  sockets(): number
  frames(): number
  /** Where people reach us, without a slash at the end; known once the doors are open. */
  url(): string
}

export interface RoomsParts {
  config: Config
  log: Log
  clock: Clock
  /** The policy file as it was read at the start. */
  file: ActivePolicy
  store: Store
  doors: DoorFigures
}

export type Rooms = Awaited<ReturnType<typeof openRooms>>

/** Builds every room behind the doors and wires them: what is known is restored, and the policy of the file is active. */
export async function openRooms({ config, log, clock, file, store, doors }: RoomsParts) {
  const settings = await store.read.settings()
  const versions = new Map<string, ActivePolicy>([[file.hash, file]])
  for (const { kind, id, doc } of settings)
    if (kind === 'policy') versions.set(id, readPolicyText((doc as { text: string }).text))
  /** By hash of the policy, epoch ms: versions that were activated before this was noted have none. */
  const activeSince = new Map<string, number>()
  for (const { kind, id, doc } of settings)
    if (kind === 'policy') activeSince.set(id, (doc as { activeSince?: number }).activeSince ?? 0)

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
  const channels = await openChannels({
    ...{ initial: settings, clock, random: randomBytes, smtp: config.smtp, publicUrl: config.publicUrl },
    record: (change) => room.record(change),
    keep: (change) => store.commit(change),
    baseUrl: () => doors.url(),
  })
  const calendar = makeCalendar()
  const { rota, duty, swaps } = makeDuty({
    ...{ initial: settings, access, clock, random: randomBytes, occurrences: calendar },
    policy: () => room.policy(),
    policySince: () => activeSince.get(room.world().policyHash) ?? 0,
    record: (change) => room.record(change),
  })
  const restore = async () => {
    const world = await restoreWorld({
      read: store.read,
      makeFilter: (seed) => makeFilter({ ...seed, idOf: store.pseudonym, nextOf: nextOfCron, occurrences: calendar }),
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
    clocks: () => picture.clocks(),
    alerts: () => alertsSeen(room.world().filter.alerts(), sightOf(null, room.sees)),
    backlog: () => store.backlog(),
    sockets: () => doors.sockets(),
    frames: () => doors.frames(),
    ready: () => room.ready(),
    lost: () => room.lost.waiting(),
    notify: () => notify.figures(),
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
    [drillWatchSourceId]: 'Drill: watch over sources',
    [reportSource.id]: reportSource.name,
    [everySource]: 'all sources',
    [everySourceBeside(drillPrefix)]: 'all sources of the exercise',
  }
  const sourceName = (id: string) => access.sources.get(id)?.name ?? ownNames[id] ?? 'Former source'
  const teamName = (id: string) => room.policy().teams.find((team) => team.id === id)?.name ?? id
  const room = makeCommandRoom(
    {
      store: timed,
      clock,
      log,
      people: access.people,
      newId: randomUUID,
      // The embedded store is one process's at a time: what it had leased before a crash it has again.
      node: 'embedded',
      rota,
      occurrences: calendar,
      sourceName,
      readerOf(sourceId, adapterId) {
        const source = access.sources.get(sourceId)
        const adapter = adapterById(adapterId)
        return source && adapter ? { source, adapter, settings: settingsFor(adapter, source) } : null
      },
      restore,
      onDurable(durable) {
        picture.apply(durable)
        filterRoom.apply(durable)
        alarmLoad.apply(durable.facts)
        precedents.apply(durable)
        notify.heard(durable.facts)
        tote.apply(durable)
        for (const { sourceId, counts, accepted } of durable.intakes)
          if (!isOfDrill(sourceId)) metrics.events(counts, accepted)
      },
      onRestored: () =>
        void refill().catch((err: unknown) => log.error({ err }, 'the picture could not be made again')),
    },
    world,
    (versions.get(world.policyHash) ?? file).policy,
  )
  const notify = await openNotify({
    ...{ initial: settings, clock, log, access, rota, swaps, read: store.read, senders: channels.senders },
    ...{ lease: store.lease, node: 'embedded' },
    ...{ random: randomBytes, newId: randomUUID, signal: AbortSignal.timeout },
    policy: () => room.policy(),
    room,
    incident: room.incident,
    note: room.noteDeliveries,
    keep: (change) => store.commit(change),
    targetName: (to) => (to.startsWith('team:') ? teamName(to.slice('team:'.length)) : access.nameOf(to)),
    baseUrl: () => doors.url(),
  })
  await notify.open(world.seq)
  const names = {
    person: access.nameOf,
    actor: access.actorName,
    team: teamName,
    source: (id: string) => sourceName(id),
    silence: (id: string) => room.silences.holder(id),
    restricted: {
      incident: (id: string) => !room.sees(null, id),
      alert: (id: string) => {
        const alert = room.world().filter.alert(id)
        return alert !== undefined && !sightOf(null, room.sees).alert(alert)
      },
    },
    links: ({ service, labels }: Pick<Alert, 'service' | 'labels'>) =>
      linksFor(room.policy().services.find(({ id }) => id === service)?.links ?? [], labels),
  }
  const picture = makePicture({
    read: store.read,
    clock,
    filter: () => room.world().filter,
    names,
    sees: room.sees,
    sources: () => access.sources.list(),
    runbookOf: (service) => room.policy().services.find((each) => each.id === service)?.runbook ?? null,
  })
  const filterRoom = makeFilterPicture({
    read: store.read,
    clock,
    filter: () => room.world().filter,
    names,
    picture,
    silences: room.silences.list,
    policy: () => {
      const { policyHash: hash } = room.world()
      const since = activeSince.get(hash) ?? 0
      return { policy: room.policy(), hash, text: versions.get(hash)?.text ?? '', since: since === 0 ? null : since }
    },
    lost: () => room.lost.waiting(),
    restricted: () => room.world().restricted,
  })
  const alertmanager = makeAlertmanagerPicture({
    alerts: () => room.world().filter.alerts(),
    alert: (id) => room.world().filter.alert(id),
    policy: () => room.policy(),
    sees: room.sees,
    clock,
    version,
  })
  const alarmLoad = makeAlarmLoad({
    read: store.read,
    clock,
    filter: () => room.world().filter,
    incident: (id) => room.world().incidents.get(id),
    sees: room.sees,
  })
  const precedents = makePrecedents({
    ...{ read: store.read, clock, nameOf: access.nameOf, incident: (id) => picture.durable(id) },
    alertsOf: (id) => room.world().filter.alertsOf(id),
    sees: room.sees,
  })
  const tote = makeTote({
    ...{ initial: settings, clock, log, rota: () => rota, policy: () => room.policy() },
    ...{ people: access.people, nameOf: access.nameOf, sees: room.sees },
    record: (change) => room.record(change),
    keep: (change) => store.commit(change),
  })
  const refill = async () => {
    // A week of facts is read behind what people wait for; who asks for the load meanwhile waits.
    alarmLoad.reset().catch((err: unknown) => log.error({ err }, 'the alarm load could not be made again'))
    const { incidents } = room.world()
    tote.reset(incidents.values())
    picture.reset(incidents.values(), await store.read.ledger(clock.now() - ledgerShownMs))
  }
  await refill()
  void precedents.readBack().catch((err: unknown) => log.error({ err }, 'past incidents could not be read back'))
  // The doors open meanwhile: figures of the day say from when on they count.
  void filterRoom.readBack().catch((err: unknown) => log.error({ err }, 'what rules decided could not be read back'))
  if (room.world().policyHash !== file.hash || world.pos === 0) {
    await room.activatePolicy(file)
    activeSince.set(file.hash, clock.now())
  }

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

  return {
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
    /** @throws UxbridgeError when it cannot be written; the policy before stays active then */
    async activatePolicy(next: ActivePolicy): Promise<void> {
      versions.set(next.hash, next)
      await room.activatePolicy(next)
      activeSince.set(next.hash, clock.now())
    },
  }
}

/** How many there are, and fire, of what everybody may see. */
function alertsSeen(all: Iterable<Alert>, sight: Sight): { alerts: number; firing: number } {
  const seen = { alerts: 0, firing: 0 }
  for (const alert of all) {
    if (!sight.alert(alert)) continue
    seen.alerts++
    if (alert.status === 'firing') seen.firing++
  }
  return seen
}
