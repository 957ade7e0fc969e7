import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Event } from '#shared/event.ts'
import { readSettings, type Settings } from '#shared/source.ts'
import type { Reading } from '../port.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'
import { syslog } from './syslog.ts'
import { bodyOf } from './syslog-framing.ts'

const receivedAt = Date.UTC(2026, 10, 22, 0, 51, 41)
function readAll(messages: readonly (string | Uint8Array)[], settings: Settings = {}, peer = '192.0.2.7'): Reading {
  const framed = messages.map((text) => ({
    peer,
    cut: false,
    bytes: typeof text === 'string' ? Buffer.from(text) : text,
  }))
  return reading('syslog/listener', bodyOf(framed), receivedAt, { settings })
}
function read(message: string, settings: Settings = {}): Event {
  const event = readAll([message], settings).events[0]
  if (event === undefined) throw new Error('nothing was read')
  return event
}

describe('syslog', () => {
  it('reads what logger, rsyslog and winston-syslog send', () => {
    const { events, unreadable, answer, keep } = reading('syslog/listener', fixture('syslog-captured.txt'), capturedAt)
    expect({ unreadable, answer, keep }).toEqual({ unreadable: [], answer: { status: 200 }, keep: true })
    expect(events.map(({ kind, severity, severityRaw, title }) => [kind, severity, severityRaw, title])).toEqual([
      ['alert', 'critical', 'crit', 'sshd: Failed password for root from 203.0.113.9 port 22 ssh2'],
      ['log', 'high', 'err', 'myapp: legacy BSD syslog message'],
      ['alert', 'critical', 'crit', 'node-app: winston {"protocol":"udp4","type":"RFC5424"}'],
      ['alert', 'critical', 'crit', 'node-app: winston {"protocol":"udp4","type":"BSD"}'],
      ['alert', 'critical', 'alert', "su: 'su root' failed for lonvick on /dev/pts/8"],
      ['log', 'medium', 'warning', 'app: tcp octet counted'],
      ['log', 'low', 'notice', 'app: tcp newline framed'],
      ['alert', 'critical', 'crit', 'node-app: winston {"protocol":"tcp4","type":"RFC5424"}'],
      ['alert', 'critical', 'alert', "su: 'su root' failed for lonvick on /dev/pts/8"],
    ])
    expect(events[0]).toMatchObject({
      labels: { alertname: 'sshd', host: 'vm', instance: 'vm', app: 'sshd', facility: 'auth', msgid: 'ID47' },
      annotations: { from: '192.0.2.10', 'exampleSDID@32473.iut': '3', 'timeQuality.tzKnown': '1' },
      description: 'Failed password for root from 203.0.113.9 port 22 ssh2',
      startsAt: Date.UTC(2026, 10, 22, 0, 51, 40, 948),
      expiresAt: capturedAt + 15 * minuteMs,
    })
    expect(events[1]?.expiresAt).toBeNull()
  })

  it.each([
    ['<0>', 'critical'],
    ['<9>', 'critical'],
    ['<2>', 'critical'],
    ['<3>', 'high'],
    ['<12>', 'medium'],
    ['<13>', 'low'],
    ['<6>', 'info'],
    ['<191>', 'info'],
    ['', 'low'],
  ])('the severity of %s is %s', (priority, severity) => expect(read(`${priority}x`).severity).toBe(severity))

  it('Y5: the source says from which severity on a message is an alert, and how long it lasts in silence', () => {
    const kinds = (settings: Settings) =>
      [0, 1, 2, 3, 4, 5, 6, 7].map((severity) => read(`<${severity}>x`, settings).kind)
    const alerts = (count: number) => [...Array(count).fill('alert'), ...Array(8 - count).fill('log')]
    expect(kinds({})).toEqual(alerts(3))
    expect(kinds({ alertFrom: 'emerg' })).toEqual(alerts(1))
    expect(kinds({ alertFrom: 'notice' })).toEqual(alerts(6))
    expect(kinds({ alertFrom: 'never' })).toEqual(alerts(0))
    expect(read('<0>x', { quietFor: hourMs }).expiresAt).toBe(receivedAt + hourMs)
  })

  it('Y5: the same words about other things are one alert; another host, program or sentence is another', () => {
    const key = (text: string) => read(`<10>Nov 22 00:51:40 ${text}`).dedupKey
    const first = key("db-1 postgres[41]: could not open file 'base/1/2' of 3 MB")
    expect(key("db-1 postgres[97]: could not open file 'base/7/9' of 12 MB")).toBe(first)
    expect(key("db-2 postgres[41]: could not open file 'base/1/2' of 3 MB")).not.toBe(first)
    expect(key("db-1 pgbouncer[41]: could not open file 'base/1/2' of 3 MB")).not.toBe(first)
    expect(key('db-1 postgres[41]: out of memory')).not.toBe(first)
    expect(key('db-1 node: {"level":"crit","message":"a"}')).not.toBe(key('db-1 node: {"level":"crit","message":"b"}'))
  })

  it('a sender that says no host is known by its address', () => {
    expect(read('<10>%ASA-2-106001: denied')).toMatchObject({
      title: 'ASA: denied',
      labels: { host: '192.0.2.7', msgid: 'ASA-2-106001' },
      annotations: {},
    })
    expect(read('<10>Nov 22 00:51:40 web-1 app: x').annotations).toEqual({ from: '192.0.2.7' })
  })

  it('the title is the first line; all of it is the description', () => {
    expect(read('<10>app: first\nsecond')).toMatchObject({ title: 'app: first', description: 'first\nsecond' })
    expect(read('<10>1 - h app - - -').title).toBe('app: a message without words')
  })

  it('a message that was cut says so', () => {
    const body = bodyOf([{ peer: '192.0.2.7', cut: true, bytes: Buffer.from('<10>x') }])
    expect(reading('syslog/listener', body).events[0]?.annotations.cut).toMatch(/64 KiB/)
  })

  it('bytes that are no text are named by their place; the others are read', () => {
    const { events, unreadable } = readAll(['<13>a', Uint8Array.of(0x16, 0x03, 0x01), '<13>b', Uint8Array.of(1, 2)])
    expect(events.map(({ title }) => title)).toEqual(['a', 'b'])
    expect(unreadable).toEqual([
      { index: 1, reason: expect.stringContaining('TLS') },
      { index: 3, reason: expect.stringContaining('no text') },
    ])
  })

  it('a body that is broken off is read as far as it goes', () => {
    const whole = bodyOf([{ peer: '192.0.2.7', cut: false, bytes: Buffer.from('<13>a') }])
    const { events, unreadable } = reading('syslog/listener', Buffer.concat([whole, Buffer.from('99 @x')]))
    expect(events).toHaveLength(1)
    expect(unreadable).toEqual([{ index: 1, reason: expect.stringContaining('shorter') }])
    expect(reading('syslog/listener', Buffer.from(''))).toMatchObject({ keep: false })
  })

  it('never loses a message, whatever stands in it', () => {
    const bytes = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ minLength: 1 }),
    )
    fc.assert(
      fc.property(fc.array(bytes), (messages) => {
        const { events, unreadable } = readAll(messages)
        expect(events.length + unreadable.length).toBe(messages.length)
        for (const { title, labels } of events) {
          expect(title.isWellFormed() && title !== '').toBe(true)
          expect(Object.values(labels).every((value) => value.isWellFormed())).toBe(true)
        }
      }),
    )
  })
})

