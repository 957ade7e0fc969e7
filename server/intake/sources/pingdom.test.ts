import { expect, it } from 'vitest'
import { fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('pingdom/intake', body)
const changed = (change: object) => send({ ...(JSON.parse(fixture('pingdom-down').toString()) as object), ...change })

it('down', () => {
  const { events, answer } = send(fixture('pingdom-down'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toMatchObject([
    {
      kind: 'alert',
      status: 'firing',
      severity: 'high',
      severityRaw: 'HIGH',
      title: 'Shop front is DOWN',
      description: 'HTTP Server Error 503 Service Unavailable\nHTTP Error 503',
      startsAt: Date.UTC(2026, 10, 22, 0, 45),
      labels: { alertname: 'CheckDown', instance: 'shop.example', type: 'HTTP', tags: 'shop,public' },
      annotations: { previous_state: 'UP', first_probe: 'Stockholm, Sweden' },
      links: [{ href: 'https://shop.example/health' }],
    },
  ])
})

it('up again: the same condition ends', () => {
  expect(send(fixture('pingdom-up')).events[0]).toMatchObject({
    status: 'resolved',
    title: 'Shop front is UP again',
    endsAt: Date.UTC(2026, 10, 22, 0, 49),
    dedupKey: send(fixture('pingdom-down')).events[0]?.dedupKey,
  })
})

it('a transaction check fails and succeeds', () => {
  expect(changed({ current_state: 'FAILING' }).events[0]).toMatchObject({ kind: 'alert', status: 'firing' })
  expect(changed({ current_state: 'SUCCESS' }).events[0]).toMatchObject({ kind: 'alert', status: 'resolved' })
})

it('an unconfirmed state tells of no condition', () => {
  expect(changed({ current_state: 'UNCONFIRMED_DOWN' }).events[0]?.kind).toBe('log')
  expect(changed({ current_state: 'constructor' }).events[0]?.kind).toBe('log')
})

it('low importance is low; none leaves it to the source', () => {
  expect(changed({ importance_level: 'LOW' }).events[0]).toMatchObject({ severity: 'low', severityRaw: 'LOW' })
  expect(changed({ importance_level: undefined }).events[0]).toMatchObject({ severity: 'high', severityRaw: '' })
})

it('without the timestamp its words in UTC count', () => {
  expect(changed({ state_changed_timestamp: null }).events[0]?.startsAt).toBe(Date.UTC(2026, 10, 22, 0, 45))
})

it('what is missing is named', () => {
  expect(changed({ check_id: null }).unreadable[0]?.reason).toContain('check_id')
  expect(changed({ current_state: '' }).unreadable[0]?.reason).toContain('current_state')
  expect(send('').answer.status).toBe(400)
})
