import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Summary } from '#shared/wire.ts'
import { checkout, incidents } from '../../../stories/incidents.ts'
import { likelyTargets, proposedToStay } from './likely.ts'

const minuteMs = 60_000
const opened = (more: Partial<Summary> & { id: string }, minutesAfter = 0): Summary => ({
  ...checkout,
  team: null,
  openedAt: new Date(Date.parse(checkout.openedAt) + minutesAfter * minuteMs).toISOString(),
  ...more,
})
const ids = (found: readonly { summary: Summary }[]): string[] => found.map(({ summary }) => summary.id)

describe('MG1: what an incident may be merged with', () => {
  it('the same service first, then what began near it; each says why', () => {
    const others = [
      opened({ id: 'INC-1', service: 'mail' }, 600),
      opened({ id: 'INC-2', service: 'mail' }, 3),
      opened({ id: 'INC-3' }, -300),
      opened({ id: 'INC-4', service: 'cart', team: 'payments' }, 0.2),
      opened({ id: 'INC-5' }, -2),
    ]
    const found = likelyTargets({ ...checkout, team: 'payments' }, others, '')
    expect(ids(found)).toEqual(['INC-5', 'INC-4', 'INC-3', 'INC-2', 'INC-1'])
    expect(found.map(({ because }) => because.join(', '))).toEqual([
      'same service, opened 2\u00a0min before',
      'same team, opened at the same time',
      'same service',
      'opened 3\u00a0min after',
      '',
    ])
  })

  it('never itself, never what is over, never an exercise with what is real', () => {
    const over = opened({ id: 'INC-1', phase: 'resolved' })
    const drill = opened({ id: 'INC-2', drill: true })
    expect(likelyTargets(checkout, [checkout, over, drill], '')).toEqual([])
    expect(ids(likelyTargets({ ...drill, id: 'INC-3' }, [drill, checkout], ''))).toEqual(['INC-2'])
  })

  it('words are looked for in number, title and service', () => {
    const find = (text: string) => ids(likelyTargets(checkout, incidents, text))
    expect(find('1047')).toEqual(['INC-1047'])
    expect(find('image thumb')).toEqual(['INC-1049'])
    expect(find('identity')).toEqual(['INC-1051'])
    expect(find('no such thing')).toEqual([])
  })
})

describe('MG2: of several, the one that is proposed to stay', () => {
  it('owned before unowned, then the graver, then the older', () => {
    const unowned = opened({ id: 'INC-1', owner: null, tier: 1 }, -60)
    const grave = opened({ id: 'INC-2', tier: null }, 5)
    const light = opened({ id: 'INC-3', tier: 3 }, -10)
    const older = opened({ id: 'INC-4', tier: 1 }, 4)
    expect(proposedToStay([unowned, light, grave])).toBe('INC-2')
    expect(proposedToStay([unowned, grave, older])).toBe('INC-4')
    expect(proposedToStay([unowned])).toBe('INC-1')
    expect(() => proposedToStay([])).toThrow(RangeError)
  })

  it('does not depend on the order in which they were chosen', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(incidents, { minLength: 1 }), (several) => {
        expect(proposedToStay(several)).toBe(proposedToStay(several.toReversed()))
      }),
    )
  })
})
