import { expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown, contentType = 'application/json') =>
  reading('uptime-kuma/intake', body, undefined, { contentType })
const beat = (status: unknown) => {
  const body = JSON.parse(fixture('uptime-kuma-down').toString()) as { heartbeat: object }
  return send({ ...body, heartbeat: { ...body.heartbeat, status } })
}

it('down: high, with the time in UTC, tags, and no password in its link', () => {
  const { events, answer } = send(fixture('uptime-kuma-down'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toMatchObject([
    {
      kind: 'alert',
      status: 'firing',
      severity: 'high',
      severityRaw: '',
      title: 'Shop front is down',
      description: 'connect ECONNREFUSED 192.0.2.20:443',
      startsAt: Date.UTC(2026, 10, 22, 0, 46, 0, 123),
      service: 'checkout',
      labels: { alertname: 'MonitorDown', monitor: 'Shop front', instance: 'shop.example', public: 'true' },
      links: [{ href: 'https://shop.example/health' }],
    },
  ])
  expect(JSON.stringify(events)).not.toContain('geheim')
})

it('up again: the same condition ends', () => {
  expect(send(fixture('uptime-kuma-up')).events[0]).toMatchObject({
    status: 'resolved',
    title: 'Shop front is up again',
    endsAt: Date.UTC(2026, 10, 22, 0, 49, 0, 456),
    dedupKey: send(fixture('uptime-kuma-down')).events[0]?.dedupKey,
  })
})

it('a retry and a maintenance tell of no condition; another status cannot be read', () => {
  expect(beat(2).events[0]).toMatchObject({ kind: 'log', title: 'Shop front is being retried' })
  expect(beat(3).events[0]?.kind).toBe('log')
  for (const status of [4, '0', null]) expect(beat(status).unreadable[0]?.reason).toContain('heartbeat.status')
})

it('"Test" is a test', () => {
  expect(send(fixture('uptime-kuma-test')).events[0]).toMatchObject({ kind: 'test', title: 'Uxbridge Testing' })
})

it('a certificate that expires is one condition however many days are left, and is forgotten after the last warning', () => {
  const warn = (days: number) => {
    const msg = `[Shop front][https://shop.example] server certificate shop.example will expire in ${days} days`
    return send({ heartbeat: null, monitor: null, msg }).events[0]
  }
  expect(warn(14)).toMatchObject({
    kind: 'alert',
    status: 'firing',
    severity: 'medium',
    labels: { monitor: 'Shop front' },
  })
  expect(warn(7)?.dedupKey).toBe(warn(14)?.dedupKey)
  expect(warn(7)?.expiresAt).toBe(capturedAt + 8 * 24 * 3_600_000)
})

it('the JSON may stand in a form, of either kind', () => {
  const text = fixture('uptime-kuma-down').toString()
  const expected = send(text).events
  const parts = `--b-1\r\nContent-Disposition: form-data; name="data"\r\n\r\n${text}\r\n--b-1--\r\n`
  expect(send(parts, 'multipart/form-data; boundary=b-1').events).toEqual(expected)
  expect(send(parts, 'multipart/form-data; boundary="b-1"').events).toEqual(expected)
  expect(send(new URLSearchParams({ data: text }).toString(), 'application/x-www-form-urlencoded').events).toEqual(
    expected,
  )
  expect(send(parts, 'multipart/form-data; boundary=other').answer.status).toBe(400)
})

it('what is missing is named', () => {
  expect(send({ heartbeat: { status: 0 }, monitor: {} }).unreadable[0]?.reason).toContain('monitor.id')
  expect(send({}).unreadable[0]?.reason).toContain('message')
  expect(send('[').answer.status).toBe(400)
})
