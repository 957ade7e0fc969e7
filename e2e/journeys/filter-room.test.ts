import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { incidentOf, linkSays, shows, useStage } from './story.ts'

const policy = stringify({
  inhibit_rules: [
    { name: 'power is off', source_matchers: ['alertname="PowerOff"'], target_matchers: ['alertname="Broken"'] },
  ],
  definitions: [
    { name: 'for the record', match: ['team="none"'], as: 'record' },
    { name: 'all that is critical', match: ['severity="critical"'], as: 'triage' },
  ],
})

describeUnless(lacks('browser'), 'the filter room', () => {
  const stage = useStage({ policy })
  const rule = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) })
  const panel = (page: Page) => page.getByRole('complementary')

  it('issue 4: shows live what every rule decided and holds back; the sums add up to the ledger; a rule says who made it, what fires behind it and what it held back before; an alert says why, until when', async () => {
    const { house, server } = stage
    const page = await stage.as(house.commander, { path: '/filter' })
    await linkSays(page, 'live')
    // Nothing came yet: how to begin, not empty tables.
    await shows(page.locator('main'), 'Nothing has reported yet')

    const { key } = await house.addSource('prometheus', 'Prometheus')
    await raise(server.url, key, [critical('checkout')])
    const id = await incidentOf(house, 'checkout')
    await shows(rule(page, 'all that is critical'), '1 handed on')
    await shows(page.getByRole('region', { name: 'Sources' }), 'Prometheus')
    await shows(page.getByRole('region', { name: 'Conservation, last hour' }), /1 accepted.*1 opened.*adds up/s)

    // A cause fires: its effects are held back, by a rule of the policy, which says so.
    await raise(server.url, key, [critical('grid', { alertname: 'PowerOff' })])
    await incidentOf(house, 'grid')
    await raise(server.url, key, [critical('lamp'), critical('heater')])
    await shows(rule(page, 'power is off'), /holds 2.*2 inhibited/s)
    await shows(page.getByRole('region', { name: 'Incidents' }), /effects\s*2/)
    await raise(server.url, key, [critical('note', { alertname: 'Fyi', team: 'none' })])
    await shows(rule(page, 'for the record'), '1 recorded')

    // By keyboard: found, opened, and left.
    await page.keyboard.press('/')
    await page.keyboard.type('power')
    await page.keyboard.press('Enter')
    await shows(panel(page), /the policy, version [0-9a-f]{8}, active since/)
    await shows(panel(page), /In the policy, line 2.*source_matchers/s)
    await shows(panel(page), 'Holds back now: 2')
    await shows(panel(page), /held back while “grid is broken” fires/)
    expect(new URL(page.url()).searchParams.get('rule')).toBe('power is off')
    await panel(page)
      .getByRole('button', { name: /lamp is broken/ })
      .click()
    await shows(
      panel(page),
      /It fires and is held back: nobody is told of it.*an effect of “grid is broken” \(INC-\d+\)/s,
    )
    await shows(
      panel(page).getByRole('list', { name: /The way to/ }),
      /redeliver, passed.*inhibit, decided here.*correlate, not reached/s,
    )

    // The figures are those of the ledger.
    const { rows } = await house.administrator.must<{
      rows: { accepted: number; outcomes: Record<string, number> }[]
    }>('GET', '/api/ledger', undefined)
    const room = await house.administrator.must<{
      sum: { accepted: number; unplaced: number; outcomes: Record<string, number> }
      rules: { outcomes: Record<string, number> }[]
    }>('GET', '/api/filter', undefined)
    const sum = (all: readonly { outcomes: Record<string, number> }[]) =>
      all.reduce((total, { outcomes }) => total + Object.values(outcomes).reduce((a, b) => a + b, 0), 0)
    expect(room.sum).toMatchObject({ accepted: 5, unplaced: 0, outcomes: { inhibited: 2, opened: 2, recorded: 1 } })
    expect(rows.reduce((total, { accepted }) => total + accepted, 0)).toBe(room.sum.accepted)
    expect(sum(room.rules)).toBe(room.sum.accepted)
    expect(sum(rows)).toBe(room.sum.accepted)

    // The cause ends: nothing is held back any more, and what was held back before stays told.
    await raise(server.url, key, [{ ...critical('grid', { alertname: 'PowerOff' }), endedAt: Date.now() }])
    await shows(panel(page), 'Holds back now: 0')
    await incidentOf(house, 'lamp')
    await until(
      'both decisions to be listed',
      async () => (await panel(page).getByText('inhibited', { exact: true }).count()) >= 2,
    )
    await page.keyboard.press('Escape')
    await panel(page).waitFor({ state: 'detached' })

    // From the incident: why it is one, and which way its alert came.
    await page.goto(`${server.url}/incident/${id}`)
    await page.getByText('Why this is an incident').click()
    await shows(page.locator('main'), /an incident by “all that is critical”.*1 alert by “same service”/s)
    await page.locator('summary', { hasText: 'checkout is broken' }).click()
    await page.getByText('Why here, stage by stage').click()
    await shows(page.getByRole('list', { name: /The way to/ }), /correlate, decided here/)
  })

  it('a restart forgets no figure; who may not read the policy sees its rules, and nobody who is not signed in anything', async () => {
    const { house, server } = stage
    const figures = async () => {
      const { sum, stages } = await house.administrator.must<{ sum: object; stages: object[] }>(
        'GET',
        '/api/filter',
        undefined,
      )
      return { sum, stages }
    }
    const before = await figures()
    await server.restart()
    await until('the day to be read back', async () => {
      expect(await figures()).toEqual(before)
      return true
    })
    const [responder] = house.responders
    const page = await stage.as(responder!, {
      path: '/filter?stage=define&rule=for+the+record',
      viewport: { width: 390, height: 844 },
    })
    await shows(panel(page), 'team="none"')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await panel(page).getByRole('button', { name: /Close/ }).click()
    await shows(page.locator('main'), /Sources.*deduplicate.*Incidents/s)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    expect((await fetch(`${server.url}/api/filter`)).status).toBe(401)
  })
})
