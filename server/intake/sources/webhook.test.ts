import { describe, expect, it } from 'vitest'
import { fixture, reading } from './reading.fixture.ts'

const hook = (body: unknown) => reading('alertmanager/intake', body)
const alert = {
  status: 'firing',
  labels: { alertname: 'Down' },
  startsAt: '2026-11-22T00:50:00Z',
  endsAt: '0001-01-01T00:00:00Z',
}

describe('what Alertmanager 0.25 sends', () => {
  it('firing: never expires, carries its group', () => {
    const { events, answer } = hook(fixture('webhook-firing'))
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      status: 'firing',
      endsAt: null,
      expiresAt: null,
      timesOut: false,
      groupKey: '{}:{alertname="InstanceDown"}',
    })
    expect(answer).toEqual({ status: 200 })
  })

  it('resolved', () => {
    expect(hook(fixture('webhook-resolved')).events[0]).toMatchObject({
      status: 'resolved',
      endsAt: Date.UTC(2026, 10, 22, 0, 51, 43, 632),
    })
  })

  it('is the same alert as the one Prometheus sends itself', () => {
    const direct = reading('prometheus/alerts-v2', fixture('prometheus-firing')).events[0]
    expect(hook(fixture('webhook-firing')).events[0]?.dedupKey).toBe(direct?.dedupKey)
  })
})

it('an array as /api/v2/alerts takes is read too, with our answers', () => {
  expect(hook([{ labels: { a: 'b' } }])).toMatchObject({
    events: [{ status: 'firing', timesOut: true }],
    answer: { status: 200 },
  })
  expect(hook([{ labels: {} }]).answer).toMatchObject({ status: 422, body: { code: 'fields-invalid' } })
})

it('each alert has its own status; where it is missing, the group’s, then its end', () => {
  const { status: _, ...bare } = alert
  const read = hook({
    status: 'firing',
    alerts: [{ ...alert, status: 'resolved', endsAt: '2026-11-22T00:50:10Z' }, bare],
  })
  expect(read.events.map(({ status }) => status)).toEqual(['resolved', 'firing'])
  expect(hook({ alerts: [{ ...bare, endsAt: '2026-11-22T00:50:10Z' }] }).events[0]?.status).toBe('resolved')
  expect(hook({ alerts: [{ ...alert, status: 'odd' }] }).unreadable[0]?.reason).toContain('status must be')
})

it('a route without group_by makes no group', () => {
  const group = { groupKey: '{}:{}', alerts: [alert] }
  expect(hook({ ...group, groupLabels: {} }).events[0]?.groupKey).toBeNull()
  expect(hook(group).events[0]?.groupKey).toBe('{}:{}')
})

it('what the sender left out stands in lost property, though the answer is 200', () => {
  const read = hook({ alerts: [alert], truncatedAlerts: 3 })
  expect(read.answer).toEqual({ status: 200 })
  expect(read.unreadable).toEqual([{ index: 1, reason: expect.stringContaining('left out 3 alerts') }])
})

it('without a fingerprint nothing is missing; without labels the fingerprint is the key', () => {
  expect(hook({ alerts: [alert] }).events).toHaveLength(1)
  expect(hook({ alerts: [{ ...alert, labels: {}, fingerprint: '7980ce1f8b8fc83b' }] }).events[0]).toMatchObject({
    dedupKey: 'fingerprint 7980ce1f8b8fc83b',
    labels: {},
  })
  expect(hook({ alerts: [{ ...alert, labels: { a: 1 }, fingerprint: '7980ce1f8b8fc83b' }] }).events).toEqual([])
})

it('bad members are named by path, good ones kept', () => {
  const read = hook({ alerts: [alert, 7, { ...alert, startsAt: 'soon' }] })
  expect(read.events).toHaveLength(1)
  expect(read.answer).toMatchObject({
    status: 422,
    body: { code: 'fields-invalid', details: { fields: [{ path: 'alerts.1' }, { path: 'alerts.2' }] } },
  })
})

it.each([
  ['', 'empty'],
  ['x', 'no JSON'],
  ['{}', 'array "alerts"'],
  ['7', 'array "alerts"'],
  ['{"alerts":{}}', 'array "alerts"'],
])('%j is kept as one rejected event', (body, word) => {
  const read = hook(body)
  expect(read).toMatchObject({ events: [], keep: true, answer: { status: 400, body: { code: 'body-malformed' } } })
  expect(read.unreadable).toEqual([{ index: 0, reason: expect.stringContaining(word) }])
})

it('a group without alerts says nothing', () => {
  expect(hook({ alerts: [] })).toMatchObject({ keep: false, answer: { status: 200 } })
})
