import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DrillView } from '#shared/drill.ts'
import type { Summary } from '#shared/wire.ts'
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

interface Ledger {
  conservation: { holds: boolean; accepted: number; drills: number }
  rows: { sourceId: string; drill: boolean; accepted: number; outcomes: Record<string, number> }[]
}
const ledger = () => house.administrator.must<Ledger>('GET', '/api/ledger')
const real = async () => (await ledger()).rows.filter(({ drill }) => !drill)
const drills = async () => (await house.administrator.must<{ drills: DrillView[] }>('GET', '/api/drills')).drills
const incidents = async () =>
  (await house.administrator.must<{ incidents: Summary[] }>('GET', '/api/incidents?limit=100')).incidents
const eventsCounted = async () =>
  [...(await (await fetch(`${server.url}/metrics`)).text()).matchAll(/^uxbridge_events_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
const over = () => until('the end of the exercise', async () => (await drills())[0]?.ended, { within: 120_000 })

describe('an exercise', () => {
  it('makes the incidents that its truth says, marked, and changes nothing that is real', async () => {
    const { url, key } = await house.addSource('prometheus', 'Prometheus')
    // The same alert as one of the exercise, to the letter: it is not the same.
    const labels = { alertname: 'PostgresqlDown', cluster: 'shop-eu', namespace: 'orders-db', severity: 'critical' }
    const tell = () =>
      fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify([{ labels }]),
      })
    expect((await tell()).status).toBe(200)
    const before = await incidents()
    expect(before).toHaveLength(1)

    expect(
      await ops(server.dir, 'drill', 'start', 'dependency down', '--speed', '60', '--seed', '7', '--for', '26m'),
    ).toMatchObject({
      code: 0,
      output: expect.stringContaining('dependency-down in shop, seed 7'),
    })
    expect(await ops(server.dir, 'drill', 'start', 'zone-loss')).toMatchObject({ code: 1 })
    await until('the first incident of it', async () => (await drills())[0]?.incidents.length)
    expect((await tell()).status).toBe(200)
    await over()

    const [drill] = await drills()
    expect(drill).toMatchObject({ ended: 'by itself', refused: 0, startedBy: 'Command line' })
    const all = await incidents()
    const exercised = all.filter(({ drill }) => drill)
    const standing = exercised.filter(({ phase }) => phase !== 'merged')
    expect(standing).toHaveLength(drill?.truth?.length ?? 0)
    expect(standing.find(({ service }) => service === 'payments')?.alerts.total).toBeGreaterThan(5)
    for (const { alerts, flags } of exercised)
      expect({ flags, firing: alerts.firing }).toEqual({ flags: ['drill'], firing: 0 })
    expect(exercised.map(({ id }) => id).sort()).toEqual([...(drill?.incidents ?? [])].sort())

    const [mine] = all.filter(({ drill }) => !drill)
    expect(mine).toMatchObject({ id: before[0]?.id, alerts: { firing: 1, total: 1 }, events: 2 })
    const { conservation } = await ledger()
    expect(conservation).toMatchObject({ holds: true, accepted: 2 })
    expect(conservation.drills).toBeGreaterThan(300)
    const outcomes: Record<string, number> = {}
    for (const row of await real())
      for (const [outcome, count] of Object.entries(row.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    expect(outcomes).toEqual({ opened: 1, repeated: 1 })
    expect(await eventsCounted()).toBe(2)
    const picture = await house.administrator.picture()
    expect(picture.ledger).toMatchObject({ accepted: 2, outcomes: { opened: 1, repeated: 1 } })
    expect(picture.sources.some(({ id }) => id.startsWith('drill_'))).toBe(false)
    expect((await ops(server.dir, 'audit', 'verify')).code).toBe(0)
  }, 180_000)

  it('DR2: that a crash cuts off is ended by the next start, and leaves nothing that fires', async () => {
    await ops(server.dir, 'drill', 'start', 'zone-loss', '--speed', '60', '--seed', '3')
    const firing = async () => (await incidents()).filter(({ drill, alerts }) => drill && alerts.firing > 0)
    await until('something that fires', async () => (await firing()).length)
    await server.kill('SIGKILL')
    await server.restart()
    await over()
    expect(await firing()).toEqual([])
    expect((await drills())[0]).toMatchObject({ ended: 'restart', told: null })
    expect((await incidents()).find(({ drill }) => !drill)?.alerts.firing).toBe(1)
    expect((await ops(server.dir, 'drill', 'start', 'maintenance', '--speed', '60')).code).toBe(0)
    expect(await ops(server.dir, 'drill', 'stop')).toMatchObject({
      code: 0,
      output: expect.stringContaining('is over'),
    })
    const again = await house.administrator.must<{ sources: { id: string }[] }>('GET', '/api/sources')
    expect(again.sources.filter(({ id }) => id.startsWith('drill_'))).toHaveLength(3)
  })
})