describe('what its page shows', () => {
  const shown = (given: Record<string, unknown>) => {
    const read = readSettings(syslog.settings ?? [], given)
    if ('faults' in read) throw new Error(JSON.stringify(read.faults))
    return syslog
      .connect({
        baseUrl: 'http://ux.example:4000',
        key: 'KEY',
        sourceId: 's_1',
        secret: null,
        settings: read.settings,
      })
      .map(({ text }) => text)
  }
  it('says to set a port where there is none', () => {
    for (const text of shown({})) expect(text).toContain('# This source listens nowhere yet')
  })
  it('names the port, the address and the transport that are set', () => {
    const [rsyslog = '', syslogNg, logger, node] = shown({ port: 5514, address: '0.0.0.0', transport: 'udp' })
    expect(rsyslog).toContain('target="ux.example" port="5514" protocol="udp"')
    expect(rsyslog).not.toContain('TCP_Framing')
    expect(syslogNg).toContain('syslog("ux.example" port(5514) transport("udp")')
    expect(logger).toBe(
      "logger --udp --server 'ux.example' --port '5514' --tag first-light --priority user.crit 'The first message'\n",
    )
    expect(node).toContain("protocol: 'udp4'")
    const [secured = ''] = shown({ port: 6514, address: '192.0.2.1', transport: 'tls' })
    expect(secured).toContain('target="192.0.2.1" port="6514" protocol="tcp"')
    expect(secured).toContain('StreamDriverPermittedPeers="ux.example"')
  })
  it('settings are checked', () => {
    const faultsOf = (given: Record<string, unknown>) => {
      const read = readSettings(syslog.settings ?? [], given)
      return 'faults' in read ? read.faults.map(({ path }) => path) : []
    }
    expect(
      faultsOf({ port: 514, address: '0.0.0.0', allowed: ['192.0.2.0/24', '2001:db8::/32'], alertFrom: 'err' }),
    ).toEqual([])
    expect(
      faultsOf({
        port: 70_000,
        address: 'localhost',
        allowed: ['192.0.2.0/x'],
        transport: 'sctp',
        quietFor: 1000,
      }).sort(),
    ).toEqual(['address', 'allowed', 'port', 'quietFor', 'transport'])
  })
})
