import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { briefSchema } from '#shared/incident/brief.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { Hearing } from '../world/browser.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, incidentOf, linkSays, shows, useStage } from './story.ts'

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

describeUnless(lacks('browser'), 'a responder with a phone', () => {
  const stage = useStage({ policy: stringify({ tiers: { unclassified: { offer_expires_after: '2m' } } }) })

  async function incident(service: string): Promise<string> {
    const { key } = await stage.house.addSource('prometheus', service)
    await raise(stage.server.url, key, [critical(service)])
    return incidentOf(stage.house, service)
  }
  const group = (page: Page, name: string | RegExp) => page.getByRole('region', { name })
  /** The one big button where the thumb is; the others stand in the cards. */
  const thumb = (page: Page) => page.locator('main button').last()

  it('opens on what is theirs; nothing is said calmly; a claim is one tap of the thumb, and its answer definite', async () => {
    const { house } = stage
    const [responder] = house.responders
    const page = await stage.as(responder!, phone)
    await page.getByRole('heading', { name: 'Mine' }).first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/mine')
    await shows(group(page, 'Mine'), 'Nothing is yours, and nothing is offered to you.')
    await shows(group(page, 'Unclaimed'), 'Nothing waits for an owner.')

    const id = await incident('thumbed')
    await shows(group(page, 'Unclaimed'), /UNOWNED \d/)
    const claim = page.getByRole('button', { name: `Claim ${id}` }).last()
    const box = await claim.boundingBox()
    expect(box?.height).toBeGreaterThanOrEqual(60)
    expect((box?.y ?? 0) + (box?.height ?? 0), 'in reach of the thumb').toBeGreaterThan(780)
    await claim.tap()
    await shows(page.getByLabel('Messages'), `You own ${id}.`)
    await shows(group(page, 'Mine'), 'thumbed is broken')
    expect((await house.administrator.incident(id)).summary.owner?.id).toBe(responder!.id)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)

    // At a desk the same person comes to the board, and the commander does anywhere.
    const desk = await stage.as(responder!)
    await card(desk, id).waitFor()
    const commander = await stage.as(house.commander, phone)
    await card(commander, id).waitFor()
  })

  it('what is offered stands on top with its countdown and its brief, and is accepted with a read-back', async () => {
    const { house } = stage
    const [giver, receiver] = house.responders
    const id = await incident('offered')
    const page = await stage.as(receiver!, phone)
    await linkSays(page, 'live')
    await giver!.api.command(id, { type: 'claim' })
    const brief = briefSchema.parse({
      situation: 'Half of the orders hang; retries are off',
      actions: [{ text: 'Roll back to the release before' }],
      noContingencyBecause: 'nothing can be prepared',
    })
    await giver!.api.command(id, { type: 'offer', to: receiver!.id, brief })
    const offered = group(page, 'Offered to me')
    await shows(offered, `${giver!.name} offers you this`)
    await shows(offered, /1:\d\d left|2:00 left/)
    await shows(offered, 'Half of the orders hang')
    await offered.getByText('Brief', { exact: true }).tap()
    await shows(offered, 'Roll back to the release before')
    await thumb(page).tap()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/^Read back/).fill('Orders hang, I roll back')
    await dialog.getByRole('button', { name: 'Accept and own it' }).tap()
    await dialog.waitFor({ state: 'hidden' })
    await shows(group(page, 'Mine'), 'offered is broken')
    expect((await house.administrator.incident(id)).summary).toMatchObject({
      owner: { id: receiver!.id },
      handovers: 1,
    })
  })

  it('a claim that another has won names the winner, and what can be done instead is one tap away', async () => {
    const { house } = stage
    const [loser, winner] = house.responders
    const id = await incident('raced')
    const hearing = new Hearing()
    const page = await stage.as(loser!, { ...phone, hearing })
    await linkSays(page, 'live')
    const claim = page.getByRole('button', { name: `Claim ${id}` }).last()
    await claim.waitFor()
    hearing.hold()
    await winner!.api.command(id, { type: 'claim' })
    await claim.tap()
    await until('the claim to be refused', async () => {
      const { facts } = await house.administrator.incident(id)
      return facts.some(({ type }) => type === 'claimed')
    })
    hearing.release()
    const told = page.getByRole('dialog', { name: `${winner!.name} has ${id}` })
    await told.waitFor()
    await told.getByRole('button', { name: 'Ask for relief' }).waitFor()
    await told.getByRole('button', { name: 'Assist' }).tap()
    await shows(group(page, 'I assist'), `${winner!.name} holds it`)
  })
})
