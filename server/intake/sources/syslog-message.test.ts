import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { readSyslog, type SyslogMessage } from './syslog-message.ts'

const receivedAt = Date.UTC(2026, 10, 22, 0, 51, 41)
function read(text: string | Uint8Array, at = receivedAt): SyslogMessage {
  const found = readSyslog(typeof text === 'string' ? Buffer.from(text) : text, at)
  if ('reason' in found) throw new Error(found.reason)
  return found
}
const timeOf = (text: string, at = receivedAt) => {
  const found = read(text, at).at
  return found === null ? null : new Date(found).toISOString()
}

describe('RFC 5424', () => {
  it('reads every field of the header, structured data and the text', () => {
    expect(
      read(
        '<34>1 2026-11-22T00:51:40.948432+00:00 vm sshd 812 ID47 [timeQuality tzKnown="1" isSynced="0"][origin@32473 ip="192.0.2.1" ip="192.0.2.129"] Failed password for root',
      ),
    ).toEqual({
      severity: 2,
      facility: 4,
      at: Date.UTC(2026, 10, 22, 0, 51, 40, 948),
      host: 'vm',
      app: 'sshd',
      procId: '812',
      msgId: 'ID47',
      data: {
        'timeQuality.tzKnown': '1',
        'timeQuality.isSynced': '0',
        'origin@32473.ip': '192.0.2.1, 192.0.2.129',
      },
      text: 'Failed password for root',
    })
  })

  it('a dash is nothing said; the text may be missing', () => {
    const nothing = { at: null, host: '', app: '', procId: '', msgId: '', data: {}, text: '' }
    expect(read('<0>1 - - - - - -')).toEqual({ severity: 0, facility: 0, ...nothing })
    expect(read('<191>1 - - - - - - ')).toEqual({ severity: 7, facility: 23, ...nothing })
    expect(read('<13>1 - h - - - [a b="c"]')).toMatchObject({ host: 'h', data: { 'a.b': 'c' }, text: '' })
  })

  it('a byte order mark before the text is no text', () => {
    expect(read('<34>1 2026-11-22T00:51:40Z h su - ID47 - \ufeff‘su root’ failed')).toMatchObject({
      text: '‘su root’ failed',
    })
  })

  it('escapes in values: quote, bracket and backslash; any other backslash stays', () => {
    expect(read('<29>1 - h a - - [m a="\\"q\\"" b="x\\]y" c="\\\\" d="C:\\dir" e=""] text').data).toEqual({
      'm.a': '"q"',
      'm.b': 'x]y',
      'm.c': '\\',
      'm.d': 'C:\\dir',
      'm.e': '',
    })
  })

  it('structured data in no form is text, and what stands before it is kept', () => {
    expect(read('<29>1 - h a - - [x="1" rest')).toMatchObject({ host: 'h', app: 'a', data: {}, text: '[x="1" rest' })
    expect(read('<29>1 - h a - - [ok b="1"][x="1" rest')).toMatchObject({ data: { 'ok.b': '1' }, text: '[x="1" rest' })
  })

  it('times with an offset, in small letters, with nanoseconds; one that there is not leaves the message', () => {
    expect(timeOf('<165>1 2003-08-24T05:14:15.000003-07:00 h a - - - x')).toBe('2003-08-24T12:14:15.000Z')
    expect(timeOf('<165>1 2026-11-22t00:51:40z h a - - - x')).toBe('2026-11-22T00:51:40.000Z')
    expect(read('<165>1 2026-13-45T00:51:40Z h a - - - x')).toMatchObject({ at: null, host: 'h', text: 'x' })
  })

  it('later versions have the same header', () => {
    expect(read('<191>999 2026-11-22T00:51:40Z h a p m [an@id k="v"] text')).toMatchObject({ app: 'a', text: 'text' })
  })
})

