import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { testPassword } from '../world/house.ts'
import { card, focused, incidentOf, linkSays, shows, useStage } from './story.ts'

describeUnless(lacks('browser'), 'what a screen says when all is not well', () => {
  const stage = useStage()

  async function incident(service: string): Promise<string> {
    const { key } = await stage.house.addSource('prometheus', service)
    await raise(stage.server.url, key, [critical(service)])
    return incidentOf(stage.house, service)
  }

  it('empty: an administrator is led to a first event, anybody else is told who can', async () => {
    const responder = await stage.as(stage.house.responders[0]!)
    await responder.getByText('Nothing has reported yet').waitFor()
    await responder.getByText('An administrator adds the first one').waitFor()
  })

  it('signed out: a wrong password is refused in plain words, the right one opens the board', async () => {
    const page = await stage.stranger()
    await page.goto(stage.server.url)
    await page.getByLabel('E-mail').fill(stage.house.commander.email)
    await page.getByLabel('Password').fill('not the pass phrase')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page
      .getByRole('alert')
      .filter({ hasText: /password/i })
      .waitFor()
    await page.getByLabel('Password').fill(testPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Operations room' }).waitFor()
  })

  it('refused: a responder who opens the people page, and an incident that does not exist', async () => {
    const page = await stage.as(stage.house.responders[0]!, { path: '/incident/INC-9999' })
    await page.getByRole('heading', { name: 'Not here' }).waitFor()
    await shows(page.locator('main'), 'INC-9999')
    expect(await page.getByRole('button', { name: 'Claim' }).count()).toBe(0)
  })

  it('stale: the board says since when, greys out, and is live again by itself', async () => {
    const id = await incident('stale')
    const page = await stage.as(stage.house.commander)
    await card(page, id).waitFor()
    await linkSays(page, 'live')
    // The line is open and nothing comes through it: a frozen process, not a closed socket.
    process.kill(stage.server.process().pid, 'SIGSTOP')
    try {
      await linkSays(page, /STALE since \d\d:\d\d:\d\d/)
      await card(page, id).waitFor()
    } finally {
      process.kill(stage.server.process().pid, 'SIGCONT')
    }
    await linkSays(page, 'live')
  })

  it('phone: the board and an incident fit without sideways scrolling, and claiming takes one thumb', async () => {
    const id = await incident('phone')
    const phone = { viewport: { width: 375, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
    const [responder] = stage.house.responders
    // Opened plainly, a phone shows a responder their own page.
    const page = await stage.as(responder!, { ...phone, path: '/?sort=newest' })
    const claim = card(page, id).getByRole('button', { name: /Claim/ })
    await claim.waitFor()
    const box = await claim.boundingBox()
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24)
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(await overflow()).toBeLessThanOrEqual(0)
    await claim.tap()
    await shows(card(page, id), `${responder!.name} holds it`)
    await card(page, id).getByRole('link').first().tap()
    await page.getByRole('heading', { name: /phone is broken/ }).waitFor()
    expect(await overflow()).toBeLessThanOrEqual(0)
  })

  it('keyboard only: move, claim, hand off, accept, update', async () => {
    const { house } = stage
    const id = await incident('keyboard')
    const [giver, receiver] = house.responders
    const page = await stage.as(giver!, { path: `/?at=${id}` })
    await card(page, id).waitFor()
    await linkSays(page, 'live')
    await page.keyboard.press('c')
    await shows(card(page, id), `${giver!.name} holds it`)

    await page.keyboard.press('o')
    const dialog = page.getByRole('dialog', { name: `Hand off ${id}` })
    await dialog.getByLabel('To', { exact: true }).waitFor()
    await dialog.getByLabel('To', { exact: true }).focus()
    await page.keyboard.type(receiver!.name)
    await page.getByRole('option', { name: receiver!.name }).waitFor()
    await page.keyboard.press('Enter')
    await dialog.getByLabel('Situation and impact now').focus()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('Half of the orders hang')
    await dialog.getByRole('button', { name: 'Add to Actions' }).focus()
    await page.keyboard.press('Enter')
    // The new row has the focus already.
    await focused(dialog.getByLabel('Action 1'))
    await page.keyboard.type('Roll back')
    await dialog.getByLabel('…or why there is none').focus()
    await page.keyboard.type('nothing to prepare')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })

    const other = await stage.as(receiver!, { path: `/?at=${id}` })
    await shows(card(other, id), 'offered to')
    await linkSays(other, 'live')
    await other.keyboard.press('a')
    const accept = other.getByRole('dialog')
    await shows(accept, 'Half of the orders hang')
    // The field for the read-back has the focus already.
    await focused(accept.getByLabel(/^Read back/))
    await other.keyboard.type('Orders hang, I roll back')
    await other.keyboard.press('Enter')
    await shows(card(other, id), `${receiver!.name} holds it`)
    await accept.waitFor({ state: 'hidden' })
    await other.keyboard.press('u')
    const update = other.getByRole('dialog')
    await focused(update.getByRole('textbox').first())
    await other.keyboard.type('Rolling back now')
    await other.keyboard.press('Escape')
    await update.waitFor({ state: 'hidden' })
  })
})
