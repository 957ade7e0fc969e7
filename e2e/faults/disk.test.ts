import { afterAll, beforeAll, expect, it } from 'vitest'
import { prometheusBody } from '#server/demo/bodies.ts'
import { describeUnless } from '../run/needs.ts'
import { critical, post } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { lacksSmallDisk, makeSmallDisk, type SmallDisk } from '../world/small-disk.ts'
import { until } from '../world/until.ts'

describeUnless(lacksSmallDisk(), 'a full disk', () => {
  let disk: SmallDisk
  let server: Server
  let house: House
  beforeAll(async () => {
    const made = makeSmallDisk(48)
    if (made === null) throw new Error('the small disk could not be mounted')
    disk = made
    server = await startServer({ dir: disk.dir })
    house = await setUpHouse(server)
  })
  afterAll(async () => {
    await server?.close()
    disk?.remove()
  })

  it('is answered with 503 and a time to come back; with space again it goes on, and nothing acknowledged is lost', async () => {
    const { key } = await house.addSource('prometheus', 'p')
    const acknowledged: string[] = []
    let number = 0
    /** Large enough that a filled disk is noticed soon. */
    const tell = async (): ReturnType<typeof post> => {
      const service = `service-${number++}`
      const noise = Array.from({ length: 400 }, (_, index) => ((index * 7919 * number) % 1_000_003).toString(36)).join(
        ' ',
      )
      const condition = { ...critical(service), annotations: { summary: service, description: noise } }
      const answer = await post(server.url, '/api/v2/alerts', prometheusBody([condition], Date.now() + 600_000), key)
      if (answer.status === 200) acknowledged.push(service)
      return answer
    }
    expect(await tell()).toMatchObject({ status: 200 })

    disk.fill(64 * 1024)
    const refused = await until(
      'the disk to be full',
      async () => {
        const answer = await tell()
        return answer.status === 200 ? null : answer
      },
      { within: 60_000, every: 1 },
    )
    expect(refused.status).toBe(503)
    expect(Number(refused.retryAfter)).toBeGreaterThan(0)
    expect(refused.text).toMatch(/disk|space/i)
    // Commands are refused as plainly as events, and what was there can still be read.
    const { incidents } = await house.administrator.picture()
    const claim = await house.responders[0]!.api.command(incidents[0]!.id, { type: 'claim' })
    expect(claim).toMatchObject({ status: 503, body: { code: 'store-full' } })

    disk.clear()
    await until('the server to go on', async () => (await tell()).status === 200, { within: 60_000, every: 200 })
    const services = new Set((await house.administrator.picture()).incidents.map(({ service }) => service))
    expect(acknowledged.filter((service) => !services.has(service))).toEqual([])
    expect((await house.responders[0]!.api.command(incidents[0]!.id, { type: 'claim' })).status).toBe(200)

    await server.restart()
    const after = new Set((await house.administrator.picture()).incidents.map(({ service }) => service))
    expect(acknowledged.filter((service) => !after.has(service))).toEqual([])
    expect(await ops(server.dir, 'audit', 'verify')).toMatchObject({ code: 0 })
  }, 180_000)
})
