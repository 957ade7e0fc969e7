import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { Hearing } from '../world/browser.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, incidentOf, linkSays, shows, useStage } from './story.ts'

const policy = (offersLast: string): string =>
  stringify({ tiers: { unclassified: { offer_expires_after: offersLast } } })

describeUnless(lacks('browser'), 'one owner each', () => {
  const stage = useStage({ policy: policy('10m') })

  async function incident(service: string): Promise<string> {
    const { key } = await stage.house.addSource('prometheus', service)
    await raise(stage.server.url, key, [critical(service)])
    return incidentOf(stage.house, service)
  }

  /** Offers by the dialog, with a brief. */
  async function offer(page: Page, id: string, to: string, situation: string): Promise<void> {
    await page.getByRole('button', { name: 'Hand off' }).first().click()
    const dialog = page.getByRole('dialog', { name: `Hand off ${id}` })
    await dialog.getByLabel('To', { exact: true }).fill(to)
    await page.getByRole('option', { name: to }).click()
    await dialog.getByLabel('Situation and impact now').fill(situation)
    await dialog.getByRole('button', { name: 'Add to Actions' }).click()
    await dialog.getByLabel('Action 1').fill('Roll back to the release before')
    const none = dialog.getByLabel('…or why there is none')
    if (await none.isVisible()) await none.fill('nothing can be prepared')
    await dialog.getByRole('button', { name: `Offer to ${to}` }).click()
    await dialog.waitFor({ state: 'hidden' })
  }

  it('issue 2, point 4: two browsers press Claim at once; one owns it, the other is told who won and when', async () => {
    const { house } = stage
    const id = await incident('race')
    const [first, second] = house.responders
    const hearing = new Hearing()
    const pages = [await stage.as(first!, { hearing }), await stage.as(second!, { hearing })] as const
    for (const page of pages) await card(page, id).getByRole('button', { name: /Claim/ }).waitFor()
    // Neither hears of the other's press before it has pressed, or there would be nothing left to press.
    hearing.hold()
    await Promise.all(pages.map((page) => card(page, id).getByRole('button', { name: /Claim/ }).click()))
    hearing.release()

    const owner = await until('an owner', async () => (await house.administrator.incident(id)).summary.owner)
    const [won, lost] = owner.id === first?.id ? pages : [pages[1], pages[0]]
    const told = lost.getByRole('dialog', { name: `${owner.name} has ${id}` })
    await told.waitFor()
    await shows(told, /Claimed at .*\d\d:\d\d/)
    await told.getByRole('button', { name: 'Assist' }).waitFor()
    await told.getByRole('button', { name: 'Ask for relief' }).waitFor()
    for (const page of [won, lost]) await shows(card(page, id), `${owner.name} holds it`)
    expect((await house.administrator.facts(id)).filter(({ type }) => type === 'claimed')).toHaveLength(1)
  })

  it('issue 2, point 4: offered with a brief, accepted with a read-back; the chain grows live in every browser, on the wall and in the incident page', async () => {
    const { house } = stage
    const id = await incident('given')
    const [giver, receiver] = house.responders
    const board = await stage.as(house.commander)
    const wall = await stage.as(house.commander, { path: '/wall', viewport: { width: 1920, height: 1080 } })
    const page = await stage.as(giver!, { path: `/incident/${id}` })
    const other = await stage.as(receiver!)
    await linkSays(other, 'live')
    const tile = wall.getByRole('article').filter({ hasText: 'given is broken' })
    await shows(tile, 'UNOWNED')
    await shows(card(board, id), 'unowned for')

    await page.getByRole('button', { name: 'Claim' }).first().click()
    for (const seen of [card(board, id), card(other, id), page.getByLabel('Hand-offs')]) {
      await shows(seen, `${giver!.name} holds it`)
    }
    await shows(tile, giver!.name)

    await offer(page, id, receiver!.name, 'Half of the orders hang; retries are off')
    for (const seen of [card(board, id), card(other, id), page.getByLabel('Hand-offs')]) {
      await shows(seen, `offered to ${receiver!.name} until`)
    }
    await shows(tile, `→ ${receiver!.name}`)
    expect((await house.administrator.incident(id)).summary.owner?.id).toBe(giver!.id)

    await card(other, id)
      .getByRole('button', { name: /Answer/ })
      .click()
    const dialog = other.getByRole('dialog')
    await shows(dialog, 'Half of the orders hang; retries are off')
    await shows(dialog, 'Roll back to the release before')
    const accept = dialog.getByRole('button', { name: 'Accept and own it' })
    expect(await accept.isDisabled(), 'not without a read-back').toBe(true)
    await dialog.getByLabel(/^Read back/).fill('Orders hang, I roll back')
    await accept.click()
    for (const seen of [card(board, id), card(other, id), page.getByLabel('Hand-offs')]) {
      await shows(seen, `${receiver!.name} holds it`)
      await shows(seen, 'read back: Orders hang, I roll back')
      await shows(seen, '1 hand-over')
    }
    await shows(tile, receiver!.name)
    await shows(page.locator('main'), 'Orders hang, I roll back')
  })

  it('issue 2, point 4: a decline leaves the owner', async () => {
    const { house } = stage
    const id = await incident('declined')
    const [giver, receiver] = house.responders
    const page = await stage.as(giver!, { path: `/incident/${id}` })
    const other = await stage.as(receiver!, { path: `/incident/${id}` })
    await page.getByRole('button', { name: 'Claim' }).first().click()
    await shows(page.getByLabel('Hand-offs'), `${giver!.name} holds it`)
    await offer(page, id, receiver!.name, 'Somebody must look at the queue')
    await other
      .getByRole('button', { name: /^Decline/ })
      .first()
      .click()
    const dialog = other.getByRole('dialog', { name: `Decline ${id}` })
    await dialog.getByLabel('Reason').fill('On another one until four')
    await dialog.getByRole('button', { name: 'Decline' }).click()
    await shows(page.locator('main'), 'On another one until four')
    const { summary } = await house.administrator.incident(id)
    expect(summary).toMatchObject({ owner: { id: giver!.id }, offer: null, handovers: 0 })
  })

  it('issue 2, point 4: an expiry leaves the owner and tells the commander, and a late answer is refused', async () => {
    const { house, server } = stage
    const began = performance.now()
    const id = await incident('expired')
    const [giver, receiver] = house.responders
    const commander = await stage.as(house.commander)
    await linkSays(commander, 'live')
    const page = await stage.as(giver!, { path: `/incident/${id}` })
    const other = await stage.as(receiver!)
    await page.getByRole('button', { name: 'Claim' }).first().click()
    await shows(page.getByLabel('Hand-offs'), `${giver!.name} holds it`)
    // Long enough to be opened, however slow this machine is, and short enough to be waited for.
    const lasts = 8 + Math.ceil((performance.now() - began) / 1000)
    server.writePolicy(policy(`${lasts}s`))
    await until('the new policy', () => server.log().includes('new policy is active'))
    await offer(page, id, receiver!.name, 'Somebody must look at the queue')
    await card(other, id)
      .getByRole('button', { name: /Answer/ })
      .click()
    // The receiver reads on; the deadline comes.
    await other
      .getByRole('dialog', { name: `No offer of ${id} to you is open` })
      .waitFor({ timeout: lasts * 1000 + 60_000 })
    const told = `The offer of ${id} to ${receiver!.name} was not answered. It stays with ${giver!.name}.`
    await shows(commander.getByLabel('Messages'), told)
    const { summary, facts } = await house.administrator.incident(id)
    expect(summary).toMatchObject({ owner: { id: giver!.id }, offer: null, handovers: 0 })
    expect(facts.filter(({ type }) => type === 'offer-expired')).toHaveLength(1)
    const late = await receiver!.api.command(id, { type: 'accept', revision: 1, readBack: 'Too late' })
    expect(late.status).toBe(409)
  })
})
