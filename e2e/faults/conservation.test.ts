import { afterAll, beforeAll, expect, it } from 'vitest'
import { seeded } from '#server/demo/random.ts'
import { post } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const policies = [
  `definitions: [{ name: some, match: ['number=~".*[0-4]"'], as: 2 }]
filters: { shed: [{ name: storm, match: ['alertname=~".+"'], more_than: 20, within: 1m }] }
`,
  `definitions: [{ name: all, match: ['alertname=~".+"'], as: triage }]
inhibit_rules: [{ source_match: { alertname: A }, target_match: { alertname: B }, equal: [service] }]
`,
  `filters: { damp: [{ name: flapping, match: ['alertname="A"'], suppress: 1, reuse: 0.7, half_life: 5m, longest: 9m }] }
`,
] as const

let server: Server
let house: House
beforeAll(async () => {
  server = await startServer({ policy: policies[0] })
  house = await setUpHouse(server)
})
afterAll(async () => {
  await server?.close()
})

interface LedgerAnswer {
  conservation: { holds: boolean; accepted: number; unaccounted: number; broken: unknown[] }
  rows: { sourceId: string; accepted: number; outcomes: Record<string, number> }[]
}

it('F1: /api/ledger adds up for each source and minute, by its own check and by ours, after policies changed under load and kill -9', async () => {
  const random = seeded(1940)
  const senders = await Promise.all(['one', 'two', 'three'].map((name) => house.addSource('prometheus', name)))
  /** Members that were answered for, and that were sent, by source. */
  const acknowledged = new Map<string, number>()
  const sent = new Map<string, number>()
  const count = (book: Map<string, number>, id: string, members: number) => book.set(id, (book.get(id) ?? 0) + members)
  let told = 0

  for (let life = 0; life < 3; life++) {
    let pouring = true
    const pour = async ({ id, key }: { id: string; key: string }): Promise<void> => {
      while (pouring) {
        const members = Array.from({ length: random.between(1, 8) }, () => {
          const number = told++
          if (number % 11 === 0) return { labels: number }
          const labels = {
            alertname: 'ABC'[number % 3],
            service: `s${number % 7}`,
            number: `${number % 40}`,
            severity: 'high',
          }
          return { labels, ...(number % 4 === 0 ? { endsAt: new Date(Date.now() - 1).toISOString() } : {}) }
        })
        count(sent, id, members.length)
        const answer = await post(server.url, '/api/v2/alerts', JSON.stringify(members), key).catch(() => null)
        if (answer === null) return
        // 400 names the members that cannot be read, which are kept as lost property like the others.
        expect([200, 400]).toContain(answer.status)
        count(acknowledged, id, members.length)
      }
    }
    const before = [...acknowledged.values()].reduce((sum, members) => sum + members, 0)
    const poured = () => [...acknowledged.values()].reduce((sum, members) => sum + members, 0) - before
    const pours = senders.map(pour)
    for (const [index, policy] of policies.entries()) {
      await until('some to be acknowledged', () => poured() > 150 * (index + 1), { every: 5, within: 60_000 })
      server.writePolicy(policy)
    }
    await until('the rest', () => poured() > 600, { every: 5, within: 60_000 })
    const killed = server.kill('SIGKILL')
    pouring = false
    await Promise.all([killed, ...pours])
    await server.restart()
  }

  const since = new Date(Date.now() - 3_600_000).toISOString()
  const { conservation, rows } = await house.administrator.must<LedgerAnswer>('GET', `/api/ledger?since=${since}`)
  expect(conservation).toMatchObject({ holds: true, unaccounted: 0, broken: [] })
  const accepted = new Map<string, number>()
  for (const row of rows) {
    expect(Object.values(row.outcomes).reduce((sum, each) => sum + each, 0)).toBe(row.accepted)
    count(accepted, row.sourceId, row.accepted)
  }
  expect(conservation.accepted).toBe([...accepted.values()].reduce((sum, members) => sum + members, 0))
  for (const { id } of senders) {
    expect(accepted.get(id)).toBeGreaterThanOrEqual(acknowledged.get(id) ?? Number.POSITIVE_INFINITY)
    expect(accepted.get(id)).toBeLessThanOrEqual(sent.get(id) ?? 0)
  }
  const met = new Set(rows.flatMap(({ outcomes }) => Object.keys(outcomes)))
  for (const outcome of ['opened', 'attached', 'repeated', 'resolved', 'rejected', 'shed'])
    expect(met).toContain(outcome)
  // The board says the same of the last hour, from what it followed since it restarted.
  const { ledger } = await house.administrator.must<{ ledger: { accepted: number; outcomes: Record<string, number> } }>(
    'GET',
    '/api/picture',
  )
  expect(Object.values(ledger.outcomes).reduce((sum, each) => sum + each, 0)).toBe(ledger.accepted)
}, 360_000)
