import { describe, expect, it } from 'vitest'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Names } from '../views.ts'
import { noticesOf } from './notices.ts'

const names = { person: (id: string) => id, team: (id: string) => id } as Names

function merged(seq: number, into: string): RecordedFact {
  const incidentId = `INC-${seq}`
  const rest = { phase: 'triage' as const, owner: null, rule: 'along dependencies', reason: '' }
  return { type: 'merged', at: 0, by: 'system:filter', into, seq, incidentId, version: 2, ...rest }
}

describe('what is told of merges', () => {
  it('is one line for each incident that they went into, however many a storm has brought, and says what is exercised', () => {
    const facts = [...Array.from({ length: 300 }, (_, index) => merged(index + 10, 'INC-1')), merged(900, 'INC-2')]
    expect(noticesOf(facts, names, (id) => id === 'INC-2').map(({ text }) => text)).toEqual([
      'INC-10 and 299 more were merged into INC-1 by the filter, by rule “along dependencies”.',
      'Drill: INC-900 was merged into INC-2 by the filter, by rule “along dependencies”.',
    ])
  })
})

describe('what is told of those who should have been told', () => {
  const paged = (people: string[], quietUntil: number | null = null): RecordedFact => ({
    ...{ type: 'paged', at: 0, by: 'system:clock', policy: 'p', step: 0, round: 0, reason: 'first', targets: [] },
    ...{ people, channels: [], nextAt: null, quietUntil, seq: 2, incidentId: 'INC-1', version: 2 },
  })
  it('E7 nobody to tell is said to commanders; somebody, or hours in which it can wait, is not', () => {
    const said = (fact: RecordedFact) => noticesOf([fact], names, () => false).map(({ kind }) => kind)
    expect(said(paged([]))).toEqual(['nobody-told'])
    expect(said(paged(['ana']))).toEqual([])
    expect(said(paged([], 1000))).toEqual([])
  })
})
