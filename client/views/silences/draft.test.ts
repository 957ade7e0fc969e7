import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatMatcher, type Matcher } from '#shared/matchers.ts'
import { matchersOf, readAddress, readMatchers, silenceAddress } from './draft.ts'

const matcher: fc.Arbitrary<Matcher> = fc.record({
  name: fc.stringMatching(/^[a-z_]{1,8}$/),
  op: fc.constantFrom('=', '!='),
  value: fc.string({ unit: 'grapheme' }),
})

it('an address keeps its matchers, whatever stands in them', () => {
  fc.assert(
    fc.property(fc.array(matcher, { maxLength: 5 }), (matchers) => {
      const address = silenceAddress(matchers)
      expect(readAddress(address.slice(address.indexOf('?') + 1))).toEqual({ kind: 'new', matchers })
    }),
  )
})

it('pasted matchers are read as they are written elsewhere, in braces or without', () => {
  fc.assert(
    fc.property(fc.array(matcher, { minLength: 1, maxLength: 5 }), fc.boolean(), (matchers, braces) => {
      const text = matchers.map(formatMatcher).join(', ')
      expect(readMatchers(braces ? `{${text}}` : text)).toEqual(matchers)
    }),
  )
  expect(readMatchers('alertname=Disk')).toEqual([{ name: 'alertname', op: '=', value: 'Disk' }])
  for (const text of ['', 'alertname', '{}', 'a="b" and c']) expect(readMatchers(text)).toBeNull()
})

it('an alert is told by its labels, its name first; by its title where it has no name', () => {
  expect(matchersOf({ title: 'T', labels: { b: '2', alertname: 'Disk', a: '1', empty: '' } })).toEqual([
    { name: 'alertname', op: '=', value: 'Disk' },
    { name: 'a', op: '=', value: '1' },
    { name: 'b', op: '=', value: '2' },
  ])
  expect(matchersOf({ title: 'Disk full', labels: {} })).toEqual([{ name: 'alertname', op: '=', value: 'Disk full' }])
})

it('an address that asks for nothing opens nothing', () => {
  expect(readAddress('')).toBeNull()
  expect(readAddress('change=7')).toEqual({ kind: 'change', id: '7' })
  expect(readAddress('new=1&m=nonsense')).toEqual({ kind: 'new', matchers: [] })
})
