import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, incidentOf, linkSays, shows, useStage } from './story.ts'

const hourMs = 3_600_000

describeUnless(lacks('browser'), 'silences', () => {
  const stage = useStage()

  async function fire(service: string, labels: Record<string, string> = {}): Promise<string> {
    const { key } = await stage.house.addSource('prometheus', service)
    await raise(stage.server.url, key, [critical(service, labels)])
    return key
  }
  const row = (page: Page, text: string): Locator => page.getByRole('listitem').filter({ hasText: text })
  const silencing = (service: string, more: object = {}) =>
    stage.house.administrator.must<{ id: string }>('POST', '/api/silences', {
      matchers: [{ name: 'service', op: '=', value: service }],
      endsAt: new Date(Date.now() + 2 * hourMs).toISOString(),
      comment: 'the cluster fails over',
      createdBy: 'Night shift',
      ...more,
    })

  it('issue 3: one that was made elsewhere shows live on the board with its author and end, holds back what comes, and lets it go when it ends', async () => {
    const key = await fire('search')
    const page = await stage.as(stage.house.commander)
    await linkSays(page, 'live')
    const id = await incidentOf(stage.house, 'search')
    await card(page, id).waitFor()
    const { id: silence } = await silencing('search')
    await shows(card(page, id), /silenced by Night shift, 1\sh\s5\d\smin/)
    const wall = await stage.as(stage.house.commander, { path: '/wall', viewport: { width: 1920, height: 1080 } })
    await shows(wall.getByRole('article').filter({ hasText: 'search is broken' }), /silenced, 1\sh\s5\d\smin/)

    // What it holds back has no card; the strip counts it, and leads to it.
    await silencing('quiet')
    const quiet = await fire('quiet')
    const held = page.getByRole('link', { name: '1 held back' })
    await held.waitFor()
    expect((await stage.house.administrator.picture()).incidents.some(({ service }) => service === 'quiet')).toBe(false)
    await held.click()
    await page.getByRole('link', { name: 'silenced', exact: true }).click()
    await shows(row(page, 'service="quiet"'), /by Night shift.*through Noor Aziz/)
    await shows(row(page, 'service="quiet"'), '1 silenced now')

    // Ended by hand: it is judged again at once.
    await row(page, 'service="quiet"').getByRole('button', { name: /^End / }).click()
    await shows(page.getByRole('dialog'), '1 alert that it holds back is judged again at once')
    await page.getByRole('button', { name: 'End it now' }).click()
    await incidentOf(stage.house, 'quiet')
    await shows(page.getByRole('region', { name: 'Ended in the last five days' }), 'service="quiet"')
    await stage.house.administrator.must('DELETE', `/api/silences/${silence}`, undefined)
    await page.getByRole('link', { name: 'Board' }).click()
    await card(page, id).waitFor()
    await until('the mark to go', async () => !(await card(page, id).innerText()).includes('silenced'))
    expect(key).not.toBe(quiet)
  })

  it('from an alert: its labels are filled in, what matches is shown while typing, a reason is asked for, and the alert says by whom and until when', async () => {
    await fire('payroll', { instance: 'payroll-7' })
    const id = await incidentOf(stage.house, 'payroll')
    const [responder] = stage.house.responders
    const page = await stage.as(responder!, { path: `/incident/${id}` })
    await page.locator('summary', { hasText: 'payroll is broken' }).click()
    await page.getByRole('link', { name: 'Silence this…' }).click()
    const editor = page.getByRole('region', { name: 'New silence' })
    await shows(editor, '1 firing alert, in 1 incident')
    const values = await editor
      .getByPlaceholder('value')
      .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))
    expect(values).toEqual(expect.arrayContaining(['Broken', 'payroll', 'payroll-7']))

    await editor.getByLabel('Value 1', { exact: true }).fill('Mended')
    await shows(editor, 'Nothing that fires now')
    await editor.getByLabel('Value 1', { exact: true }).fill('Broken')
    await shows(editor, '1 firing alert, in 1 incident')
    const save = editor.getByRole('button', { name: 'Silence', exact: true })
    expect(await save.isDisabled()).toBe(true)
    await editor.getByRole('button', { name: '4 h' }).click()
    await shows(editor, /ends in 4\sh/)
    await editor.getByLabel('Why').fill('Being mended by the night shift')
    await save.click()
    await shows(row(page, 'Being mended'), new RegExp(`by ${responder!.name}.*ends in 3\\sh\\s5\\d\\smin`))

    await page.goto(`${stage.server.url}/incident/${id}`)
    await page.locator('summary', { hasText: 'payroll is broken' }).click()
    await shows(
      page.locator('main'),
      new RegExp(`Silenced by ${responder!.name} until.*Being mended by the night shift`),
    )
  })

  it('extended, changed and ended together; a regular expression that is none is refused at its field and nothing is lost', async () => {
    for (const service of ['one', 'two', 'three']) await silencing(service)
    const page = await stage.as(stage.house.commander, { path: '/silences' })
    await row(page, 'service="one"')
      .getByRole('button', { name: /^Extend / })
      .click()
    await page.getByRole('menuitem', { name: 'by 1 h' }).click()
    await shows(row(page, 'service="one"'), /ends in 2\sh\s5\d\smin/)
    expect(
      (await stage.house.administrator.must<{ silences: unknown[] }>('GET', '/api/silences?state=active', undefined))
        .silences.length,
    ).toBeGreaterThanOrEqual(3)

    await row(page, 'service="two"')
      .getByRole('button', { name: /^Change / })
      .click()
    const editor = page.getByRole('region', { name: 'Change a silence' })
    await editor.getByLabel('How label 1 is compared').selectOption('=~')
    await editor.getByLabel('Value 1', { exact: true }).fill('two(')
    await shows(editor.getByRole('alert'), /regular expression/)
    await editor.getByRole('button', { name: 'Save the change' }).click()
    await shows(editor, /no regular expression/)
    expect(await editor.getByLabel('Why').inputValue()).toBe('the cluster fails over')
    await editor.getByLabel('Value 1', { exact: true }).fill('two|deux')
    await shows(editor, 'this is another silence')
    await editor.getByRole('button', { name: 'Save the change' }).click()
    await shows(row(page, 'service=~"two|deux"'), 'ends in')

    for (const text of ['service="one"', 'service="three"']) await row(page, text).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'End the 2 chosen' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('the cluster is back')
    await page.getByRole('button', { name: 'End them now' }).click()
    const ended = page.getByRole('region', { name: 'Ended in the last five days' })
    for (const text of ['service="one"', 'service="two"', 'service="three"']) await shows(ended, text)
  })

  it('phone: the screen fits without sideways scrolling, its editor too', async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
    await silencing('a-service-with-a-very-long-name-that-must-not-push-the-page-aside')
    const page = await stage.as(stage.house.responders[0]!, { path: '/silences?new=1', ...phone })
    await page.getByRole('region', { name: 'New silence' }).waitFor()
    await page.getByText('a-service-with').first().waitFor()
    const main = page.locator('main')
    expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0)
  })
})
