import { describe, expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const form = 'application/x-www-form-urlencoded'
const sendForm = (fields: Record<string, string>) =>
  reading('nagios/intake', new URLSearchParams(fields).toString(), capturedAt, { contentType: form })
const problem = { type: 'PROBLEM', host: 'db-1', service: 'Disk /', service_state: 'CRITICAL', output: '97% used' }

describe.each([
  ['nagios', 'Disk / on Database 1 is CRITICAL', 1_795_308_903_000, 1_795_308_915_000],
  ['icinga', 'disk on db-1 is CRITICAL', 1_795_309_146_000, 1_795_309_161_000],
] as const)('%s, as its commands send it', (kind, title, startsAt, endsAt) => {
  const send = (name: string) =>
    reading(`${kind}/intake`, fixture(`${kind}-${name}.txt`), capturedAt, { contentType: form })

  it('problem and recovery are one alert', () => {
    const { events, answer } = send('problem')
    expect(answer).toEqual({ status: 200 })
    expect(events).toEqual([
      expect.objectContaining({
        kind: 'alert',
        status: 'firing',
        family: 'keyed',
        severity: 'critical',
        severityRaw: 'CRITICAL',
        title,
        description: expect.stringContaining('97% used'),
        startsAt,
        service: null,
      }),
    ])
    expect(events[0]?.labels).toMatchObject({ host: 'db-1', instance: 'db-1', address: '192.0.2.10' })
    expect(send('recovery').events[0]).toMatchObject({ status: 'resolved', dedupKey: events[0]?.dedupKey, endsAt })
  })
})

it('a host is another condition than its services; no host and service share a key', () => {
  const keys = [
    { type: 'PROBLEM', host: 'db-1', host_state: 'DOWN' },
    { type: 'PROBLEM', host: 'db-1', service: 'a' },
    { type: 'PROBLEM', host: 'db-1/a', host_state: 'DOWN' },
    { type: 'PROBLEM', host: 'db', service: '-1a' },
  ].map((fields) => sendForm(fields).events[0]?.dedupKey)
  expect(new Set(keys).size).toBe(4)
})

it('JSON with the same names is read too', () => {
  expect(reading('icinga/intake', problem).events).toEqual(sendForm(problem).events)
})

it.each([
  [{ service_state: 'CRITICAL' }, 'critical', 'Disk / on db-1 is CRITICAL'],
  [{ service_state: 'WARNING' }, 'medium', 'Disk / on db-1 is WARNING'],
  [{ service_state: 'UNKNOWN' }, 'medium', 'Disk / on db-1 is UNKNOWN'],
  [{ service: '$SERVICEDESC$', host_state: 'DOWN' }, 'critical', 'db-1 is DOWN'],
  [{ service: '', host_state: 'UNREACHABLE' }, 'medium', 'db-1 is UNREACHABLE'],
])('%j is %s', (fields, severity, title) => {
  expect(sendForm({ ...problem, ...fields }).events[0]).toMatchObject({ severity, title })
})

it.each([
  ['ACKNOWLEDGEMENT', 'alert', 'acknowledged'],
  ['RECOVERY', 'alert', 'resolved'],
  ['DOWNTIMESTART', 'log', 'firing'],
  ['FLAPPINGSTOP', 'log', 'firing'],
  ['CUSTOM', 'log', 'firing'],
])('%s is %s, %s', (type, kind, status) => {
  expect(sendForm({ ...problem, type }).events[0]).toMatchObject({ kind, status })
})

it('who acknowledged, and why, stands in the description', () => {
  const { events } = sendForm({ ...problem, type: 'ACKNOWLEDGEMENT', author: 'ada', comment: 'on it' })
  expect(events[0]?.description).toBe('97% used\nada: on it')
})

it('times that never were are absent', () => {
  expect(sendForm({ ...problem, last_state_change: '0', timestamp: '0' }).events[0]?.startsAt).toBe(capturedAt)
})

it('an action address that is a script is no link', () => {
  expect(
    sendForm({ ...problem, notes_url: 'javascript:x', action_url: 'https://a.example/x' }).events[0]?.links,
  ).toEqual([{ href: 'https://a.example/x', text: 'Action' }])
})

it.each([
  ['', 400, 'empty'],
  ['{', 400, 'no JSON'],
  ['[]', 422, 'JSON object'],
  ['type=PROBLEM', 422, 'host is missing'],
  ['host=a&type=$NOTIFICATIONTYPE$', 422, 'no type of notification'],
  ['\u0000\u0001%ff', 422, 'no type of notification'],
])('%j is refused with %i, and kept', (body, status, reason) => {
  const read = reading('nagios/intake', body, capturedAt, { contentType: '' })
  expect(read).toMatchObject({ events: [], keep: true, unreadable: [{ reason: expect.stringContaining(reason) }] })
  expect(read.answer.status).toBe(status)
})
