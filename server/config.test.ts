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
