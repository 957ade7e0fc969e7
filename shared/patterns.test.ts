import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { neededText, readPlainPattern } from './patterns.ts'

const re2 = (pattern: string, text: string): boolean => RE2JS.compile(pattern, RE2JS.DOTALL).matches(text)

describe('a pattern that is told without a machine', () => {
  it.each([
    ['critical|high', ['critical', 'high']],
    ['db-(eu|us)-(1|2)', ['db-eu-1', 'db-eu-2', 'db-us-1', 'db-us-2']],
    [String.raw`10\.0\.0\.1:9100`, ['10.0.0.1:9100']],
    ['^a$|b', ['a', 'b']],
    ['a|', ['a', '']],
    ['', ['']],
    ['a|a', ['a']],
  ])('%s accepts these alone', (pattern, literals) => {
    expect(readPlainPattern(pattern)?.literals).toEqual(literals)
  })

  it.each([['db-.*'], ['.*-db'], ['.+'], ['a.*b.+c|d'], ['(?:a|b).*(c|d)'], ['.*']])(
    '%s accepts no end of texts',
    (pattern) => {
      expect(readPlainPattern(pattern)?.literals).toBe(null)
    },
  )

  it.each([
    ...[
      'a*',
      'a?b',
      '(a|b)+',
      '[ab]',
      'a{2}',
      'a.c',
      String.raw`\d`,
      '(?i)a',
      '(?P<n>a)',
      'a^b',
      '(^a)',
      'a$b',
      '.+.+',
      '.*?',
      String.raw`\Qa\E`,
    ],
    ...[String.raw`\x41`, '😀', 'a]'],
  ])('%s is left to the machine', (pattern) => {
    expect(readPlainPattern(pattern)).toBe(null)
  })

  it('RX1: one with many things to look for anywhere in a text is left to the machine', () => {
    const many = Array.from({ length: 40 }, (_, index) => `.*${index}x.*`).join('|')
    expect(readPlainPattern(many)).toBe(null)
    expect(readPlainPattern(`.*${'a'.repeat(65)}.*`)).toBe(null)
    expect(readPlainPattern(`${'a'.repeat(900)}.*${'a'.repeat(90)}`)).not.toBe(null)
    expect(readPlainPattern('(a|b)'.repeat(20))).toBe(null)
  })
})

const char = fc.constantFrom('a', 'b', '-', '.', '\n', 'é', '😀', '_')
const text = fc.array(char, { maxLength: 8 }).map((chars) => chars.join(''))
const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  '-',
  String.raw`\.`,
  String.raw`\-`,
  '_',
  '.*',
  '.+',
  '.',
  '^',
  '$',
  'a*',
  'é',
  '\n',
  '😀',
  '[ab]',
)
const sequence = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2 },
    sequence,
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})a`),
  ),
  pattern: fc.array(fc.oneof(sequence, tie('part')), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
}))

it('RX2: what is told without a machine is what RE2 says', () => {
  let told = 0
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 6 }), (made, texts) => {
      const plain = readPlainPattern(made)
      if (plain === null) return
      told++
      for (const each of [...texts, ...(plain.literals ?? [])]) expect(plain.test(each), each).toBe(re2(made, each))
      for (const literal of plain.literals ?? []) expect(re2(made, literal)).toBe(true)
    }),
    { numRuns: 400 },
  )
  expect(told).toBeGreaterThan(50)
})

describe('what must be there', () => {
  const known: [pattern: string, needed: string | null][] = [
    ['[a-z]*needle[0-9]+', 'needle'],
    ['checkout-[0-9]+', 'checkout-'],
    ['(a|b)needle(c|d)nail', 'needle'],
    [String.raw`\d+\.example\.org`, '.example.org'],
    ['abcd+e', 'abcd'],
    ['abcd*efg', 'abc'],
    ['abcdx{2}', 'abcd'],
    ['x'.repeat(100).concat('[0-9]'), 'x'.repeat(32)],
    ...[
      'ab[0-9]',
      'abc|def',
      '(?i)needle',
      '[[:alpha:]]needle',
      String.raw`\Qneedle\E`,
      '(needle)',
      String.raw`\123needle`,
      String.raw`\pLneedle`,
    ].map((each): [string, null] => [each, null]),
  ]

  it.each(known)('in %s', (pattern, needed) => {
    expect(neededText(pattern)).toBe(needed)
  })

  const small = fc.constantFrom('a', 'b', '-')
  const atom = fc.oneof(
    { arbitrary: fc.array(small, { minLength: 1, maxLength: 5 }).map((chars) => chars.join('')), weight: 3 },
    fc.constantFrom(
      '[ab]',
      '[^a]',
      '[]a]',
      String.raw`[\]b]`,
      '.',
      '.*',
      String.raw`\.`,
      String.raw`\-`,
      '(a|bab)',
      '(?:ab(b|-)a)',
      '(a[)]b|b)',
      '^',
      '$',
      String.raw`\b`,
      '|',
    ),
  )
  const often = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,1}', '+?', '*?')
  const made = fc.array(fc.tuple(atom, often), { maxLength: 5 }).map((parts) => parts.flat().join(''))

  it('RX3: RE2 accepts no text without it', () => {
    let told = 0
    fc.assert(
      fc.property(
        made,
        fc.array(
          fc.array(fc.oneof(small, fc.constantFrom('.', ']', ')')), { maxLength: 9 }).map((chars) => chars.join('')),
          { minLength: 1, maxLength: 12 },
        ),
        (each, texts) => {
          const needed = neededText(each)
          if (needed === null) return
          let compiled: RE2JS
          try {
            compiled = RE2JS.compile(each, RE2JS.DOTALL)
          } catch {
            return fc.pre(false)
          }
          told++
          for (const given of texts) if (compiled.matches(given)) expect(given).toContain(needed)
        },
      ),
      { numRuns: 500 },
    )
    expect(told).toBeGreaterThan(50)
  })
})
