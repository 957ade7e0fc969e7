import { describe, expect, it } from 'vitest'
import { Story } from '#server/filter/story.fixture.ts'
import { minuteMs } from '#shared/clocks.ts'
import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading } from '../port.ts'
import { loggedAt as at, attributes, fatal, logs, packed, value } from './otlp.fixture.ts'
import { otlpRefusal } from './otlp.ts'
import { encodeResponse } from './otlp-protobuf.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const id = 'otlp/otlp-logs'
const json = 'application/json'
const protobuf = 'application/x-protobuf'
type Part = Record<string, unknown>

const send = (body: unknown, more: Partial<RawRequest> = {}) => reading(id, body, capturedAt, more)
const one = (record: Part, more: Partial<RawRequest> = {}): Event => {
  const read = send(logs([record]), more)
  expect(read.unreadable).toEqual([])
  return read.events[0] as Event
}
const keyOf = (record: Part, resource?: unknown) => send(logs([record], resource)).events[0]?.dedupKey

describe('what the unmodified exporters send', () => {
  const expected = {
    kind: 'log',
    status: 'firing',
    severity: 'high',
    severityRaw: 'ERROR',
    title: 'payment gateway timeout',
    service: 'checkout',
    labels: { environment: 'prod', host: 'web-1', logger: 'demo', level: 'ERROR' },
    annotations: { 'error.type': 'TimeoutError', 'http.response.status_code': '504' },
  }

  it.each([
    ['otlp-js', json, {}],
    ['otlp-js.pb', protobuf, Buffer.alloc(0)],
    ['otlp-js.pb', `${protobuf}; charset=x`, Buffer.alloc(0)],
  ])('%s as %s', (name, contentType, answer) => {
    const read = send(fixture(name), { contentType })
    expect(read.events).toHaveLength(1)
    expect(read.events[0]).toMatchObject(expected)
    expect(Math.abs((read.events[0]?.startsAt ?? 0) - Date.parse('2026-11-22T00:51:53Z'))).toBeLessThan(minuteMs)
    expect(read).toMatchObject({ unreadable: [], keep: true, answer: { status: 200 } })
    expect(Buffer.isBuffer(answer) ? Buffer.from(read.answer.body as Uint8Array) : read.answer.body).toEqual(answer)
    expect(read.answer.headers?.['content-type']).toBe(contentType === json ? undefined : protobuf)
  })

  it('both encodings of the same records give the same events', () => {
    const body = logs(
      [
        fatal('order 7 lost', {
          observedTimeUnixNano: `${at + 5}000000`,
          traceId: '5b8efff798038103d269b633813fc60c',
          spanId: 'eee19b7ec3c1b174',
          eventName: 'order.lost',
          attributes: attributes({
            text: 'a',
            yes: { boolValue: true },
            count: { intValue: '10' },
            huge: { intValue: '9223372036854775807' },
            below: { intValue: '-9007199254740993' },
            share: { doubleValue: 0.25 },
            list: { arrayValue: { values: [value('a'), { intValue: '1' }, {}] } },
            map: {
              kvlistValue: { values: attributes({ deep: { kvlistValue: { values: attributes({ er: 'x' }) } } }) },
            },
            bytes: { bytesValue: 'AAEC' },
            empty: {},
          }),
        }),
        { body: { kvlistValue: { values: attributes({ msg: 'structured' }) } } },
      ],
      { attributes: attributes({ 'service.name': 'checkout', 'host.name': 'web-1' }) },
    )
    const inJson = send(body)
    const inProtobuf = send(packed(body), { contentType: protobuf })
    expect(inProtobuf.events).toEqual(inJson.events)
    expect(inJson.events[0]).toMatchObject({
      title: 'order.lost: order 7 lost',
      annotations: {
        trace_id: '5b8efff798038103d269b633813fc60c',
        span_id: 'eee19b7ec3c1b174',
        yes: 'true',
        count: '10',
        huge: '9223372036854775807',
        below: '-9007199254740993',
        share: '0.25',
        list: '["a",1,null]',
        map: '{"deep":{"er":"x"}}',
        bytes: 'AAEC',
        'host.name': 'web-1',
      },
    })
    expect(inJson.events[1]?.title).toBe('structured')
  })
})

