import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptedValues, compileMatcher, formatMatcher, labelOf, matchesAll, parseMatcher } from './matchers.ts'

describe('parseMatcher', () => {
  it.each([
    ['service="checkout"', 'service', '=', 'checkout'],
    ['service=checkout', 'service', '=', 'checkout'],
    [' severity =~ "critical|high" ', 'severity', '=~', 'critical|high'],
    ['team!=""', 'team', '!=', ''],
    ['team=', 'team', '=', ''],
    ['team= ', 'team', '=', ''],
    ['team= two words ', 'team', '=', 'two words'],
    ['job!~"a.*"', 'job', '!~', 'a.*'],
    ['k8s.io/name="x"', 'k8s.io/name', '=', 'x'],
    [String.raw`a="say \"hi\" \\ \n"`, 'a', '=', 'say "hi" \\ \n'],
    [String.raw`a=~"1\.2"`, 'a', '=~', String.raw`1\.2`],
  ])('reads %s', (text, name, op, value) => {
    expect(parseMatcher(text)).toMatchObject({ name, op, value })
  })

  it('reads RE2’s flag for either case at the start of a pattern', () => {
    const { test } = parseMatcher('team=~"(?i)core.*"')
    expect(['CORE-db', 'core', 'hardcore'].map(test)).toEqual([true, true, false])
  })

  it.each([['checkout'], [''], ['1a="x"'], ['a=="x"'], ['a="x'], ['a="x" b="y"'], ['a=~"("'], ['a=~"("x']])(
    'refuses %s with a reason',
    (text) => {
      expect(() => parseMatcher(text)).toThrow(SyntaxError)
    },
  )

  it('is done at once with a hostile run of spaces', () => {
    expect(() => parseMatcher(`a =${' '.repeat(20_000)}{`)).toThrow(SyntaxError)
  })

  it('writes what it reads, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('=', '!=') as fc.Arbitrary<'=' | '!='>,
        fc.string({ unit: 'binary' }),
        (op, value) => {
          expect(parseMatcher(formatMatcher({ name: 'label', op, value }))).toMatchObject({ name: 'label', op, value })
        },
      ),
    )
  })
})

describe('matching', () => {
  const tests = (op: '=' | '!=' | '=~' | '!~', value: string, given: string) =>
    compileMatcher({ name: 'x', op, value }).test(given)

  it('anchors regular expressions, as Alertmanager does', () => {
    expect(tests('=~', 'crit|high', 'critical')).toBe(false)
    expect(tests('=~', 'crit.*|high', 'critical')).toBe(true)
    expect(tests('!~', 'crit', 'critical')).toBe(true)
    expect(tests('=~', 'a.b', 'a\nb')).toBe(true)
  })

  it.each([
    ['a="x"', ['x']],
    ['a=""', ['']],
    ['a=~"x|y"', ['x', 'y']],
    ['a=~"x.*"', null],
    ['a=~"[xy]"', null],
    ['a!="x"', null],
    ['a!~"x"', null],
  ])('%s names the values that it accepts, or none', (text, values) => {
    expect(acceptedValues(parseMatcher(text))).toEqual(values)
  })

  it('says the same of a text however often it is asked, and of however many', () => {
    const { test } = compileMatcher({ name: 'x', op: '=~', value: '[a-z]+[13579]' })
    const texts = Array.from({ length: 300 }, (_, index) => `n${index % 10}`.repeat(index < 150 ? 1 : 200) + index)
    const asked = [...texts, ...texts.toReversed(), ...texts]
    expect(asked.map(test)).toEqual(asked.map((text) => /^[a-z]+[13579]$/.test(text)))
  })

  it('an absent label counts as the empty string', () => {
    expect(matchesAll([parseMatcher('team=""')], {})).toBe(true)
    expect(matchesAll([parseMatcher('team!=""')], {})).toBe(false)
    expect(matchesAll([parseMatcher('team=~".*"')], {})).toBe(true)
    expect(matchesAll([], {})).toBe(true)
  })

  it.each([['constructor'], ['toString'], ['hasOwnProperty']])(
    'a label called %s is absent unless it is there',
    (name) => {
      expect(labelOf({}, name)).toBe('')
      expect(matchesAll([parseMatcher(`${name}=""`)], {})).toBe(true)
      expect(labelOf({ [name]: 'x' }, name)).toBe('x')
    },
  )
})

it('RX1: a pattern made to be slow is read as fast as any other', () => {
  const { test } = compileMatcher({ name: 'a', op: '=~', value: '(a+)+(a|aa)*(.*.*)*b' })
  // A backtracking engine needs longer than the universe for this.
  expect(test('a'.repeat(5000))).toBe(false)
  expect(test(`${'a'.repeat(5000)}b`)).toBe(true)
})

it('RX1: what RE2 does not read is refused where it is written', () => {
  for (const value of ['(?=a)', '(a)\\1', '(?<!a)b', '((a{1,100}){1,100}){1,100}', '('])
    expect(() => compileMatcher({ name: 'a', op: '=~', value }), value).toThrow(/is no regular expression/)
  expect(compileMatcher({ name: 'a', op: '=~', value: '(?i)DOWN' }).test('down')).toBe(true)
})
