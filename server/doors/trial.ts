// long because: a stand-in for every room behind the doors, in one place, so that tests of the doors wire nothing
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { linesBy, loadOf } from '#shared/alarm-load.ts'
import { CommandRefused, UxbridgeError } from '#shared/errors.ts'
import type { RuleFigures } from '#shared/filter-room.ts'
import { mention } from '#shared/incident/guards.ts'
import type { LeadTimeView } from '#shared/lead-time.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { requireSilence, type Silence } from '#shared/silence.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import type { CommandRoom, SettingsChange } from '../command/port.ts'
import type { SourceKind } from '../intake/port.ts'
import type { FilterPicture, Picture } from '../picture/port.ts'
import type { ApiParts } from './http.ts'

const at = '2026-01-05T09:00:00.000Z'

const trialSummary: Summary = {
  id: 'INC-1001',
  title: 'Checkout is slow',
  phase: 'triage',
  tier: null,
  severity: 'high',
  owner: null,
  offer: null,
  service: 'checkout',
  team: null,
  openedAt: at,
  heardAt: at,
  resolvedAt: null,
  alerts: { firing: 1, total: 1 },
  events: 1,
  activity: [1],
  activityUntil: '2026-01-05T03:00:00.000Z',
  chain: [],
  handovers: 0,
  unownedMs: 0,
  unownedSince: at,
  reliefAskedBy: null,
  assistants: [],
  ownerSilentSince: null,
  nextUpdateDueAt: null,
  flags: [],
  drill: false,
  provisional: true,
  silenced: null,
  suggestResolve: false,
  revision: 0,
  seq: 1,
}
const trialIncident: IncidentView = {
  summary: trialSummary,
  description: '',
  brief: null,
  offerBrief: null,
  offerChanged: [],
  lastUpdate: null,
  tasks: [],
  runbook: null,
  facts: [],
  alerts: [],
}

const noneSuch = () => Promise.reject(new UxbridgeError('not-found', 'There is no such lost property.'))
const nothingLost: CommandRoom['lost'] = {
  get: () => undefined,
  waiting: () => 0,
  madeRoom: () => 0,
  bytes: noneSuch,
  retry: noneSuch,
  retryAll: async () => [],
  discard: noneSuch,
  discardAll: async () => 0,
}

const trialRule: RuleFigures = {
  ...{ stage: 'define', rule: 'everything else', name: 'everything else', origin: 'policy' },
  ...{ outcomes: {}, minutes: [], day: 0, passed: 0, again: 0, holds: 0, marks: 0, lastAt: null },
}

const trialLeadTime: LeadTimeView = {
  at,
  open: true,
  openMs: 60_000,
  handovers: { count: 0, hops: [] },
  classification: { as: null, by: null, ms: 60_000 },
  information: { known: ['title'], missing: ['service', 'description', 'tier', 'team'] },
  ownership: { unownedMs: 60_000, firstOwner: null, toFirstOwnerMs: 60_000 },
  updates: [],
}

/** A picture of one incident, which remembers the filter it was last asked with. */
export function trialPicture(nameOf: (id: string) => string): Picture & { asked: unknown[] } {
  const asked: unknown[] = []
  const only = <T>(id: string, value: T): Promise<T | null> => Promise.resolve(id === trialSummary.id ? value : null)
  const figures = { sources: [], ledger: { sinceMs: 3_600_000, accepted: 1, outcomes: { opened: 1 } }, heldBack: 0 }
  return {
    asked,
    seq: () => 1,
    figures: () => figures,
    board: () => ({ seq: 1, incidents: [trialSummary], ...figures }),
    summary: () => trialSummary,
    head: () => undefined,
    liveAlerts: () => [],
    homeOf: () => undefined,
    incident: (id) => only(id, trialIncident),
    async list(filter) {
      asked.push(filter)
      return { incidents: [trialSummary], next: null }
    },
    facts: (id) => only(id, []),
    alerts: (id) => only(id, []),
    leadTime: (id) => only(id, trialLeadTime),
    why: (id) => only(id, []),
    async ledger(since) {
      asked.push(since)
      return [{ minute: since, sourceId: 's_one', accepted: 2, counts: { opened: 1, repeated: 1 } }]
    },
    vitals: () => undefined,
    lastHour: () => ({ accepted: 0, outcomes: {} }),
    minutes: () => new Array(60).fill(0),
    expected: () => ({ silentSince: null, by: null }),
    firingOf: () => ({ alerts: 0, incidents: [] }),
    nameOf,
    factView: (fact) => ({ ...fact, at: new Date(fact.at).toISOString(), by: { id: fact.by, name: fact.by } }),
    since: () => null,
    onChange: () => () => undefined,
  }
}

