import { diag, SeverityNumber } from '@opentelemetry/api'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Feed, useRoom } from './room.ts'

type Exporter = JsonExporter | ProtobufExporter

/** What the SDK says to whoever runs it. */
const said: string[] = []
const hear = (...words: unknown[]) => void said.push(words.map(String).join(' '))
const quiet = () => {}
diag.setLogger({ error: hear, warn: hear, info: quiet, debug: quiet, verbose: quiet })

afterEach(() => {
  said.length = 0
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name]
})

/** A program that logs with the SDK. Nothing waits in it once this resolves. */
async function run(exporter: Exporter, service: string, work: (log: ReturnType<LoggerProvider['getLogger']>) => void) {
  const resource = resourceFromAttributes({
    'service.name': service,
    'host.name': 'web-1',
    'deployment.environment.name': 'prod',
  })
  const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] })
  work(provider.getLogger('payments', '1.0'))
  await provider.forceFlush()
  await provider.shutdown()
}

const failed = (order: number) => ({
  severityNumber: SeverityNumber.FATAL,
  severityText: 'FATAL',
  body: `order ${order} could not be paid`,
  attributes: {
    'http.response.status_code': 504,
    'order.id': BigInt(order).toString(),
    lines: ['a', 'b'],
    paid: false,
  },
})

describe('OpenTelemetry’s exporters of logs', () => {
  const room = useRoom()
  const to = (feed: Feed) => ({
    url: `${room.server.url}/v1/logs`,
    headers: { Authorization: `Bearer ${feed.key}` },
  })

  it.each([
    ['JSON, packed', (feed: Feed) => new JsonExporter({ ...to(feed), compression: 'gzip' as never })],
    ['protobuf, packed', (feed: Feed) => new ProtobufExporter({ ...to(feed), compression: 'gzip' as never })],
    ['protobuf', (feed: Feed) => new ProtobufExporter(to(feed))],
  ])('%s: what is fatal is one alert of its service; the rest is recorded', async (name, make) => {
    const feed = await room.add('otlp')
    const service = name.replace(', ', '-').toLowerCase()
    await run(make(feed), service, (log) => {
      log.emit({ severityNumber: SeverityNumber.INFO, body: 'started' })
      log.emit({ severityNumber: SeverityNumber.ERROR, body: { message: 'slow', tries: [1, 2] } })
      for (const order of [4711, 4712, 4713]) log.emit(failed(order))
    })
    expect(await feed.accepted(5)).toEqual({ accepted: 5, outcomes: { recorded: 2, opened: 1, repeated: 2 } })
    expect(said).toEqual([])
    const firing = await feed.alert(/^order 4713 could not be paid$/, 'firing')
    expect(firing).toMatchObject({
      severity: 'critical',
      severityRaw: 'FATAL',
      events: 3,
      labels: { environment: 'prod', host: 'web-1', logger: 'payments' },
      annotations: { 'http.response.status_code': '504', 'order.id': '4713', lines: '["a","b"]', paid: 'false' },
    })
    expect((await room.house.administrator.picture()).incidents).toContainEqual(
      expect.objectContaining({ service, alerts: expect.objectContaining({ total: 1 }) }),
    )
  })

  it('with the environment that the page prints, and errors as alerts by the source’s settings', async () => {
    const feed = await room.add('otlp')
    await room.house.administrator.must('PATCH', `/api/sources/${feed.id}`, { settings: { alertFrom: 'error' } })
    const { environment } = parse(feed.snippet('environment')) as { environment: Record<string, string> }
    for (const [name, value] of Object.entries(environment)) process.env[name] = value.replace('localhost', '127.0.0.1')
    await run(new ProtobufExporter(), 'search', (log) => {
      log.emit({ severityNumber: SeverityNumber.WARN, body: 'the index is old' })
      log.emit({
        severityNumber: SeverityNumber.ERROR,
        body: 'request failed',
        attributes: { 'exception.type': 'TimeoutError', 'exception.message': 'no answer in 30 s' },
      })
    })
    expect(await feed.accepted(2)).toEqual({ accepted: 2, outcomes: { recorded: 1, opened: 1 } })
    expect(await feed.alert(/./, 'firing')).toMatchObject({
      title: 'TimeoutError: request failed',
      severity: 'high',
      labels: { exception: 'TimeoutError' },
    })
    expect(said).toEqual([])
  })

  it('a record that is too large is told to the program; those beside it arrive', async () => {
    const feed = await room.add('otlp')
    await run(new ProtobufExporter(to(feed)), 'bulk', (log) => {
      log.emit({ severityNumber: SeverityNumber.INFO, body: 'small' })
      log.emit({ severityNumber: SeverityNumber.INFO, body: 'x'.repeat(300_000) })
      log.emit({ severityNumber: SeverityNumber.INFO, body: 'small too' })
    })
    expect(await feed.accepted(3)).toEqual({ accepted: 3, outcomes: { recorded: 2, rejected: 1 } })
    expect(said).toEqual([expect.stringContaining('Received Partial Success response')])
    expect(said[0]).toContain('log record 1: it is longer than 262144 bytes')
  })

  it('a key that nobody knows is an error that the program hears of', async () => {
    const options = { url: `${room.server.url}/v1/logs`, headers: { Authorization: 'Bearer nobody' } }
    for (const exporter of [new JsonExporter(options), new ProtobufExporter(options)])
      await run(exporter, 'stranger', (log) => log.emit(failed(1))).catch((error: unknown) => hear(error))
    expect(said.filter((line) => /401|Unauthorized/.test(line)).length).toBeGreaterThanOrEqual(2)
  })
})
