import fc from 'fast-check'
import { expect, it } from 'vitest'
import { adapterById } from '../adapters.ts'
import { requestOf } from './reading.fixture.ts'
import {
  hmacSha256,
  isBase64Of,
  isHexOf,
  mismatched,
  outsideWindow,
  signatureWindowMs,
  unsigned,
} from './signatures.ts'

const now = Date.UTC(2026, 10, 22, 0, 50, 30)
const seconds = String(now / 1000)

function verify(
  adapterId: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  secret: string,
  at = now,
) {
  return adapterById(adapterId)?.verify?.(requestOf(Buffer.from(body), { headers }), secret, at)
}

it('an HMAC over parts is that over the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.uint8Array(), (secret, text, bytes) => {
      const whole = Buffer.concat([Buffer.from(text), bytes])
      expect(hmacSha256(secret, text, bytes)).toEqual(hmacSha256(secret, whole))
    }),
  )
})

it('only the right text is the same, whatever else is given', () => {
  const expected = hmacSha256('secret', 'body')
  expect(isHexOf(expected.toString('hex'), expected)).toBe(true)
  expect(isHexOf(expected.toString('hex').toUpperCase(), expected)).toBe(true)
  expect(isBase64Of(expected.toString('base64'), expected)).toBe(true)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{64}$/), fc.base64String()), (given) => {
      expect(isHexOf(given, expected)).toBe(false)
      expect(isBase64Of(given, expected)).toBe(false)
    }),
  )
  expect(isHexOf(`${expected.toString('hex')}zz`, expected)).toBe(false)
})

it('a signed time counts for five minutes to either side', () => {
  const edge = signatureWindowMs / 1000
  expect(outsideWindow(seconds, now)).toBeNull()
  expect(outsideWindow(String(now / 1000 - edge), now)).toBeNull()
  expect(outsideWindow(String(now / 1000 + edge), now)).toBeNull()
  expect(outsideWindow(String(now / 1000 - edge - 1), now)).toContain('301 s old')
  expect(outsideWindow(String(now / 1000 + edge + 1), now)).toContain('301 s ahead')
  for (const odd of ['', 'now', '1e9', '-1', '1795308630.5', '9'.repeat(13)])
    expect(outsideWindow(odd, now)).toContain('no whole number')
})

// Published test values. Source: docs.github.com, "Validating webhook deliveries".
it('GitHub: its own vector; another secret, another body, another shape and none at all are refused', () => {
  const good = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
  const secret = "It's a Secret to Everybody"
  const check = (value: string | null, body = 'Hello, World!', key = secret) =>
    verify('github/intake', body, value === null ? {} : { 'x-hub-signature-256': value }, key)
  expect(check(good)).toBeNull()
  expect(check(good, 'Hello, World?')).toBe(mismatched)
  expect(check(good, 'Hello, World!', 'whsec_other')).toBe(mismatched)
  expect(check(good.slice(7))).toBe(mismatched)
  expect(check('sha256=')).toBe(mismatched)
  expect(check(null)).toBe(unsigned)
})

// Source: standard-webhooks, libraries/python/tests/test_webhooks.py (MIT).
it('Standard Webhooks: its own vector, in a list, within the window, over id and time', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const at = 1_614_265_330_000
  const good = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }
  const check = (more: Record<string, string> = {}, time = at) =>
    verify('webhook/intake', '{"test": 2432232314}', { ...good, ...more }, secret, time)
  expect(check()).toBeNull()
  expect(check({ 'webhook-signature': `v1,AAAA v1a,BBBB ${good['webhook-signature']}` })).toBeNull()
  expect(check({ 'webhook-signature': 'v1,' })).toBe(mismatched)
  expect(check({ 'webhook-signature': good['webhook-signature'].replace('v1', 'v2') })).toBe(mismatched)
  expect(check({ 'webhook-id': 'msg_other' })).toBe(mismatched)
  expect(check({ 'webhook-timestamp': '1614265331' })).toBe(mismatched)
  expect(check({}, at + signatureWindowMs + 1000)).toContain('old')
  expect(verify('webhook/intake', '{}', { 'webhook-id': 'x' }, secret)).toBe(unsigned)
})

it('Grafana: over the body, or over time and body where a timestamp header is set', () => {
  const secret = 'whsec_abc'
  const body = '{"alerts":[]}'
  const plain = hmacSha256(secret, body).toString('hex')
  const timed = hmacSha256(secret, `${seconds}:${body}`).toString('hex')
  const check = (headers: Record<string, string>, at = now) => verify('grafana/intake', body, headers, secret, at)
  expect(check({ 'x-grafana-alerting-signature': plain })).toBeNull()
  for (const name of ['x-grafana-alerting-timestamp', 'x-grafana-alerting-signature-timestamp']) {
    expect(check({ 'x-grafana-alerting-signature': timed, [name]: seconds })).toBeNull()
    expect(check({ 'x-grafana-alerting-signature': plain, [name]: seconds })).toBe(mismatched)
    expect(check({ 'x-grafana-alerting-signature': timed, [name]: seconds }, now + 400_000)).toContain('400 s old')
  }
  expect(check({ 'x-grafana-alerting-signature': timed })).toBe(mismatched)
  expect(check({})).toBe(unsigned)
})

it('Sentry: over the body, with the client secret', () => {
  const body = Buffer.from([0x7b, 0xff, 0x7d])
  const good = hmacSha256('client secret', body).toString('hex')
  const check = (value: string, key: string) => verify('sentry/intake', body, { 'sentry-hook-signature': value }, key)
  expect(check(good, 'client secret')).toBeNull()
  expect(check(good, 'another')).toBe(mismatched)
  expect(verify('sentry/intake', body, {}, 'client secret')).toBe(unsigned)
})
