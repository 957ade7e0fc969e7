import { expect, it } from 'vitest'
import { endWords, whyWords } from './words.ts'

it('why two incidents are alike is said in words, a few of each kind', () => {
  expect(
    whyWords([
      { kind: 'alert', values: ['Down', 'Slow'] },
      { kind: 'service', values: ['shop'] },
      { kind: 'label', values: ['zone=a', 'job=x', 'pod=1', 'node=2'] },
      { kind: 'word', values: ['orders'] },
    ]),
  ).toBe('same alerts “Down”, “Slow”; same service shop; same zone=a, job=x, pod=1; title says “orders”')
})

it('how it ended names tier, time, person and hand-overs', () => {
  const one = {
    ...{ id: 'INC-1', title: 'x', service: null, openedAt: '', endedAt: '', words: null, score: 1, why: [] },
    ...{
      tier: 2 as const,
      phase: 'resolved' as const,
      lastedMs: 72 * 60_000,
      owner: { id: 'a', name: 'Ana' },
      handovers: 2,
    },
  }
  expect(endWords(one)).toBe('Tier 2, resolved after 1\u00a0h\u00a012\u00a0min by Ana, 2 hand-overs')
  expect(endWords({ ...one, tier: null, phase: 'dismissed', handovers: 0 })).toBe(
    'never classified, dismissed as no incident after 1\u00a0h\u00a012\u00a0min',
  )
})
