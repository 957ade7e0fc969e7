import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { focused, incidentOf, linkSays, shows, useStage } from './story.ts'

describeUnless(lacks('browser'), 'tasks of an incident', () => {
  const stage = useStage()

  it('one adds a task by keyboard, another takes and finishes it on a phone; the board says what is due, the timeline who did it', async () => {
    const { house } = stage
    const [ana, ben] = house.responders
    const { key } = await house.addSource('prometheus', 'shop')
    await raise(stage.server.url, key, [critical('shop')])
    const id = await incidentOf(house, 'shop')
    const board = await stage.as(house.commander)
    const page = await stage.as(ana!, { path: `/incident/${id}` })
    const phone = await stage.as(ben!, { path: `/incident/${id}`, viewport: { width: 390, height: 844 } })
    for (const each of [board, page, phone]) await linkSays(each, 'live')
    const tasksOn = (where: typeof page) => where.getByRole('heading', { name: /^Tasks/ }).locator('..')

    await tasksOn(page).getByText('None. What must not be forgotten').waitFor()
    await page.keyboard.press('w')
    const dialog = page.getByRole('dialog', { name: `Task on ${id}` })
    await focused(dialog.getByLabel('What is to be done'))
    await page.keyboard.type('Check that refunds went out')
    await dialog.getByLabel('Due in').selectOption({ label: '10 min' })
    await page.keyboard.press('Tab')
    await dialog.getByRole('button', { name: 'Add it' }).press('Enter')
    await dialog.waitFor({ state: 'hidden' })

    const row = tasksOn(phone).getByRole('listitem').filter({ hasText: 'Check that refunds went out' })
    await shows(row, 'Whoever takes it')
    await shows(row, /due in 9:\d\d|due in 10.min/)
    await shows(board.getByRole('complementary').getByRole('listitem').filter({ hasText: id }), /Task/)
    // Nothing sticks out of a narrow screen.
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)

    await row.getByRole('button', { name: 'Take task 1' }).click()
    await shows(tasksOn(page).getByRole('listitem'), ben!.name)
    await row.getByRole('button', { name: 'Task 1 is done' }).click()
    await shows(tasksOn(page).getByRole('listitem'), /done \d+.s ago/)
    await shows(page.getByRole('listitem'), `${ben!.name} finished task 1`)
    await shows(page.getByRole('listitem'), `${ben!.name} took task 1`)
    await board
      .getByRole('complementary')
      .getByRole('listitem')
      .filter({ hasText: 'Task' })
      .waitFor({ state: 'detached' })
    expect((await house.administrator.incident(id)).summary).toMatchObject({
      owner: null,
      tasks: { open: 0, nextDueAt: null },
    })
  })

  it('the page counts the five numbers that decide how long it takes, and says what it counted', async () => {
    const { house } = stage
    const [ana] = house.responders
    const { key } = await house.addSource('prometheus', 'search')
    await raise(stage.server.url, key, [critical('search')])
    const id = await incidentOf(house, 'search')
    const page = await stage.as(ana!, { path: `/incident/${id}` })
    const lead = page.getByRole('heading', { name: 'Lead time' }).locator('..')
    await shows(lead.getByRole('button', { name: /^Unowned/ }), 'nobody has owned it')
    await shows(lead.getByRole('button', { name: /^Hand-overs/ }), 'nobody has held it')
    await shows(lead.getByRole('button', { name: /^Updates on time/ }), 'none was promised')

    await page.getByRole('button', { name: 'Claim' }).first().click()
    const unowned = lead.getByRole('button', { name: /^Unowned/ })
    await shows(unowned, `first owner after`)
    await shows(unowned, ana!.name)
    const handovers = lead.getByRole('button', { name: /^Hand-overs/ })
    await handovers.click()
    await shows(lead.getByRole('listitem'), `${ana!.name} claimed it at`)
  })

  it('R1 a role is taken, offered with a word, accepted in own words on a phone, and has a chain of its own', async () => {
    const { house } = stage
    const [ana, ben] = house.responders
    const { key } = await house.addSource('prometheus', 'pay')
    await raise(stage.server.url, key, [critical('pay')])
    const id = await incidentOf(house, 'pay')
    const page = await stage.as(ana!, { path: `/incident/${id}` })
    const phone = await stage.as(ben!, { path: `/incident/${id}`, viewport: { width: 390, height: 844 } })
    for (const each of [page, phone]) await linkSays(each, 'live')
    const people = (where: typeof page) => where.getByRole('heading', { name: 'People and roles' }).locator('..')
    const role = (where: typeof page) => people(where).getByRole('listitem').filter({ hasText: 'Communications' })
    // Nobody owns it: whom the house has told stands there.
    await shows(people(page), /^.*Called on: .+ \(step 1\)/)

    await role(page).getByRole('button', { name: 'Take or offer Communications' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take communications' }).click()
    await shows(role(page), 'You')
    await role(page).getByRole('button', { name: 'More to do with Communications' }).click()
    await page.getByRole('menuitem', { name: 'Offer it to somebody…' }).click()
    const dialog = page.getByRole('dialog', { name: `Communications of ${id}` })
    await dialog.getByLabel(/You have it/).selectOption({ label: ben!.name })
    await dialog.getByLabel('What they should know').fill('Partners wait for a word at ten.')
    await dialog.getByRole('button', { name: `Offer it to ${ben!.name}` }).click()
    await shows(role(page), `offered to ${ben!.name}`)

    await role(phone).getByRole('button', { name: 'Accept…' }).click()
    const accept = phone.getByRole('dialog', { name: `Communications of ${id}` })
    await shows(accept, 'Partners wait for a word at ten.')
    await accept.getByLabel(/Read back/).fill('I write to the partners before ten.')
    await accept.getByRole('button', { name: 'Accept it' }).click()
    await shows(role(phone), 'You')
    await shows(role(page), ben!.name)
    await shows(page.getByRole('listitem'), 'I write to the partners before ten.')
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    const { summary } = await house.administrator.incident(id)
    expect(summary.roles).toMatchObject([{ role: 'communications', holder: { id: ben!.id }, handovers: 1 }])
    expect(summary.owner).toBeNull()
  })
})
