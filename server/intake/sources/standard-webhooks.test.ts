import { describe, expect, it } from 'vitest'
import { sourceKind } from '../adapters.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('webhook/intake', body)
const one = (body: object) => send({ title: 'Queue is full', ...body }).events[0]

it('firing: everything that the shape has', () => {
  const { events, answer } = send(fixture('simple-firing'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toEqual([
    {
      kind: 'alert',
      status: 'firing',
      dedupKey: 'checkout-errors',
      family: 'keyed',
      severity: 'critical',
      severityRaw: 'critical',
      title: 'Checkout answers with errors',
      description: '5 % of requests since 00:40',
      startsAt: Date.UTC(2026, 10, 22, 0, 40),
      endsAt: null,
      expiresAt: null,
      timesOut: false,
      service: 'checkout',
      labels: { region: 'eu-1', percent: '5', service: 'checkout', environment: 'production' },
      annotations: {},
      links: [{ href: 'https://graphs.example/checkout', text: 'Graph' }],
      groupKey: 'shop',
    },
  ])
})

it('resolved: with the same key, at its end or now', () => {
  expect(one({ status: 'resolved', key: 'q', endsAt: '2026-11-22T00:45:00Z' })).toMatchObject({
    status: 'resolved',
    dedupKey: 'q',
    endsAt: Date.UTC(2026, 10, 22, 0, 45),
  })
  expect(one({ status: 'resolved', key: 'q' })).toMatchObject({ startsAt: capturedAt, endsAt: capturedAt })
})

it('without a key the condition is what it is called and where; severity, times and words may change', () => {
  const firing = one({ service: 's', labels: { b: '2', a: 1 }, severity: 'high' })
  const over = one({ service: 's', labels: { a: '1', b: '2' }, status: 'resolved', description: 'Over' })
  expect(over?.dedupKey).toBe(firing?.dedupKey)
  expect(one({ service: 't', labels: { b: '2', a: 1 } })?.dedupKey).not.toBe(firing?.dedupKey)
})

it.each([
  ['P1', 'critical'],
  ['error', 'high'],
  ['warning', 'medium'],
  ['notice', 'low'],
  ['info', 'info'],
  [undefined, 'medium'],
])('severity %s is %s', (severity, ours) => {
  expect(one({ severity })).toMatchObject({ severity: ours, severityRaw: severity ?? '' })
})

it('several at once: an array, or in "events"; the bad are named by index', () => {
  const good = { title: 'A', status: 'firing' }
  expect(send([good, good]).events).toHaveLength(2)
  const read = send({ events: [good, 7, { status: 'firing' }] })
  expect(read.events).toHaveLength(1)
  expect(read.unreadable).toEqual([
    { index: 1, reason: 'expected a JSON object' },
    { index: 2, reason: '"title" is missing or empty' },
  ])
  expect(read.answer).toMatchObject({
    status: 422,
    body: { code: 'fields-invalid', details: { fields: [{ path: '1' }, { path: '2' }] } },
  })
})

it('the envelope of Standard Webhooks may stand around it', () => {
  const data = { title: 'Queue is full', severity: 'high' }
  const [event] = send({ type: 'queue.full', timestamp: '2026-11-22T00:41:00Z', data }).events
  expect(event).toMatchObject({
    title: 'Queue is full',
    labels: { type: 'queue.full' },
    startsAt: Date.UTC(2026, 10, 22, 0, 41),
  })
})

it('other kinds: a change, a heartbeat, a log, a test', () => {
  for (const kind of ['change', 'heartbeat', 'log', 'test']) expect(one({ kind })?.kind).toBe(kind)
})

it('an acknowledgement is a note', () => {
  expect(one({ status: 'acknowledged', key: 'q' })).toMatchObject({ status: 'acknowledged', endsAt: null })
})

it('a time that cannot be read is no reason to lose it', () => {
  expect(one({ startsAt: 'soon' })?.startsAt).toBe(capturedAt)
})

it('a long key is kept apart from others by its hash', () => {
  const [a, b] = ['a', 'b'].map((end) => one({ key: 'k'.repeat(600) + end })?.dedupKey)
  expect(a).toMatch(/^sha256 [0-9a-f]{64}$/)
  expect(a).not.toBe(b)
})

describe('what cannot be read says why', () => {
  it.each([
    [{}, 'title'],
    [{ title: ' ' }, 'title'],
    [{ title: 'A', status: 'broken' }, 'one of firing, acknowledged, resolved'],
    [{ title: 'A', kind: 'report' }, 'one of alert'],
    [{ title: 'A', severity: {} }, '"severity" must be a text'],
    [{ title: 'A', labels: [] }, '"labels" must be an object'],
    [{ title: 'A', labels: { a: {} } }, 'must be a string'],
    [{ title: 'A', annotations: { a: 1 } }, 'must be a string'],
    [{ title: 'A', labels: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`l${i}`, 'x'])) }, '98 labels'],
  ])('%j', (body, word) => {
    const read = send(body)
    expect(read).toMatchObject({ events: [], keep: true, answer: { status: 422 } })
    expect(read.unreadable).toEqual([{ index: 0, reason: expect.stringContaining(word) }])
  })

  it.each(['', '{', 'x'])('%j is 400', (body) => {
    expect(send(body)).toMatchObject({ keep: true, answer: { status: 400, body: { code: 'body-malformed' } } })
  })
})

it('an empty list says nothing', () => {
  expect(send([])).toMatchObject({ keep: false, answer: { status: 200 } })
})

describe('a secret that is brought by hand', () => {
  const fault = (secret: string) => sourceKind('webhook')?.secretFault?.(secret)
  const coded = Buffer.alloc(24, 7).toString('base64')

  it.each([`whsec_${coded}`, coded, `whsec_${Buffer.alloc(64, 9).toString('base64')}`])('%s is one', (secret) => {
    expect(fault(secret)).toBeNull()
  })

  it.each([
    ['a pass phrase of somebody', 'no secret of Standard Webhooks'],
    [`whsec_${coded}!`, 'no secret'],
    [`whsec_ ${coded}`, 'no secret'],
    [`whsec_${coded.slice(0, -3)}_-`, 'no secret'],
    ['whsec_', 'no secret'],
    [`whsec_${coded.slice(0, 16)}`, 'has 12 bytes'],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, 'has 65 bytes'],
  ])('%s is none', (secret, says) => {
    expect(fault(secret)).toContain(says)
  })
})
