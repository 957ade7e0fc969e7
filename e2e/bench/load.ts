// The load maker: a process of its own, so that what it costs is not taken from what it measures more than it must be.
// node:http with kept-alive connections; undici's pool was measured to halve every figure.
import { Agent, request } from 'node:http'
import { prometheusBody } from '#server/demo/bodies.ts'
import { distinctConditions } from './alerts.ts'

/** What to send, and where. One process serves many rounds, so that its code is warm in all of them. */
export interface LoadOrder {
  url: string
  /** Alerts in each request. */
  batch: number
  connections: number
  /** Distinct alerts, sent round and round. */
  distinct: number
  forMs: number
  /** No more alerts a second than this; undefined: as fast as it goes. */
  perSecond?: number
  authorization?: string
}

export interface LoadReport {
  alerts: number
  requests: number
  refused: number
  /** What the first refusal said. */
  refusal: string | null
  tookMs: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** Processor time of this process, ms: how near it was to being the limit itself. */
  loadCpuMs: number
}

/** A body whose `endsAt`s are written anew for every sending, as Prometheus does: no two rounds have the same bytes. */
interface Body {
  bytes: Buffer
  endsAt: number[]
}

const bodies = new Map<string, Body[]>()

function bodiesFor(distinct: number, batch: number): Body[] {
  const key = `${distinct}/${batch}`
  const known = bodies.get(key)
  if (known) return known
  const began = Date.now()
  const conditions = distinctConditions(distinct, began - 60_000)
  const made: Body[] = []
  for (let from = 0; from < distinct; from += batch) {
    const bytes = Buffer.from(prometheusBody(conditions.slice(from, from + batch), began + 240_000))
    const endsAt: number[] = []
    for (let at = bytes.indexOf('"endsAt":"'); at !== -1; at = bytes.indexOf('"endsAt":"', at + 1)) endsAt.push(at + 10)
    made.push({ bytes, endsAt })
  }
  bodies.set(key, made)
  return made
}

async function send(order: LoadOrder): Promise<LoadReport> {
  const all = bodiesFor(order.distinct, order.batch)
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections })
  const { hostname, port, pathname } = new URL(order.url)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (order.authorization !== undefined) headers.authorization = order.authorization
  const latencies: number[] = []
  let next = 0
  let requests = 0
  let refused = 0
  let refusal: string | null = null
  const cpu = process.cpuUsage()
  const began = performance.now()
  const until = began + order.forMs

  function post(bytes: Buffer): Promise<void> {
    return new Promise((done, fail) => {
      const sentAt = performance.now()
      const options = { agent, hostname, port, path: pathname, method: 'POST' }
      const sending = request({ ...options, headers: { ...headers, 'content-length': bytes.length } }, (response) => {
        const ok = response.statusCode !== undefined && response.statusCode < 300
        let said = ''
        if (ok || refusal !== null) response.resume()
        else response.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
        response.once('error', fail)
        response.once('end', () => {
          latencies.push(performance.now() - sentAt)
          if (!ok) {
            refused++
            refusal ??= `${response.statusCode} ${said.slice(0, 300)}`
          }
          done()
        })
      })
      sending.once('error', fail)
      sending.end(bytes)
    })
  }

  async function connection(): Promise<void> {
    for (;;) {
      const now = performance.now()
      if (now >= until) return
      if (order.perSecond !== undefined) {
        const dueAt = began + ((requests * order.batch) / order.perSecond) * 1000
        if (dueAt > now) await new Promise((done) => setTimeout(done, dueAt - now))
      }
      const { bytes, endsAt } = all[next++ % all.length]!
      requests++
      const promise = new Date(Date.now() + 240_000).toISOString()
      for (const at of endsAt) bytes.write(promise, at, 'latin1')
      await post(bytes)
    }
  }

  await Promise.all(Array.from({ length: order.connections }, connection))
  const tookMs = performance.now() - began
  const spent = process.cpuUsage(cpu)
  agent.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return {
    alerts: (requests - refused) * order.batch,
    requests,
    refused,
    refusal,
    tookMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    loadCpuMs: (spent.user + spent.system) / 1000,
  }
}

process.on('message', (order: LoadOrder) => {
  send(order).then(
    (report) => process.send?.({ report }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
