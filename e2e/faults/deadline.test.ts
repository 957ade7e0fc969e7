import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { briefSchema } from '#shared/incident/brief.ts'
import { critical, raise } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

let server: Server
let house: House
beforeAll(async () => {
  // Long enough to be open at the kill on a slow machine, short enough to wait for.
  server = await startServer({ policy: stringify({ tiers: { unclassified: { offer_expires_after: '8s' } } }) })
  house = await setUpHouse(server)
})
afterAll(async () => {
  await server?.close()
})

describe('kill -9 with an open offer', () => {
  it('the offer is there again, and its deadline fires once, though it passed while nobody was there (O6)', async () => {
    const { key } = await house.addSource('prometheus', 'prometheus')
    await raise(server.url, key, [critical('offered')])
    const { id } = await until('the incident', async () => (await house.administrator.picture()).incidents[0])
    const [owner, receiver] = house.responders as [(typeof house.responders)[0], (typeof house.responders)[0]]
    expect(await owner.api.command(id, { type: 'claim' })).toMatchObject({ status: 200 })
    const brief = briefSchema.parse({ situation: 'Half of the orders hang' })
    expect(await owner.api.command(id, { type: 'offer', to: receiver.id, brief })).toMatchObject({ status: 200 })
    const deadline = Date.parse((await house.administrator.incident(id)).summary.offer?.deadline ?? '')

    await server.kill('SIGKILL')
    await until('the deadline to pass', () => Date.now() > deadline)
    await server.restart()

    const after = await until('the offer to expire', async () => {
      const view = await house.administrator.incident(id)
      return view.summary.offer === null ? view : null
    })
    expect(after.summary.owner?.id).toBe(owner.id)
    expect(after.facts.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['declared', 'alerts-attached', 'claimed', 'offered', 'offer-expired']),
    )
    await server.restart()
    const facts = await house.administrator.facts(id)
    expect(facts.filter(({ type }) => type === 'offer-expired')).toHaveLength(1)
  })
})
