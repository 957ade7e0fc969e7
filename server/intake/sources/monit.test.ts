import { expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('monit/intake', body, capturedAt, { contentType: 'text/xml' })
const report = (events: string) =>
  `<?xml version="1.0" encoding="ISO-8859-1"?><monit id="a7ad" version="5.33.0"><server><localhostname>web-1</localhostname></server><services></services>${events}</monit>`
const event = (id: number, state: number, message: string, service = 'nginx') =>
  `<event><collected_sec>1795308986</collected_sec><collected_usec>500000</collected_usec><service>${service}</service><type>3</type><id>${id}</id><state>${state}</state><action>1</action><message><![CDATA[${message}]]></message></event>`
const one = (...parts: Parameters<typeof event>) => send(report(event(...parts))).events[0]

it('what the unmodified client sends when it starts is a change', () => {
  const { events, answer, keep } = send(fixture('monit-started.xml'))
  expect([answer, keep]).toEqual([{ status: 200 }, true])
  expect(events).toEqual([
    expect.objectContaining({
      kind: 'change',
      title: 'Monit on vm: Monit 5.33.0 started',
      startsAt: 1_795_308_986_867,
      severityRaw: '',
    }),
  ])
  expect(events[0]?.labels).toMatchObject({ host: 'vm', alertname: 'Monit instance', platform: 'Linux' })
})

it('a report of values without an event is answered and not kept', () => {
  expect(send(report(''))).toEqual({ events: [], unreadable: [], answer: { status: 200 }, keep: false })
})

it('failed and succeeded are one alert', () => {
  const fired = one(0x20, 1, 'failed protocol test [HTTP] at [localhost]:80 <TCP> & more')
  expect(fired).toMatchObject({
    kind: 'alert',
    status: 'firing',
    family: 'keyed',
    title: 'nginx on web-1: failed protocol test [HTTP] at [localhost]:80 <TCP> & more',
    labels: { alertname: 'Connection', host: 'web-1', instance: 'web-1', check: 'nginx', type: 'process' },
    startsAt: 1_795_308_986_500,
  })
  expect(one(0x20, 0, 'connection succeeded to [localhost]:80')).toMatchObject({
    status: 'resolved',
    dedupKey: fired?.dedupKey,
    endsAt: 1_795_308_986_500,
  })
})

it.each([
  [
    'cpu usage of 98.0% matches resource limit [cpu usage > 90.0%]',
    'cpu usage check succeeded [current cpu usage = 3%]',
  ],
  [
    'mem usage of 91.2% matches resource limit [mem usage > 90%]',
    'mem usage check succeeded [current mem usage = 12%]',
  ],
  [
    'loadavg (1min) of 5.1 matches resource limit [loadavg (1min) > 4.0]',
    'loadavg (1min) check succeeded [current loadavg (1min) = 0.3]',
  ],
  ['space usage 97.1% matches resource limit [space usage > 95%]', 'space usage check succeeded [current 40%]'],
])('limits of one service are apart, and each ends by itself: %s', (failed, succeeded) => {
  const keys = ['cpu usage', 'mem usage', 'loadavg (1min)', 'space usage', 'swap usage'].map(
    (what) => one(2, 0, `${what} check succeeded [x]`)?.dedupKey,
  )
  expect(new Set(keys).size).toBe(5)
  expect(one(2, 1, failed)?.dedupKey).toBe(one(2, 0, succeeded)?.dedupKey)
})

it('not running, and running again', () => {
  const gone = one(0x200, 1, 'process is not running')
  expect(gone?.status).toBe('firing')
  expect(one(0x200, 0, 'process is running with pid 42')).toMatchObject({
    status: 'resolved',
    dedupKey: gone?.dedupKey,
  })
})

it('a changed checksum fires, unchanged again resolves; a new process id is a change', () => {
  expect(one(1, 2, 'checksum changed')).toMatchObject({ kind: 'alert', status: 'firing' })
  expect(one(1, 3, 'checksum has not changed')).toMatchObject({ status: 'resolved' })
  expect(one(0x40000, 2, 'process PID changed from 1 to 2')).toMatchObject({ kind: 'change' })
})

it('text in another encoding is read; entities too', () => {
  const body = report(event(0x20, 1, 'Fehler: Zugriff verweigert für x', 'caf&#233; &amp; bar'))
  expect(send(Buffer.from(body, 'latin1')).events[0]?.title).toBe(
    'café & bar on web-1: Fehler: Zugriff verweigert für x',
  )
  expect(send(body).events[0]?.title).toContain('für')
})

it('one event that cannot be read takes no other with it', () => {
  const read = send(report(`<event><service>x</service></event>${event(0x20, 1, 'down')}`))
  expect(read).toMatchObject({ events: [{ status: 'firing' }], unreadable: [{ index: 0 }], answer: { status: 422 } })
})

it.each(['<ana@example.org>', '<monit></ana@example.org>', '<monit><ana.example.org>', '<ana.example.org/>'])(
  'F9: %s is refused without being quoted',
  (body) => {
    expect(JSON.stringify(send(body))).not.toContain('ana')
  },
)

it.each([
  ['', 'no XML'],
  ['nope', 'no XML'],
  ['<a/><b/>', 'one root'],
  ['<other/>', 'element monit'],
  ['<monit><server>', 'still open'],
  ['<monit></server>', 'not open'],
  ['<monit><![CDATA[x', 'CDATA'],
  ['<!DOCTYPE x [<!ENTITY a "b">]><monit/>', 'document type'],
  [`<monit>${'<a>'.repeat(100)}`, 'nested deeper'],
  ['<monit a="', 'inside a tag'],
])('%j is refused with 400, and kept', (body, reason) => {
  expect(send(body)).toMatchObject({
    events: [],
    keep: true,
    answer: { status: 400 },
    unreadable: [{ reason: expect.stringContaining(reason) }],
  })
})
