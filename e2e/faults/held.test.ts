import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SilenceView } from '#shared/silence.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'

let server: Server
let house: House
beforeAll(async () => {
  server = await startServer()
  house = await setUpHouse(server)
})
afterAll(async () => {
  await server?.close()
})

const lives = 4
interface Listed {
  silences: SilenceView[]
}

describe('kill -9 right after the answer', () => {
  it('no silence is forgotten, none that was ended comes back, and what was delivered before counts once (Q4, F12, F1)', async () => {
    const api = house.administrator
    const { id, url, key } = await house.addSource('webhook', 'Told twice')
    const path = new URL(url).pathname
    const send = async (name: string, delivery: string): Promise<void> => {
      const body = JSON.stringify({ title: name, key: name, severity: 'critical', service: name })
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'webhook-id': delivery }
      expect(await fetch(server.url + path, { method: 'POST', headers, body })).toMatchObject({ status: 200 })
    }
    const held = async (): Promise<number> =>
      (await api.must<Listed>('GET', '/api/silences')).silences.reduce((sum, { firing }) => sum + firing, 0)

    for (let life = 0; life < lives; life++) {
      const matchers = [{ name: 'service', op: '=', value: `quiet-${life}` }]
      const endsAt = new Date(Date.now() + 3_600_000).toISOString()
      const made = await api.must<SilenceView>('POST', '/api/silences', { matchers, endsAt, comment: 'being replaced' })
      const ended = await api.must<SilenceView>('POST', '/api/silences', { matchers, endsAt, comment: 'by mistake' })
      await api.must('DELETE', `/api/silences/${ended.id}`)
      await send(`quiet-${life}`, `quiet ${life}`)
      await send(`loud-${life}`, `loud ${life}`)
      await server.kill('SIGKILL')
      await server.restart()

      // The sender got its answers; one that lost them would send the same again.
      await send(`quiet-${life}`, `quiet ${life}`)
      await send(`loud-${life}`, `loud ${life}`)
      const { silences } = await api.must<Listed>('GET', '/api/silences')
      expect(silences.find((each) => each.id === made.id)).toMatchObject({ state: 'active', firing: 1 })
      expect(silences.find((each) => each.id === ended.id)?.state ?? 'expired').toBe('expired')
      expect(await held()).toBe(life + 1)
    }

    const { incidents } = await api.picture()
    expect(incidents.map(({ service }) => service).sort()).toEqual(Array.from({ length: lives }, (_, n) => `loud-${n}`))
    const outcomes: Record<string, number> = {}
    for (const row of await api.ledger(Date.now() - 3_600_000))
      if (row.sourceId === id)
        for (const [outcome, count] of Object.entries(row.outcomes))
          outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    expect(outcomes).toEqual({ opened: lives, silenced: lives, repeated: 2 * lives })
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  }, 180_000)
})
