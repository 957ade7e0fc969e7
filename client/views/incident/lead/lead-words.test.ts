import { expect, test } from 'vitest'
import type { LeadTimeView } from '#shared/lead-time.ts'
import { leadLines } from './lead-words.ts'

const minute = 60_000
const at = '2026-01-05T03:40:00.000Z'
const ana = { id: 'p_ana', name: 'Ana' }
const ben = { id: 'p_ben', name: 'Ben' }
const fresh: LeadTimeView = {
  at,
  open: true,
  openMs: 3 * minute,
  handovers: { count: 0, hops: [] },
  classification: { as: null, by: null, ms: 3 * minute },
  information: { known: ['title', 'service'], missing: ['description', 'tier', 'team'] },
  ownership: { unownedMs: 3 * minute, firstOwner: null, toFirstOwnerMs: 3 * minute },
  updates: [],
}
const said = (lead: LeadTimeView) =>
  leadLines(lead).map(({ term, figure, more }) => `${term}: ${figure}, ${more}`.replaceAll('\u00a0', ' '))

test('of a fresh incident the five numbers say what is still to come', () => {
  expect(said(fresh)).toEqual([
    'Hand-overs: 0, nobody has held it',
    'To classification: 3 min, so far: it has no tier yet',
    'Known when declared: 2 of 5, without description or impact, tier and team',
    'Unowned: 3 min, nobody has owned it',
    'Updates on time: none due, none was promised',
  ])
  expect(
    leadLines(fresh)
      .filter(({ warns }) => warns)
      .map(({ key }) => key),
  ).toEqual(['classification', 'information', 'ownership'])
})

test('of one that was handed over they say how long and by whom, and each promise stands in what was counted', () => {
  const update = { promisedAt: at, dueAt: at, madeAt: null, lateMs: 0 }
  const lead: LeadTimeView = {
    ...fresh,
    handovers: {
      count: 1,
      hops: [
        { holder: ana, began: 'claimed', from: at, heldMs: 10 * minute },
        { holder: ben, began: 'accepted', from: at, heldMs: 20 * minute },
      ],
    },
    classification: { as: 2, by: ana, ms: 4 * minute },
    information: { known: ['title', 'service', 'description', 'tier', 'team'], missing: [] },
    ownership: { unownedMs: minute, firstOwner: ana, toFirstOwnerMs: minute },
    updates: [
      { ...update, madeAt: at, became: 'on-time' },
      { ...update, madeAt: at, became: 'late', lateMs: 4 * minute },
      { ...update, became: 'overdue', lateMs: 2 * minute },
    ],
  }
  expect(said(lead)).toEqual([
    'Hand-overs: 1, held 2 times, 15 min each on average',
    'To classification: 4 min, Tier 2, by Ana',
    'Known when declared: 5 of 5, nothing was missing',
    'Unowned: 1 min, first owner after 1 min: Ana',
    'Updates on time: 1 of 3, at most 4 min late, 1 not made',
  ])
  const counted = leadLines(lead).flatMap((line) => line.counted)
  expect(counted.filter((line) => line.startsWith('Due'))).toHaveLength(3)
  expect(counted.find((line) => line.startsWith('Ben'))).toMatch(/accepted it at 03:40:00 UTC.* held it 20.min/)
})
