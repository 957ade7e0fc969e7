import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SimilarIndex, type Traits, traitsOf, traitValue, wordsOf } from './similar.ts'

const dayMs = 24 * 3_600_000
const now = Date.UTC(2026, 5, 1)
const incident = (more: Partial<Traits> = {}): Traits => ({
  service: 'checkout',
  team: 'payments',
  title: 'Orders hang',
  alerts: [{ name: 'HighLatency', labels: { alertname: 'HighLatency', zone: 'a', pod: 'checkout-7f9' } }],
  ...more,
})
const put = (index: SimilarIndex, id: string, more: Partial<Traits> = {}, agoMs = dayMs) =>
  index.put(id, traitsOf(incident(more)), now - agoMs)
const like = (index: SimilarIndex, more: Partial<Traits> = {}, limit = 5) =>
  index.like(traitsOf(incident(more)), { now, except: 'INC-0', limit })

describe('what is alike', () => {
  it('names what both have, what says most first', () => {
    const index = new SimilarIndex(100)
    put(index, 'INC-1')
    put(index, 'INC-2', {
      service: 'search',
      title: 'Index is old',
      alerts: [{ name: 'IndexAge', labels: { zone: 'b' } }],
    })
    const [first, ...more] = like(index, { title: 'Orders fail' })
    expect(more).toEqual([])
    expect(first).toMatchObject({ id: 'INC-1' })
    expect(first?.shared.slice(0, 2)).toEqual(['alert:HighLatency', 'service:checkout'])
    expect(first?.shared).toContain('word:orders')
  })

  it('the same alert of the same service comes before the same alert elsewhere, and that before other trouble there', () => {
    const index = new SimilarIndex(100)
    put(index, 'elsewhere', { service: 'search', team: 'search', title: 'Search hangs' })
    put(index, 'other', { title: 'Disk', alerts: [{ name: 'DiskFull', labels: { zone: 'b' } }] })
    put(index, 'same', { title: 'Checkout waits' })
    expect(like(index).map(({ id }) => id)).toEqual(['same', 'elsewhere', 'other'])
  })

  it('what everything has says little: a rare alert weighs more than a common service', () => {
    const index = new SimilarIndex(1000)
    for (let n = 0; n < 200; n++)
      put(index, `c${n}`, { title: `Case${n} thing`, alerts: [{ name: 'Errors', labels: {} }] })
    put(index, 'rare', { service: 'ledger', team: 'x', title: 'Ledger', alerts: [{ name: 'ClockSkew', labels: {} }] })
    const found = like(index, { title: 'Unheard of', alerts: [{ name: 'ClockSkew', labels: {} }] })
    expect(found[0]?.id).toBe('rare')
  })

  it('of equals the newer one comes first, and age alone hides nothing', () => {
    const index = new SimilarIndex(100)
    put(index, 'old', {}, 900 * dayMs)
    put(index, 'new', {}, dayMs)
    expect(like(index).map(({ id }) => id)).toEqual(['new', 'old'])
  })

  it('a label or one word in common is chance, and tells nothing', () => {
    const index = new SimilarIndex(100)
    put(index, 'INC-1', {
      service: 'a',
      team: null,
      title: 'Orders',
      alerts: [{ name: 'X', labels: { zone: 'a', pod: 'checkout-7f9' } }],
    })
    expect(like(index, { service: 'b', team: null })).toEqual([])
    expect(like(new SimilarIndex(9))).toEqual([])
    expect(like(index, { service: null, team: null, title: '', alerts: [] })).toEqual([])
  })

  it('words are letters of any script, without numbers and small words', () => {
    expect(wordsOf('The 5xx rate of Größe-API is 12.5 % — 東京都 down')).toEqual([
      'rate',
      'größe',
      'api',
      '東京都',
      'down',
    ])
    expect(traitValue('label:url=https://x')).toBe('url=https://x')
  })
})

describe('SI1: the index', () => {
  it('tells the same as looking at every one of them, whatever was put in and taken out', () => {
    const names = ['A', 'B', 'C', 'D']
    const aTraits = fc.record({
      service: fc.constantFrom('s1', 's2', null),
      team: fc.constant(null),
      title: fc.constantFrom('orders hang', 'orders fail', 'disk full'),
      alerts: fc.array(fc.record({ name: fc.constantFrom(...names), labels: fc.constant({}) }), { maxLength: 3 }),
    })
    const step = fc.oneof(
      fc.record({ put: fc.integer({ min: 1, max: 30 }), traits: aTraits }),
      fc.record({ remove: fc.integer({ min: 1, max: 30 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), aTraits, (steps, asked) => {
        const limit = 20
        const index = new SimilarIndex(limit)
        const model = new Map<string, Traits>()
        for (const one of steps) {
          if ('put' in one) {
            const id = `i${one.put}`
            index.put(id, traitsOf(one.traits), now)
            model.delete(id)
            model.set(id, one.traits)
            const [oldest] = model.keys()
            if (model.size > limit && oldest !== undefined) model.delete(oldest)
          } else {
            index.remove(`i${one.remove}`)
            model.delete(`i${one.remove}`)
          }
        }
        expect(index.size).toBe(model.size)
        const fresh = new SimilarIndex(limit)
        for (const [id, traits] of model) fresh.put(id, traitsOf(traits), now)
        const ask = (from: SimilarIndex) => from.like(traitsOf(asked), { now, except: '', limit: 30 })
        expect(ask(index)).toEqual(ask(fresh))
        for (const { score } of ask(index)) expect(score).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })

  it('remembers no more than its limit, and asks no more of a long past than of a short one', () => {
    const index = new SimilarIndex(2000)
    for (let n = 0; n < 5000; n++) put(index, `INC-${n + 1}`, { title: `Orders hang number${n}` })
    expect(index.size).toBe(2000)
    const began = process.cpuUsage()
    for (let n = 0; n < 20; n++) like(index)
    // Some milliseconds each, however slow the machine; all 5,000 looked at one by one would be no faster with a longer past.
    expect(process.cpuUsage(began).user / 1000 / 20).toBeLessThan(100)
    expect(like(index)[0]?.id).toBe('INC-5000')
  })
})
