import { describe, expect, it } from 'vitest'
import { routingKeyIn } from './pagerduty.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown, at?: number) => reading('pagerduty/pagerduty-enqueue', body, at)
const payload = { summary: 'DISK at 99%', source: 'srv01', severity: 'error' }
const trigger = { routing_key: 'x'.repeat(32), event_action: 'trigger', dedup_key: 'k', payload }

describe('what real clients send', () => {
  it.each([
    ['pdjs-trigger', 'firing', 'srv01/mysql'],
    ['pdjs-acknowledge', 'acknowledged', 'srv01/mysql'],
    ['pdjs-resolve', 'resolved', 'srv01/mysql'],
    ['alertmanager-pagerduty-trigger', 'firing', '6deb6322f8f3d0527aa4eb1bc3139fdeea97e69c8a998b5c88b7e6f2756de185'],
    ['alertmanager-pagerduty-resolve', 'resolved', '6deb6322f8f3d0527aa4eb1bc3139fdeea97e69c8a998b5c88b7e6f2756de185'],
  ])('%s', (name, status, dedupKey) => {
    const { events, answer } = send(fixture(name))
    expect(events).toEqual([expect.objectContaining({ status, dedupKey, family: 'keyed', severity: 'critical' })])
    expect(answer).toEqual({
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: dedupKey },
    })
  })

  it('the same at /intake/<id>', () => {
    expect(reading('pagerduty/intake', fixture('pdjs-trigger')).events).toEqual(send(fixture('pdjs-trigger')).events)
  })
})

it('fields become labels, details, group and links', () => {
  const [event] = send({
    ...trigger,
    client: 'Monitor',
    client_url: 'https://monitor.example',
    links: [{ href: 'http://a.example', text: 'A' }, { href: 'javascript:x' }, 7],
    images: [{ src: 'https://img.example/x.png', alt: 'Chart' }],
    payload: {
      ...payload,
      component: 'mysql',
      group: 'prod',
      class: 'disk',
      timestamp: '2015-07-17T08:42:58.315+0000',
      custom_details: { 'free space': '1%', load: 0.75, tags: ['a', 'b'], service: 'orders' },
    },
  }).events
  expect(event).toMatchObject({
    severity: 'high',
    severityRaw: 'error',
    title: 'DISK at 99%',
    service: 'orders',
    groupKey: 'prod',
    startsAt: Date.UTC(2015, 6, 17, 8, 42, 58, 315),
    labels: { source: 'srv01', component: 'mysql', group: 'prod', class: 'disk' },
    annotations: { 'free space': '1%', load: '0.75', tags: '["a","b"]', client: 'Monitor' },
    links: [
      { href: 'https://monitor.example', text: 'Monitor' },
      { href: 'http://a.example', text: 'A' },
      { href: 'https://img.example/x.png', text: 'Chart' },
    ],
  })
})

it('integers beyond 2^53 keep every digit, nested too', () => {
  const body = JSON.stringify(trigger).replace(
    '"source"',
    '"custom_details":{"id":12345678901234567890,"deep":{"ids":[9007199254740993,-9007199254740993,1.5]}},"source"',
  )
  expect(send(body).events[0]?.annotations).toEqual({
    id: '12345678901234567890',
    deep: '{"ids":[9007199254740993,-9007199254740993,1.5]}',
  })
})

it('an absent dedup_key is made, and the same when the entry is read again', () => {
  const { dedup_key: _, ...bare } = trigger
  const first = send(bare).events[0]?.dedupKey
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(send(bare).events[0]?.dedupKey).toBe(first)
  expect(send(bare, capturedAt + 1).events[0]?.dedupKey).not.toBe(first)
})

it('a resolve needs no payload', () => {
  expect(send({ routing_key: 'x', event_action: 'resolve', dedup_key: 'k' }).events[0]).toMatchObject({
    status: 'resolved',
    endsAt: capturedAt,
    title: 'k',
  })
})

