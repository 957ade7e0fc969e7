import { request } from 'node:http'
import { join } from 'node:path'
import { type Condition, prometheusBody } from '#server/demo/bodies.ts'
import { findProgram } from '../run/machine.ts'
import { startForeign } from '../world/alertmanager.ts'
import { makeScopedToken } from '../world/amtool.ts'
import { post } from '../world/events.ts'
import { setUpHouse } from '../world/house.ts'
import { startServer } from '../world/server.ts'
import { until } from '../world/until.ts'
import { distinctConditions } from './alerts.ts'
import type { BenchOptions } from './intake.ts'
import { figure, type Row, say, spreadOf } from './table.ts'

const count = 50_000
const batch = 1000

interface Contender {
  name: 'this' | 'peer'
  url: string
  key?: string
  token?: string
}

interface Measured {
  tookMs: number
  bytes: number
  /** Longest wait of a small request that was asked again and again meanwhile. */
  longestWaitMs: number
}

/** The whole answer, counted and dropped. */
function get(url: string, token: string | undefined): Promise<{ status: number; bytes: number }> {
  return new Promise((done, fail) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const outgoing = request(url, { headers, agent: false }, (incoming) => {
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      incoming.on('error', fail)
      incoming.on('end', () => done({ status: incoming.statusCode ?? 0, bytes }))
    })
    outgoing.on('error', fail)
    outgoing.end()
  })
}

async function measureOnce({ url, token }: Contender): Promise<Measured> {
  let going = true
  let longestWaitMs = 0
  const beside = (async () => {
    while (going) {
      const began = performance.now()
      await get(`${url}/-/healthy`, undefined)
      longestWaitMs = Math.max(longestWaitMs, performance.now() - began)
    }
  })()
  const began = performance.now()
  const { status, bytes } = await get(`${url}/api/v2/alerts/groups`, token)
  const tookMs = performance.now() - began
  going = false
  await beside
  if (status !== 200) throw new Error(`${url} answered ${status}`)
  return { tookMs, bytes, longestWaitMs }
}

/**
 * P3: `GET /api/v2/alerts/groups` with 50,000 active alerts, beside Debian's Alertmanager with one inhibit rule. How long
 * the event loop is held up is told by our own metrics, which measure it within the process.
 */
export async function benchGroups({ rounds }: BenchOptions): Promise<{ rows: Row[]; detail: unknown }> {
  const closing: (() => Promise<unknown> | unknown)[] = []
  try {
    return await measure(rounds, closing)
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function measure(
  rounds: number,
  closing: (() => Promise<unknown> | unknown)[],
): Promise<{ rows: Row[]; detail: unknown }> {
  const server = await startServer({ env: { LOG_LEVEL: 'warn' } })
  closing.push(() => server.close())
  const house = await setUpHouse(server, { responders: 0 })
  const { key } = await house.addSource('prometheus', 'bench')
  const token = await makeScopedToken(server, 'alerts')
  const self: Contender = { name: 'this', url: server.url, key, token }
  const contenders = [self]
  if (findProgram('prometheus-alertmanager') === null) say('prometheus-alertmanager is not on PATH: there is no peer')
  else {
    const peer = await startPeer()
    closing.push(() => peer.close())
    contenders.push({ name: 'peer', url: peer.url })
  }
  const conditions = distinctConditions(count, Date.now() - 60_000)
  for (const who of contenders) await fill(who, conditions)

  const measured: Record<string, Measured[]> = {}
  const lags: number[] = []
  for (let round = -1; round < rounds; round++) {
    for (const who of contenders) {
      // Alertmanager takes many seconds for each; two rounds of it, cold, are enough to see that.
      if (who.name === 'peer' && (round < 0 || round >= 2)) continue
      if (who === self) await lagOf(self)
      const one = await measureOnce(who)
      const lagMs = who === self ? await lagOf(self) : null
      if (round < 0) continue
      measured[who.name] = [...(measured[who.name] ?? []), one]
      if (lagMs !== null) lags.push(lagMs)
      say(
        `P3 round ${round + 1} ${who.name.padEnd(4)} ${one.tookMs.toFixed(0)} ms for ${(one.bytes / 2 ** 20).toFixed(1)} MB, ` +
          `others waited up to ${one.longestWaitMs.toFixed(0)} ms${lagMs === null ? '' : `, event loop held up to ${lagMs.toFixed(0)} ms`}`,
      )
    }
  }
  const took = (name: string) => spreadOf((measured[name] ?? []).map(({ tookMs }) => tookMs))
  const hasPeer = measured.peer !== undefined
  const ratio = hasPeer ? took('this').median / took('peer').median : null
  const lag = spreadOf(lags)
  const rows: Row[] = [
    {
      id: 'P3',
      work: `groups with ${count} alerts, time`,
      self: figure(took('this'), ' ms'),
      peer: hasPeer ? figure(took('peer'), ' ms') : 'absent',
      ceiling: '–',
      ratio: ratio === null ? '–' : `${ratio.toFixed(3)} ×`,
      bar: '≤ 0.1 ×',
      met: ratio === null ? null : ratio <= 0.1,
    },
    {
      id: 'P3',
      work: 'the event loop meanwhile, longest hold',
      self: figure(lag, ' ms'),
      peer: '–',
      ceiling: '–',
      ratio: '–',
      bar: '≤ 50 ms',
      met: lag.high <= 50,
    },
  ]
  return { rows, detail: { count, rounds, measured, lags } }
}

function startPeer() {
  const config = {
    route: { receiver: 'nobody', group_by: ['alertname'], group_wait: '1h' },
    receivers: [{ name: 'nobody' }],
    inhibit_rules: [
      { source_matchers: ['alertname="TargetDown"'], target_matchers: ['severity="warning"'], equal: ['service'] },
    ],
  }
  return startForeign('prometheus-alertmanager', 'alertmanager.yml', config, (file, folder, address) => [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'storage')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ])
}

async function fill({ name, url, key }: Contender, conditions: readonly Condition[]): Promise<void> {
  const until1h = Date.now() + 3_600_000
  for (let at = 0; at < conditions.length; at += batch) {
    const body = prometheusBody(conditions.slice(at, at + batch), until1h)
    const send = () => post(url, '/api/v2/alerts', body, key)
    await until(`${name} to take a batch`, async () => (await send()).status === 200, { every: 250 })
  }
}

/** Longest that our event loop was held up since the last call, ms. */
async function lagOf({ url, token }: Contender): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1000
}