describe('which logs are alerts', () => {
  it.each([
    [1, 'info', 'TRACE'],
    [9, 'info', 'INFO'],
    [13, 'medium', 'WARN'],
    [17, 'high', 'ERROR'],
    [20, 'high', 'ERROR4'],
    [21, 'critical', 'FATAL'],
    [24, 'critical', 'FATAL4'],
  ])('severity number %i is %s, called %s', (severityNumber, severity, severityRaw) => {
    expect(one(fatal('x', { severityNumber, severityText: undefined }))).toMatchObject({
      severity,
      severityRaw,
      kind: severityNumber >= 21 ? 'alert' : 'log',
    })
  })

  it.each([
    ['fatal', 20, 'log'],
    ['fatal', 21, 'alert'],
    ['error', 17, 'alert'],
    ['error', 16, 'log'],
    ['warn', 13, 'alert'],
    ['never', 24, 'log'],
    ['toString', 24, 'alert'],
  ])('with alertFrom %s, %i is a %s', (alertFrom, severityNumber, kind) => {
    expect(one(fatal('x', { severityNumber }), { settings: { alertFrom } }).kind).toBe(kind)
  })

  it('an alert ends by silence: as the policy says, or after the source’s own time', () => {
    expect(one(fatal('x'))).toMatchObject({ kind: 'alert', status: 'firing', timesOut: true, expiresAt: null })
    expect(one(fatal('x'), { settings: { quietAfter: 90_000 } })).toMatchObject({
      timesOut: false,
      expiresAt: capturedAt + 90_000,
    })
    expect(one(fatal('x', { severityNumber: 9 }))).toMatchObject({ kind: 'log', timesOut: false, expiresAt: null })
  })

  it.each([
    ['FATAL', 21],
    ['Critical', 21],
    ['error', 17],
    ['warning', 13],
    ['notice', 0],
  ])('without a number the text %s counts', (severityText, number) => {
    const event = one({ severityText, body: value('x') }, { settings: { alertFrom: 'warn' } })
    expect([event.kind, event.severityRaw]).toEqual([number >= 13 ? 'alert' : 'log', severityText])
  })

  it('a sender that writes the name of a number, against the rule, is understood', () => {
    expect(one({ severityNumber: 'SEVERITY_NUMBER_ERROR2', body: value('x') })).toMatchObject({ severityRaw: 'ERROR2' })
  })
})

describe('one condition', () => {
  it('is the same message of one service about other things', () => {
    const key = keyOf(fatal('order 4711 of 10.0.0.7 failed: 0xdeadbeef'))
    expect(keyOf(fatal('order 12 of 10.1.2.3 failed: 0xcafe', { severityNumber: 22 }))).toBe(key)
    expect(keyOf(fatal('order 4711 of 10.0.0.7 was lost: 0xdeadbeef'))).not.toBe(key)
    expect(
      keyOf(fatal('order 4711 of 10.0.0.7 failed: 0xdeadbeef'), {
        attributes: attributes({ 'service.name': 'search' }),
      }),
    ).not.toBe(key)
  })

  it('is an event by its name whatever its text, and an exception by its type and message', () => {
    expect(keyOf(fatal('a', { eventName: 'order.lost' }))).toBe(keyOf(fatal('b', { eventName: 'order.lost' })))
    const thrown = (type: string, message: string) =>
      fatal('', { body: undefined, attributes: attributes({ 'exception.type': type, 'exception.message': message }) })
    expect(keyOf(thrown('TypeError', 'row 7'))).toBe(keyOf(thrown('TypeError', 'row 8')))
    expect(keyOf(thrown('TypeError', 'row 7'))).not.toBe(keyOf(thrown('RangeError', 'row 7')))
    expect(one(thrown('TypeError', 'no such row\n  at x'))).toMatchObject({
      title: 'TypeError: no such row',
      description: 'no such row\n  at x',
      labels: { alertname: 'TypeError', exception: 'TypeError' },
    })
  })

  it('a service that the SDK found no name for is none', () => {
    const resource = { attributes: attributes({ 'service.name': 'unknown_service:node' }) }
    expect(send(logs([fatal('x')], resource)).events[0]).toMatchObject({ service: null })
  })
})

it('in the filter room: logs are recorded and leave nothing behind; an alert is one, and ends when it is quiet', () => {
  const story = new Story()
  const records = (...more: Part[]) => send(logs([fatal('slow', { severityNumber: 17 }), ...more])).events
  expect(story.send(0, records()).counts).toEqual({ recorded: 1 })
  expect(story.filter.size()).toMatchObject({ alerts: 0, groups: 0 })
  expect(story.send(1, records(fatal('order 1 lost'), fatal('order 2 lost'))).counts).toEqual({
    recorded: 1,
    opened: 1,
    repeated: 1,
  })
  expect(story.send(3, records(fatal('order 3 lost'))).counts).toEqual({ recorded: 1, repeated: 1 })
  expect(story.filter.size()).toMatchObject({ alerts: 1, firing: 1, groups: 1 })
  story.tick(7)
  expect(story.filter.size().firing).toBe(1)
  story.tick(8)
  expect(story.alert('order 3 lost')).toMatchObject({ status: 'resolved', endAssumed: true, events: 3 })
})

