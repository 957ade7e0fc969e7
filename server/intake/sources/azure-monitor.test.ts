import { expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('azure-monitor/intake', body)
type Alert = { data: { essentials: Record<string, unknown>; alertContext: Record<string, unknown> } }
const changed = (essentials: object, alertContext?: object): Alert => {
  const body = JSON.parse(fixture('azure-monitor-fired').toString()) as Alert
  Object.assign(body.data.essentials, essentials)
  if (alertContext !== undefined) Object.assign(body.data, { alertContext, customProperties: undefined })
  return body
}

it('fired and resolved are one alert, with fractions of seven digits', () => {
  const { events, answer, keep } = send(fixture('azure-monitor-fired'))
  expect([answer, keep]).toEqual([{ status: 200 }, true])
  expect(events).toEqual([
    expect.objectContaining({
      kind: 'alert',
      status: 'firing',
      family: 'keyed',
      severity: 'high',
      severityRaw: 'Sev1',
      title: 'checkout-cpu on checkout-1',
      description: 'CPU of the checkout machines\nPercentage CPU is 97.25 (GreaterThan 90)',
      startsAt: Date.UTC(2026, 10, 22, 0, 49, 24, 371),
      endsAt: null,
      service: 'checkout',
      links: [
        { href: 'https://portal.azure.com/#view/alert/7b1c', text: 'Investigate in Azure' },
        { href: 'https://runbooks.example/cpu', text: 'Runbook' },
      ],
    }),
  ])
  expect(events[0]?.labels).toMatchObject({
    alertname: 'checkout-cpu',
    instance: 'checkout-1',
    resource_group: 'shop-prod',
    resource_type: 'microsoft.compute/virtualmachines',
    environment: 'prod',
    service: 'checkout',
    severity: 'Sev1',
  })
  const [end] = send(fixture('azure-monitor-resolved')).events
  expect(end).toMatchObject({ status: 'resolved', endsAt: Date.UTC(2026, 10, 22, 0, 54, 16, 224) })
  expect(end?.dedupKey).toBe(events[0]?.dedupKey)
})

it.each([
  ['Sev0', 'critical'],
  ['Sev1', 'high'],
  ['Sev2', 'medium'],
  ['Sev3', 'low'],
  ['Sev4', 'info'],
])('%s is %s', (severity, ours) => {
  expect(send(changed({ severity })).events[0]?.severity).toBe(ours)
})

it('“Test action group” is a test', () => {
  const alertId =
    '/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.AlertsManagement/alerts/12345678'
  expect(send(changed({ alertId })).events[0]?.kind).toBe('test')
})

it('Service Health: one key for all steps of one trouble, and its end is an end though it is “Fired”', () => {
  const step = (stage: string) =>
    send(
      changed(
        { monitoringService: 'ServiceHealth', signalType: 'Activity Log', alertId: `/alerts/${stage}` },
        { properties: { trackingId: 'TR12-AB3', stage, title: 'Storage in West Europe' } },
      ),
    ).events[0]
  expect(step('Active')).toMatchObject({ status: 'firing', title: 'Storage in West Europe', timesOut: false })
  expect(step('Resolved')).toMatchObject({ status: 'resolved', dedupKey: step('Active')?.dedupKey })
})

it('Resource Health: available again is its end', () => {
  const health = (currentHealthStatus: string) =>
    send(changed({ monitoringService: 'Resource Health' }, { properties: { currentHealthStatus } })).events[0]
  expect(health('Unavailable')).toMatchObject({ status: 'firing', title: 'checkout-1 is unavailable' })
  expect(health('Available')).toMatchObject({ status: 'resolved', dedupKey: health('Degraded')?.dedupKey })
})

it('other activity log alerts are never ended by Azure, so silence ends them', () => {
  const signalType = 'Activity Log'
  expect(send(changed({ signalType, monitoringService: 'Activity Log - Administrative' })).events[0]).toMatchObject({
    status: 'firing',
    timesOut: true,
  })
})

it('a time that is none is ours', () => {
  expect(send(changed({ firedDateTime: 'soon' })).events[0]?.startsAt).toBe(capturedAt)
})

it.each([
  ['nope', 400, 'no JSON'],
  [{ schemaId: 'AzureMonitorMetricAlert', data: {} }, 422, 'common alert schema'],
  [changed({ alertId: null }), 422, 'alertId'],
  [changed({ monitorCondition: 'Maybe' }), 422, 'monitorCondition'],
])('%j is refused with %i, and kept', (body, status, reason) => {
  const read = send(body)
  expect(read).toMatchObject({
    events: [],
    keep: true,
    unreadable: [{ index: 0, reason: expect.stringContaining(reason) }],
  })
  expect(read.answer.status).toBe(status)
})
