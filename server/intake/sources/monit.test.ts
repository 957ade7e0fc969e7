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
  const fired = one(0x20, 1, 'failed protocol test [HTTP] at [localhost]:80 <TCP> -- a & b')
  expect(fired).toMatchObject({
    kind: 'alert',
    status: 'firing',
    family: 'keyed',
    title: 'nginx on web-1: failed protocol test [HTTP] at [localhost]:80 <TCP> -- a & b',
    labels: { alertname: 'Connection', host: 'web-1', instance: 'web-1', check: 'nginx', type: 'process' },
    startsAt: 1_795_308_986_500,
  })
  expect(one(0x20, 0, 'connection succeeded to [localhost]:80 <TCP>')).toMatchObject({
    status: 'resolved',
    dedupKey: fired?.dedupKey,
    endsAt: 1_795_308_986_500,
  })
})

/** Event, failed, succeeded: as Monit 5.33 writes them. */
const pairs: [id: number, failed: string, succeeded: string][] = [
  [
    2,
    'cpu usage of 98.0% matches resource limit [cpu usage > 90.0%]',
    'cpu usage check succeeded [current cpu usage = 3.0%]',
  ],
  [
    2,
    'cpu I/O wait of 9.0% matches resource limit [cpu I/O wait > 5.0%]',
    'cpu I/O wait check succeeded [current cpu I/O wait = 1.0%]',
  ],
  [
    2,
    'mem usage of 91.2% matches resource limit [mem usage > 90.0%]',
    'mem usage check succeeded [current mem usage = 12.0%]',
  ],
  [
    2,
    'mem amount of 2.1 GB matches resource limit [mem amount > 2 GB]',
    'mem amount check succeeded [current mem amount = 1.9 GB]',
  ],
  [
    2,
    'loadavg (1min) of 5.1 matches resource limit [loadavg (1min) > 4.0]',
    'loadavg (1min) check succeeded [current loadavg (1min) = 0.3]',
  ],
  [
    2,
    'loadavg (5min) of 5.1 matches resource limit [loadavg (5min) > 4.0]',
    'loadavg (5min) check succeeded [current loadavg (5min) = 0.3]',
  ],
  [
    2,
    'space usage 97.1% matches resource limit [space usage > 95.0%]',
    'space usage test succeeded [current space usage = 40.0%]',
  ],
  [
    2,
    'space usage 19.7 GB matches resource limit [space usage > 10 GB]',
    'space usage test succeeded [current space usage = 1.2 GB]',
  ],
  [
    2,
    'inode free 12 matches resource limit [inode free < 100]',
    'inode free test succeeded [current inode free = 4000]',
  ],
  [2, 'threads count 12 matches resource limit [threads > 10]', 'threads check succeeded [current threads = 4]'],
  [
    2,
    'filedescriptors usage of 90.0% matches limit [filedescriptors > 80.0%]',
    'filedescriptors usage test succeeded [current filedescriptors usage = 2.0%]',
  ],
  [
    2,
    'filedescriptors usage of 900 matches limit [filedescriptors > 800]',
    'filedescriptors test succeeded [current filedescriptors usage = 20]',
  ],
  [
    2,
    'total  filedescriptors usage of 900 matches limit [filedescriptors > 800]',
    'total filedescriptors usage test succeeded [current filedescriptors usage = 20]',
  ],
  [
    2,
    'read rate 9.2 MB/s matches resource limit [read > 5 MB/s]',
    'read rate test succeeded [current read = 1.0 kB/s]',
  ],
  [
    2,
    'read rate 92.0 operations/s matches resource limit [read > 5 operations/s]',
    'read rate test succeeded [current read = 1.0 operations/s]',
  ],
  [
    2,
    'service time 9 ms/operation matches resource limit [service time > 5 ms/operation]',
    'service time test succeeded [current service time = 1 ms/operation]',
  ],
  [
    8,
    'access time for /var/run/1 failed -- current access time is Sun, 22 Nov 2026 04:38:46',
    'access time test succeeded for /var/run/1 [current access time is Sun, 22 Nov 2026 05:39:32]',
  ],
  [
    8,
    'modify time for /var/run/1 failed -- current modify time is Sun, 22 Nov 2026 04:38:46',
    'modify time test succeeded for /var/run/1 [current modify time is Sun, 22 Nov 2026 05:39:32]',
  ],
  [16, 'size test failed for /var/spool/2 -- current size is 3.9 kB', 'size check succeeded [current size = 5 B]'],
  [
    32,
    'failed protocol test [HTTP] at [127.0.0.1]:80 [TCP/IP] -- Connection refused',
    'connection succeeded to [127.0.0.1]:80 [TCP/IP]',
  ],
  [
    32,
    'failed protocol test [DEFAULT] at [127.0.0.1]:25 [TCP/IP] -- Connection refused',
    'connection succeeded to [127.0.0.1]:25 [TCP/IP]',
  ],
  [
    64,
    'permission test failed for /var/x [current permission 0600]',
    'permission test succeeded [current permission 0644]',
  ],
  [128, 'uid test failed for nginx -- current uid is 0', 'uid test succeeded [current uid = 33]'],
  [128, 'euid test failed for nginx -- current euid is 0', 'euid test succeeded [current euid = 33]'],
  [512, 'process is not running', 'process is running with pid 42'],
  [1, 'checksum failed, expected 1a2b got 3c4d', 'checksum is valid'],
  [2048, 'process with pid 42 is a zombie', 'zombie check succeeded'],
  [
    8,
    'certificate expiry in 5 days matches check limit [valid > 30 days]',
    'certificate valid days test succeeded [valid for 89 days]',
  ],
  [16384, 'ping test failed', 'ping test succeeded [response time 0.1 ms]'],
  [16777216, "response time 12.1 ms doesn't match limit [time < 5 ms]", 'response time 1.0 ms succeeded [time < 5 ms]'],
  [
    33554432,
    'link upload saturation of 98.1% matches limit [saturation > 90.0%]',
    'link upload saturation check succeeded [current upload saturation 3.1%]',
  ],
  [
    67108864,
    'total download 28.9 kB matches limit [download rate > 1 B in last 1 minute]',
    'total download check succeeded [current download rate 0 B in last 1 minute]',
  ],
  [
    134217728,
    'upload 28.6 kB matches limit [upload rate > 1 B in last 1 second]',
    'upload check succeeded [current upload rate 0 B in last 1 second]',
  ],
  [8388608, '3 upload errors detected', 'upload errors check succeeded'],
  [8388608, 'link down', 'link up'],
  [2097152, 'status failed (1) -- disk usage of 97% matches everything', 'status succeeded (0) -- disk usage of 3%'],
]

it.each(pairs)('what event %i begins it ends: %s', (id, failed, succeeded) => {
  expect(one(id, 0, succeeded)).toMatchObject({ status: 'resolved', dedupKey: one(id, 1, failed)?.dedupKey })
})

it('conditions of one service are apart, each with its own end', () => {
  const keys = pairs.map(([id, failed]) => one(id, 1, failed)?.dedupKey)
  expect(new Set(keys).size).toBe(pairs.length)
})

it('what a program prints says nothing of which condition it is', () => {
  const printed = ['cpu usage of 98.0% matches', 'size test failed for 3', '', 'connection succeeded to x'].map(
    (output) => one(2097152, 1, `status failed (2) -- ${output}`)?.dedupKey,
  )
  expect(new Set(printed).size).toBe(1)
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
