import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '#shared/alert.ts'
import { policySchema } from '#shared/policy.ts'
import { makeCascade } from './cascade.ts'
import { failureKinds } from './failures.ts'
import { graphOf, policyOf } from './graph.ts'
import { graphs } from './graphs.ts'

const startsAt = Date.UTC(2026, 0, 1)
/** Graphs by name, so that a counterexample can be read. */
const plans = fc.record({
  graph: fc.constantFrom(...graphs.map(({ name }) => name)),
  kind: fc.constantFrom(...failureKinds),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
})
const make = ({ graph, kind, seed }: { graph: string; kind: (typeof failureKinds)[number]; seed: number }) => {
  const found = graphs.find(({ name }) => name === graph)
  if (found === undefined) throw new TypeError(`there is no graph ${graph}`)
  return makeCascade({ graph: found, kind, seed, startsAt })
}

interface Told {
  labels: Record<string, string>
  status: 'firing' | 'resolved'
}

/** What a body says of which alerts, read as each vendor's format has it. */
function told(door: string, atMs: number, body: string): Told[] {
  const json = JSON.parse(body)
  if (door === 'pagerduty') {
    const { description, ...labels } = json.payload.custom_details
    expect(description).not.toBe('')
    return [{ labels, status: json.event_action === 'resolve' ? 'resolved' : 'firing' }]
  }
  if (door === 'alertmanager')
    return json.alerts.map(({ labels, status }: Pick<Told, 'labels' | 'status'>) => ({ labels, status }))
  return json.map(({ labels, endsAt }: { labels: Record<string, string>; endsAt: string }) => ({
    labels,
    // A late batch speaks of its own time; its promise is four minutes long, and it is at most 40 s late.
    status: Date.parse(endsAt) <= atMs ? 'resolved' : 'firing',
  }))
}

describe('a cascade', () => {
  it('CA1: the same plan gives the same bytes, another seed others, in order of arrival', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const one = make(plan)
        expect(JSON.stringify(make(plan))).toBe(JSON.stringify(one))
        expect(JSON.stringify(make({ ...plan, seed: plan.seed + 1 }))).not.toBe(JSON.stringify(one))
        expect(one.requests.every(({ atMs }, index) => atMs >= (one.requests[index - 1]?.atMs ?? 0))).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  it('CA2, CA3: every alert that is told is in the truth, and every firing that is told is ended by its sender', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { requests, alerts, failures } = make(plan)
        const truth = new Map(alerts.map((alert) => [alert.id, alert]))
        const toldOf = new Set<string>()
        const endedAt = new Map<string, number>()
        for (const { door, atMs, body } of requests) {
          for (const { labels, status } of told(door, atMs, body)) {
            const id = fingerprint(labels)
            expect(truth.has(id)).toBe(true)
            toldOf.add(id)
            if (status === 'resolved') endedAt.set(id, atMs)
          }
        }
        // What is late may still say that it fires; its sender has told the end for all that.
        for (const id of toldOf) expect(endedAt.get(id)).toBeGreaterThanOrEqual(truth.get(id)?.firings.at(-1)?.to ?? 0)
        const known = new Set(failures.map(({ id }) => id))
        expect(known.size).toBe(failures.length)
        for (const { failure, firings } of alerts) {
          if (failure !== null) expect(known).toContain(failure)
          firings.forEach(({ from, to }, index) => {
            expect(to).toBeGreaterThan(from)
            expect(from).toBeGreaterThan(firings[index - 1]?.to ?? 0)
          })
        }
        const signs = new Set(alerts.map(({ failure }) => failure))
        for (const { id } of failures) expect(signs).toContain(id)
      }),
      { numRuns: 30 },
    )
  })

  it('comes from Prometheus and Alertmanager in each graph, and a lost zone is a storm', () => {
    for (const graph of graphs) {
      const cascades = failureKinds.flatMap((kind) =>
        [1, 2, 3].map((seed) => makeCascade({ graph, kind, seed, startsAt })),
      )
      const doors = new Set(cascades.flatMap(({ requests }) => requests.map(({ door }) => door)))
      expect(doors.has('prometheus')).toBe(true)
      expect(doors.has('alertmanager')).toBe(true)
      const zone = cascades[failureKinds.indexOf('zone loss') * 3]
      expect(zone?.alerts.length).toBeGreaterThan(15)
    }
  })
})

describe('the graphs', () => {
  it('are a shop of 12 services, a platform of 50 and a fleet of 300 hosts, and their policies are valid', () => {
    const [shop, platform, fleet] = graphs
    expect([shop?.services.length, platform?.services.length, fleet?.hosts.length]).toEqual([12, 50, 300])
    for (const graph of graphs) expect(policySchema.parse(policyOf(graph)).services).toHaveLength(graph.services.length)
  })

  it('are refused when a service depends on one that is not there', () => {
    const lone = { id: 'a', team: 't', tier: 1, kind: 'api', dependsOn: ['b'], replicas: 1 } as const
    const plan = { name: 'x', cluster: 'c', layout: 'hosts', zones: ['z'], nodes: 0, services: [lone] } as const
    expect(() => graphOf(plan)).toThrow('a depends on b')
  })
})
