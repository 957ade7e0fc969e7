import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '#server/demo/random.ts'
import { post } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

/** As many as one source may have waiting, less a few. */
const requests = 480
const lives = 5
const mended = `mappings:
  pumps: { fields: { title: 'Pump {/n}', key: /n, severity: { text: critical }, service: { text: 's{/n}' } } }
`

let server: Server
let house: House
beforeAll(async () => {
  server = await startServer({ policy: 'teams: []\n' })
  house = await setUpHouse(server)
})
afterAll(async () => {
  await server?.close()
})

interface Listed {
  items: { state: string }[]
}

describe('kill -9 while lost property is read again', () => {
  it('LP3: by several at once, and killed in the middle, each is taken in once, and none is called found that was not', async () => {
    const random = seeded(14)
    const api = house.administrator
    const { id, url, key } = await house.addSource('webhook', 'Pumps')
    await api.must('PATCH', `/api/sources/${id}`, { settings: { mapping: 'pumps' } })
    const path = new URL(url).pathname
    for (let n = 0; n < requests; n += 8)
      await Promise.all(Array.from({ length: 8 }, (_, i) => post(server.url, path, `{"n":${n + i}}`, key)))
    server.writePolicy(mended)
    await until('the mended policy', () => server.log().includes('new policy is active'))

    const states = async (): Promise<string[]> =>
      (await api.must<Listed>('GET', `/api/lost?limit=500&source=${id}`)).items.map(({ state }) => state)
    const found = async (): Promise<number> => (await states()).filter((state) => state === 'found').length
    for (let life = 0; life < lives; life++) {
      const enough = Math.min(requests, (await found()) + random.between(5, 20))
      const pressed = Array.from({ length: 3 }, () =>
        api.ask('POST', `/api/sources/${id}/lost/retry`, {}).catch(() => null),
      )
      await until('some to be found', async () => (await found()) >= enough, { every: 1, within: 60_000 })
      await Promise.all([server.kill('SIGKILL'), ...pressed])
      await server.restart()
    }
    await api.must('POST', `/api/sources/${id}/lost/retry`, {})

    expect(new Set(await states())).toEqual(new Set(['found']))
    expect(await states()).toHaveLength(requests)
    const { incidents } = await api.picture()
    expect(incidents).toHaveLength(requests)
    expect(incidents.filter(({ events }) => events !== 1)).toEqual([])
    const outcomes: Record<string, number> = {}
    for (const row of await api.ledger(Date.now() - 3_600_000))
      if (row.sourceId === id)
        for (const [outcome, count] of Object.entries(row.outcomes))
          outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    expect(outcomes).toEqual({ rejected: requests, opened: requests })
    const proof = await ops(server.dir, 'audit', 'verify')
    expect(proof.output).toContain('The record is whole')
  }, 180_000)
})
