import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { invite } from '#server/demo/people.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { testPassword } from '../world/house.ts'
import { card, linkSays, shows, useStage } from './story.ts'

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }

describeUnless(lacks('browser'), 'a report by a person', () => {
  const stage = useStage({
    policy: stringify({
      services: [{ id: 'payroll' }, { id: 'printing' }],
      reports: { required: ['felt', 'affected', 'contact'] },
    }),
  })
  const reporter = (name: string) =>
    invite(
      stage.house.administrator,
      { name, email: `${name.toLowerCase()}@test.example`, roles: ['reporter'] },
      testPassword,
    )
  const ofService = async (service: string) =>
    (await stage.house.administrator.picture()).incidents.filter((incident) => incident.service === service)

  async function write(page: Page, title: string, service: string): Promise<void> {
    await page.getByLabel('What is wrong').fill(title)
    await page.getByText('Cannot work at all').click()
    await page.getByText('Everybody', { exact: true }).click()
    await page.getByLabel('Which service').fill(service)
    await page.getByLabel('How to reach you').fill('Mo, extension 4711')
  }
  const send = (page: Page) => page.getByRole('button', { name: 'Send the report' })
  const sent = (page: Page) => page.getByRole('region', { name: 'Sent from here' })

  it('issue 3: written on a telephone, it says what is needed, opens an incident, and says in plain words how that stands', async () => {
    const { house } = stage
    const page = await stage.as(await reporter('Dana'), { ...phone, path: '/report' })
    const [responder] = house.responders
    const board = await stage.as(responder!)
    await linkSays(board, 'live')

    await send(page).click()
    await shows(page.locator('form'), 'How many are affected is missing. It tells an outage from one broken computer.')
    expect(await page.getByLabel('What is wrong').evaluate((field) => field === document.activeElement)).toBe(true)

    await write(page, 'Nobody can see their payslip', 'Payroll')
    // Two presses before the first is answered.
    await send(page).dblclick()
    await shows(sent(page), /INC-\d+ was opened for it/)
    await shows(sent(page), 'Nobody has it yet')
    const [incident, ...others] = await ofService('payroll')
    expect(others).toEqual([])
    expect(incident).toMatchObject({ title: 'Nobody can see their payslip', tier: null, severity: 'critical' })
    expect(incident?.alerts).toEqual({ firing: 1, total: 1 })

    await shows(card(board, incident!.id), 'Nobody can see their payslip')
    await card(board, incident!.id).getByRole('button', { name: /Claim/ }).click()
    await shows(sent(page), `${responder!.name} has it`)

    await page.getByRole('link', { name: incident!.id }).click()
    await shows(page.locator('main'), 'Contact: Mo, extension 4711')
  })

  it('issue 3: two reports of one service are two alerts of one incident', async () => {
    const page = await stage.as(await reporter('Ebba'), { path: '/report' })
    await write(page, 'The printer says no', 'printing')
    await send(page).click()
    await shows(sent(page), /was opened for it/)
    await write(page, 'Labels come out blank', 'printing')
    await page.getByLabel('How to reach you').press('Control+Enter')
    await shows(sent(page), /your report joined INC-\d+/)
    const [incident, ...others] = await ofService('printing')
    expect(others).toEqual([])
    expect(incident?.alerts).toEqual({ firing: 2, total: 2 })
  })

  it('issue 3: what was written outlives a reload, a lost line and signing in again; nobody else finds it', async () => {
    const page = await stage.as(await reporter('Finn'), { path: '/report' })
    await write(page, 'The door does not open', 'The west gate')
    await page.reload()
    expect(await page.getByLabel('What is wrong').inputValue()).toBe('The door does not open')
    expect(await page.getByRole('radio', { name: 'Everybody' }).isChecked()).toBe(true)

    await page.context().setOffline(true)
    await send(page).click()
    await shows(page.locator('form'), 'Not sent.')
    await shows(page.locator('form'), 'Your text is still here')
    await page.context().setOffline(false)
    await send(page).click()
    await shows(sent(page), /INC-\d+ was opened for it/)
    expect(await page.getByLabel('What is wrong').inputValue()).toBe('')

    await write(page, 'And it squeaks', '')
    const other = await reporter('Gita')
    const [name = '', value = ''] = other.api.cookie.split('=')
    await page.context().addCookies([{ name, value, url: stage.server.url, httpOnly: true, sameSite: 'Lax' }])
    await page.reload()
    await page.getByLabel('What is wrong').waitFor()
    expect(await page.getByLabel('What is wrong').inputValue()).toBe('')
    expect(await sent(page).count()).toBe(0)
  })

  it('who may not report is told so', async () => {
    const viewer = await invite(
      stage.house.administrator,
      { name: 'Vera', email: 'vera@test.example', roles: ['viewer'] },
      testPassword,
    )
    const page = await stage.as(viewer, { path: '/report' })
    await shows(page.locator('main'), 'Your role may not report')
    expect(await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Report' }).count()).toBe(0)
    expect((await viewer.api.ask('GET', '/api/reports/form')).status).toBe(403)
  })
})
