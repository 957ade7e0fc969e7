import { expect, it } from 'vitest'
import { fixture, reading } from './reading.fixture.ts'

const grafana = (body: unknown) => reading('grafana/intake', body)
const changed = (name: string, change: object, alert: object = {}) => {
  const body = JSON.parse(fixture(name).toString()) as { alerts: object[] }
  return { ...body, ...change, alerts: body.alerts.map((each) => ({ ...each, ...alert })) }
}

it('firing: fingerprint as key, group, values, links of its own', () => {
  const { events, answer, keep } = grafana(fixture('grafana-firing'))
  expect([answer, keep]).toEqual([{ status: 200 }, true])
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({
    kind: 'alert',
    status: 'firing',
    family: 'keyed',
    dedupKey: '9f8e7d6c5b4a3921',
    severity: 'critical',
    severityRaw: 'critical',
    title: 'Checkout answers slowly',
    description: 'p95 above 2 s for 5 minutes',
    startsAt: Date.UTC(2026, 10, 22, 0, 47, 10, 250),
    endsAt: null,
    expiresAt: null,
    timesOut: false,
    service: 'checkout',
    groupKey: '{}:{grafana_folder="Shop"}',
    labels: { alertname: 'SlowCheckout', grafana_folder: 'Shop' },
    annotations: { values: 'B=2.43, C=1' },
  })
  // An empty panelURL is no link.
  expect(events[0]?.links.map(({ text }) => text)).toEqual(['Source', 'Runbook', 'Dashboard', 'Silence it in Grafana'])
})

it('resolved: the same key, with its end', () => {
  expect(grafana(fixture('grafana-resolved')).events[0]).toMatchObject({
    status: 'resolved',
    dedupKey: '9f8e7d6c5b4a3921',
    endsAt: Date.UTC(2026, 10, 22, 0, 50),
  })
})

it('the example alert of "Test" is a test; its relative address is no link', () => {
  const [event] = grafana(fixture('grafana-test')).events
  expect(event).toMatchObject({ kind: 'test', title: 'Notification test' })
  expect(event?.links.map(({ href }) => href)).toEqual(['https://grafana.example/alerting/silence/new'])
})

it('an alert of somebody called TestAlert is an alert', () => {
  const labels = { alertname: 'TestAlert', instance: 'web-1' }
  expect(grafana(changed('grafana-firing', {}, { labels })).events[0]?.kind).toBe('alert')
})

it('without a fingerprint the labels are the key; odd members do no harm', () => {
  const bare = grafana(changed('grafana-firing', {}, { fingerprint: undefined, values: 7, dashboardURL: {} }))
  expect(bare.events[0]?.dedupKey).toContain('9:alertname12:SlowCheckout')
  expect(grafana(changed('grafana-firing', { groupKey: { toString: 1 } })).events).toHaveLength(1)
})

it('its contact point of type Alertmanager is read at the other door', () => {
  const alert = { labels: { alertname: 'A' }, startsAt: '2026-11-22T00:50:00Z', endsAt: '2026-11-22T00:54:00Z' }
  expect(reading('grafana/alerts-v2', [alert]).events[0]).toMatchObject({ status: 'firing', family: 'alertmanager' })
})

it('bad members are named, good ones kept', () => {
  const body = changed('grafana-firing', {})
  const read = grafana({ ...body, alerts: [...body.alerts, 7] })
  expect(read.events).toHaveLength(1)
  expect(read).toMatchObject({ unreadable: [{ index: 1 }], answer: { status: 422 } })
  expect(grafana('{').answer.status).toBe(400)
})
