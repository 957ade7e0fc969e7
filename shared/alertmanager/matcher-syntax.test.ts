import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMatcher } from '../matchers.ts'
import { readMatcher, readMatchers } from './matcher-syntax.ts'

describe('a matcher, by both of Alertmanager’s rules', () => {
  it.each([
    ['alertname=foo', 'alertname', '=', 'foo'],
    ['alertname="foo"', 'alertname', '=', 'foo'],
    [' job !~ "a.*" ', 'job', '!~', 'a.*'],
    ['a=', 'a', '=', ''],
    ['a=b c', 'a', '=', 'b c'],
    ['a=b,c', 'a', '=', 'b,c'],
    ['ns:rule="x"', 'ns:rule', '=', 'x'],
    ['a==b', 'a', '=', '=b'],
    [String.raw`a="say \"hi\" \\ \d \n"`, 'a', '=', 'say "hi" \\ \\d \n'],
    ['a=b\\', 'a', '=', 'b\\'],
    ['k8s.io/name="x"', 'k8s.io/name', '=', 'x'],
    ['"é b"="x"', 'é b', '=', 'x'],
    [String.raw`"\u00e9"="\t"`, 'é', '=', '\t'],
    [String.raw`"\U0001F642\x41\101"!="x",`, '🙂AA', '!=', 'x'],
    ['🙂=~x|y', '🙂', '=~', 'x|y'],
  ])('reads %s', (text, name, op, value) => {
    expect(readMatcher(text)).toMatchObject({ name, op, value })
  })

  it.each([
    ['bad', 'bad matcher format: bad'],
    ['', 'bad matcher format: '],
    ['{a=b}', 'unexpected open or close brace: {a=b}'],
    ['a=b}', 'unexpected open or close brace: a=b}'],
    ['a="b', 'matcher value contains unescaped double quote: "b'],
    ['a=b"', 'matcher value contains unescaped double quote: b"'],
    ['a="b\\"', 'matcher value contains unescaped double quote: "b\\"'],
    ['k8s.io/name="x",b="y"', 'bad matcher format: k8s.io/name="x",b="y"'],
    [String.raw`"é\q"="x"`, String.raw`bad matcher format: "é\q"="x"`],
  ])('refuses %s in its words', (text, message) => {
    expect(() => readMatcher(text)).toThrow(new SyntaxError(message))
  })

  it('refuses a pattern that is none', () => {
    expect(() => readMatcher('a=~(')).toThrow(SyntaxError)
  })

  it('is done at once with hostile runs', () => {
    for (const run of [`a=${' '.repeat(20_000)}"`, `${' '.repeat(20_000)}`, `"${'\\"'.repeat(10_000)}`])
      expect(() => readMatcher(run)).toThrow(SyntaxError)
  })

  it('reads what we write, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const text = formatMatcher({ name: 'label', op: '=', value })
        expect(readMatcher(text).value).toBe(value)
        expect(readMatchers(`{${text},other="x"}`).map((each) => each.value)).toEqual([value, 'x'])
      }),
    )
  })

  it('any text gives a matcher or a SyntaxError', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab"\\=!~{},n \té:') }), (text) => {
        for (const read of [readMatcher, readMatchers])
          try {
            read(text)
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError)
          }
      }),
    )
  })
})

describe('a list of matchers', () => {
  const pairs = (text: string) => readMatchers(text).map(({ name, op, value }) => `${name} ${op} ${value}`)
  it.each([
    ['{service="checkout", severity=~"a|b"}', ['service = checkout', 'severity =~ a|b']],
    ['a=b,c!=d,', ['a = b', 'c != d']],
    ['a="x,y"', ['a = x,y']],
    ['{"a.b"="x", c!~y}', ['a.b = x', 'c !~ y']],
    ['{}', []],
    ['', []],
  ])('reads %s', (text, found) => {
    expect(pairs(text)).toEqual(found)
  })

  it.each([['{"a.b"="x"'], ['"a.b"="x" c="y"'], ['a'], ['"a.b"=']])('refuses %s', (text) => {
    expect(() => readMatchers(text)).toThrow(SyntaxError)
  })
})
