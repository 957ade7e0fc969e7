import { describe, expect, it } from 'vitest'
import { distinctConditions } from './alerts.ts'
import { selfTimes } from './profile.ts'
import { figure, spreadOf } from './table.ts'

describe('figures of the benches', () => {
  it('a spread has the middle and both ends, whatever the order', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, low: 1, high: 9 })
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 })
    expect(figure({ median: 12_345, low: 999, high: 123_456 }, '/s')).toBe('12.3k/s (999–123k)')
  })

  it('self time counts what a function itself was seen doing, not what it called', () => {
    const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 })
    const nodes = [
      { id: 1, callFrame: frame('caller') },
      { id: 2, callFrame: frame('called') },
    ]
    const hot = selfTimes({ nodes, samples: [1, 2, 2], timeDeltas: [1000, 2000, 3000] })
    expect(hot.map(({ name, ms }) => [name, ms])).toEqual([
      ['called', 5],
      ['caller', 1],
    ])
  })

  it('the alerts that are sent are as many as they say', () => {
    const conditions = distinctConditions(10_000, 0)
    expect(new Set(conditions.map(({ labels }) => JSON.stringify(labels))).size).toBe(10_000)
  })
})
