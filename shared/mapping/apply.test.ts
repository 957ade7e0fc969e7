import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mappingSchema } from '../policy.ts'
import { applyMapping } from './apply.ts'
import { parsePointer } from './language.ts'

const read = (mapping: object, body: unknown) => applyMapping(mappingSchema.parse(mapping), body, 0)
/** The only member. */
const one = (mapping: object, body: unknown) => {
  const result = read({ fields: { title: 'T' }, ...mapping }, body)
  const [only] = 'members' in result ? result.members : []
  return only !== undefined && 'member' in only ? only.member : only
}

it.each([
  ['/a/b', ['a', 'b']],
  ['/', ['']],
  ['/a~1b/m~0n', ['a/b', 'm~n']],
  ['/~01', ['~1']],
  ['/ /0', [' ', '0']],
])('RFC 6901: %s', (text, steps) => {
  expect(parsePointer(text)).toEqual({ text, from: 'member', steps })
})

it('a pointer finds own members and whole indexes only', () => {
  const body = { list: ['x'], o: {} }
  const at = (pointer: string) => one({ fields: { title: 'T', key: pointer } }, body)
  expect(at('/list/0')).toMatchObject({ key: 'x' })
  for (const pointer of [
    '/list/00',
    '/list/-1',
    '/list/1',
    '/list/length',
    '/o/constructor',
    '/o/__proto__',
    '/list/0/0',
  ])
    expect(at(pointer), pointer).toMatchObject({ key: null })
})

it('values as text: numbers in their digits, truth values, the rest as JSON; null and empty are nothing', () => {
  const key = (value: unknown) => one({ fields: { title: 'T', key: '/v' } }, { v: value })
  expect([1.5, true, { a: [1] }, 'x'].map((value) => key(value))).toMatchObject(
    ['1.5', 'true', '{"a":[1]}', 'x'].map((word) => ({ key: word })),
  )
  expect([null, '', undefined].map((value) => key(value))).toMatchObject([{ key: null }, { key: null }, { key: null }])
})

it('a text stands where at least one of its pointers finds something; braces are written twice', () => {
  const key = (text: string) => one({ fields: { title: 'T', key: text } }, { a: 'x' })
  expect(key('{/a}-{/b}')).toMatchObject({ key: 'x-' })
  expect(key('{/b}{/c}')).toMatchObject({ key: null })
  expect(key('{{a}')).toMatchObject({ key: '{a}' })
})

it.each([
  ['2026-11-22T00:40:00Z', 1_795_308_000_000],
  [1_795_308_000, 1_795_308_000_000],
  ['1795308000.5', 1_795_308_000_500],
  [1_795_308_000_000, 1_795_308_000_000],
  ['1795308000000000', 1_795_308_000_000],
  ['1795308000000000000', 1_795_308_000_000],
  ['soon', null],
  [0, null],
  ['99999999999999999999', 100_000_000_000_000],
])('a time of %j', (value, at) => {
  expect(one({ fields: { title: 'T', startsAt: '/t' } }, { t: value })).toMatchObject({ startsAt: at })
})

it('ignore: any of them; when: all of them, else the member goes to lost property', () => {
  const mapping = { ignore: ['/a="1"', '/b=~"x.*"'], when: ['/c!=""'] }
  expect(one(mapping, { a: 1, c: 1 })).toEqual({ ignored: true })
  expect(one(mapping, { b: 'xyz', c: 1 })).toEqual({ ignored: true })
  expect(one(mapping, { b: 'y', c: 1 })).toMatchObject({ title: 'T' })
  expect(one(mapping, {})).toEqual({ reason: 'what stands at /c is not what the mapping is for' })
})

it('of a long value a condition looks at the beginning', () => {
  expect(one({ ignore: ['/a=~"x*"'] }, { a: `${'x'.repeat(1000)}z` })).toEqual({ ignored: true })
})

it('of too many members the first are read', () => {
  const result = read({ fields: { title: 'T' } }, new Array(10_001).fill({}))
  expect(result).toMatchObject({ total: 10_001 })
  expect('members' in result && result.members.length).toBe(10_000)
})

it('a status that the map does not name makes the member unreadable, and the reason quotes nothing of it', () => {
  const mapping = { fields: { title: 'T', status: { pointer: '/s', map: { OK: 'resolved' } } } }
  expect(one(mapping, { s: 'secret' })).toEqual({
    reason: 'no status: what stands at /s is not in its map; add it, or "*" for any other',
  })
})

it('members that are not there, or no events, say where they were looked for', () => {
  expect(read({ members: '/x', fields: { title: 'T' } }, {})).toEqual({ reason: 'the mapping finds no events at /x' })
  expect(read({ fields: { title: 'T' } }, 'text')).toEqual({ reason: 'the mapping finds no events in the body' })
})

it('the label * takes plain values, at most 60, and never the place of one that has its own', () => {
  const tags = Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`t${i}`, i]))
  const labels = { host: '/h', '*': '/tags' }
  const result = one({ labels }, { h: 'mine', tags: { host: 'theirs', deep: {}, ...tags } })
  expect(result).toMatchObject({ labels: { host: 'mine', t0: '0' } })
  expect(Object.keys((result as { labels: object }).labels)).toHaveLength(60)
})

const step = fc.constantFrom('a', 'b', '0', 'tags', '~1', '')
const pointer = fc
  .tuple(fc.constantFrom('', '#'), fc.array(step, { minLength: 1, maxLength: 3 }))
  .map(([mark, steps]) => `${mark}/${steps.join('/')}`)
const map = fc.constant({ x: 'resolved', '*': 'firing' })
const value = fc.oneof(
  pointer,
  pointer.map((at) => `at {${at}}`),
  fc.record(
    { pointer: fc.array(pointer, { minLength: 1, maxLength: 3 }), default: fc.string({ minLength: 1 }) },
    { requiredKeys: ['pointer'] },
  ),
)
const anyMapping = fc.record(
  {
    members: pointer,
    ignore: fc.array(
      pointer.map((at) => `${at}="x"`),
      { maxLength: 2 },
    ),
    when: fc.array(
      pointer.map((at) => `${at}!="y"`),
      { maxLength: 2 },
    ),
    fields: fc.record(
      {
        title: value,
        status: fc.record({ pointer, map }),
        severity: fc.record({ pointer, map: fc.constant({ x: 'high' }) }),
        key: value,
        startsAt: value,
        endsAt: value,
        group: value,
      },
      { requiredKeys: ['title'] },
    ),
    labels: fc.dictionary(fc.constantFrom('a', '*'), value),
    links: fc.array(value, { maxLength: 2 }),
  },
  { requiredKeys: ['fields'] },
)
const anyBody = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'tags', '/'), fc.jsonValue({ maxDepth: 3 })),
)

it('M1: any mapping and any JSON: never throws, the same again, one result for each member', () => {
  fc.assert(
    fc.property(anyMapping, anyBody, (written, body) => {
      const mapping = mappingSchema.parse(written)
      const once = applyMapping(mapping, body, 1000)
      expect(applyMapping(mapping, body, 1000)).toEqual(once)
      if ('reason' in once) return
      if (mapping.members === undefined) expect(once.members).toHaveLength(Array.isArray(body) ? body.length : 1)
      for (const each of once.members) {
        if (!('member' in each)) continue
        expect(each.member.title).not.toBe('')
        for (const label of Object.values(each.member.labels)) expect(label).not.toBe('')
      }
    }),
  )
})
