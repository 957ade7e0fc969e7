import { expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('falco/intake', body)
const whole = JSON.parse(fixture('falco-write').toString()) as { output_fields: object }
const changed = (change: object, fields: object = {}) =>
  send({ ...whole, ...change, output_fields: { ...whole.output_fields, ...fields } }).events[0]

it('a detection: where and what, every digit of its time, and an hour to live', () => {
  const { events, answer } = send(fixture('falco-write'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toMatchObject([
    {
      kind: 'alert',
      status: 'firing',
      severity: 'high',
      severityRaw: 'Error',
      title: 'Write below binary dir on web-0',
      description: expect.stringContaining('user=root file=/bin/oar'),
      startsAt: Date.UTC(2026, 10, 22, 0, 45, 10, 746),
      endsAt: null,
      expiresAt: capturedAt + 3_600_000,
      labels: { security: 'true', instance: 'node-7', namespace: 'shop', pod: 'web-0', container: 'web' },
      annotations: { 'evt.time': '1795308310746609046', 'fd.name': '/bin/oar' },
    },
  ])
})

it('the same thing again is the same condition; another file, place or rule is another', () => {
  const key = changed({})?.dedupKey
  expect(changed({ uuid: 'another', time: '2026-11-22T00:46:00Z' }, { 'proc.pid': 9 })?.dedupKey).toBe(key)
  for (const other of [
    changed({}, { 'fd.name': '/bin/other' }),
    changed({}, { 'container.id': 'other' }),
    changed({ hostname: 'node-8' }),
    changed({ rule: 'Other rule' }),
  ])
    expect(other?.dedupKey).not.toBe(key)
})

it('the port of a connection does not make a condition', () => {
  const [one, two] = ['10.0.0.1:40001->10.0.0.2:22', '10.0.0.1:40002->10.0.0.2:22'].map((name) =>
    changed({}, { 'fd.name': name }),
  )
  expect(one?.dedupKey).toBe(two?.dedupKey)
})

it.each([
  ['Emergency', 'critical'],
  ['Alert', 'critical'],
  ['Critical', 'critical'],
  ['Error', 'high'],
  ['Warning', 'medium'],
  ['Notice', 'low'],
  ['Informational', 'info'],
  ['Debug', 'info'],
  ['constructor', 'medium'],
])('priority %s is %s', (priority, severity) => {
  expect(changed({ priority })?.severity).toBe(severity)
})

it('the test of falcosidekick is a test; figures about Falco itself are a log', () => {
  expect(changed({ rule: 'Test rule', output: 'This is a test from falcosidekick' })?.kind).toBe('test')
  expect(changed({ rule: 'Falco internal: metrics snapshot' })?.kind).toBe('log')
})

it('what is missing is named', () => {
  expect(send({ output: 'text only' }).unreadable[0]?.reason).toContain('json_output')
  expect(send('16:31:56 Error').answer.status).toBe(400)
})
