import { describe, expect, it } from 'vitest'
import { kindOf, SimilarIndex, type Trait, traitsOf } from '#shared/similar.ts'
import { makeCascade } from '../demo/cascade/cascade.ts'
import { type FailureKind, failureKinds } from '../demo/cascade/failures.ts'
import { graphs } from '../demo/cascade/graphs.ts'

const dayMs = 24 * 3_600_000
const now = Date.UTC(2026, 5, 1)

describe('SI5: precision on outages of known truth', () => {
  /** What one failure came to, as its incident would be told: its root, and its alerts in the order in which they fired. */
  function told(kind: FailureKind, graph: (typeof graphs)[number], seed: number) {
    const cascade = makeCascade({ graph, kind, seed, startsAt: now, only: true })
    return cascade.failures
      .filter(({ expected }) => expected === 'incident')
      .map(({ id, root }) => {
        const alerts = cascade.alerts
          .filter(({ failure }) => failure === id)
          .sort((a, b) => (a.firings[0]?.from ?? 0) - (b.firings[0]?.from ?? 0))
        const named = new Map(alerts.map((alert) => [alert.labels.alertname ?? '', alert]))
        return {
          truth: `${graph.name} ${kind} ${root}`,
          root: `${graph.name} ${root}`,
          traits: traitsOf({
            service: root,
            team: null,
            title: alerts[0]?.annotations.summary ?? '',
            alerts: Array.from(named, ([name, { labels }]) => ({ name, labels })),
          }),
        }
      })
  }
  // Two at once are two of the other kinds, so they have no truth of their own.
  const kinds = failureKinds.filter((kind) => kind !== 'two at once')
  const all = graphs.flatMap((graph) =>
    kinds.flatMap((kind) => Array.from({ length: 12 }, (_, seed) => told(kind, graph, seed + 1)).flat()),
  )
  /** Of outages of a kind and root that there were before: how often the first that is told is one of them. */
  function precision(traitsIn: (one: (typeof all)[number]) => readonly Trait[]) {
    const index = new SimilarIndex(5000)
    for (const [at, one] of all.entries()) index.put(String(at), traitsIn(one), now - (all.length - at) * dayMs * 0.1)
    const times = Map.groupBy(all, ({ truth }) => truth)
    const repeated = all.filter(({ truth }) => (times.get(truth)?.length ?? 0) > 1)
    const right = (same: (found: (typeof all)[number], asked: (typeof all)[number]) => boolean) =>
      repeated.filter((asked) => {
        const [first] = index.like(traitsIn(asked), { now, except: String(all.indexOf(asked)), limit: 1 })
        const found = first === undefined ? undefined : all[Number(first.id)]
        return found !== undefined && same(found, asked)
      }).length / repeated.length
    return {
      asked: repeated.length,
      kind: right((found, asked) => found.truth === asked.truth),
      root: right((found, asked) => found.root === asked.root),
    }
  }

  it('the first told is the same kind of outage of the same service, 19 times in 20', () => {
    const { asked, kind, root } = precision(({ traits }) => traits)
    expect(asked).toBeGreaterThan(120)
    expect(kind).toBeGreaterThan(0.95)
    expect(root).toBeGreaterThan(0.99)
  })

  it('and by its alerts alone, where nobody knows which service it is, 9 times in 10', () => {
    const { kind, root } = precision(({ traits }) => traits.filter((trait) => kindOf(trait) !== 'service'))
    expect(kind).toBeGreaterThan(0.9)
    expect(root).toBeGreaterThan(0.9)
  })
})
