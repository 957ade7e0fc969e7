import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { makeAccess } from '../access/index.ts'
import { type CommandRoom, restrictedIn } from '../command/index.ts'
import type { Config } from '../config.ts'
import type { ApiParts } from '../doors/index.ts'
import { sourceKinds } from '../intake/index.ts'
import type { Picture } from '../picture/index.ts'
import { openSqliteStore } from '../store/index.ts'
import type { LostItem } from '../store/port.ts'
import { openChannels } from '../tell/index.ts'

/** The parts of a house that stands still: settings and the record can be worked on, incidents cannot. */
export interface OfflineHouse {
  api: ApiParts
  close(): Promise<void>
}

const needsServer = () =>
  new UxbridgeError('not-ready', 'This needs the running server. Start it with "npm start", then repeat the command.')
const later = () => Promise.reject(needsServer())
const never = () => {
  throw needsServer()
}

/** Opens the data folder without a server. Its lock keeps a server from starting meanwhile. */
export async function openOffline(config: Config, clock: Clock, version: string): Promise<OfflineHouse> {
  const store = await openSqliteStore({ dir: config.dataDir })
  try {
    const settings = await store.read.settings()
    let { auditSeq } = await store.read.restore({ settledAfter: Number.MAX_SAFE_INTEGER })
    const record: CommandRoom['record'] = ({ put, remove, detail = {}, ...change }) =>
      store.commit({
        audit: [{ seq: ++auditSeq, at: clock.now(), detail, ...change }],
        ...(put === undefined ? {} : { put }),
        ...(remove === undefined ? {} : { remove }),
      })
    const access = makeAccess({
      initial: settings,
      clock,
      random: randomBytes,
      policy: () => builtInPolicy,
      kinds: sourceKinds,
      publicUrl: config.publicUrl,
      record,
      keep: (change) => store.commit(change),
    })
    const baseUrl = () => config.publicUrl ?? `http://${config.loopback ? 'localhost' : config.host}:${config.port}`
    const channels = await openChannels({
      ...{ initial: settings, clock, random: randomBytes, record, keep: (change) => store.commit(change) },
      ...{ smtp: config.smtp, publicUrl: config.publicUrl, baseUrl },
    })
    const silent = () => undefined
    // Nobody is told of anything while no server runs.
    const untold: ApiParts['notify'] = {
      ...{ mine: never, choose: later, test: later, pushKey: never, subscribe: later, unsubscribe: later },
      ...{ reach: never, look: later, act: later },
    }
    const nobodyOn: ApiParts['duty'] = {
      ...{ view: never, now: never, override: later, removeOverride: later },
      ...{ offer: later, accept: later, decline: later, withdraw: later },
      ...{ feeds: never, addFeed: later, renewFeed: later, revokeFeed: later, calendar: never, import: later },
    }
    const api: ApiParts = {
      access,
      commandRoom: stillRoom(record, {
        waiting: await store.read.lost({ state: 'lost', limit: 10_000 }),
        restricted: new Set(await restrictedIn(store.read)),
      }),
      picture: stillPicture(access.nameOf),
      filterRoom: { view: never, rule: later, alertWhy: later, placed: never, origin: later },
      alarmLoad: { load: later },
      precedents: { similarTo: later },
      tote: {
        ...{ seq: never, move: never, view: never, since: never, readiness: never, notes: never, tidy: never },
        ...{ heldUnseen: never, say: later, unsay: later },
      },
      alertmanager: { alerts: later, groups: later, receivers: never, status: never },
      reloadPolicy: later,
      policyDesk: { read: later, check: later, write: later },
      trials: { begin: later, get: never, running: () => null, cancel: never, close: async () => undefined },
      drills: { start: later, stop: later, list: never },
      channels: channels.desk,
      notify: untold,
      duty: nobodyOn,
      read: store.read,
      kinds: sourceKinds,
      listening: () => null,
      troublesOf: () => ({ sinceAt: clock.now(), refused: [], unreadable: [], others: 0 }),
      // No policy is active while no server runs; nothing of the command line depends on one.
      activePolicy: () => ({ policy: builtInPolicy, hash: '' }),
      registry: new Registry(),
      clock,
      log: {
        debug: silent,
        warn: silent,
        error: (fields, message) => process.stderr.write(`${message} ${String('err' in fields ? fields.err : '')}\n`),
      },
      baseUrl,
      publicUrl: config.publicUrl,
      version,
    }
    const close = () => {
      channels.close()
      return store.close()
    }
    return { api, close }
  } catch (error) {
    await store.close()
    throw error
  }
}

/**
 * @param waiting lost property, which can be listed and counted without a server
 * @param restricted incidents: who has the folder has what is in it, and a look at them is in the audit
 */
function stillRoom(
  record: CommandRoom['record'],
  { waiting, restricted }: { waiting: readonly LostItem[]; restricted: ReadonlySet<string> },
): CommandRoom {
  return {
    record,
    lost: {
      get: (key) => waiting.find(({ pos, index }) => pos === key.pos && index === key.index),
      waiting: (sourceId) =>
        waiting.reduce((sum, item) => sum + (sourceId === undefined || item.sourceId === sourceId ? item.count : 0), 0),
      madeRoom: () => 0,
      bytes: later,
      retry: later,
      retryAll: later,
      discard: later,
      discardAll: later,
    },
    evidence: { keep: later, open: later, sweep: later, expire: later },
    silences: {
      ...{ set: later, setRecurring: later, extend: later, expire: later, expireAll: later },
      ...{ list: () => [], get: () => undefined, holder: () => undefined, windows: () => [], next: () => [] },
      ...{ nextOf: never, firingFor: () => () => 0, preview: never },
    },
    receive: later,
    command: later,
    declare: later,
    incident: () => undefined,
    sees: (_actor, incidentId) => !restricted.has(incidentId),
    sight: later,
    policy: never,
    ready: () => false,
  }
}

function stillPicture(nameOf: (personId: string) => string): Picture {
  return {
    nameOf,
    vitals: () => undefined,
    lastHour: () => ({ accepted: 0, outcomes: {} }),
    minutes: () => [],
    expected: () => ({ silentSince: null, by: null }),
    firingOf: () => ({ alerts: 0, incidents: [] }),
    seq: never,
    figures: never,
    board: never,
    sees: never,
    restrictedFor: never,
    summary: never,
    head: never,
    liveAlerts: never,
    homeOf: never,
    incident: later,
    list: later,
    facts: later,
    alerts: later,
    leadTime: later,
    why: later,
    ledger: later,
    factView: never,
    retold: never,
    since: never,
    onChange: never,
  }
}
