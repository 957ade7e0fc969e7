import { describe, expect, it } from 'vitest'
import { failureKinds } from '#server/demo/cascade/failures.ts'
import { shop } from '#server/demo/cascade/graphs.ts'
import { type Played, play } from './play.ts'
import { rightSince, scoreOf } from './score.ts'

const alert = (id: string, failure: string | null) => ({
  id,
  failure,
  door: 'prometheus' as const,
  service: null,
  labels: { alertname: id },
  annotations: {},
  generatorUrl: '',
  firings: [{ from: 1, to: 2 }],
})
const failure = (id: string, expected: 'incident' | 'none') => ({
  id,
  says: '',
  root: '',
  beganAt: 0,
  endedAt: 9,
  expected,
})
const played = (placements: Played['placements']): Played => ({
  cascade: {
    requests: [],
    windows: [],
    endsAt: 9,
    failures: [failure('f', 'incident'), failure('g', 'incident'), failure('m', 'none')],
    alerts: [alert('f1', 'f'), alert('f2', 'f'), alert('g1', 'g'), alert('m1', 'm'), alert('n1', null)],
  },
  placements,
  events: 10,
  incidents: new Set(placements.map(({ incident }) => incident)).size,
  heard: new Map(['f1', 'f2', 'g1', 'm1', 'n1'].map((id, at) => [id, at])),
  merged: 0,
  outcomes: {},
})
const put = (at: number, alert: string, incident: string, instead: string | null = null) => ({
  at,
  alert,
  incident,
  instead,
})

describe('the score', () => {
  it('is 1 where each failure is one incident, and nothing else is', () => {
    const score = scoreOf(played([put(1, 'f1', 'A'), put(2, 'f2', 'A'), put(3, 'g1', 'B')]))
    expect(score).toMatchObject({ index: 1, failures: 2, incidents: 2, missed: 0, falseOnes: 0, split: 0 })
    expect(score).toMatchObject({ firstMs: [1, 3], addedMs: [1, 1], rightMs: [1, 3] })
  })

  it('tells a split, a false and a missed incident', () => {
    const score = scoreOf(played([put(1, 'f1', 'A'), put(2, 'f2', 'B'), put(3, 'm1', 'C')]))
    expect(score).toMatchObject({ missed: 1, falseOnes: 1, split: 1, rightMs: [] })
    expect(score.index).toBeLessThan(0.5)
  })

  it('a failure that another’s incident swallows is missed', () => {
    expect(scoreOf(played([put(1, 'f1', 'A'), put(2, 'f2', 'A'), put(3, 'g1', 'A')]))).toMatchObject({
      missed: 1,
      split: 0,
    })
  })

  it('counts an alert where it is after a merge, and right from then on', () => {
    const placements = [put(1, 'f1', 'A'), put(2, 'f2', 'B'), put(3, 'g1', 'C'), put(4, 'f2', 'A', 'B')]
    expect(scoreOf(played(placements))).toMatchObject({ index: 1, split: 0, missed: 0, rightMs: [4, 3] })
  })

  it('right is what stays right', () => {
    const of = (id: string) => id[0]
    expect(rightSince('f', [put(1, 'f1', 'A'), put(2, 'g1', 'A'), put(3, 'f2', 'B')], of)).toBeNull()
    expect(
      rightSince(
        'f',
        [put(1, 'f1', 'A'), put(2, 'f2', 'B'), ...Array.from({ length: 9 }, (_, i) => put(3 + i, `f${3 + i}`, 'B'))],
        of,
      ),
    ).toBe(10)
  })

  it('cascades go through the real adapters and the real fold, twice the same', () => {
    for (const kind of failureKinds) {
      const one = play(shop, kind, 5)
      expect(one.events).toBe(Object.values(one.outcomes).reduce((sum, count) => sum + count, 0))
      expect(scoreOf(play(shop, kind, 5))).toEqual(scoreOf(one))
      expect(one.incidents).toBeGreaterThan(0)
    }
  })
})
