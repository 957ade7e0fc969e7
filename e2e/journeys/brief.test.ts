import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { incidentOf, shows, useStage } from './story.ts'

describeUnless(lacks('browser'), 'the brief', () => {
  const stage = useStage()

  async function openBrief(page: Page): Promise<Locator> {
    await page
      .getByRole('button', { name: /^More to do/ })
      .first()
      .click()
    await page.getByRole('menuitem', { name: 'Revise brief' }).click()
    const dialog = page.getByRole('dialog', { name: /^Brief of/ })
    await dialog.getByLabel('Situation and impact now').waitFor()
    return dialog
  }

  it('issue 5: two people write one brief and neither loses a word, a line that drops included; it is offered, read back in own words, and can be read at its hop later', async () => {
    const { house, server } = stage
    const { key } = await house.addSource('prometheus', 'checkout')
    await raise(server.url, key, [critical('checkout')])
    const id = await incidentOf(house, 'checkout')
    const [giver, receiver] = house.responders
    await giver!.api.command(id, { type: 'claim' })
    await giver!.api.command(id, { type: 'note', text: 'The pool of the gateway is full' })
    const page = await stage.as(giver!, { path: `/incident/${id}`, viewport: { width: 1440, height: 900 } })
    const other = await stage.as(receiver!, { path: `/incident/${id}`, viewport: { width: 390, height: 844 } })

    const brief = await openBrief(page)
    const theirs = await openBrief(other)
    const mine = brief.getByLabel('Situation and impact now')
    const yours = theirs.getByLabel('Situation and impact now')
    expect(await mine.inputValue(), 'prefilled').toMatch(/checkout.*unclassified, in triage/)
    await brief.getByLabel('Known 1').waitFor()
    expect(await brief.getByLabel('Known 1').inputValue()).toBe('The pool of the gateway is full')
    await shows(brief, `${receiver!.name} writes with you`)

    // Both at once, at either end of one line, with a pause only where a hand would have one.
    await mine.press('ControlOrMeta+Home')
    await yours.press('ControlOrMeta+End')
    await Promise.all([
      mine.pressSequentially('Half of the orders hang. ', { delay: 25 }),
      yours.pressSequentially(' Customers are charged twice.', { delay: 25 }),
    ])
    const both = /^Half of the orders hang\. .* Customers are charged twice\.$/
    for (const field of [mine, yours]) await until('both to be there', async () => both.test(await field.inputValue()))
    const caret = await mine.evaluate((field: HTMLTextAreaElement) => field.selectionStart)
    expect(caret, 'the caret stays where its hand is').toBe('Half of the orders hang. '.length)

    // Letters that are being composed (IME) are left alone; what the other types meanwhile comes in after them.
    const keys = await page.context().newCDPSession(page)
    await keys.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 })
    await yours.press('ControlOrMeta+Home')
    await yours.pressSequentially('Now: ')
    await keys.send('Input.imeSetComposition', { text: 'かん', selectionStart: 2, selectionEnd: 2 })
    expect(await mine.inputValue()).toContain('かん')
    await keys.send('Input.insertText', { text: '漢' })
    for (const field of [mine, yours])
      await until('both', async () => /^Now: Half of the orders hang\. 漢/.test(await field.inputValue()))
    // An undo takes back what one typed oneself, and nothing else.
    await mine.press('ControlOrMeta+z')
    await until('the undo', async () => /^Now: Half of the orders hang\. [^漢]/.test(await yours.inputValue()))

    // One of them falls off the line, and both write on.
    await other.context().setOffline(true)
    await theirs.getByRole('button', { name: 'Add to Actions' }).click()
    await theirs.getByLabel('Action 1').fill('Roll back the gateway')
    await shows(theirs, 'what you type waits here')
    await brief.getByRole('button', { name: 'Add to Ruled out' }).click()
    await brief.getByLabel('Ruled out 1').fill('The bank is well')
    await giver!.api.command(id, { type: 'note', text: 'Retries are off' })
    await other.context().setOffline(false)
    for (const one of [brief, theirs]) {
      await until('the action', async () => (await one.getByLabel('Action 1').inputValue()) === 'Roll back the gateway')
      await until(
        'what was ruled out',
        async () => (await one.getByLabel('Ruled out 1').inputValue()) === 'The bank is well',
      )
    }

    // What is new of the incident is kept with one key.
    await brief.getByRole('button', { name: 'Keep', exact: true }).focus()
    await page.keyboard.press('k')
    for (const one of [brief, theirs]) await one.getByLabel('Known 2').waitFor()
    await brief.getByRole('button', { name: 'Keep this brief' }).click()
    await brief.waitFor({ state: 'hidden' })
    await other.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Hand off' }).first().click()
    const offer = page.getByRole('dialog', { name: `Hand off ${id}` })
    await shows(offer, 'add an if-then, or say why there is none')
    await offer.getByLabel('To', { exact: true }).fill(receiver!.name.slice(0, 4))
    await page.getByRole('option', { name: receiver!.name }).click()
    await offer.getByLabel('…or why there is none').fill('nothing can be prepared')
    await offer.getByRole('button', { name: `Offer to ${receiver!.name}` }).click()
    await offer.waitFor({ state: 'hidden' })

    await other
      .getByRole('button', { name: /Read brief/ })
      .first()
      .click()
    const accept = other.getByRole('dialog')
    await shows(accept, 'The bank is well')
    const readBack = accept.getByLabel(/^Read back/)
    await readBack.fill('Half of the orders hang. checkout is broken: checkout, unclassified, in triage')
    await shows(accept, 'Say it in your own words')
    await readBack.fill('Orders hang and cost twice; I roll back')
    await accept.getByRole('button', { name: 'Accept and own it' }).click()
    await accept.waitFor({ state: 'hidden' })

    // Later, and by somebody else: the brief of that hop, its read-back, and what was changed before it went.
    const commander = await stage.as(house.commander, { path: `/incident/${id}` })
    await commander.getByRole('button', { name: new RegExp(`^${receiver!.name}, for`) }).click()
    const kept = commander.getByRole('dialog', { name: `Briefs of ${id}` })
    await shows(kept, 'Orders hang and cost twice; I roll back')
    for (const word of [
      'Half of the orders hang',
      'charged twice',
      'Roll back the gateway',
      'The bank is well',
      'Retries are off',
    ])
      await shows(kept.getByRole('article'), word)
    await shows(kept, 'Why there is no if-then')
    const { briefs } = await house.commander.api.must<{ briefs: { accepted: { readBack: string } | null }[] }>(
      'GET',
      `/api/incidents/${id}/briefs`,
    )
    expect(briefs.map(({ accepted }) => accepted?.readBack ?? null)).toEqual([
      null,
      'Orders hang and cost twice; I roll back',
    ])
  })
})
