import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareAlerts, compareLabelSets, ordered } from './order.ts'

const sorted = (sets: Record<string, string>[], compare: typeof compareAlerts) =>
  sets
    .map(ordered)
    .sort(compare)
    .map(({ labels }) => Object.entries(labels).flat().join(' '))

describe('Alertmanager’s order', () => {
  it('of label sets: fewer first, then who lacks the first name, then values', () => {
    expect(sorted([{ a: '1', b: '2' }, { c: '1' }, { b: '0' }, { b: '1', c: '0' }, {}], compareLabelSets)).toEqual([
      '',
      'c 1',
      'b 0',
      'b 1 c 0',
      'a 1 b 2',
    ])
  })

  it('of alerts: by job, then instance, those without last', () => {
    expect(
      sorted(
        [{ z: '1' }, { job: 'b' }, { job: 'a', instance: '2' }, { job: 'a' }, { job: 'a', instance: '1', x: 'y' }],
        compareAlerts,
      ),
    ).toEqual(['job a instance 1 x y', 'job a instance 2', 'job a', 'job b', 'z 1'])
  })

  it('law: both are total orders, whatever the labels', () => {
    const labels = fc
      .dictionary(
        fc.constantFrom('a', 'job', 'instance', 'é', '\u{1F642}', '\uFF5E'),
        fc.constantFrom('1', '2', '\u{1F642}', '\uFF5E'),
      )
      .map((set) => ordered({ ...set }))
    for (const compare of [compareLabelSets, compareAlerts])
      fc.assert(
        fc.property(labels, labels, labels, (a, b, c) => {
          expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0)
          if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
          if (compare(a, b) === 0) expect(a.labels).toEqual(b.labels)
        }),
      )
  })
})
