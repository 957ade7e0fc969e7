import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { card, incidentOf, linkSays, shows, useStage } from './story.ts'

describeUnless(lacks('browser'), 'the readiness tote', () => {
  const stage = useStage({ policy: 'version: 1\n' })

  it('issue 5: a claim engages live on another’s tote and on the wall; a word of one’s own counts, outlives a restart and is taken back by an act', async () => {
    const { house, server } = stage
    const [claimer, other] = house.responders
    if (claimer === undefined || other === undefined) throw new Error('the house has too few people')
    const layers = [
      {
        people: [claimer.id, other.id],
        starts: new Date(Date.now() - 24 * 3_600_000).toISOString().slice(0, 16),
        turn: '365d',
      },
    ]
    server.writePolicy(
      stringify({
        teams: [{ id: 'payments', name: 'Payments', members: [claimer.id, other.id] }],
        services: [{ id: 'checkout', team: 'payments' }],
        rotations: [{ id: 'primary', team: 'payments', time_zone: 'UTC', layers }],
      }),
    )
    const tote = await stage.as(house.commander, { path: '/tote' })
    const team = tote.locator('[data-team="payments"]')
    const row = (id: string) => team.locator(`[data-person="${id}"]`)
    await shows(team, 'Payments')
    await shows(row(claimer.id), 'Ready')
    await shows(row(claimer.id), 'answers the phone')
    await shows(row(other.id), other.name)
    const board = await stage.as(house.commander)
    await shows(board.locator('[data-tote="payments"]'), '1 Ready')
    const wall = await stage.as(house.commander, { path: '/wall', viewport: { width: 1920, height: 1080 } })
    const strip = wall.getByRole('region', { name: 'Tote' })
    await shows(strip, 'Payments')

    // Somebody claims: engaged, on every screen, and nobody is left to be asked.
    const { key } = await house.addSource('prometheus', 'checkout')
    await raise(server.url, key, [critical('checkout')])
    const id = await incidentOf(house, 'checkout')
    const page = await stage.as(claimer)
    await card(page, id).getByRole('button', { name: /Claim/ }).click()
    await shows(row(claimer.id), 'Engaged')
    await shows(row(claimer.id), id.replace('INC-', ''))
    await shows(team, 'UNREADY')
    await shows(board.locator('[data-tote="payments"]'), 'UNREADY')
    await shows(strip, 'UNREADY')

    // The other says to be here in a while, with a word why: one press after the word.
    const own = await stage.as(other, { path: '/tote' })
    await linkSays(own, 'live')
    const mine = own.getByRole('region', { name: 'My state' })
    await mine.getByRole('button', { name: 'More' }).click()
    await mine.getByLabel('Note').fill('On the train')
    await mine.getByRole('button', { name: 'In 15 min' }).click()
    await shows(row(other.id), /In\s15\smin/)
    await shows(row(other.id), 'On the train')
    await team.getByText('UNREADY').waitFor({ state: 'detached' })
    await strip.getByText('UNREADY').waitFor({ state: 'detached' })
    expect(await wall.content(), 'a wall shows nobody’s words').not.toContain('On the train')

    await server.restart()
    await linkSays(tote, 'live')
    await shows(row(other.id), /In\s1[45]\smin/)
    await shows(row(other.id), 'On the train')
    await shows(row(claimer.id), 'Engaged')

    // A commander corrects it, by name; an act of their own shows otherwise.
    await row(other.id)
      .getByRole('button', { name: /Correct it/ })
      .click()
    const dialog = tote.getByRole('dialog', { name: `How ready is ${other.name}?` })
    await dialog.getByRole('button', { name: 'Released' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await shows(row(other.id), `${house.commander.name} says so`)
    await claimer.api.command(id, { type: 'release', reason: 'not mine' })
    expect((await other.api.command(id, { type: 'claim' })).status).toBe(200)
    await shows(row(other.id), 'Engaged')
    await until('the word to be gone', async () => (await row(other.id).getByText('says so').count()) === 0)
    await shows(row(claimer.id), 'Ready')
  })
})