describe('RFC 3164', () => {
  it('logger, rsyslog and winston, as captured', () => {
    expect(read('<27>Nov 22 00:51:40 vm myapp: legacy BSD syslog message')).toEqual({
      severity: 3,
      facility: 3,
      at: Date.UTC(2026, 10, 22, 0, 51, 40),
      host: 'vm',
      app: 'myapp',
      procId: '',
      msgId: '',
      data: {},
      text: 'legacy BSD syslog message',
    })
    expect(read('<130>Nov 22 00:53:09 web-1 node-app[21792]: {"level":"crit"}')).toMatchObject({
      host: 'web-1',
      app: 'node-app',
      procId: '21792',
      text: '{"level":"crit"}',
    })
    expect(read("<33>Nov 22 00:56:38 vm su: 'su root' failed for lonvick on /dev/pts/8")).toMatchObject({
      app: 'su',
      text: "'su root' failed for lonvick on /dev/pts/8",
    })
  })

  it.each<[string, Partial<SyslogMessage>]>([
    // Without a host, as programs write to /dev/log.
    ['<13>Nov 22 00:51:40 root: text', { host: '', app: 'root', text: 'text' }],
    ['<13>Nov 22 00:51:40 cron[7]: text', { host: '', app: 'cron', procId: '7', text: 'text' }],
    // A day below ten, both ways.
    ['<13>Nov  2 00:51:40 vm a: x', { host: 'vm', app: 'a' }],
    ['<13>Nov 2 00:51:40 vm a: x', { host: 'vm', app: 'a' }],
    // RSYSLOG_ForwardFormat.
    [
      '<33>2026-11-22T00:51:38.883335+00:00 vm su: x',
      { host: 'vm', app: 'su', at: Date.UTC(2026, 10, 22, 0, 51, 38, 883) },
    ],
    ['<33>2026-11-22 00:51:38,883 vm su: x', { host: 'vm', app: 'su', at: Date.UTC(2026, 10, 22, 0, 51, 38, 883) }],
    ['<22>Nov 22 00:51:40 mail postfix/smtpd[12]: lost connection', { app: 'postfix/smtpd', procId: '12' }],
    ['<78>Nov 22 00:51:40 vm CROND[10391] (root) CMD', { app: 'CROND', procId: '10391', text: '(root) CMD' }],
    ['<13>Nov 22 00:51:40 2001:db8::1 app: x', { host: '2001:db8::1', app: 'app', text: 'x' }],
    // No program: what looks like an address of a page is text.
    ['<13>Nov 22 00:51:40 vm http://x.example/ is down', { host: 'vm', app: '', text: 'http://x.example/ is down' }],
    ['<13>no header at all', { host: '', app: '', at: null, text: 'no header at all' }],
    ['<13>app: no time', { host: '', app: 'app', at: null, text: 'no time' }],
    ['<13>', { text: '' }],
    // Cisco IOS: number, unset clock, fraction, zone; with its name; without time.
    [
      '<189>29: *Nov 22 00:51:40.483 UTC: %SYS-5-CONFIG_I: Configured from console by vty2 (192.0.2.36)',
      {
        at: Date.UTC(2026, 10, 22, 0, 51, 40, 483),
        host: '',
        app: 'SYS',
        msgId: 'SYS-5-CONFIG_I',
        text: 'Configured from console by vty2 (192.0.2.36)',
      },
    ],
    [
      '<187>1042: core-1: .Nov 22 00:51:40: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down',
      { host: 'core-1', app: 'LINK' },
    ],
    ['<189>29: %SYS-5-CONFIG_I: Configured', { at: null, app: 'SYS', text: 'Configured' }],
    // NX-OS, ASA.
    [
      '<187>: 2026 Nov 22 00:51:40 EST: %ETHPORT-3-IF_DOWN: down',
      { app: 'ETHPORT', msgId: 'ETHPORT-3-IF_DOWN', text: 'down' },
    ],
    ['<166>Nov 22 2026 00:51:40: %ASA-6-302013: Built', { host: '', app: 'ASA', msgId: 'ASA-6-302013', text: 'Built' }],
    ['<166>Nov 22 2026 00:51:40 fw-1 : %ASA-6-302013: Built', { host: 'fw-1', app: 'ASA', text: 'Built' }],
    [
      '<162>%ASA-2-106001: Inbound TCP connection denied',
      { host: '', app: 'ASA', text: 'Inbound TCP connection denied' },
    ],
    // A header of RFC 5424 that is none.
    ['<13>1 2026-11-22T00:51:40Z only', { severity: 5, text: '1 2026-11-22T00:51:40Z only' }],
  ])('%s', (text, expected) => expect(read(text)).toMatchObject(expected))

  it('Y4: without a priority, or with one there is not, it is a notice of a user, and nothing of it is lost', () => {
    expect(read('plain words')).toMatchObject({ severity: 5, facility: 1, text: 'plain words' })
    expect(read('<192>plain words')).toMatchObject({ severity: 5, text: '<192>plain words' })
    expect(read('<1234>plain words')).toMatchObject({ severity: 5, text: '<1234>plain words' })
  })

  it('Y3: the year is the one that is nearest to now', () => {
    const newYear = Date.UTC(2027, 0, 1, 0, 0, 5)
    expect(timeOf('<13>Dec 31 23:59:58 vm a: x', newYear)).toBe('2026-12-31T23:59:58.000Z')
    expect(timeOf('<13>Jan  1 00:00:04 vm a: x', newYear)).toBe('2027-01-01T00:00:04.000Z')
    expect(timeOf('<13>Aug  1 12:00:00 vm a: x', newYear)).toBe('2026-08-01T12:00:00.000Z')
    const leap = Date.UTC(2028, 1, 29, 12, 0, 0)
    expect(timeOf('<13>Feb 29 12:00:00 vm a: x', leap)).toBe('2028-02-29T12:00:00.000Z')
    expect(timeOf('<13>Feb 29 12:00:00 vm a: x', receivedAt)).toBeNull()
    expect(timeOf('<13>Nov 31 12:00:00 vm a: x')).toBeNull()
    expect(timeOf('<13>Nov 21 24:00:00 vm a: x')).toBeNull()
  })

  it('Y3: the zone is the one in which it was written now; else it is UTC, and never in the future', () => {
    const minute = (text: string) => timeOf(text)?.slice(0, 16)
    // New York, Kathmandu's neighbour half an hour off, Kiritimati.
    expect(timeOf('<13>Nov 21 19:51:40 vm a: x')).toBe('2026-11-22T00:51:40.000Z')
    expect(timeOf('<13>Nov 22 06:21:40 vm a: x')).toBe('2026-11-22T00:51:40.000Z')
    expect(timeOf('<13>Nov 22 14:51:40 vm a: x')).toBe('2026-11-22T00:51:40.000Z')
    // Ten minutes late.
    expect(timeOf('<13>Nov 22 00:41:40 vm a: x')).toBe('2026-11-22T00:41:40.000Z')
    // Days late.
    expect(minute('<13>Nov 19 03:00:00 vm a: x')).toBe('2026-11-19T03:00')
    // A clock that is wrong.
    expect(timeOf('<13>Nov 23 23:00:00 vm a: x')).toBe(new Date(receivedAt).toISOString())
    // A zone that is said is believed.
    expect(timeOf('<189>1: Nov 21 19:51:40 UTC: %SYS-5-A: x')).toBe('2026-11-21T19:51:40.000Z')
  })

  it('Y3: a message that is read when it was written has that time, in every zone of whole half hours', () => {
    const zone = fc.integer({ min: -24, max: 28 })
    const at = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) })
    fc.assert(
      fc.property(at, zone, fc.integer({ min: 0, max: 50 }), (now, halfHours, lateS) => {
        const written = new Date(Math.floor(now / 1000 - lateS) * 1000 + halfHours * 30 * minuteMs)
        const [, day, month, , time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(written.toUTCString()) ?? []
        const found = read(`<13>${month} ${Number(day)} ${time} vm a: x`, now).at ?? 0
        expect(found).toBe(written.getTime() - halfHours * 0.5 * hourMs)
      }),
    )
  })
})

