import { expect, it } from 'vitest'
import { mappingSchema } from '#shared/policy.ts'
import { sourceKind } from '../adapters.ts'
import { capturedAt, reading } from './reading.fixture.ts'

const mapping = mappingSchema.parse({
  members: '/alerts',
  ignore: ['/type="ping"'],
  fields: {
    title: '/name',
    status: { pointer: '/state', map: { OK: 'resolved', ALARM: 'firing' } },
    severity: { pointer: '/level', map: { red: 'critical' } },
    key: '/id',
    group: '#/account',
    startsAt: '/at',
    endsAt: '/until',
  },
  labels: { host: '/host' },
  links: ['/url', { href: '/run', text: 'Runbook' }],
  expires_after: '10m',
})
const read = (body: unknown) => reading('webhook/intake', body, capturedAt, { mapping })

it('firing: everything that the mapping finds', () => {
  const alert = { name: 'Disk full', state: 'ALARM', level: 'red', id: 9007199254740993n.toString(), at: 1795308000 }
  const more = { host: 'db1', url: 'https://a.example/1', run: 'javascript:alert(1)' }
  const { events, answer, keep } = read({ account: 'acme', alerts: [{ ...alert, ...more }] })
  expect({ answer, keep }).toEqual({ answer: { status: 200 }, keep: true })
  expect(events).toEqual([
    {
      kind: 'alert',
      status: 'firing',
      dedupKey: '9007199254740993',
      family: 'keyed',
      severity: 'critical',
      severityRaw: 'red',
      title: 'Disk full',
      description: '',
      startsAt: 1_795_308_000_000,
      endsAt: null,
      expiresAt: capturedAt + 600_000,
      timesOut: false,
      service: null,
      labels: { host: 'db1' },
      annotations: {},
      links: [{ href: 'https://a.example/1', text: 'Link' }],
      groupKey: 'acme',
    },
  ])
})

it('resolved: with the same key, at its end', () => {
  const [event] = read({ alerts: { name: 'Disk full', state: 'OK', id: 1, until: '2026-11-22T00:45:00Z' } }).events
  expect(event).toMatchObject({
    status: 'resolved',
    dedupKey: '1',
    endsAt: Date.UTC(2026, 10, 22, 0, 45),
    expiresAt: null,
  })
})

it('integers beyond 2^53 keep their digits', () => {
  expect(read('{"alerts":[{"name":"A","state":"OK","id":12345678901234567890}]}').events).toMatchObject([
    { dedupKey: '12345678901234567890' },
  ])
})

it('a severity that stands not in the map is understood where it is known; one that is absent is the source’s default', () => {
  const severity = (level?: string) => read({ alerts: [{ name: 'A', state: 'OK', level }] }).events[0]
  expect(severity('P2')).toMatchObject({ severity: 'high', severityRaw: 'P2' })
  expect(severity()).toMatchObject({ severity: 'medium', severityRaw: '' })
})

it('M2: members that do not fit are named by index, the good are kept, and the sender is answered 202', () => {
  const good = { name: 'A', state: 'ALARM' }
  const { events, unreadable, answer } = read({ alerts: [good, { type: 'ping' }, { name: 'B', state: '?' }, 7, good] })
  expect(events).toHaveLength(2)
  expect(unreadable.map(({ index }) => index)).toEqual([2, 3])
  expect(answer.status).toBe(202)
  expect(read({}).answer.status).toBe(202)
  expect(read({}).unreadable).toEqual([{ index: 0, reason: 'the mapping finds no events at /alerts' }])
})

it('of too many members the first are read, and the rest is named once', () => {
  const { events, unreadable, answer } = read({ alerts: new Array(10_002).fill({ name: 'A', state: 'OK' }) })
  expect([events.length, answer.status]).toEqual([10_000, 202])
  expect(unreadable).toEqual([{ index: 10_000, reason: '2 more members were not read: too many' }])
})

it('what says nothing is not kept', () => {
  expect(read({ alerts: [{ type: 'ping' }] })).toMatchObject({ events: [], unreadable: [], keep: false })
})

it('what is no JSON is the sender’s to mend: 400', () => {
  expect(read('{')).toMatchObject({ keep: true, answer: { status: 400 } })
})

it('what a mapped source prints to paste sends a body of the sender’s, never one of our shape', () => {
  const where = { baseUrl: 'http://h', key: 'k', sourceId: 's_1', secret: null }
  const texts = sourceKind('webhook')?.connect({ ...where, settings: { mapping: 'pumps' } }) ?? []
  expect(texts).toHaveLength(2)
  for (const { text } of texts) {
    expect(text).toContain('sample.json')
    expect(text).not.toContain('"title"')
  }
})
