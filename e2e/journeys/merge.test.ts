import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, focused, incidentOf, linkSays, shows, useStage } from './story.ts'

const services = [
  { id: 'payments-db' },
  { id: 'checkout', depends_on: ['payments-db'] },
  { id: 'refunds', depends_on: ['payments-db'] },
]
const wide = { viewport: { width: 1440, height: 900 } }

describeUnless(lacks('browser'), 'what was taken for two incidents, or for one', () => {
  const stage = useStage({ policy: stringify({ services }) })
  const keys = new Map<string, string>()

  /** Alerts of a service, told by a source of its own. */
  async function tell(service: string, ...instances: string[]): Promise<string> {
    const key = keys.get(service) ?? (await stage.house.addSource('prometheus', service)).key
    keys.set(service, key)
    const labels = instances.length === 0 ? [{}] : instances.map((instance) => ({ instance }))
    await raise(
      stage.server.url,
      key,
      labels.map((each) => critical(service, each)),
    )
    return incidentOf(stage.house, service)
  }
  const firing = (page: Page, id: string, count: number): Promise<void> =>
    card(page, id).getByTitle(`${count} of ${count} alerts fire`).waitFor({ timeout: 45_000 })
  const gone = (page: Page, id: string): Promise<void> => card(page, id).waitFor({ state: 'detached', timeout: 45_000 })
  const messages = (page: Page): Locator => page.getByLabel('Messages')

  it('MG1 M1 a commander merges two, another watches: the card leaves, a message says where it went, links lead there, later alerts go there; then it is undone', async () => {
    const { house } = stage
    const mail = await tell('mail')
    const orders = await tell('orders')
    const [owner, stranger] = house.responders
    const watcher = await stage.as(owner!, { ...wide, path: `/?at=${mail}` })
    await card(watcher, orders).getByRole('button', { name: /Claim/ }).click()
    await shows(card(watcher, orders), `${owner!.name} holds it`)

    const page = await stage.as(house.commander, { ...wide, path: `/incident/${mail}` })
    await linkSays(page, 'live')
    await page.getByRole('heading', { name: 'mail is broken' }).waitFor()
    await page.keyboard.press('m')
    const dialog = page.getByRole('dialog', { name: `Merge ${mail}` })
    await focused(dialog.getByRole('combobox'))
    await page.keyboard.type('orders')
    await page.keyboard.press('Enter')
    await shows(dialog.getByLabel(`Ends, merged: ${mail}`), 'unowned')
    await shows(dialog.getByLabel(`Goes on: ${orders}`), owner!.name)
    await shows(dialog.getByLabel('What follows'), `${owner!.name} stays the owner of ${orders}.`)
    await dialog.getByLabel('Reason').fill('The queue between them is full')
    await dialog.getByRole('button', { name: `Merge ${mail} into ${orders}` }).click()
    await dialog.waitFor({ state: 'hidden' })
    await shows(page.getByLabel('Merged', { exact: true }), `Merged into ${orders}: orders is broken`)

    await gone(watcher, mail)
    await shows(messages(watcher), `${mail} was merged into ${orders} by ${house.commander.name}.`)
    await firing(watcher, orders, 2)
    const banner = watcher.getByLabel('Merged', { exact: true })
    await shows(banner, 'The queue between them is full')
    await banner.getByRole('button', { name: `Go to ${orders}` }).click()
    await watcher.getByRole('heading', { name: 'orders is broken' }).waitFor()
    await shows(
      watcher.getByLabel(`Detail of ${orders}`),
      `${house.commander.name} merged ${mail} into it: 1 alert, firing`,
    )
    await shows(page.locator('main'), 'None any more: they are in the incident that it is part of.')
    expect((await house.administrator.incident(mail)).summary).toMatchObject({ phase: 'merged', mergedInto: orders })

    await tell('orders')
    await raise(stage.server.url, keys.get('mail') ?? '', [critical('mail', { instance: 'mail-2:9100' })])
    await firing(watcher, orders, 3)

    // Who owns neither is told who may, and can call them.
    const search = await tell('search')
    const other = await stage.as(stranger!, { ...wide, path: `/incident/${search}` })
    await linkSays(other, 'live')
    await other.getByRole('heading', { name: 'search is broken' }).waitFor()
    await other.keyboard.press('m')
    const refused = other.getByRole('dialog', { name: `Merge ${search}` })
    await refused.getByRole('combobox').fill(orders)
    await refused.getByRole('option', { name: /orders is broken/ }).click()
    await refused.getByRole('button', { name: `Merge ${search} into ${orders}` }).click()
    await shows(refused.getByRole('alert'), `${owner!.name}, who owns ${orders}, or a commander may`)
    await refused.getByRole('button', { name: 'Escalate to a commander' }).waitFor()

    // Undone by the owner, where it stands.
    const undo = watcher.getByLabel(`Detail of ${orders}`).getByRole('button', { name: `Undo the merge of ${mail}` })
    await undo.first().click()
    const asked = watcher.getByRole('dialog', { name: `Undo the merge of ${mail}` })
    await asked.getByLabel('Reason').fill('The queue was a symptom of both')
    await asked.getByRole('button', { name: 'Undo it' }).click()
    await asked.waitFor({ state: 'hidden' })
    await firing(watcher, mail, 1)
    // What came since stays.
    await firing(watcher, orders, 2)
    await shows(watcher.getByLabel(`Detail of ${orders}`), `took the merge of ${mail} back`)
    await shows(watcher.getByLabel(`Detail of ${orders}`), /undone at \d\d:\d\d UTC/)
    await shows(page.getByLabel('Hand-offs'), 'unowned')
    expect(await page.getByLabel('Merged', { exact: true }).count()).toBe(0)
  })

  it('M3 some alerts are split off by keyboard, with the title of the first; taken back; and too late once the new one is over', async () => {
    const { house } = stage
    const id = await tell('stock', 'stock-1:9100', 'stock-2:9100', 'stock-3:9100')
    const page = await stage.as(house.commander, { ...wide, path: `/incident/${id}` })
    const watcher = await stage.as(house.responders[0]!, wide)
    await firing(watcher, id, 3)
    await linkSays(page, 'live')
    await page.getByRole('heading', { name: 'stock is broken' }).waitFor()

    const split = async (title: string): Promise<string> => {
      await page.keyboard.press('s')
      const dialog = page.getByRole('dialog', { name: `Split ${id}` })
      await dialog.getByRole('searchbox').fill('instance=stock-2')
      await dialog.getByRole('searchbox').press('ArrowDown')
      await page.keyboard.press('Space')
      await shows(dialog, '1 of 3 chosen')
      const field = dialog.getByLabel('Title of the new incident')
      expect(await field.inputValue()).toBe('stock is broken')
      await field.fill(title)
      const button = dialog.getByRole('button', { name: 'Split off 1 alert' })
      expect(await button.isDisabled(), 'not without a reason').toBe(true)
      await dialog.getByLabel('Reason', { exact: true }).fill('Another disk')
      await shows(dialog.getByLabel('What follows'), 'Nobody owns it')
      await button.click()
      await dialog.waitFor({ state: 'hidden' })
      await shows(messages(page), /^INC-\d+ has 1 alert of INC-\d+. Nobody owns it yet./)
      const found = await until('the new incident', async () =>
        (await house.administrator.picture()).incidents.find((one) => one.title === title),
      )
      await firing(watcher, found.id, 1)
      await firing(watcher, id, 2)
      await shows(card(watcher, found.id), 'unowned for')
      return found.id
    }

    const first = await split('Disk of stock-2')
    await shows(page.locator('main'), `split off as ${first}: 1 alert, firing`)
    await page.getByRole('button', { name: `Undo the split of ${first}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo it' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await gone(watcher, first)
    await firing(watcher, id, 3)

    const second = await split('Disk of stock-2 again')
    await house.commander.api.command(second, { type: 'dismiss', reason: 'the disk is being replaced' })
    await gone(watcher, second)
    const late = page.getByRole('button', { name: `Undo the split of ${second}` })
    await shows(page.locator('main'), `${second} is over`)
    expect(await late.isDisabled()).toBe(true)
  })

  it('MG2 several are chosen on the board and become one', async () => {
    const { house } = stage
    const [a, b, c] = [await tell('alpha'), await tell('beta'), await tell('gamma')]
    const page = await stage.as(house.commander, { ...wide, path: `/?at=${a}` })
    await linkSays(page, 'live')
    await card(page, a).waitFor()
    await page.keyboard.press('x')
    for (const id of [b, c]) await card(page, id).getByRole('checkbox').click()
    const chosen = page.getByLabel('Chosen incidents')
    await shows(chosen, '3 chosen')
    await page.keyboard.press('m')
    const dialog = page.getByRole('dialog', { name: 'Merge 3 incidents into one' })
    await dialog.getByRole('radio', { name: /beta is broken/ }).check()
    await dialog.getByRole('button', { name: `Merge the other 2 into ${b}` }).click()
    await dialog.waitFor({ state: 'hidden' })
    await gone(page, a)
    await gone(page, c)
    await firing(page, b, 3)
    await chosen.waitFor({ state: 'detached' })
  })

  it('C7 the filter merges what has one cause, says by which rule and why, and leaves alone what a person took apart', async () => {
    const { house } = stage
    const page = await stage.as(house.commander, wide)
    await linkSays(page, 'live')
    const checkout = await tell('checkout')
    const refunds = await tell('refunds')
    const wall = await stage.as(house.commander, { path: '/wall', viewport: { width: 1920, height: 1080 } })
    for (const id of [checkout, refunds]) {
      await shows(card(page, id), 'nobody has looked at it yet; it may still be merged')
      await shows(wall.getByRole('article').filter({ hasText: id }), 'provisional')
    }
    const key = (await house.addSource('prometheus', 'payments-db')).key
    await raise(stage.server.url, key, [critical('payments-db')])

    await gone(page, refunds)
    await shows(messages(page), `${refunds} was merged into ${checkout} by the filter, by rule “along dependencies”.`)
    await firing(page, checkout, 3)
    // What explains the others gives it its name, while nobody has touched it.
    await shows(card(page, checkout), 'payments-db is broken')
    await card(page, checkout).getByRole('link').first().click()
    const detail = page.getByLabel(`Detail of ${checkout}`)
    await shows(detail, /merged by the filter, rule “along dependencies”.*: an alert of INC-\d+ explains it/)
    await shows(detail, 'Filter room named it anew')
    await detail
      .getByRole('button', { name: `Undo the merge of ${refunds}` })
      .first()
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo it' }).click()
    await firing(page, refunds, 1)
    await firing(page, checkout, 2)
    await raise(stage.server.url, key, [critical('payments-db', { instance: 'payments-db-2:9100' })])
    await firing(page, checkout, 3)
    await firing(page, refunds, 1)
    // Looked at by a person: provisional no more.
    expect(await card(page, checkout).getByText('provisional').count()).toBe(0)
  })
})
