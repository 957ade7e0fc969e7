import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CompiledMatcher, compileMatcher, matchesAll } from '#shared/matchers.ts'
import { type Silenceable, silences } from '#shared/silence.ts'
import { bySilence, Finder } from '../memory/finder.ts'
import { byLabels, FirstMatch } from './first-match.ts'

const names = ['alertname', 'severity', 'service', 'constructor', 'team']
const values = ['', 'a', 'b', 'ab', 'high', 'x']
const patterns = ['a|b', 'a|', 'a.*', '.*', '.+', '[ab]+', 'high|x|ab', '.*b', 'a{1,2}']
const matcher: fc.Arbitrary<CompiledMatcher> = fc
  .oneof(
    fc.record({
      name: fc.constantFrom(...names),
      op: fc.constantFrom('=', '=', '!='),
      value: fc.constantFrom(...values),
    }),
    fc.record({
      name: fc.constantFrom(...names),
      op: fc.constantFrom('=~', '=~', '!~'),
      value: fc.constantFrom(...patterns),
    }),
  )
  .map((made) => compileMatcher(made as CompiledMatcher))
const rule = fc.record({ matchers: fc.array(matcher, { maxLength: 3 }) })
const rules = fc.array(rule, { maxLength: 60 })
const labels = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('a', 'b', 'ab', 'high', 'x'))
const alert: fc.Arbitrary<Silenceable> = fc
  .record({
    labels,
    title: fc.constantFrom('a', 'b', ''),
    service: fc.constantFrom(null, 'a', 'x'),
    isItsLabels: fc.boolean(),
  })
  .map(({ labels: own, title, service, isItsLabels }) => {
    const sorted = Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1))
    const key = `scope\n${sorted.map((pair) => pair.map((text) => `${text.length}:${text}`).join('')).join('')}`
    return { labels: own, title, severity: 'high', service, ...(isItsLabels ? { key } : {}) }
  })
/** More than a crowd that asks for the same. */
const crowded = fc
  .tuple(fc.array(rule, { minLength: 40, maxLength: 80 }), matcher)
  .map(([some, shared]) => some.map(({ matchers }) => ({ matchers: [shared, ...matchers] })))

describe('FM1: the first rule that matches', () => {
  it('is the one that a look at each in order finds', () => {
    fc.assert(
      fc.property(fc.oneof(rules, crowded), fc.array(labels, { minLength: 1, maxLength: 4 }), (all, several) => {
        const index = new FirstMatch(all, ({ matchers }) => matchers, byLabels)
        expect(index.size).toBe(all.length)
        for (const own of [...several, ...several])
          expect(index.find(own)).toBe(all.find(({ matchers }) => matchesAll(matchers, own)))
      }),
    )
  })

  it('may have to satisfy more than its matchers', () => {
    fc.assert(
      fc.property(rules, labels, fc.infiniteStream(fc.boolean()), (all, own, coins) => {
        const wanted = new Set(all.filter(() => coins.next().value))
        const index = new FirstMatch(all, ({ matchers }) => matchers, byLabels)
        const found = index.find(own, (each) => wanted.has(each))
        expect(found).toBe(all.find((each) => wanted.has(each) && matchesAll(each.matchers, own)))
      }),
    )
  })

  it('is the same for alerts as silences see them', () => {
    fc.assert(
      fc.property(rules, alert, (all, one) => {
        const index = new FirstMatch(all, ({ matchers }) => matchers, bySilence)
        expect(index.find(one)).toBe(all.find(({ matchers }) => silences(matchers, one)))
      }),
    )
  })
})

it('FI1: what lies in a finder, whatever came and went, is found as by a look at each', () => {
  const step = fc.tuple(fc.boolean(), fc.nat(59))
  fc.assert(
    fc.property(
      fc.oneof(rules, crowded),
      fc.array(step, { maxLength: 30 }),
      fc.array(alert, { minLength: 1, maxLength: 3 }),
      (all, steps, alerts) => {
        const finder = new Finder<(typeof all)[number]>()
        for (const each of all) finder.add(each)
        const lying = new Set(all)
        const agrees = () => {
          expect(finder.size).toBe(lying.size)
          for (const one of alerts) {
            const wanted = [...lying].filter(({ matchers }) => silences(matchers, one))
            expect(new Set(finder.find(one))).toEqual(new Set(wanted))
            expect(finder.matches(one)).toBe(wanted.length > 0)
          }
        }
        agrees()
        for (const [comes, number] of steps) {
          const each = all[number % Math.max(1, all.length)]
          if (each === undefined) continue
          if (comes) {
            finder.add(each)
            lying.add(each)
          } else {
            finder.remove(each)
            lying.delete(each)
          }
        }
        agrees()
      },
    ),
  )
})

it('values that nobody asked for before are looked at once, and forgotten within bounds', () => {
  const found = { matchers: [compileMatcher({ name: 'team', op: '=~', value: 'n[0-9]*7' })] }
  const finder = new Finder<typeof found>()
  finder.add(found)
  for (let number = 0; number < 2500; number++) {
    const one: Silenceable = { labels: { team: `n${number}` }, title: '', severity: 'low', service: null }
    expect(finder.find(one)).toEqual(number % 10 === 7 ? [found] : [])
    expect(finder.matches(one)).toBe(number % 10 === 7)
  }
})
