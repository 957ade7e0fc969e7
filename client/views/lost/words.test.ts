import { expect, test } from 'vitest'
import type { LostView } from '#shared/lost.ts'
import { bySource, membersWords, readQuery, sentence, triedWords, writeQuery } from './words.ts'

test('the address says which list, of whom, and which one is open', () => {
  for (const query of [
    { show: 'lost', source: null, at: null },
    { show: 'all', source: 's_1', at: '184.3' },
  ] as const)
    expect(readQuery(writeQuery(query).split('?')[1] ?? '')).toEqual(query)
  expect(writeQuery({ show: 'lost', source: null, at: null })).toBe('/lost')
  expect(readQuery('show=nonsense').show).toBe('lost')
})

test('members are named as the sender was told of them', () => {
  expect(membersWords({ members: '*', count: 1 })).toBe('the whole request')
  expect(membersWords({ members: '3', count: 1 })).toBe('member 3')
  expect(membersWords({ members: '20-24,30', count: 6 })).toBe('6 members: 20-24, 30')
  expect(membersWords({ members: '', count: 2 })).toBe('2 members')
})

test('what a try came to is said', () => {
  const none = { found: 0, still: 0, events: 0, incidents: [], items: [] }
  const lost = { state: 'lost', reason: 'no title' }
  expect(triedWords({ ...none, found: 2, events: 1 })).toBe('Found: 1 event taken in.')
  expect(triedWords({ ...none, found: 1 })).toBe('It can be read now; it says nothing that is kept.')
  expect(triedWords({ ...none, still: 1, items: [lost] })).toBe('Still cannot be read: no title')
  expect(triedWords({ ...none, found: 1, events: 3, still: 2, items: [lost] })).toBe(
    'Found: 3 events taken in. 2 still cannot be read; the first: no title',
  )
  expect(triedWords(none)).toBe('Nothing waited any more.')
})

test('a reason stands as a sentence, with signs that nobody would see', () => {
  expect(sentence('expected a JSON object')).toBe('Expected a JSON object')
  expect(sentence('"title" is missing')).toBe('"title" is missing')
  expect(sentence("unexpected token '\u001f'")).toBe("Unexpected token '␟'")
  expect(sentence('')).toBe('')
})

test('rows stand by source, the newest request first, its members in their order', () => {
  const row = (id: string, source: string) => ({ id, source: { id: source, name: source, kind: null } }) as LostView
  const groups = bySource([row('9.10', 'b'), row('9.2', 'b'), row('8.0', 'a'), row('7.0', 'b')])
  expect(groups.map(({ source, items }) => [source.id, items.map(({ id }) => id)])).toEqual([
    ['b', ['9.2', '9.10', '7.0']],
    ['a', ['8.0']],
  ])
})
