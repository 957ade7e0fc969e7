import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, secondMs } from '#shared/clocks.ts'
import { originAllowed } from './origin.ts'
import { base32 } from './secrets.ts'
import { makeThrottle, networkOf } from './throttle.ts'
import { trialClock } from './trial.ts'

const waitOf = (run: () => unknown): number => {
  try {
    run()
    return 0
  } catch (error) {
    return (error as { details: { retryAfterS: number } }).details.retryAfterS
  }
}

describe('the throttle of sign-in', () => {
  it('S4: five mistakes are free, then the wait doubles up to 15 min, and ends', () => {
    const clock = trialClock()
    const throttle = makeThrottle(clock)
    const attempt = () => waitOf(() => throttle.begin('ada', '192.0.2.1', false))
    const waits: number[] = []
    for (let i = 0; i < 18; i++) {
      let wait = attempt()
      waits.push(wait)
      for (; wait > 0; wait = attempt()) clock.pass(wait * secondMs)
    }
    expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
    clock.pass(hourMs)
    expect(attempt()).toBe(0)
  })

  it('S4: a clock set back makes nobody wait longer than the limit says', () => {
    const clock = trialClock()
    const throttle = makeThrottle(clock)
    for (let i = 0; i < 6; i++) waitOf(() => throttle.begin('ada', '192.0.2.1', false))
    clock.pass(-24 * hourMs)
    expect(waitOf(() => throttle.begin('ada', '192.0.2.1', false))).toBe(1)
  })

  it('S4: asking while waiting does not make the wait longer', () => {
    const clock = trialClock()
    const throttle = makeThrottle(clock)
    for (let i = 0; i < 8; i++) {
      clock.pass(10 * secondMs)
      throttle.begin('ada', '192.0.2.1', false)
    }
    const waits = Array.from({ length: 50 }, () => waitOf(() => throttle.begin('ada', '192.0.2.1', false)))
    expect(new Set(waits)).toEqual(new Set([8]))
  })

  it('S4: strangers from a thousand addresses cannot keep the owner out where they have signed in before', () => {
    const clock = trialClock()
    const throttle = makeThrottle(clock)
    for (let i = 0; i < 1000; i++) waitOf(() => throttle.begin('ada', `198.51.${i >> 8}.${i & 255}`, false))
    expect(waitOf(() => throttle.begin('ada', '192.0.2.1', true))).toBe(0)
    expect(waitOf(() => throttle.begin('ada', '203.0.113.9', false))).toBeLessThanOrEqual(20)
  })

  it('many at once count before their answers are known; a success takes its own count back', () => {
    const throttle = makeThrottle(trialClock())
    const attempts = Array.from({ length: 5 }, () => throttle.begin('ada', '192.0.2.1', false))
    expect(waitOf(() => throttle.begin('ada', '192.0.2.1', false))).toBe(1)
    attempts[0]?.succeeded()
    expect(waitOf(() => throttle.begin('ada', '192.0.2.1', false))).toBe(0)
  })

  it('one address cannot try many accounts for free', () => {
    const throttle = makeThrottle(trialClock())
    const waits = Array.from({ length: 40 }, (_, i) => waitOf(() => throttle.begin(`user${i}`, '192.0.2.1', false)))
    expect(waits.indexOf(1)).toBe(30)
  })

  it('counts IPv6 by /64 and IPv4 in IPv6 as IPv4', () => {
    expect(networkOf('2001:db8:0:1::5')).toBe(networkOf('2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd'))
    expect(networkOf('2001:db8:0:2::5')).not.toBe(networkOf('2001:db8:0:1::5'))
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
  })
})

describe('originAllowed', () => {
  const at = (
    headers: Parameters<typeof originAllowed>[0],
    publicUrl: string | null = null,
    missing: 'allow' | 'refuse' = 'allow',
  ) => originAllowed(headers, { publicUrl, missing })
  const host = 'board.example.org:4000'

  it('S3: takes our own host and PUBLIC_URL, refuses other sites, other ports, and null', () => {
    expect(at({ host, origin: `http://${host}` })).toBe(true)
    expect(at({ host, origin: 'http://BOARD.example.org:4000' })).toBe(true)
    expect(at({ host: '10.0.0.1:4000', origin: 'https://ops.example.org' }, 'https://ops.example.org/')).toBe(true)
    for (const origin of [
      'http://evil.example',
      'http://board.example.org',
      'null',
      '',
      'http://board.example.org:4000.evil.example',
      'file://board.example.org:4000',
    ])
      expect(at({ host, origin }), origin).toBe(false)
    expect(at({ host, origin: 'https://evil.example' }, 'https://ops.example.org')).toBe(false)
    expect(at({ host, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' })).toBe(false)
  })

  it('S3: a missing Origin is a tool at the HTTP door and nobody at the socket', () => {
    expect(at({ host })).toBe(true)
    expect(at({ host }, null, 'refuse')).toBe(false)
  })

  it('never throws and never takes a foreign host', () => {
    fc.assert(
      fc.property(fc.string(), fc.webUrl(), (junk, url) => {
        expect(at({ host, origin: junk })).toBe(false)
        expect(at({ host, origin: new URL(url).origin })).toBe(new URL(url).host === host)
      }),
    )
  })
})

describe('base32', () => {
  it('is RFC 4648 in small letters', () => {
    expect(base32(Buffer.from('foobar'))).toBe('mzxw6ytbo')
    expect(base32(Buffer.from('fooba'))).toBe('mzxw6ytb')
  })
  it('keeps every bit of whole groups of five bytes', () => {
    const decode = (text: string) =>
      BigInt(
        `0b${[...text].map((c) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(c).toString(2).padStart(5, '0')).join('')}`,
      )
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 25, maxLength: 25 }),
        (bytes) => decode(base32(bytes)) === BigInt(`0x${Buffer.from(bytes).toString('hex')}`),
      ),
    )
  })
})
