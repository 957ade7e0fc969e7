import { expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('wazuh/intake', body)
const whole = JSON.parse(fixture('wazuh-alert').toString()) as { rule: object; agent: object }
const changed = (change: object, rule: object = {}) => ({ ...whole, ...change, rule: { ...whole.rule, ...rule } })

it('an alert: rule and agent, an offset without colon, and an hour to live', () => {
  const { events, answer } = send(fixture('wazuh-alert'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toMatchObject([
    {
      kind: 'alert',
      status: 'firing',
      severity: 'high',
      severityRaw: '12',
      title: 'Multiple failed logins, then success on db-1',
      description: expect.stringContaining('Accepted password'),
      startsAt: Date.UTC(2026, 10, 22, 0, 44, 18, 157),
      expiresAt: capturedAt + 3_600_000,
      labels: { rule: '100003', instance: 'db-1', agent: '004', srcip: '192.0.2.66', mitre: 'T1110', level: '12' },
      annotations: { techniques: 'Brute Force' },
    },
  ])
})

it('the same rule on the same agent is one condition', () => {
  const keyOf = (body: unknown) => send(body).events[0]?.dedupKey
  const key = keyOf(whole)
  expect(keyOf(changed({ id: 'later', timestamp: '2026-11-22T00:45:00.000+0000' }, { firedtimes: 3 }))).toBe(key)
  expect(keyOf(changed({ agent: { id: '005', name: 'db-1' } }))).not.toBe(key)
  expect(keyOf(changed({}, { id: '100004' }))).not.toBe(key)
})

it.each([
  [0, 'info'],
  [3, 'info'],
  [4, 'low'],
  [7, 'medium'],
  [12, 'high'],
  ['15', 'critical'],
  [16, 'critical'],
])('level %s is %s', (level, severity) => {
  expect(send(changed({}, { level })).events[0]?.severity).toBe(severity)
})

it('as the indexer wraps it, and several at once', () => {
  const expected = send(whole).events[0]
  expect(send({ _index: 'wazuh-alerts', _source: whole }).events).toEqual([expected])
  expect(send([whole, { _source: whole }, 7])).toMatchObject({
    events: [expected, expected],
    unreadable: [{ index: 2 }],
    answer: { status: 422 },
  })
})

it('what is missing is named', () => {
  expect(send(changed({}, { id: null })).unreadable[0]?.reason).toContain('rule.id')
  for (const level of [17, -1, 'high', null])
    expect(send(changed({}, { level })).unreadable[0]?.reason).toContain('rule.level')
  expect(send('').answer.status).toBe(400)
})
