import { spawnSync } from 'node:child_process'
import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { post } from '../world/events.ts'
import type { Player } from '../world/house.ts'
import { freePort } from '../world/process.ts'
import { incidentOf, shows, useStage } from './story.ts'

describeUnless(lacks('browser', 'curl'), 'the page of a source', () => {
  const stage = useStage()
  const administrator = (): Player => ({ ...stage.house.commander, api: stage.house.administrator })
  const section = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
  const idOf = (page: Page): string => page.url().split('/').at(-1) ?? ''
  /** The page of a new source, as the administrator sees it. */
  async function openNew(kind: string, name: string): Promise<Page> {
    await stage.house.addSource(kind, name)
    const page = await stage.as(administrator(), { path: '/sources' })
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name }).waitFor()
    return page
  }

  it('issue 3: its configuration has a place for the key; a new key fills it in, and what is pasted then comes in and ages on the page', async () => {
    const page = await openNew('prometheus', 'Prometheus, Porto')
    const connect = section(page, 'Connect')
    await shows(connect, 'PASTE-THE-KEY-HERE stands where it belongs')
    await shows(page.locator('header'), 'never heard')
    await connect.getByRole('button', { name: 'New key' }).click()
    await shows(connect, 'This key is shown once')
    expect(await connect.innerText()).not.toContain('PASTE-THE-KEY-HERE')
    await shows(section(page, 'Keys'), /never used, ends in 2\d\sh/)
    const line = await connect.locator('pre').filter({ hasText: 'FirstLight' }).innerText()
    const curl = spawnSync('sh', ['-c', `${line.trim()} -o /dev/null -w '%{http_code}'`], { encoding: 'utf8' })
    expect(curl.stdout).toBe('200')
    await shows(page.locator('header'), /1 opened/)
    const id = await incidentOf(stage.house, 'checkout')
    await page.getByRole('link', { name: id }).waitFor()
    // Shown once: after a reload it is nowhere.
    const key = /Bearer (\S+)'/.exec(line)?.[1] ?? 'no key'
    await page.reload()
    await shows(section(page, 'Connect'), 'PASTE-THE-KEY-HERE')
    expect(await page.content()).not.toContain(key)
  })

  it('K2 a test is recorded as one, says by which rule, and opens nothing', async () => {
    const page = await openNew('pagerduty', 'Back office')
    const before = (await stage.house.administrator.picture()).incidents.length
    await page.getByRole('button', { name: 'Send a test event' }).click()
    const test = section(page, 'Test')
    await shows(test, 'recorded: A test from the page of this source')
    await shows(test, /rule “test”.*No incident/)
    await shows(test, 'A sender gets 202 for it')
    await shows(page.locator('header'), /1 in.*1 recorded/)
    expect((await stage.house.administrator.picture()).incidents).toHaveLength(before)
  })

  it('K1 what is refused and what cannot be read stands there with its reason, how often, and what to do', async () => {
    const page = await openNew('webhook', 'Shop')
    const { key } = await stage.house.addSource('webhook', 'Another shop')
    const address = `/intake/${idOf(page)}`
    for (const wrong of ['uxs_nobody', 'uxs_nobody', key]) await post(stage.server.url, address, '{}', wrong)
    const troubles = section(page, 'What came to nothing')
    await shows(troubles, /401.*No source has this key.*Make a new key.*2 times/s)
    await shows(troubles, /404.*belongs to another source.*once/s)
    // A key that nobody has, at an address that names nobody, shows in the list.
    await post(stage.server.url, '/api/v2/alerts', '[]', 'uxs_nobody')
    await page.getByRole('link', { name: 'Sources' }).first().click()
    await shows(page.getByRole('region', { name: 'From nobody we know' }), /401/)
  })

  it('issue 3: a pasted sample shows the events it would make, what cannot be read, and the answer; nothing is kept', async () => {
    const page = await openNew('alertmanager', 'Alertmanager, Oslo')
    const trying = section(page, 'Try a sample')
    await trying
      .getByLabel('Body, as the sender posts it')
      .fill('{"alerts":[{"status":"firing","labels":{"alertname":"DiskFull","severity":"critical"}},{"labels":{}}]}')
    await trying.getByRole('button', { name: 'Read it' }).click()
    await shows(trying, '1 event, 1 could not be read')
    await shows(trying, /DiskFull.*alert, firing, critical/s)
    await shows(trying, 'A sender gets 422 for it')
    await shows(page.locator('header'), /0 in/)
  })

  it('settings: a fault stands at its field and nothing is lost, what was saved is said and counts at once, and leaving reminds of what was not', async () => {
    const page = await openNew('cloudevents', 'Broker')
    const settings = section(page, 'Settings')
    await settings.getByLabel('Tell when silent for').fill('1h 30m')
    await settings.getByLabel('Largest request').fill('99999')
    await settings.getByRole('button', { name: 'Save' }).click()
    await shows(settings, 'must be a whole number from 1 to 16384')
    expect(await settings.getByLabel('Tell when silent for').inputValue()).toBe('1h 30m')
    await settings.getByLabel('Largest request').fill('1')
    await settings.getByRole('button', { name: 'Save' }).click()
    await shows(settings, 'Saved: Tell when silent for, Largest request.')
    await shows(page.locator('header'), 'raises an alert when silent for 1h30m')
    expect(await settings.getByLabel('Tell when silent for').inputValue()).toBe('1h30m')

    await settings.getByLabel('Severity where it says none').selectOption('low')
    await shows(settings, '1 not saved yet')
    await page.getByRole('link', { name: 'Sources' }).first().click()
    await page.getByText('were changed and not saved').first().waitFor()
    await page.getByRole('link', { name: 'Broker' }).click()
    await shows(section(page, 'Settings'), '1 not saved yet')
    expect(await page.getByLabel('Severity where it says none').inputValue()).toBe('low')
  })

  it('a source with a door of its own is set up while it is added, says how it stands, and by when it is expected once its silence is to be told', async () => {
    const port = await freePort()
    const page = await stage.as(administrator(), { path: '/sources' })
    await page.getByRole('button', { name: 'Add a source' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name, as boards show it').fill('Routers')
    await dialog.getByRole('radio', { name: /^Syslog/ }).check()
    await dialog.getByLabel('Port', { exact: true }).fill(String(port))
    await dialog.getByRole('button', { name: 'Make its key' }).click()
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('link', { name: 'Routers' }).click()
    await shows(page.locator('header'), new RegExp(`Its own door.*${port}`))
    await shows(section(page, 'Keys'), 'Its door asks for no key')
    await page.getByRole('button', { name: 'Send a test event' }).click()
    await shows(section(page, 'Test'), /recorded:.*No incident/s)
    await page.getByLabel('Tell when silent for').fill('30s')
    await page.getByRole('button', { name: 'Save' }).click()
    await shows(page.locator('header'), /expected within/)
  })

  it('keys: revoking all asks first and says what follows; from then on nothing comes in, and the page says so', async () => {
    const { key } = await stage.house.addSource('prometheus', 'Old Prometheus')
    const page = await stage.as(administrator(), { path: '/sources' })
    await page.getByRole('link', { name: 'Old Prometheus' }).click()
    await section(page, 'Keys').getByRole('button', { name: 'Revoke all' }).click()
    const asked = page.getByRole('dialog')
    await shows(asked, 'this source is silent until it has a new key')
    await asked.getByRole('button', { name: 'Revoke all, at once' }).click()
    await shows(section(page, 'Keys'), 'No valid key')
    expect((await post(stage.server.url, '/api/v2/alerts', '[]', key)).status).toBe(403)
    await page.reload()
    await shows(section(page, 'What came to nothing'), /403.*revoked/s)
  })

  it('a responder reads all of it and changes nothing; a source that is none says so', async () => {
    const page = await openNew('prometheus', 'Prometheus, Lima')
    const id = idOf(page)
    const responder = await stage.as(stage.house.responders[0]!, { path: `/sources/${id}` })
    await shows(section(responder, 'Connect'), 'alertmanagers:')
    for (const name of ['New key', 'Rename', 'Send a test event', 'Save', 'Revoke all'])
      expect(await responder.getByRole('button', { name, exact: true }).count()).toBe(0)
    await responder.goto(`${stage.server.url}/sources/s_none`)
    await shows(responder.locator('main'), 'There is no such source')
  })

  it('phone: the page fits without sideways scrolling', async () => {
    const page = await openNew('sentry', 'Sentry')
    const phone = await stage.as(administrator(), {
      path: `/sources/${idOf(page)}`,
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    })
    await phone.getByRole('heading', { name: 'Sentry' }).waitFor()
    expect(await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    const main = phone.locator('main')
    expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0)
  })
})