describe('times', () => {
  it.each([
    ['text', { timeUnixNano: `${at}123456` }, at],
    ['a number, as some senders write it', { timeUnixNano: 1.795307513331e18 }, 1795307513331],
    ['observed, where the own one is 0', { timeUnixNano: '0', observedTimeUnixNano: `${at}000000` }, at],
    ['none', {}, capturedAt],
    ['absurd', { timeUnixNano: '18446744073709551615000' }, capturedAt],
    ['no time', { timeUnixNano: 'soon' }, capturedAt],
  ])('%s', (_, times, expected) => {
    expect(one({ body: value('x'), ...times }).startsAt).toBe(expected)
  })

  it('in digits beyond 2^53 are not rounded', () => {
    const body = JSON.stringify(logs([{ timeUnixNano: 0, body: value('x') }])).replace('":0,', `":${at}999999,`)
    expect(send(body).events[0]?.startsAt).toBe(at)
  })
})

describe('bad input', () => {
  const rejected = (read: Reading) =>
    (read.answer.body as { partialSuccess?: { rejectedLogRecords: string; errorMessage: string } }).partialSuccess

  it('good records are kept, bad ones are counted and named by index', () => {
    const read = send(
      logs([
        fatal('good'),
        7,
        { body: 'plain' },
        { attributes: 'x' },
        { attributes: [7] },
        fatal('good too'),
        { body: { intValue: 'x' } },
      ]),
    )
    expect(read.events.map(({ title }) => title)).toEqual(['good', 'good too'])
    expect(read.unreadable.map(({ index }) => index)).toEqual([1, 2, 3, 4, 6])
    expect(read.answer.status).toBe(200)
    expect(rejected(read)).toEqual({
      rejectedLogRecords: '5',
      errorMessage: expect.stringContaining('log record 1: a log'),
    })
    expect(rejected(read)?.errorMessage).toContain('log record 2: body must be one such as {"stringValue"')
  })

  it('in protobuf too, answered in protobuf', () => {
    const body = packed(logs([fatal('good'), fatal('bad'), fatal('good too')]))
    // The length of the second record's body text now reaches beyond its record.
    body[body.indexOf('bad') - 1] = 120
    const read = send(body, { contentType: protobuf })
    expect(read.events.map(({ title }) => title)).toEqual(['good', 'good too'])
    expect(read.unreadable).toEqual([{ index: 1, reason: expect.stringContaining('cannot be decoded') }])
    expect(read.answer.headers).toEqual({ 'content-type': protobuf })
    expect(read.answer.body).toEqual(encodeResponse(1, `log record 1: ${read.unreadable[0]?.reason}`))
  })

  it('a resource or list of the wrong kind rejects what is in it, and nothing beside it', () => {
    const good = logs([fatal('good')]).resourceLogs[0]
    const read = send({
      resourceLogs: [
        7,
        { scopeLogs: 7 },
        { scopeLogs: [7, { logRecords: 7 }] },
        ...logs([fatal('x')], { attributes: 7 }).resourceLogs,
        good,
      ],
    })
    expect(read.events.map(({ title }) => title)).toEqual(['good'])
    expect(read.unreadable.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    expect(read.unreadable[4]?.reason).toBe('of its resource attributes must be a list of {key, value}')
  })

  it.each([
    ['nope', json],
    ['[]', json],
    ['', json],
    ['{"resourceLogs":7}', json],
    [Buffer.from('nope'), protobuf],
    [fixture('otlp-js.pb').subarray(0, 60), protobuf],
  ])('%s as %s is 400, one entry of lost property', (body, contentType) => {
    const read = send(body, { contentType })
    expect(read).toMatchObject({ events: [], keep: true, unreadable: [{ index: 0 }], answer: { status: 400 } })
    expect(read.answer).toEqual(otlpRefusal(400, read.unreadable[0]?.reason ?? '', contentType))
  })

  it('an empty request is a success, and nothing is kept', () => {
    for (const [body, contentType] of [
      ['{}', json],
      ['{"resourceLogs":[]}', json],
      [Buffer.alloc(0), protobuf],
    ] as const)
      expect(send(body, { contentType })).toMatchObject({
        events: [],
        unreadable: [],
        keep: false,
        answer: { status: 200 },
      })
  })

  it('more records than fit are counted, one entry for all of them, in either encoding', () => {
    const many = logs(new Array(10_003).fill({}))
    const inJson = send(many)
    expect([inJson.events.length, inJson.unreadable.length, rejected(inJson)?.rejectedLogRecords]).toEqual([
      10_000,
      1,
      '3',
    ])
    const inProtobuf = send(packed(many), { contentType: protobuf })
    expect([inProtobuf.events.length, inProtobuf.unreadable]).toEqual([10_000, inJson.unreadable])
  })

  it('a status has the code of google.rpc, in the encoding of the request', () => {
    expect(otlpRefusal(503, 'Later.', json)).toEqual({ status: 503, body: { code: 14, message: 'Later.' } })
    expect(otlpRefusal(429, 'Later.', protobuf)).toEqual({
      status: 429,
      headers: { 'content-type': protobuf },
      body: new Uint8Array([8, 8, 18, 6, ...Buffer.from('Later.')]),
    })
    expect(otlpRefusal(418, 'No.')).toEqual({ status: 418, body: { code: 13, message: 'No.' } })
  })
})
