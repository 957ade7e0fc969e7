import { describe, expect, it } from 'vitest'
import { adapterById } from '../adapters.ts'
import { fixture, reading } from './reading.fixture.ts'

const structured = 'application/cloudevents+json; charset=utf-8'
const batch = 'application/cloudevents-batch+json'
const send = (body: unknown, contentType = structured, headers: Record<string, string> = {}) =>
  reading('cloudevents/intake', body, undefined, { contentType, headers })
/** As the JavaScript SDK sends it. */
const binary = {
  'ce-id': 'A234-1234-1234',
  'ce-time': '2026-11-22T00:51:53.386Z',
  'ce-type': 'com.example.alert.fired',
  'ce-source': '/monitors/disk',
  'ce-specversion': '1.0',
  'ce-subject': 'db-1',
}
const event = { specversion: '1.0', id: '1', source: '/s', type: 'com.example.alert.fired' }
const data = { title: 'Disk is full', severity: 'high' }

describe('what the JavaScript SDK sends', () => {
  it('structured: data with a summary and a severity is an alert', () => {
    const { events, answer } = send(fixture('cloudevents-structured'))
    expect(answer).toEqual({ status: 204 })
    expect(events).toMatchObject([
      {
        kind: 'alert',
        status: 'firing',
        title: 'disk full',
        severity: 'critical',
        startsAt: Date.UTC(2026, 10, 22, 0, 51, 53, 386),
        labels: { source: '/monitors/disk', subject: 'db-1', type: 'com.example.alert.fired' },
      },
    ])
  })

  it('binary: the same event', () => {
    const read = send(fixture('cloudevents-binary'), 'application/json; charset=utf-8', binary)
    expect(read.events).toEqual(send(fixture('cloudevents-structured')).events)
    expect(read.answer).toEqual({ status: 204 })
  })
})

it('the last word of the type tells of beginning and end; the condition is the same', () => {
  const fired = send({ ...event, data }).events[0]
  for (const word of ['resolved', 'closed', 'recovered']) {
    const over = send({ ...event, id: '2', type: `com.example.alert.${word}`, time: '2026-11-22T00:45:00Z', data })
      .events[0]
    expect(over).toMatchObject({ status: 'resolved', endsAt: Date.UTC(2026, 10, 22, 0, 45), dedupKey: fired?.dedupKey })
  }
  expect(send({ ...event, data: { ...data, status: 'resolved' } }).events[0]).toMatchObject({
    status: 'resolved',
    dedupKey: fired?.dedupKey,
  })
  expect(send({ ...event, subject: 'other', data }).events[0]?.dedupKey).not.toBe(fired?.dedupKey)
  expect(send({ ...event, data: { ...data, key: 'mine' } }).events[0]?.dedupKey).toBe('mine')
})

it('a batch: alerts, what tells of no condition, and a bad member by its index', () => {
  const { events, unreadable, answer } = send(fixture('cloudevents-batch'), batch)
  expect(events).toMatchObject([
    { kind: 'alert', title: 'Orders wait in the queue', severity: 'high', severityRaw: 'ERROR', service: 'orders' },
    { kind: 'log', title: 'com.example.basket.sold', description: '{"basket":7}' },
  ])
  expect(unreadable).toEqual([{ index: 2, reason: 'id is missing or empty' }])
  expect(answer.status).toBe(422)
  expect(send([], batch)).toMatchObject({ keep: false, answer: { status: 204 } })
})

it('binary: attributes are percent-decoded and taken out of quotes; extensions are labels', () => {
  const headers = { ...binary, 'ce-subject': '"M%C3%BCller \\"1\\""', 'ce-region': 'eu%2F1', 'ce-bare': 'Z\u00fcrich' }
  expect(send(data, 'application/json', headers).events[0]?.labels).toMatchObject({
    subject: 'Müller "1"',
    region: 'eu/1',
    bare: 'Zürich',
  })
})

it('binary: data that is text, nothing or bytes', () => {
  expect(send('<a/>', 'application/xml', binary).events[0]).toMatchObject({ kind: 'log', description: '<a/>' })
  expect(send('', '', binary).events[0]).toMatchObject({ kind: 'log', description: '' })
  expect(send('\u0000', 'application/octet-stream', binary).events[0]).toMatchObject({ kind: 'log', description: '' })
  expect(send('{', 'application/json', binary).answer.status).toBe(400)
})

it('data in base64 is opened where it is JSON', () => {
  const data_base64 = Buffer.from(JSON.stringify(data)).toString('base64')
  const packed = { ...event, data_base64, datacontenttype: 'application/json' }
  expect(send(packed).events[0]).toMatchObject({ kind: 'alert', title: 'Disk is full' })
  expect(send({ ...packed, datacontenttype: 'application/vnd.apache.thrift.binary' }).events[0]?.kind).toBe('log')
  expect(send({ ...packed, data_base64: '…' }).events[0]?.kind).toBe('log')
})

it('plain JSON that is a CloudEvent is read as one', () => {
  expect(send({ ...event, data }, 'application/json').events).toHaveLength(1)
  expect(send([{ ...event, data }], 'application/json').events).toHaveLength(1)
})

it.each([
  ['application/cloudevents+avro', '{}'],
  ['application/cloudevents-batch+xml', '[]'],
  ['application/json', '{"a":1}'],
  ['text/plain', '"hello"'],
])('%s without an event is 415, and nothing is kept', (contentType, body) => {
  expect(send(body, contentType)).toMatchObject({
    keep: false,
    answer: { status: 415, body: { code: 'media-type-unsupported' } },
  })
})

it.each([
  [{ ...event, specversion: '0.3' }, 'specversion'],
  [{ ...event, id: '' }, 'id is missing'],
  [{ ...event, source: undefined }, 'source is missing'],
  [{ ...event, type: 7e99 }, ''],
])('%j', (body, word) => {
  const read = send(body)
  expect(read.events.length + read.unreadable.length).toBe(1)
  expect(read.unreadable[0]?.reason ?? '').toContain(word)
})

describe('the handshake', () => {
  const shake = (headers: Record<string, string>) => adapterById('cloudevents/intake')?.handshake?.(headers)

  it('allows whoever asks, at the rate of the source', () => {
    expect(shake({ 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' })).toEqual({
      status: 200,
      headers: { allow: 'POST, OPTIONS', 'webhook-allowed-origin': 'eventgrid.azure.net', 'webhook-allowed-rate': '*' },
    })
  })

  it('a plain OPTIONS allows nothing', () => {
    expect(shake({})).toEqual({ status: 204, headers: { allow: 'POST, OPTIONS' } })
  })

  it('what is said back is safe in a header', () => {
    expect(shake({ 'webhook-request-origin': 'a\r\nx: y ä' })?.headers?.['webhook-allowed-origin']).toBe('ax:y')
  })
})
