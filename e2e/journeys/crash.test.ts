import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { briefSchema } from '#shared/incident/brief.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, forbidReload, incidentOf, linkSays, shows, useStage } from './story.ts'

const policy = (offersLast: string): string =>
  stringify({ tiers: { unclassified: { offer_expires_after: offersLast } } })

describeUnless(lacks('browser'), 'a server that is killed', () => {
  const stage = useStage({ policy: policy('10m') })

  it('issue 2, point 5: nothing acknowledged is lost, the deadline of the open offer still fires, every open browser comes back by itself to the right picture', async () => {
    const { server, house } = stage
    const [giver, receiver] = house.responders
    const { key } = await house.addSource('prometheus', 'Prometheus')
    await raise(server.url, key, [critical('checkout'), critical('search')])
    const id = await incidentOf(house, 'checkout')
    const long = await incidentOf(house, 'search')
    const board = await stage.as(house.commander)
    const wall = await stage.as(house.commander, { path: '/wall', viewport: { width: 1920, height: 1080 } })
    const page = await stage.as(giver!, { path: `/incident/${id}` })
    const notReloaded = await Promise.all([board, wall, page].map(forbidReload))
    await linkSays(board, 'live')
    await page.getByRole('button', { name: 'Claim' }).first().click()
    await shows(card(board, id), `${giver!.name} holds it`)

    // Of two offers one is open for long, and one for so short that its end can be waited for.
    const offer = { type: 'offer' as const, to: receiver!.id, brief: briefSchema.parse({ situation: 'Orders hang' }) }
    expect(await giver!.api.command(long, { type: 'claim' })).toMatchObject({ status: 200 })
    expect(await giver!.api.command(long, offer)).toMatchObject({ status: 200 })
    server.writePolicy(policy('12s'))
    await until('the new policy', () => server.log().includes('new policy is active'))
    expect(await giver!.api.command(id, offer)).toMatchObject({ status: 200 })
    // Acknowledged a moment before: nobody may have been told yet.
    await raise(server.url, key, [critical('sign-in')])
    await server.kill('SIGKILL')
    for (const seen of [board, page]) await linkSays(seen, /connecting|catching up|STALE/)
    await server.restart()

    for (const seen of [board, page]) await linkSays(seen, 'live')
    await shows(board.getByRole('list', { name: /Incidents/ }), 'sign-in is broken')
    await shows(wall.locator('body'), 'sign-in is broken')
    await shows(card(board, long), `offered to ${receiver!.name} until`)

    // The deadline was set before the kill, and comes after it where the machine is not very slow.
    await until('the offer to expire', async () => (await house.administrator.incident(id)).summary.offer === null, {
      within: 60_000,
    })
    await card(board, id)
      .filter({ hasNotText: 'offered to' })
      .filter({ hasText: `${giver!.name} holds it` })
      .waitFor({ timeout: 45_000 })
    await shows(page.locator('main'), `the offer to ${receiver!.name} was not answered; it stays with ${giver!.name}`)
    const facts = await house.administrator.facts(id)
    expect(facts.filter(({ type }) => type === 'offer-expired')).toHaveLength(1)
    for (const check of notReloaded) await check()
  })

  it('issue 2, point 5: a command pressed while the server is down waits in sight and is answered definitely', async () => {
    const { server, house } = stage
    const [giver] = house.responders
    const { key } = await house.addSource('prometheus', 'Another Prometheus')
    await raise(server.url, key, [critical('waiting')])
    const id = await incidentOf(house, 'waiting')
    const page = await stage.as(giver!)
    await linkSays(page, 'live')
    const claim = card(page, id).getByRole('button', { name: /Claim/ })
    await claim.waitFor()
    await server.kill('SIGKILL')
    await claim.click()
    await page
      .getByRole('status')
      .filter({ hasText: /waiting for the answer/ })
      .waitFor({ timeout: 45_000 })
    await server.restart()
    await shows(card(page, id), `${giver!.name} holds it`)
    expect((await house.administrator.incident(id)).summary.owner?.id).toBe(giver!.id)
  })
})