describe('bytes that are no text', () => {
  const reasonOf = (bytes: Uint8Array) => {
    const found = readSyslog(bytes, receivedAt)
    return 'reason' in found ? found.reason : null
  }
  it('are unreadable where no priority says that they are a message', () => {
    expect(reasonOf(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00))).toMatch(/beginning of TLS/)
    expect(reasonOf(Uint8Array.of(0x80, 0x81))).toMatch(/no text/)
    expect(reasonOf(Buffer.from('a\u0007b'))).toMatch(/no text/)
    expect(reasonOf(Buffer.from('tab\tand escape \u001b[0m'))).toBeNull()
    expect(read(Uint8Array.of(...Buffer.from('<10>caf'), 0xe9)).text).toBe('caf\ufffd')
  })

  it('whatever comes is read without a throw, and in time', () => {
    const part = fc.constantFrom(
      ...['<34>', '<999>', '1 ', '- ', '[', ']', '"', '\\', 'a="b"', ' ', '  ', ': ', '%A-1-B', 'Nov 22 00:51:40 '],
      ...['2026-11-22T00:51:40Z ', '*', '29: ', 'host ', 'app[1]', '\ufeff', '\n', '\0', '🜂'],
    )
    const text = fc.array(fc.oneof(part, fc.string({ unit: 'grapheme', maxLength: 5 })), { maxLength: 20 })
    fc.assert(
      fc.property(
        fc.oneof(
          text.map((parts) => Buffer.from(parts.join(''))),
          fc.uint8Array(),
        ),
        (bytes) => {
          const found = readSyslog(bytes, receivedAt)
          if ('reason' in found) return
          expect(found.severity).toBeGreaterThanOrEqual(0)
          expect(found.severity).toBeLessThanOrEqual(7)
          expect(found.at === null || Number.isSafeInteger(found.at)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
    const began = process.cpuUsage()
    for (const each of [' ', '\n', '[a', '[a b="', '\\', 'a:', '%A-', '1 ', '-'])
      for (const before of ['<13>', '<13>1 - h a - - ', '<13>1 - h a - - [a b="', '<13>Nov 22 00:51:40 ', ''])
        read(`${before}${each.repeat(64 * 1024)}x`)
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000)
  })
})
