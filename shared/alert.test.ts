import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertIdOf, fingerprint, fnv1a64 } from './alert.ts'

const utf8 = new TextEncoder()

/** FNV-1a 64 as its page writes it: slow, and right. */
function slowFnv(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

describe('fnv1a64', () => {
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('gives the published value of %j', (text, hash) => {
    expect(fnv1a64(utf8.encode(text))).toBe(hash)
  })

  it('agrees with 64-bit arithmetic on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(fnv1a64(bytes)).toBe(slowFnv(bytes))
      }),
    )
  })
})

describe('fingerprint', () => {
  it('is the one that Alertmanager 0.25 gave these labels', () => {
    const labels = {
      alertname: 'InstanceDown',
      cluster: 'demo',
      instance: '127.0.0.1:19999',
      job: 'web',
      severity: 'critical',
      team: 'web',
    }
    expect(fingerprint(labels)).toBe('7980ce1f8b8fc83b')
  })

  it('sorts names by their bytes, as Go does, where UTF-16 order differs', () => {
    const names = ['\u{1f525}', '\uffee']
    const bytes = names.toReversed().flatMap((name) => [...utf8.encode(name), 0xff, 0x78, 0xff])
    expect(fingerprint({ [names[0]!]: 'x', [names[1]!]: 'x' })).toBe(slowFnv(Uint8Array.from(bytes)))
  })

  it('does not depend on the order of the labels', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { noNullPrototype: true }), (labels) => {
        const turned = Object.fromEntries(Object.entries(labels).toReversed())
        expect(fingerprint(turned)).toBe(fingerprint(labels))
      }),
    )
  })
})

it('alertIdOf is the hash of the scoped key', () => {
  expect(alertIdOf('foobar')).toBe('85944171f73967e8')
})
