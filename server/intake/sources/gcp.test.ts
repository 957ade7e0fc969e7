import { expect, it } from 'vitest'
import { fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('gcp/intake', body)
const changed = (incident: object, more: object = {}) => {
  const body = JSON.parse(fixture('gcp-open').toString()) as { incident: object }
  return { ...body, ...more, incident: { ...body.incident, ...incident } }
}

it('open and closed are one alert', () => {
  const { events, answer } = send(fixture('gcp-open'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toEqual([
    expect.objectContaining({
      status: 'firing',
      dedupKey: '0.nqx1v7k2ab9d',
      severity: 'critical',
      severityRaw: 'Critical',
      title: 'Checkout CPU on checkout-1',
      description:
        'CPU utilization for checkout-1 is above the threshold of 0.9 with a value of 0.970.\n\nSee the runbook.',
      startsAt: 1_795_308_570_000,
      endsAt: null,
      service: 'checkout',
    }),
  ])
  expect(events[0]?.labels).toMatchObject({
    alertname: 'Checkout CPU',
    service: 'checkout',
    environment: 'prod',
    instance: 'checkout-1',
    project: 'shop-prod',
    team: 'shop',
    zone: 'europe-west3-a',
    instance_id: '4011223344556677889',
  })
  expect(events[0]?.links.map(({ text }) => text)).toEqual(['Incident in Google Cloud', 'Runbook'])
  expect(send(fixture('gcp-closed')).events[0]).toMatchObject({
    status: 'resolved',
    dedupKey: '0.nqx1v7k2ab9d',
    startsAt: 1_795_308_570_000,
    endsAt: 1_795_308_870_000,
  })
})

it.each([
  ['Open', 'firing'],
  ['closed', 'resolved'],
  ['CLOSED', 'resolved'],
])('state %s is %s', (state, status) => {
  expect(send(changed({ state })).events[0]?.status).toBe(status)
})

it.each([null, 0, 'null', ''])('ended_at %j is no end', (ended_at) => {
  expect(send(changed({ ended_at })).events[0]?.endsAt).toBeNull()
})

it.each([
  ['Critical', 'critical', 'Critical'],
  ['Error', 'high', 'Error'],
  ['Warning', 'medium', 'Warning'],
  ['No severity', 'medium', ''],
  [undefined, 'medium', ''],
])('severity %s is %s; none leaves it to the source', (severity, ours, severityRaw) => {
  expect(send(changed({ severity })).events[0]).toMatchObject({ severity: ours, severityRaw })
})

it('“Test connection” is a test, though it tells of an end', () => {
  expect(send(changed({ ended_at: 1_795_308_580 }, { version: 'test' })).events[0]).toMatchObject({
    kind: 'test',
    status: 'firing',
    endsAt: null,
  })
})

it('a subject of the documentation is the title', () => {
  expect(send(changed({ documentation: { subject: 'Checkout is slow' } })).events[0]?.title).toBe('Checkout is slow')
})

it.each([
  ['', 400, 'empty'],
  ['[]', 422, 'JSON object'],
  [{}, 422, 'incident'],
  [changed({ incident_id: '' }), 422, 'incident_id'],
  [changed({ state: 'ajar' }), 422, 'state'],
])('%j is refused with %i, and kept', (body, status, reason) => {
  const read = send(body)
  expect(read).toMatchObject({
    events: [],
    keep: true,
    unreadable: [{ index: 0, reason: expect.stringContaining(reason) }],
  })
  expect(read.answer.status).toBe(status)
})
