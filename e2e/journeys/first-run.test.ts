import { spawnSync } from 'node:child_process'
import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { until } from '../world/until.ts'
import { forbidReload, linkSays, shows, useStage } from './story.ts'

const passPhrase = 'correct horse battery staple'

describeUnless(lacks('browser', 'curl'), 'a first run', () => {
  const stage = useStage({ people: false })

  /** Invites somebody on the open people page. @returns the link to pass on */
  async function invite(page: Page, name: string, email: string, role: string): Promise<string> {
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name, as the board shows it').fill(name)
    await dialog.getByLabel('E-mail').fill(email)
    if (role !== 'responder') {
      await dialog.getByRole('checkbox', { name: 'responder' }).uncheck()
      await dialog.getByRole('checkbox', { name: role }).check()
    }
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    const link = (await page.getByRole('dialog').locator('pre').innerText()).trim()
    await page.getByRole('button', { name: 'Done' }).click()
    return link
  }

  /** Follows an invitation in a browser of one's own. @returns the board */
  async function join(link: string, name: string): Promise<Page> {
    const page = await stage.stranger()
    await page.goto(link)
    await page.getByRole('heading', { name: `Welcome, ${name}` }).waitFor()
    await page.getByLabel('Password').fill(passPhrase)
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByRole('heading', { name: 'Operations room' }).waitFor()
    return page
  }

  it('issue 2, points 1 and 2: link, administrator, people, a source whose key is shown once, and the curl line makes a card without a reload', async () => {
    const { server } = stage
    const link = await server.firstLink()
    const page = await stage.stranger()
    await page.goto(link)
    await page.getByLabel('Your name, as the board shows it').fill('Noor Aziz')
    await page.getByLabel('E-mail').fill('noor@test.example')
    await page.getByLabel('Password').fill(passPhrase)
    await page.getByRole('button', { name: 'Set up and sign in' }).click()
    await page.getByRole('button', { name: 'Add a source' }).waitFor()

    // The link worked once.
    const late = await stage.stranger()
    await late.goto(link)
    await late.getByLabel('Your name, as the board shows it').fill('Somebody Else')
    await late.getByLabel('E-mail').fill('else@test.example')
    await late.getByLabel('Password').fill(passPhrase)
    await late.getByRole('button', { name: 'Set up and sign in' }).click()
    await late.getByRole('alert').filter({ hasText: /link/i }).waitFor()

    // People, by the menu.
    await page.getByRole('button', { name: /^Noor Aziz.*menu/ }).click()
    await page.getByRole('menuitem', { name: 'People' }).click()
    const links = {
      commander: await invite(page, 'Inês Carvalho', 'ines@test.example', 'commander'),
      first: await invite(page, 'Tomasz Wilk', 'tomasz@test.example', 'responder'),
      second: await invite(page, 'Amara Okafor', 'amara@test.example', 'responder'),
    }
    const commander = await join(links.commander, 'Inês Carvalho')
    await join(links.first, 'Tomasz Wilk')
    await join(links.second, 'Amara Okafor')

    // A source: its key is shown once, and never again.
    await page.getByRole('button', { name: /^Noor Aziz.*menu/ }).click()
    await page.getByRole('menuitem', { name: 'Sources' }).click()
    await page.getByRole('button', { name: 'Add a source' }).click()
    await page.getByLabel('Name, as boards show it').fill('Alertmanager, Dublin')
    await page
      .getByRole('radio', { name: /alertmanager/i })
      .first()
      .check()
    await page.getByRole('button', { name: 'Make its key' }).click()
    const shown = page.getByRole('dialog')
    const key = (await shown.locator('pre').first().innerText()).trim()
    expect(key).toMatch(/^\S{24,}$/)
    await shown.getByRole('button', { name: 'I have kept it' }).click()
    await page.reload()
    await page.getByText('Alertmanager, Dublin').first().waitFor()
    expect(await page.content()).not.toContain(key)

    // The printed line, as a newcomer would paste it; the commander's board was open all the time.
    await linkSays(commander, 'live')
    await commander.getByText('Nothing has reported yet').waitFor()
    const notReloaded = await forbidReload(commander)
    const line = await until('the curl line', () => /^\s*(curl .*)$/m.exec(server.log())?.[1])
    const curl = spawnSync('sh', ['-c', `${line} -s -o /dev/null -w '%{http_code}'`], { encoding: 'utf8' })
    expect(curl.stdout).toBe('200')
    await shows(commander.getByRole('list', { name: /Incidents/ }), 'Checkout: 1 in 5 payments fails')

    // The second start: the same data, and nothing to set up any more.
    await server.kill()
    await server.restart()
    await linkSays(commander, 'live')
    await shows(commander.getByRole('list', { name: /Incidents/ }), 'Checkout: 1 in 5 payments fails')
    await notReloaded()
    await until('the second start to say that it is ready', () => server.process().log().includes('Uxbridge is ready'))
    expect(server.process().log()).not.toMatch(/setup#|curl/)
  })
})
