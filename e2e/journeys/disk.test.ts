import { afterAll, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { lacksSmallDisk, makeSmallDisk, type SmallDisk } from '../world/small-disk.ts'
import { until } from '../world/until.ts'
import { card, incidentOf, linkSays, shows, useStage } from './story.ts'

describeUnless(lacks('browser') ?? lacksSmallDisk(), 'a full disk, seen from the board', () => {
  let disk: SmallDisk
  // Declared first, so run last: the server has ended by then.
  afterAll(() => disk?.remove())
  const stage = useStage(() => {
    const made = makeSmallDisk(48)
    if (made === null) throw new Error('the small disk could not be mounted')
    disk = made
    return { dir: disk.dir }
  })
  it('a claim is refused in words that say what to do; with space again the same press works, without a reload', async () => {
    const { server, house } = stage
    const { key } = await house.addSource('prometheus', 'Prometheus')
    await raise(server.url, key, [critical('checkout')])
    const id = await incidentOf(house, 'checkout')
    const [responder] = house.responders
    const page = await stage.as(responder!)
    await linkSays(page, 'live')
    await card(page, id).waitFor()

    disk.fill()
    // What is already allotted to the database's own log may take a few more small writes.
    const note = (): Promise<{ status: number }> =>
      house.commander.api.command(id, { type: 'note', text: `Noted ${'at length '.repeat(300)}` })
    await until('the disk to be full', async () => (await note()).status === 503, { within: 60_000, every: 1 })
    await card(page, id).getByRole('button', { name: /Claim/ }).click()
    await shows(page.getByLabel('Messages'), /disk/)
    await shows(page.getByLabel('Messages'), /[Ff]ree space/)

    disk.clear()
    await until('the server to go on', async () => (await note()).status === 200, { within: 60_000, every: 200 })
    await card(page, id).getByRole('button', { name: /Claim/ }).click()
    await shows(card(page, id), `${responder!.name} holds it`)
  })
})
