import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { briefSchema } from '#shared/incident/brief.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { type MailServer, startMail } from '../world/mail.ts'
import { until } from '../world/until.ts'
import { incidentOf, linkSays, shows, useStage } from './story.ts'

const phone = { viewport: { width: 390, height: 844 } }

describeUnless(lacks('browser'), 'how people are told', () => {
  let mail: MailServer
  beforeAll(async () => {
    mail = await startMail()
  })
  afterAll(() => mail?.close())
  const stage = useStage(() => ({
    policy: stringify({ notify: { group_within: '500ms' } }),
    env: { SMTP_URL: mail.url },
  }))

  it('somebody tries a way, sets quiet hours, is told what that means; the commander sees whom a page reaches', async () => {
    const { house } = stage
    const [ana] = house.responders
    const page = await stage.as(ana!, { path: '/notifications', ...phone })
    await linkSays(page, 'live')
    const now = page.getByRole('region', { name: 'If it happened now' })
    await shows(now, 'A page for Tier 2at once by e-mail')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)

    await page.getByRole('button', { name: 'Send a test' }).first().click()
    await shows(page.getByRole('listitem'), 'The other side took it')
    const test = await until('the test', () => mail.mails.find(({ to }) => to === 'responder1@test.example'))
    expect(test.links.size).toBe(0)

    // Quiet all day and night: what would come now waits, but for what cannot.
    const quiet = page.getByRole('region', { name: 'Quiet hours' })
    await quiet.getByRole('button', { name: 'Add quiet hours' }).click()
    await quiet.getByLabel('From').fill('00:00')
    await quiet.getByLabel(/^Until/).fill('00:00')
    await shows(now, /A page for Tier 2e-mail from/)
    await shows(now, 'A page for Tier 1at once by e-mail')
    await quiet.getByLabel('Hold back Tier 1 and offers, too').check()
    await shows(quiet.getByRole('alert'), 'nothing at all reaches you')
    await shows(now, /A page for Tier 1e-mail from/)
    await quiet.getByLabel('Hold back Tier 1 and offers, too').uncheck()
    await page.getByRole('button', { name: 'Save' }).click()
    await shows(page.getByRole('status'), 'Saved')
    await page.reload()
    await shows(now, /A page for Tier 2e-mail from/)

    const commander = await stage.as(house.commander, { path: '/notifications' })
    const row = (name: string) => commander.getByRole('row').filter({ hasText: name })
    await shows(row(ana!.name), 'waits: quiet, or not chosen')
    await shows(row(ana!.name), 'reached')
    await shows(row(house.commander.name), 'E-mail')
  })

  it('an offer comes in quiet hours, too; its link shows the brief, refuses somebody else, and hands over when read back', async () => {
    const { house } = stage
    const [ana, ben] = house.responders
    const { key } = await house.addSource('prometheus', 'shop')
    await raise(stage.server.url, key, [critical('shop')])
    const id = await incidentOf(house, 'shop')
    const { api } = house.commander
    await api.command(id, { type: 'claim' })
    const brief = briefSchema.parse({ situation: 'Half of the orders hang', actions: [{ text: 'Restart the queue' }] })
    await api.command(id, { type: 'offer', to: ana!.id, brief })
    const { links } = await until('the offer', () =>
      mail.mails.find(({ to, text }) => to === 'responder1@test.example' && text.includes(id)),
    )
    const link = new URL(links.get('Accept') ?? '')

    const other = await stage.as(ben!, { path: link.pathname + link.hash, ...phone })
    await shows(other.locator('main'), 'This link is not yours')
    await shows(other.locator('main'), `made for ${ana!.name}`)

    const linked = await stage.stranger()
    await linked.setViewportSize(phone.viewport)
    await linked.goto(link.href)
    await shows(linked.locator('main'), 'Half of the orders hang')
    const accept = linked.getByRole('button', { name: 'Accept and own it' })
    expect(await accept.isDisabled()).toBe(true)
    expect((await house.administrator.incident(id)).summary.owner?.id).toBe(house.commander.id)
    await linked.getByLabel(/^Read back/).fill('Orders hang; I restart the queue')
    await linked.keyboard.press('Enter')
    await shows(linked.locator('main'), `You accepted ${id} and own it now`)
    await linked.goto('about:blank')
    await linked.goto(link.href)
    await shows(linked.locator('main'), 'works once')

    const page = await stage.as(house.commander, { path: `/incident/${id}` })
    await shows(page.getByRole('listitem'), `Notifications told ${ana!.name} by e-mail`)
    await shows(page.getByRole('listitem'), `${ana!.name} accepted it from ${house.commander.name}`)
  })
})
