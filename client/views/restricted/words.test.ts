import { expect, test } from 'vitest'
import { sightLines } from './words.ts'

const person = (id: string) => ({ id, name: id.toUpperCase() })

test('RS1 who sees it is named once: as commander, as on call, by their part', () => {
  const sight = {
    team: 'Payments',
    commanders: [person('ada')],
    onCall: [person('ada'), person('bo')],
    named: [person('bo'), person('cy'), person('me')],
  }
  expect(sightLines(sight, 'me')).toEqual([
    { who: 'Commanders', names: 'ADA' },
    { who: 'On call for Payments', names: 'BO' },
    { who: 'By their part in it', names: 'CY, you' },
  ])
})

test('groups without anybody say so, and long ones say how many more', () => {
  const empty = { team: null, commanders: [], onCall: [], named: [] }
  expect(sightLines(empty, 'me').map(({ names }) => names)).toEqual(['nobody now', 'nobody now', 'nobody else'])
  const many = { ...empty, named: Array.from({ length: 9 }, (_, index) => person(`p${index}`)) }
  expect(sightLines(many, 'me').at(-1)?.names).toBe('P0, P1, P2, P3, P4 and 4 more')
  const both = { ...empty, commanders: [person('ada')], onCall: [person('ada')] }
  expect(sightLines(both, 'me')[1]?.names).toBe('named above')
})
