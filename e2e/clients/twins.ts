import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { stringify } from 'yaml'
import { type Foreign, startForeign } from '../world/alertmanager.ts'
import { makeScopedToken } from '../world/amtool.ts'
import { setUpHouse } from '../world/house.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

/** Routes of both. No empty `group_by`: 0.25 takes it for none at all, today's Alertmanager and we for one group. */
const route = {
  receiver: 'base',
  group_by: ['alertname'],
  routes: [
    { matchers: ['team="a"'], receiver: 'everything', group_by: ['...'], continue: true },
    { match_re: { severity: 'crit.*|page' }, receiver: 'pager', group_by: ['team', 'zone'] },
    { match: { zone: 'x' }, routes: [{ matchers: ['job=~"web|db"', 'instance!=""'], receiver: 'pager' }] },
  ],
}
const receivers = [{ name: 'base' }, { name: 'everything' }, { name: 'pager' }]

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

export type Json = ReturnType<JSON['parse']>
export interface Answer {
  status: number
  /** Null where there is no body, or no JSON. */
  json: Json
}
/** One of the two, as a client sees it. */
export interface Side {
  ask(method: string, path: string, body?: unknown): Promise<Answer>
}

/** Debian's Alertmanager and we, with the same routes. */
export interface Twins {
  theirs: Side
  ours: Side
  /** The same request to both. */
  both(method: string, path: string, body?: unknown): Promise<[theirs: Answer, ours: Answer]>
  /** Both show the same alerts and groups; where they do not, the failure says what was done. */
  expectSame(query: string, done: unknown): Promise<void>
}

function sideOf(url: string, keyFor: (method: string, path: string) => string | null): Side {
  return {
    async ask(method, path, body) {
      const key = keyFor(method, path)
      const response = await fetch(`${url}/api/v2/${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== ''
      return { status: response.status, json: isJson ? JSON.parse(text) : null }
    },
  }
}

/** Times that the servers chose are named; those that were sent are compared to the millisecond, in whatever zone. */
function timeOf(text: string): string {
  const at = Date.parse(text)
  const now = Date.now()
  if (Math.abs(at - now) < minuteMs) return 'now'
  if (Math.abs(at - now - 5 * minuteMs) < minuteMs) return 'now and the resolve timeout'
  return new Date(at).toISOString()
}

/** Without what only today's Alertmanager has (mutedBy, routeLabels); silences by their comments, since ids are chance. */
async function shownBy(side: Side, query: string): Promise<{ alerts: Json; groups: Json }> {
  const silences = await side.ask('GET', 'silences')
  const comments = new Map<string, string>(silences.json.map(({ id, comment }: Json) => [id, comment]))
  const plain = (alert: Json): Json => {
    const { mutedBy: _, ...status } = alert.status
    return {
      ...alert,
      startsAt: timeOf(alert.startsAt),
      endsAt: timeOf(alert.endsAt),
      updatedAt: timeOf(alert.updatedAt),
      status: { ...status, silencedBy: status.silencedBy.map((id: string) => comments.get(id)).sort() },
    }
  }
  const [alerts, groups] = await Promise.all([
    side.ask('GET', `alerts?${query}`),
    side.ask('GET', `alerts/groups?${query}`),
  ])
  return {
    alerts: alerts.status === 200 ? alerts.json.map(plain) : alerts.status,
    groups:
      groups.status === 200
        ? groups.json.map(({ routeLabels: _, ...group }: Json) => ({ ...group, alerts: group.alerts.map(plain) }))
        : groups.status,
  }
}

/** The same value with its keys in order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/** Starts both for the tests of a file. */
export function useTwins(): Twins {
  let alertmanager: Foreign | undefined
  let server: Server | undefined
  const twins = {
    both: (method, path, body) =>
      Promise.all([twins.theirs.ask(method, path, body), twins.ours.ask(method, path, body)]),
    async expectSame(query, done) {
      let last = { theirs: null as Json, ours: null as Json }
      const same = async () => {
        const [theirs, ours] = await Promise.all([shownBy(twins.theirs, query), shownBy(twins.ours, query)])
        last = { theirs, ours }
        return JSON.stringify(sorted(theirs)) === JSON.stringify(sorted(ours))
      }
      // Alertmanager groups what it took in a moment later; where they differ for long, the difference is told.
      await until('both to show the same', same, { within: 6000, every: 20 }).catch(() => {
        expect(last.ours, JSON.stringify(done, null, 1)).toEqual(last.theirs)
      })
    },
  } as Twins
  beforeAll(async () => {
    const words = (file: string, folder: string, address: string) => [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'storage')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ]
    alertmanager = await startForeign('prometheus-alertmanager', 'alertmanager.yml', { route, receivers }, words)
    server = await startServer({ policy: stringify({ route, receivers }) })
    const house = await setUpHouse(server, { responders: 0 })
    const { key } = await house.addSource('prometheus', 'Prometheus')
    // Several, in turn: one client may ask a hundred times a second, and this one asks faster.
    const tokens: string[] = []
    while (tokens.length < 4) tokens.push(await makeScopedToken(server, 'silences'))
    let turn = 0
    twins.theirs = sideOf(alertmanager.url, () => null)
    twins.ours = sideOf(server.url, (method, path) =>
      method === 'POST' && path === 'alerts' ? key : (tokens[turn++ % tokens.length] ?? null),
    )
  })
  afterAll(async () => {
    await alertmanager?.close()
    await server?.close()
  })
  return twins
}
