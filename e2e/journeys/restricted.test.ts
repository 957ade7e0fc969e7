import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, forbidReload, incidentOf, linkSays, shows, useStage } from './story.ts'

const wide = { viewport: { width: 1440, height: 900 } }
const secret = 'identity is broken'

/** What a page shows anywhere, the title of its tab and what is for screen readers included. */
const everything = (page: Page): Promise<string> => page.evaluate(() => `${document.title}\n${document.body.innerHTML}`)

/** What the browser keeps beyond the page. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((done, fail) => {
        const opening = indexedDB.open('uxbridge-device')
        // The app makes it, and not whoever looks first.
        opening.onupgradeneeded = () => opening.transaction?.abort()
        opening.onerror = () => fail(opening.error)
        opening.onsuccess = () => {
          const database = opening.result
          if (!database.objectStoreNames.contains('kept')) return done('')
          const asking = database.transaction('kept').objectStore('kept').getAll()
          asking.onerror = () => fail(asking.error)
          asking.onsuccess = () => {
            database.close()
            done(JSON.stringify(asking.result))
          }
        }
      }),
  )

describeUnless(lacks('browser'), 'an incident that is restricted', () => {
  const stage = useStage()

  it('RS1 RS5 N2 vanishes from others in the moment and stays with who has a part in it; who is added gets it live; lifted, everybody has it again', async () => {
    const { house, server } = stage
    const [named, other] = house.responders
    if (named === undefined || other === undefined) throw new Error('the house has too few people')
    const { key } = await house.addSource('prometheus', 'prometheus')
    await raise(server.url, key, [critical('identity'), critical('mail')])
    const id = await incidentOf(house, 'identity')
    await incidentOf(house, 'mail')
    await named.api.command(id, { type: 'assist' })

    const commander = await stage.as(house.commander, { ...wide, path: `/incident/${id}` })
    const owner = await stage.as(named, { ...wide, path: '/' })
    const board = await stage.as(other, { ...wide, path: '/' })
    const page = await stage.as(other, { ...wide, path: `/incident/${id}` })
    const wall = await stage.as(house.commander, { path: '/wall', viewport: { width: 1920, height: 1080 } })
    for (const one of [commander, owner, board, page]) await linkSays(one, 'live')
    await shows(card(board, id), secret)
    await shows(wall.getByRole('main'), secret)
    await page.getByRole('heading', { name: secret }).waitFor()
    const unmoved = await Promise.all([commander, owner, board, page, wall].map(forbidReload))
    await until('it to be kept for when there is no network, as nobody owns it', async () =>
      (await kept(board)).includes(secret),
    )
    // In the middle of a note.
    await page.keyboard.press('n')
    await page.getByRole('dialog').getByRole('textbox').fill('I have looked at it')
    // A card that leaves and comes back would be another element.
    const ownCard = await card(owner, id).locator('article').elementHandle()

    await commander.getByRole('button', { name: `More to do with ${id}` }).click()
    await commander.getByRole('menuitem', { name: 'Restrict' }).click()
    const dialog = commander.getByRole('dialog', { name: `Restrict ${id}` })
    await shows(dialog, named.name)
    await shows(dialog, 'Messages about it say only its number.')
    expect(await dialog.textContent()).not.toContain(other.name)
    await dialog.getByRole('button', { name: `Restrict ${id}` }).click()
    await dialog.waitFor({ state: 'hidden' })

    await shows(page.getByRole('main'), 'This incident is restricted now')
    await shows(page.getByRole('main'), 'ask a commander')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await card(board, id).waitFor({ state: 'detached' })
    await wall.getByText(secret).waitFor({ state: 'detached' })
    for (const one of [page, board, wall]) expect(await everything(one)).not.toContain(secret)
    await until('nothing of it to be kept', async () => !(await kept(board)).includes(secret))
    await shows(board.getByRole('banner'), /1 open/)
    await linkSays(board, 'live')

    await shows(card(owner, id), 'restricted')
    await shows(owner.getByRole('banner'), /2 open/)
    expect(await ownCard?.evaluate((element) => element.isConnected)).toBe(true)
    await card(owner, id).getByRole('link').first().click()
    await shows(owner.getByLabel(`Detail of ${id}`), 'restricted')
    const mark = commander.getByRole('button', { name: /^Restricted\. It is there for commanders/ })
    await mark.focus()
    await commander.getByText('For everybody else it does not exist').first().waitFor()
    await commander.getByRole('heading', { name: 'Who sees this' }).waitFor()
    await named.api.command(id, { type: 'note', text: 'The key was taken on Friday' })
    await shows(commander.getByRole('main'), 'The key was taken on Friday')

    await house.commander.api.command(id, { type: 'assist', person: other.id })
    await shows(page.getByRole('main'), 'The key was taken on Friday')
    await shows(card(board, id), 'restricted')
    await shows(board.getByRole('banner'), /2 open/)
    expect(await everything(wall)).not.toContain(secret)

    await commander.getByRole('button', { name: 'Lift the restriction…' }).click()
    await commander.getByRole('dialog').getByRole('button', { name: 'Lift the restriction' }).click()
    await shows(wall.getByRole('main'), secret)
    await until(
      'the mark to leave the board',
      async () => (await card(board, id).getByText('restricted').count()) === 0,
    )
    await shows(card(board, id), secret)
    expect(await ownCard?.evaluate((element) => element.isConnected)).toBe(true)
    for (const stay of unmoved) await stay()
  })
})