describe('change events', () => {
  const change = (body: unknown) => reading('pagerduty/pagerduty-change', body)

  it('are changes, not alerts', () => {
    const { events, answer } = change(fixture('pagerduty-change'))
    expect(answer).toEqual({ status: 202, body: { status: 'success', message: 'Change event processed' } })
    expect(events).toEqual([
      expect.objectContaining({
        kind: 'change',
        title: 'Deployed checkout 4.2',
        severity: 'info',
        service: 'checkout',
        startsAt: Date.UTC(2026, 10, 22, 0, 48),
        labels: { source: 'ci-7' },
        links: [{ href: 'https://ci.example/builds/220', text: 'Build 220' }],
      }),
    ])
  })

  it.each([
    ['nope', 'no JSON'],
    ['[]', 'must be a JSON object'],
    [{}, "'payload' is missing"],
    [{ payload: { summary: '' } }, "'payload.summary' is missing or blank"],
    [{ payload: { summary: 'x', timestamp: 'soon' } }, "'payload.timestamp' is invalid"],
    [{ payload: { summary: 'x', source: {} } }, "'payload.source' must be a string"],
  ])('%j is refused as PagerDuty refuses it', (body, fault) => {
    expect(change(body)).toMatchObject({
      events: [],
      keep: true,
      answer: { status: 400, body: { errors: [expect.stringContaining(fault)] } },
    })
  })
})

it.each([
  ['', 'the body is empty'],
  ['[]', 'the body must be a JSON object'],
  [{ ...trigger, event_action: 'explode' }, "'event_action' is invalid"],
  [{ ...trigger, event_action: 'toString' }, "'event_action' is invalid"],
  [{ ...trigger, dedup_key: 7 }, "'dedup_key' must be a string"],
  [{ ...trigger, dedup_key: 'k'.repeat(256) }, "'dedup_key' is longer than 255 characters"],
  [{ event_action: 'resolve' }, "'dedup_key' is missing or blank"],
  [{ ...trigger, payload: null }, "'payload' is missing"],
  [{ ...trigger, payload: { ...payload, summary: ' ' } }, "'payload.summary' is missing or blank"],
  [
    { ...trigger, payload: { ...payload, summary: 'x'.repeat(1025) } },
    "'payload.summary' is longer than 1024 characters",
  ],
  [{ ...trigger, payload: { ...payload, source: undefined } }, "'payload.source' is missing or blank"],
  [{ ...trigger, payload: { ...payload, severity: 'odd' } }, "'payload.severity' is invalid"],
  [{ ...trigger, payload: { ...payload, timestamp: 'soon' } }, "'payload.timestamp' is invalid"],
  [{ ...trigger, payload: { ...payload, group: {} } }, "'payload.group' must be a string"],
  [
    { ...trigger, payload: { ...payload, custom_details: { a: 'x'.repeat(32_769) } } },
    "'payload.custom_details.a' is longer than 32768 characters",
  ],
])('%j is refused as PagerDuty refuses it, and kept as rejected', (body, fault) => {
  const read = send(body)
  expect(read.events).toEqual([])
  expect(read.answer).toEqual({
    status: 400,
    body: { status: 'invalid event', message: 'Event object is invalid', errors: [expect.stringContaining(fault)] },
  })
  expect(read).toMatchObject({ keep: true, unreadable: [{ index: 0, reason: expect.stringContaining(fault) }] })
})

it('every fault is named at once', () => {
  expect(send({ event_action: 'trigger', payload: {} }).answer.body).toMatchObject({ errors: { length: 3 } })
})

it('finds the routing key without believing anything else', () => {
  expect(routingKeyIn(Buffer.from('{"routing_key":"abc"}'), () => true)).toBe('abc')
  for (const body of ['', '[]', '{', '{"routing_key":7}', '{"payload":{"routing_key":"abc"}}'])
    expect(routingKeyIn(Buffer.from(body), () => true)).toBeNull()
})
