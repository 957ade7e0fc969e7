import { describe, expect, test } from 'vitest'
import { ConfigInvalid, readConfig } from './config.ts'

describe('TRUST_PROXY', () => {
  test.each([
    ['0', false],
    ['true', true],
    ['1', true],
    ['2', 2],
    ['loopback, 10.0.0.0/8', 'loopback, 10.0.0.0/8'],
    ['::1', '::1'],
  ])('%s is read', (TRUST_PROXY, trustProxy) => {
    expect(readConfig({ TRUST_PROXY }).trustProxy).toBe(trustProxy)
  })

  test.each(['foo', '10.0.0.0/33', '12', '::1/129', 'loopback,'])(
    '%s is refused, with what to write',
    (TRUST_PROXY) => {
      expect(() => readConfig({ TRUST_PROXY })).toThrow(ConfigInvalid)
      expect(() => readConfig({ TRUST_PROXY })).toThrow('TRUST_PROXY: write 1 for one proxy in front')
    },
  )
})

describe('SMTP_URL', () => {
  const base = {
    host: 'mail.example.org',
    port: 587,
    secure: false,
    tls: 'try',
    user: null,
    password: null,
    from: { name: '', address: 'ux@example.org' },
  }
  test.each([
    ['smtp://mail.example.org?from=ux@example.org', base],
    ['smtp://mail.example.org:25/?from=ux@example.org&tls=never', { ...base, port: 25, tls: 'never' }],
    [
      'smtps://mail.example.org?from=Uxbridge <ux@example.org>',
      { ...base, port: 465, secure: true, from: { name: 'Uxbridge', address: 'ux@example.org' } },
    ],
    [
      'smtp://u%40x:p%23%2F%25@mail.example.org?from=ux%40example.org',
      { ...base, tls: 'always', user: 'u@x', password: 'p#/%' },
    ],
    [
      'smtp://u:p@127.0.0.1:2525?from=ux@example.org',
      { ...base, host: '127.0.0.1', port: 2525, user: 'u', password: 'p' },
    ],
    [
      'smtp://[::1]:2525?from=%22The room%22 <ux@example.org>',
      { ...base, host: '::1', port: 2525, from: { name: 'The room', address: 'ux@example.org' } },
    ],
  ])('%s is read', (SMTP_URL, smtp) => {
    expect(readConfig({ SMTP_URL }).smtp).toEqual(smtp)
  })

  test.each([
    ['mail.example.org', 'write smtp://'],
    ['https://mail.example.org?from=ux@example.org', 'write smtp://'],
    ['smtp://u:hunter2@mail.example.org', 'needs the address that mail comes from'],
    ['smtp://u:hunter2@mail.example.org?from=ux@example.org, b@example.org', 'needs the address'],
    ['smtp://u:hunter2@mail.example.org?from=A%0d%0aBcc: x <ux@example.org>', 'needs the address'],
    ['smtp://u:hunter2@mail.example.org?from=ux@example.org&pool=1', 'knows from and tls'],
    ['smtp://u:hunter2@mail.example.org?from=ux@example.org&tls=maybe', 'takes tls=always'],
    ['smtps://u:hunter2@mail.example.org?from=ux@example.org&tls=never', 'leave one out'],
    ['smtp://u:hunter2#3@mail.example.org?from=ux@example.org', 'write %2F for /, %23 for #'],
    ['smtp://mail.example.org/x?from=ux@example.org', 'write smtp://'],
    ['smtp://u:hunter2%@mail.example.org?from=ux@example.org', 'write %25'],
  ])('%s is refused with what to write, and its password is not repeated', (SMTP_URL, says) => {
    expect(() => readConfig({ SMTP_URL })).toThrow(says)
    expect(() => readConfig({ SMTP_URL })).not.toThrow('hunter2')
  })

  test('is not needed', () => {
    expect(readConfig({}).smtp).toBeNull()
  })
})