/** Silences that are kept as they are wanted, under ids that count up; they hold nothing back. */
function trialSilences(): CommandRoom['silences'] {
  const kept = new Map<string, Silence>()
  const known = (id: string): Silence => {
    const silence = kept.get(id)
    if (silence === undefined) throw new UxbridgeError('not-found', 'There is no such silence.')
    return silence
  }
  return {
    async set(who, wanted) {
      requireSilence(wanted, Date.parse(at))
      const id = wanted.id ?? `00000000-0000-4000-8000-${String(kept.size + 1).padStart(12, '0')}`
      if (wanted.id !== undefined) known(wanted.id)
      const silence = { ...wanted, id, updatedAt: Date.parse(at), by: who.by }
      kept.set(id, silence)
      return silence
    },
    async setRecurring(who, { recurs, ...wanted }) {
      const startsAt = Date.parse(at) + 60_000
      const until = recurs.until ?? startsAt
      const timed = { ...wanted, startsAt, endsAt: startsAt + recurs.lastsMs }
      const silence = { ...(await this.set(who, timed)), recurs: { ...recurs, until } }
      kept.set(silence.id, silence)
      return silence
    },
    async extend(_, id, byMs) {
      const silence = { ...known(id), endsAt: known(id).endsAt + byMs }
      kept.set(id, silence)
      return silence
    },
    async expireAll(who, ids) {
      return Promise.all(ids.map(async (id) => ({ id, silence: kept.has(id) ? await this.expire(who, id) : null })))
    },
    async expire(_, id) {
      const silence = { ...known(id), endsAt: Date.parse(at) }
      kept.set(id, silence)
      return silence
    },
    list: () => [...kept.values()],
    get: (id) => kept.get(id),
    holder: (id) => kept.get(id),
    windows: () => [],
    next: ({ startsAt, endsAt }) => [{ startsAt, endsAt }],
    nextOf: ({ lastsMs }) => [{ startsAt: Date.parse(at), endsAt: Date.parse(at) + lastsMs }],
    firingOf: () => 0,
    preview: () => ({ firing: 2, silenced: 1, incidents: [{ id: 'INC-1001', firing: 2 }], alerts: [] }),
  }
}

/** A command room that takes every claim once; the second learns of the owner. */
export function trialCommandRoom(
  record: CommandRoom['record'],
): CommandRoom & { audit: SettingsChange[]; isReady: boolean } {
  let owner: string | null = null
  const audit: SettingsChange[] = []
  const claimed = (by: string, seq: number) => ({
    type: 'claimed' as const,
    at: Date.parse(at),
    by,
    seq,
    incidentId: 'INC-1001',
    version: seq,
  })
  const room = {
    audit,
    isReady: true,
    receive: () => Promise.reject(new UxbridgeError('internal', 'nothing is sent here in these tests')),
    async command(actor: { id: string; personId: string | null }, incidentId: string, command: { type: string }) {
      if (incidentId !== 'INC-1001') throw new UxbridgeError('not-found', `There is no incident ${incidentId}.`)
      if (command.type === 'note') throw new TypeError('a fault of ours with a password in it: hunter2')
      if (owner !== null) throw new CommandRefused('already-owned', `${mention(owner)} owns it.`, { owner, since: at })
      owner = actor.personId ?? ''
      return { seq: 2, facts: [claimed(actor.id, 2)] }
    },
    async declare(actor: { id: string }) {
      return { incidentId: 'INC-1002', seq: 3, facts: [claimed(actor.id, 3)] }
    },
    async record(change: SettingsChange) {
      await record(change)
      audit.push(change)
    },
    lost: nothingLost,
    silences: trialSilences(),
    incident: () => undefined,
    policy: () => builtInPolicy,
    ready: () => room.isReady,
  }
  return room
}

const trialPolicyDesk: ApiParts['policyDesk'] = {
  read: async () => ({
    ...{ text: 'version: 1\n', hash: 'abc', active: 'abc', place: 'file', file: 'policy.yaml' },
    ...{ writable: true, problems: [] },
  }),
  check: async (text) =>
    text.includes('[')
      ? { ok: false, hash: null, problems: [], sections: [] }
      : { ok: true, hash: 'def', problems: [], sections: [] },
  write: async () => 'def',
}
const noSuchTrial = () => {
  throw new UxbridgeError('not-found', 'There is no such trial.')
}
const noExercise = () =>
  Promise.reject(new UxbridgeError('drill-running', 'An exercise is on. Wait for its end, or stop it.'))
const noTrials: ApiParts['trials'] = {
  begin: noSuchTrial,
  get: noSuchTrial,
  cancel: noSuchTrial,
  running: () => null,
  close: async () => undefined,
}

export const trialKinds: readonly SourceKind[] = [
  {
    kind: 'generic',
    title: 'Anything',
    defaultGroup: 'source',
    keyFormat: 'bearer',
    adapters: [],
    connect: ({ baseUrl, key, sourceId }) => [
      {
        title: 'curl',
        language: 'shell',
        text: `curl ${baseUrl}/intake/${sourceId} -H 'Authorization: Bearer ${key}'`,
      },
    ],
  },
]

