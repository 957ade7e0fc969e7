import { expect, it } from 'vitest'
import type { EscalationView, TargetView } from '#shared/catalogue.ts'
import { afterWords, quietWords, repeatWords, targetWords, untilWords, whoWords } from './words.ts'

const ada = { id: 'p1', name: 'Ada' }
const bo = { id: 'p2', name: 'Bo' }
const policy: EscalationView = { id: 'x', team: null, steps: [], beginsAgainAfterMs: 600_000, repeat: 2, quiet: [] }

it('says a step in words, with who that is now', () => {
  expect([0, 300_000, 5_400_000, null].map(afterWords)).toEqual([
    'at once',
    'after 5\u00a0min',
    'after 1\u00a0h\u00a030\u00a0min',
    'passed over',
  ])
  const rotation: TargetView = { target: 'rotation:payments', kind: 'rotation', name: 'payments', people: [ada, bo] }
  expect(targetWords(rotation)).toBe('rotation payments')
  expect(targetWords({ kind: 'on-call', name: '' })).toBe('on call for its team')
  expect(whoWords(rotation)).toBe('Ada, Bo')
  expect(whoWords({ ...rotation, people: [] })).toBe('nobody now')
  expect(whoWords({ ...rotation, kind: 'channel', people: [] })).toBe('everybody who reads it')
  expect(whoWords({ target: 'p1', kind: 'person', name: 'Ada', people: [ada] })).toBeNull()
})

it('says what comes after the last step, and what waits', () => {
  expect(repeatWords(policy)).toBe('After 10\u00a0min it begins again, 2 times more.')
  expect(repeatWords({ ...policy, repeat: 1 })).toContain('once more')
  expect(repeatWords({ ...policy, repeat: 0 })).toContain('it ends')
  expect(quietWords({ ...policy, quiet: [{ tiers: [2, 3], intervals: ['nights', 'weekends'] }] })).toEqual([
    'Tier 2 and Tier 3 wait while it is nights or weekends',
  ])
})

it('says till when, with the day where it is another one', () => {
  const now = new Date(2026, 10, 22, 12, 0).getTime()
  const until = (...at: [number, number, number, number, number]) =>
    untilWords({ until: new Date(...at).toISOString() }, now)
  expect(until(2026, 10, 22, 17, 0)).toBe('until 17:00')
  expect(until(2026, 10, 23, 8, 30)).toBe('until Mon 08:30')
  expect(until(2026, 11, 3, 8, 0)).toBe('until 3 Dec 08:00')
  expect(untilWords({ until: null }, now)).toBe('')
})
