import { describe, expect, it } from 'vitest'
import { hostOf, linksFor } from './catalogue.ts'
import { policySchema } from './policy.ts'

describe('links of a service', () => {
  const graphs = { text: 'Graphs', url: 'https://graphs.example/d/x?pod={pod}&ns={namespace}' }
  it('stand with the labels of the alert filled in, so that no value leads elsewhere', () => {
    expect(linksFor([graphs], { pod: 'a&b=../c', namespace: 'shop' })).toEqual([
      { text: 'Graphs', href: 'https://graphs.example/d/x?pod=a%26b%3D..%2Fc&ns=shop' },
    ])
  })
  it('are left out where a label is missing', () => {
    expect(linksFor([graphs, { text: 'All', url: 'https://x.example/' }], { pod: 'a' })).toEqual([
      { text: 'All', href: 'https://x.example/' },
    ])
  })
  it.each(['javascript:alert(1)', 'https://{host}/x', 'http://u{x}.example/', 'nothing'])(
    'the policy refuses %s: the place itself is never the sender’s to say',
    (url) => {
      expect(policySchema.safeParse({ services: [{ id: 'a', links: [{ text: 'x', url }] }] }).success).toBe(false)
    },
  )
})

describe('the machine of an alert', () => {
  it.each([
    [{ host: 'h', node: 'n' }, 'h'],
    [{ node: 'n', instance: 'i:9100' }, 'n'],
    [{ instance: 'i.example:9100' }, 'i.example'],
    [{ instance: '[::1]:9100' }, '[::1]'],
    [{ instance: 'https://i.example/health' }, ''],
    [{}, ''],
  ])('%j: %s', (labels, host) => {
    expect(hostOf(labels)).toBe(host)
  })
})
