import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, hexLines, layOut, printable, sizeWords } from './raw.ts'

test('JSON is laid out, whatever it is, and means the same', () => {
  expect(layOut('{"a":[1,{}],"b":"x, {y}: \\"z\\""}')).toBe(
    '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "x, {y}: \\"z\\""\n}',
  )
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(layOut(text)).toBe(JSON.stringify(value, null, 2))
      expect(layOut(JSON.stringify(value, null, '\t'))).toBe(layOut(text))
    }),
  )
})

test('numbers and repeated fields stay as they were written', () => {
  expect(layOut('{"id":12345678901234567890123,"a":1,"a":1.0}')).toBe(
    '{\n  "id": 12345678901234567890123,\n  "a": 1,\n  "a": 1.0\n}',
  )
  for (const text of ['', '{"cut', 'plain words', '<xml/>']) expect(layOut(text)).toBeNull()
})

test('control characters, and those that turn text round, show themselves', () => {
  expect(printable('a\u0000b\tc\r\nd\u007f\u202e')).toBe('a␀b\tc\r\nd⟨U+007F⟩⟨U+202E⟩')
  expect(printable('Zürich ☂ 日本')).toBe('Zürich ☂ 日本')
})

test('bytes as hexadecimal, sixteen a line', () => {
  expect(hexLines(Uint8Array.of(0, 65, 255))).toBe('000000  00 41 ff                                         ·A·')
  expect(hexLines(new Uint8Array(17)).split('\n')).toHaveLength(2)
  expect(hexLines(fromBase64('AEH/'))).toContain('00 41 ff')
})

test('sizes', () => {
  expect([834, 12_700, 3_300_000].map(sizeWords)).toEqual(['834\u00a0bytes', '12.4\u00a0KiB', '3.1\u00a0MiB'])
})
