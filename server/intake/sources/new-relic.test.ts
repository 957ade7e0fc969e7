import { expect, it } from 'vitest'
import { sourceKind } from '../adapters.ts'
import { fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('new-relic/intake', body)
const activated = JSON.parse(fixture('new-relic-activated').toString()) as Record<string, unknown>

it('activated and closed are one alert', () => {
  const { events, answer } = send(fixture('new-relic-activated'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toEqual([
    expect.objectContaining({
      status: 'firing',
      dedupKey: activated.id,
      severity: 'critical',
      title: "Error rate > 5 for at least 5 minutes on 'checkout'",
      description: 'Checkout answers with errors',
      startsAt: 1_795_308_570_123,
      service: 'checkout',
    }),
  ])
  expect(events[0]?.labels).toMatchObject({
    alertname: 'Error rate',
    policy: 'Golden Signals',
    instance: 'checkout',
    entities: 'checkout, web-1',
    environment: 'prod',
  })
  expect(events[0]?.links.map(({ text }) => text)).toEqual(['Issue in New Relic', 'Runbook'])
  expect(send(fixture('new-relic-closed')).events[0]).toMatchObject({
    status: 'resolved',
    dedupKey: activated.id,
    endsAt: 1_795_308_870_000,
  })
})

it.each([
  ['CREATED', 'STATE_CHANGE', 'firing'],
  ['ACTIVATED', 'ACKNOWLEDGE', 'acknowledged'],
  ['ACTIVATED', 'UNACKNOWLEDGE', 'firing'],
  ['Closed', 'ACKNOWLEDGE', 'resolved'],
])('state %s by %s is %s', (state, trigger, status) => {
  expect(send({ ...activated, state, trigger }).events[0]?.status).toBe(status)
})

it.each([
  ['CRITICAL', 'critical'],
  ['HIGH', 'high'],
  ['MEDIUM', 'medium'],
  ['LOW', 'low'],
])('priority %s is %s', (priority, severity) => {
  expect(send({ ...activated, priority }).events[0]?.severity).toBe(severity)
})

it('the issue of “Send test notification” is a test', () => {
  expect(send({ ...activated, id: 'd1b1f3fd-995a-4066-88ab-8ce4f6960654' }).events[0]?.kind).toBe('test')
})

it('New Relic’s default template is enough', () => {
  const { description: _, service: _s, environment: _e, runbooks: _r, ...plain } = activated
  expect(send(plain).events[0]).toMatchObject({ status: 'firing', service: null, description: '' })
})

it('the template that is published has what is read', () => {
  const where = { baseUrl: 'https://ux.example', key: 'KEY', sourceId: 's_1', secret: null, settings: {} }
  const text = sourceKind('new-relic')
    ?.connect(where)
    .find(({ language }) => language === 'json')?.text
  const names = [...(text ?? '').matchAll(/^ {2}"(\w+)":/gm)].map(([, name]) => name)
  expect(names.sort()).toEqual([...Object.keys(activated), 'sentTo'].sort())
})

it.each([
  ['[', 400, 'no JSON'],
  [{ state: 'CLOSED' }, 422, 'id is missing'],
  [{ id: 'x' }, 422, 'state is missing'],
])('%j is refused with %i, and kept', (body, status, reason) => {
  const read = send(body)
  expect(read).toMatchObject({ events: [], keep: true, unreadable: [{ reason: expect.stringContaining(reason) }] })
  expect(read.answer.status).toBe(status)
})
