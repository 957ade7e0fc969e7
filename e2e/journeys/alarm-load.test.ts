import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { incidentOf, shows, useStage } from './story.ts'

const policy = `teams:
  - id: shop
    name: The shop
    members: []
services:
  - { id: checkout, team: shop, tier: 3, match: ['service="checkout"'] }
`

describeUnless(lacks('browser'), 'alarm load', () => {
  const stage = useStage({ policy })

  it('AL1, AL2: what asked for somebody is a bar; it falls to who takes it, and only they, commanders and administrators see that', async () => {
    const { key } = await stage.house.addSource('prometheus', 'Prometheus')
    const [ana, ben] = stage.house.responders
    if (ana === undefined || ben === undefined) throw new TypeError('the house has two responders')
    const page = await stage.as(ana, { path: '/filter/load' })
    await shows(page.getByRole('main'), /0 alarms in all in 24 hours\. Known for/)

    // Thirteen services break at once, each an incident of its own; what repeats and joins asks nobody.
    const services = ['checkout', ...Array.from({ length: 12 }, (_, n) => `search-${n}`)]
    await raise(
      stage.server.url,
      key,
      services.map((service) => critical(service)),
    )
    await raise(
      stage.server.url,
      key,
      services.map((service) => critical(service, { instance: 'two' })),
    )
    await shows(page.getByRole('main'), '13 alarms in all in 24 hours; at most 13 in ten minutes; one flood.')
    await page.getByRole('img', { name: /13 alarms in all/ }).waitFor()
    const tile = (name: string) => page.locator('dl > div').filter({ hasText: name })
    await shows(tile('Worst ten minutes'), /13\s*beyond/)
    await shows(tile('Ten most frequent'), 'too little to judge')
    await shows(page.getByRole('region', { name: 'Most frequent alarms' }), /Broken.*13/)
    await shows(page.getByRole('region', { name: 'Chattering alerts' }), 'No alert fired three times')

    await page.getByRole('button', { name: '7 days' }).click()
    await page.waitForURL(/last=7d/)
    await page.getByText('The chart as a table').click()
    await shows(page.getByRole('table'), /13\s*13\s*yes/)

    await ana.api.must('POST', `/api/incidents/${await incidentOf(stage.house, 'checkout')}/commands`, {
      id: 'claim-it',
      type: 'claim',
    })
    await page.getByLabel('Whose load').selectOption('Mine')
    await shows(page.getByRole('main'), /1 alarm for .* in 7 days/)
    // Nobody is in the team, so its figures are nobody's business but a commander's.
    await expect(page.getByLabel('Whose load').getByText('The shop').count()).resolves.toBe(0)
    await page.goto(`${stage.server.url}/filter/load?person=${ben.id}`)
    await shows(page.getByRole('main'), 'is for that person, for commanders and for administrators')

    const commander = await stage.as(stage.house.commander, { path: '/filter/load' })
    await commander.getByLabel('Whose load').selectOption('The shop')
    await shows(commander.getByRole('main'), '1 alarm for The shop in 24 hours')
    await commander.getByLabel('Whose load').selectOption('Everybody')
    const lines = commander.getByRole('region', { name: 'By team and person' })
    await shows(lines.getByRole('row'), /Nobody so far\s*12\s*12/)
    await lines.getByRole('button', { name: ana.name }).click()
    await shows(commander.getByRole('main'), `1 alarm for ${ana.name} in 24 hours`)
  })
})
