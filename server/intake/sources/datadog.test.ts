import { expect, it } from 'vitest'
import { sourceKind } from '../adapters.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('datadog/intake', body)
const triggered = JSON.parse(fixture('datadog-triggered').toString()) as Record<string, string>

it('triggered and recovered are one alert', () => {
  const { events, answer } = send(fixture('datadog-triggered'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toEqual([
    expect.objectContaining({
      status: 'firing',
      severity: 'high',
      severityRaw: 'P2',
      title: 'Disk is nearly full',
      startsAt: 1_795_308_570_000,
      service: 'checkout',
      links: [{ href: 'https://app.datadoghq.com/event/event?id=6713294857102938475', text: 'Event in Datadog' }],
    }),
  ])
  expect(events[0]?.labels).toMatchObject({
    alertname: 'Disk is nearly full',
    service: 'checkout',
    env: 'prod',
    environment: 'prod',
    host: 'web-1',
    instance: 'web-1',
    team: 'shop,ops',
    monitor: 'true',
  })
  expect(send(fixture('datadog-recovered')).events[0]).toMatchObject({
    status: 'resolved',
    dedupKey: events[0]?.dedupKey,
    endsAt: 1_795_308_870_000,
  })
})

it.each([
  ['Triggered', 'firing', 'high'],
  ['Re-Triggered', 'firing', 'high'],
  ['Warn', 'firing', 'medium'],
  ['Re-No Data', 'firing', 'medium'],
  ['Renotify', 'firing', 'medium'],
  ['Recovered', 'resolved', 'medium'],
])('%s is %s; without a priority %s', (alert_transition, status, severity) => {
  expect(send({ ...triggered, alert_transition, alert_priority: '' }).events[0]).toMatchObject({ status, severity })
})

it.each(['', 'null', '$ALERT_TRANSITION', 'Null'])('transition %j tells of no condition', (alert_transition) => {
  expect(send({ ...triggered, alert_transition, title: 'A comment' }).events[0]?.kind).toBe('log')
})

it('Datadog’s own payload is read by the mark in its title', () => {
  const { title, body, aggreg_key, date } = triggered
  expect(send({ title, body, aggreg_key, date }).events[0]).toMatchObject({ status: 'firing', kind: 'alert' })
})

it('a test notification is a test', () => {
  expect(send({ ...triggered, title: '[Triggered] [TEST] Disk is nearly full' }).events[0]).toMatchObject({
    kind: 'test',
    title: 'Disk is nearly full',
  })
})

it('variables without a value are none', () => {
  expect(
    send({ ...triggered, hostname: 'null', link: '$LINK', date: '', last_updated: 'None' }).events[0],
  ).toMatchObject({ startsAt: capturedAt, links: [], labels: { host: 'web-1' } })
})

it('the payload that is published has what is read', () => {
  const texts = sourceKind('datadog')?.connect({
    baseUrl: 'https://ux.example',
    key: 'KEY',
    sourceId: 's_1',
    secret: null,
    settings: {},
  })
  const payload = JSON.parse(texts?.find(({ language }) => language === 'json')?.text ?? '') as object
  expect(Object.keys(payload).sort()).toEqual(Object.keys(triggered).sort())
})

it.each([
  ['{', 400, 'no JSON'],
  [{ title: 'x' }, 422, 'alert_cycle_key'],
])('%j is refused with %i, and kept', (body, status, reason) => {
  const read = send(body)
  expect(read).toMatchObject({ events: [], keep: true, unreadable: [{ reason: expect.stringContaining(reason) }] })
  expect(read.answer.status).toBe(status)
})
