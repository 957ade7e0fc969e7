import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { minuteMs } from '#shared/clocks.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { type MailServer, startMail } from '../world/mail.ts'
import { until } from '../world/until.ts'
import { incidentOf, linkSays, shows, useStage } from './story.ts'

const phone = { viewport: { width: 390, height: 844 } }

describeUnless(lacks('browser'), 'a night and the day after it', () => {
  let mail: MailServer
  beforeAll(async () => {
    mail = await startMail()
  })
  afterAll(() => mail?.close())
  const stage = useStage(() => ({ policy: stringify({ version: 1 }), env: { SMTP_URL: mail.url } }))

  it('03:00 page by mail, claimed from the phone, stuck, handed to the day shift, accepted with read-back, contained, fixed, restored', async () => {
    const { house, server } = stage
    const [night, day] = house.responders
    // The night's watch ends in a little less than a quarter of an hour.
    const hand = Math.floor(Date.now() / minuteMs) * minuteMs + 14 * minuteMs
    const starts = new Date(hand - 12 * 60 * minuteMs).toISOString().slice(0, 16)
    server.writePolicy(
      stringify({
        tiers: { unclassified: { offer_expires_after: '5m' } },
        teams: [{ id: 'shop', members: [night!.id, day!.id] }],
        services: [{ id: 'night', team: 'shop' }],
        rotations: [
          {
            id: 'watch',
            team: 'shop',
            time_zone: 'Etc/UTC',
            layers: [{ name: 'watch', people: [night!.id, day!.id], starts, turn: '12h' }],
          },
        ],
        notify: { group_within: '500ms' },
      }),
    )
    await until('the new policy', async () => {
      const { body } = await house.administrator.ask('GET', '/api/rota/now')
      return JSON.stringify(body).includes(night!.id)
    })

    const { key } = await house.addSource('prometheus', 'night')
    await raise(server.url, key, [critical('night')])
    const id = await incidentOf(house, 'night')
    const page = await until('the page', () =>
      mail.mails.find(({ to, text }) => to === 'responder1@test.example' && text.includes(id)),
    )
    expect(mail.mails.filter(({ to, text }) => to === 'responder2@test.example' && text.includes(id))).toEqual([])

    // A thumb on a phone that is signed in nowhere.
    const linked = await (await stage.browser.newContext(phone)).newPage()
    await linked.goto(page.links.get('Claim') ?? '')
    await shows(linked.locator('main'), night!.name)
    expect((await house.administrator.incident(id)).summary.owner).toBeNull()
    await linked.getByRole('button', { name: /Claim/ }).click()
    await shows(linked.locator('main'), `You own ${id}`)

    const mine = await stage.as(night!, { path: `/incident/${id}`, ...phone })
    await linkSays(mine, 'live')
    const people = mine.getByRole('heading', { name: 'People and roles' }).locator('..')
    await shows(people, `Your shift ends in`)
    await shows(people, `${day!.name} comes on`)
    await mine.getByRole('button', { name: `More to do with ${id}` }).click()
    await mine.getByRole('menuitem', { name: 'Update' }).click()
    const update = mine.getByRole('dialog', { name: `Update on ${id}` })
    await update.getByRole('textbox').first().fill('The pool of db1 is full; restarting it did not help. I am stuck.')
    await update.getByRole('button', { name: 'Report' }).click()
    await update.waitFor({ state: 'hidden' })

    await people.getByRole('button', { name: `Offer it to ${day!.name}…` }).click()
    const offer = mine.getByRole('dialog', { name: `Hand off ${id}` })
    await offer.getByLabel('Situation and impact now').fill('Checkout fails for half of all customers; db1 is full.')
    await offer.getByRole('button', { name: 'Add to Actions' }).click()
    await offer.getByLabel('Action 1').fill('Move reads to the replica')
    const none = offer.getByLabel('…or why there is none')
    if (await none.isVisible()) await none.fill('the replica has room')
    await offer.getByRole('button', { name: `Offer to ${day!.name}` }).click()
    await offer.waitFor({ state: 'hidden' })

    const desk = await stage.as(day!, { path: `/incident/${id}` })
    await desk.getByRole('button', { name: 'Read brief and accept' }).first().click()
    const accept = desk.getByRole('dialog')
    await shows(accept, 'Move reads to the replica')
    await accept.getByLabel(/^Read back/).fill('Half of checkout fails; I move reads off db1 now.')
    await accept.getByRole('button', { name: 'Accept and own it' }).click()
    await shows(desk.getByLabel('Hand-offs'), `${day!.name} holds it`)
    await shows(mine.getByLabel('Hand-offs'), 'read back: Half of checkout fails; I move reads off db1 now.')

    for (const phase of ['containing', 'fixing', 'restoring', 'resolved']) {
      await desk.getByRole('button', { name: /^Set phase/ }).click()
      const dialog = desk.getByRole('dialog', { name: `Phase of ${id}` })
      await dialog.getByRole('radio', { name: new RegExp(`^${phase}`) }).check()
      await dialog.getByRole('button', { name: `Move to ${phase}` }).click()
      await dialog.waitFor({ state: 'hidden' })
    }
    const { summary } = await house.administrator.incident(id)
    expect(summary).toMatchObject({ phase: 'resolved', owner: { id: day!.id }, handovers: 1 })
    const facts = await house.administrator.facts(id)
    const types = facts.map(({ type }) => type)
    // All of it is in the record: the page, that it arrived, what was prepared, the offer and how it was answered.
    for (const type of ['paged', 'notified', 'claimed', 'relief-prepared', 'offered', 'accepted'])
      expect(types, type).toContain(type)
    await shows(desk.getByRole('listitem'), /called on .*Amara Okafor: step 1/)
  })
})