/** A load of one alarm, whoever it is of. */
const trialLoad: ApiParts['alarmLoad'] = {
  async load(of) {
    const to = Date.parse(at)
    const from = to - 3_600_000
    const plain = { at: to - 1, count: 1, kind: 'opened' as const, incidentId: 'INC-1', team: null, person: null }
    const load = loadOf({ alarms: [{ ...plain, what: 'A', rule: 'r' }], from, to, chattering: 1, standing: 1 })
    const alert = { alertId: 'a', title: 'A', incidentId: null }
    return {
      ...load,
      ...{ from, to, byKind: { opened: 1, reopened: 0, joined: 0 }, periodMs: 600_000 },
      flood: load.periods.map(() => false),
      hours: { start: from, counts: [1] },
      chattering: [{ ...alert, at: from, times: 1, damped: false }],
      standing: [{ ...alert, since: 0 }],
      ...{ chatteringInAll: 1, standingInAll: 1 },
      lines: of.kind === 'everybody' ? { teams: new Map(), people: linesBy([], 'person', from, to) } : null,
    }
  },
}

/** A filter room of one rule and one alert. */
const trialFilterRoom: FilterPicture = {
  view: () => ({
    at,
    since: at,
    sources: [],
    others: { accepted: 0, rejected: 0 },
    stages: [],
    sum: { sinceMs: 3_600_000, accepted: 1, outcomes: { opened: 1 }, unplaced: 0 },
    held: { silenced: 0, inhibited: 0, damped: 0, shed: 0 },
    incidents: { open: 1, unowned: 1 },
    lost: 0,
    policy: { hash: 'abc', since: null },
    rules: [trialRule],
    rulesInAll: 1,
  }),
  rule: async (stage, rule) =>
    stage === trialRule.stage && rule === trialRule.rule
      ? {
          figures: trialRule,
          author: { kind: 'policy', by: null, since: null, until: null, policy: 'abc' },
          ...{ text: null, line: null, holds: 0, marks: 0, alerts: [], decisions: [], next: null },
        }
      : null,
  alertWhy: async (id) =>
    id === 'a1' ? { alert: null, marks: null, decisions: [], stages: [], path: [], older: false } : null,
  placed: () => ({ marks: null, path: [] }),
  origin: async () => ({
    definition: null,
    by: { id: 'system:filter', name: 'Filter' },
    at,
    joined: [],
    corrections: [],
  }),
}

/** What the doors take, over the given access; logged lines are kept. */
export function trialApi(
  parts: Pick<ApiParts, 'access' | 'read' | 'clock' | 'commandRoom'>,
): ApiParts & { logged: string[] } {
  const logged: string[] = []
  const write = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  return {
    ...parts,
    logged,
    picture: trialPicture(parts.access.nameOf),
    alertmanager: {
      alerts: async () =>
        (async function* () {
          yield '[]'
        })(),
      groups: async () =>
        (async function* () {
          yield '[]'
        })(),
      receivers: () => [{ name: 'uxbridge', labels: { name: 'uxbridge' } }],
      status: () => ({
        cluster: { name: 'uxbridge', status: 'ready', peers: [] },
        versionInfo: { version: '', revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' },
        config: { original: '' },
        uptime: at,
      }),
    },
    filterRoom: trialFilterRoom,
    alarmLoad: trialLoad,
    reloadPolicy: async () => undefined,
    policyDesk: trialPolicyDesk,
    trials: noTrials,
    drills: { start: noExercise, stop: noExercise, list: () => [] },
    kinds: trialKinds,
    activePolicy: () => ({ policy: builtInPolicy, hash: 'abc' }),
    listening: () => null,
    registry: new Registry(),
    log: { debug: write, warn: write, error: write },
    troublesOf: () => ({ sinceAt: 0, refused: [], unreadable: [], others: 0 }),
    baseUrl: () => 'http://board.test',
    publicUrl: null,
    version: '0.0.0',
    checkAnswers: true,
  }
}

export interface Said {
  method?: string
  body?: unknown
  /** Sent as they are; `body` is then left alone. */
  bytes?: Uint8Array | string
  headers?: Record<string, string>
  cookie?: string | undefined
  token?: string | undefined
}
export interface Heard {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** Null when it is no JSON. */
  json: ReturnType<JSON['parse']>
}

/** Real HTTP on a free port, with headers that fetch would not let a test send (Host, Origin, Cookie). */
export async function listenOn(app: (request: never, response: never) => void) {
  const server = createServer(app as Parameters<typeof createServer>[1] & object)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const call = (
    path: string,
    { method = 'GET', body, bytes, headers = {}, cookie, token }: Said = {},
  ): Promise<Heard> =>
    new Promise((resolve, reject) => {
      const payload = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
      const outgoing = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path,
          method,
          agent: false,
          headers: {
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...(cookie === undefined ? {} : { cookie }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const isJson = /json/.test(incoming.headers['content-type'] ?? '')
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text,
              json: isJson && text !== '' ? JSON.parse(text) : null,
            })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(payload)
    })
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { port, call, close }
}
