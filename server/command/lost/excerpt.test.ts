import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memberText } from './excerpt.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const spaced = fc.jsonValue({ maxDepth: 3 })

describe('a member of a request, as it stands there', () => {
  test('in an array, or in the field that holds one', () => {
    expect(memberText(bytes('[1, {"a":"]"} ,[2,3]]'), '1')).toBe('{"a":"]"}')
    expect(memberText(bytes('{"v":"4","x":[],"alerts":[{"n":1},{"n":2}]}'), '1-7')).toBe('{"n":2}')
    expect(memberText(bytes('{"alerts":[{"n":1}]}'), '1')).toBeNull()
  })
  test('with numbers that JavaScript cannot hold', () => {
    expect(memberText(bytes('[{"id":12345678901234567890123}]'), '0')).toBe('{"id":12345678901234567890123}')
  })
  test('nothing where there is nothing to tell apart', () => {
    for (const [body, members] of [
      ['[1]', '*'],
      ['[1]', ''],
      ['[1', '0'],
      ['7', '0'],
      ['{}', '0'],
      ['', '0'],
    ] as const)
      expect(memberText(bytes(body), members)).toBeNull()
    expect(memberText(Uint8Array.of(0x5b, 0xff, 0x5d), '0')).toBeNull()
  })
  test('whatever the members are, and however they are laid out', () => {
    fc.assert(
      fc.property(
        fc.array(spaced, { minLength: 1, maxLength: 8 }),
        fc.nat(7),
        fc.constantFrom(undefined, 2, '\t'),
        fc.boolean(),
        (members, n, indent, enclosed) => {
          const index = n % members.length
          const body = JSON.stringify(enclosed ? { first: { a: 1 }, members } : members, null, indent)
          expect(JSON.parse(memberText(bytes(body), String(index)) ?? 'null')).toEqual(
            JSON.parse(JSON.stringify(members[index])),
          )
        },
      ),
    )
  })
})
