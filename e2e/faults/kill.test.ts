import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Condition, prometheusBody } from '#server/demo/bodies.ts'
import { seeded } from '#server/demo/random.ts'
import { post } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

let server: Server
let house: House
beforeAll(async () => {
  server = await startServer()
  house = await setUpHouse(server)
})
afterAll(async () => {
  await server?.close()
})

const services = 20
const lives = 5
const batch = 5

/** A condition that is told once only: how often it was counted shows in its alert. */
function once(number: number): Condition {
  return {
    labels: { alertname: 'ToldOnce', number: String(number), service: `s${number % services}`, severity: 'critical' },
    annotations: { summary: `Number ${number}` },
    startsAt: Date.now() - 1000,
    endedAt: null,
    generatorUrl: 'http://prometheus.example/graph',
  }
}

describe('kill -9 under load', () => {
  it('loses no acknowledged alert, counts none twice, and the record stays whole (P11, F1)', async () => {
    const random = seeded(9)
    const { key } = await house.addSource('prometheus', 'load')
    const acknowledged = new Set<number>()
    let next = 0

    for (let life = 0; life < lives; life++) {
      let pouring = true
      // A sender that never repeats: what was not acknowledged may be lost, what was may not.
      const sender = async (): Promise<void> => {
        while (pouring) {
          const numbers = Array.from({ length: batch }, () => next++)
          const sent = post(server.url, '/api/v2/alerts', prometheusBody(numbers.map(once), Date.now() + 600_000), key)
          const answer = await sent.catch(() => null)
          if (answer === null) return
          expect(answer).toMatchObject({ status: 200 })
          for (const number of numbers) acknowledged.add(number)
        }
      }
      const senders = Array.from({ length: 6 }, sender)
      const enough = acknowledged.size + random.between(100, 400)
      await until('some to be acknowledged', () => acknowledged.size >= enough, { every: 5, within: 60_000 })
      const killed = server.kill('SIGKILL')
      pouring = false
      await Promise.all([killed, ...senders])
      await server.restart()
    }

    const { incidents } = await house.administrator.picture()
    const counted = new Map<number, number>()
    for (const { id } of incidents) {
      for (const { labels, events } of await house.administrator.alerts(id)) {
        if (labels.number !== undefined) counted.set(Number(labels.number), events)
      }
    }
    expect(
      [...acknowledged].filter((number) => !counted.has(number)),
      'acknowledged and lost',
    ).toEqual([])
    expect(
      [...counted].filter(([, events]) => events !== 1),
      'counted twice',
    ).toEqual([])
    expect(
      [...counted.keys()].filter((number) => number >= next),
      'never sent',
    ).toEqual([])
    // Requests in the air at the kill may have been stored without an answer: whole ones only.
    expect(counted.size % batch).toBe(0)

    const rows = await house.administrator.ledger(Date.now() - 3_600_000)
    for (const { accepted, outcomes } of rows) {
      expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(accepted)
    }
    expect(rows.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(counted.size)

    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  }, 360_000)
})
