import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import type { Player } from '../world/house.ts'
import { until } from '../world/until.ts'
import { shows, useStage } from './story.ts'

const dayMs = 24 * 3_600_000
/** Local date in UTC, so many days from today. */
/** Of one day, though midnight may pass while the story is told. */
const today = Date.now()
const dateIn = (days: number): string => new Date(today + days * dayMs).toISOString().slice(0, 10)
const dayWords = (days: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' })
    .format(today + days * dayMs)
    .replace(',', '')

/** Two take turns of a day each; in three days is a holiday of which nobody thought. */
function policyOf([amara, tomasz]: readonly Player[]): string {
  const people = [amara?.id, tomasz?.id]
  const holidays = { calendars: ['public'] }
  return stringify({
    services: [{ id: 'checkout', team: 'payments' }],
    teams: [{ id: 'payments', name: 'Payments', members: people }],
    rotations: [
      {
        ...{ id: 'payments', name: 'Payments', team: 'payments', time_zone: 'UTC' },
        layers: [{ people, starts: `${dateIn(0)}T00:00`, turn: '1d', holidays }],
      },
    ],
    holidays: [{ id: 'public', days: [{ date: dateIn(3), name: 'A day off' }] }],
  })
}

describeUnless(lacks('browser'), 'the rota', () => {
  const stage = useStage({ policy: '{}' })
  const timezoneId = 'UTC'
  const dialog = (page: Page) => page.getByRole('dialog')

  it('issue 5: a gap is seen before it hurts and closed by an override; a shift changes hands by offer and acceptance; a calendar follows; who answers now is another', async () => {
    const { commander, responders, administrator } = stage.house
    const [amara, tomasz] = responders as [Player, Player]
    const empty = await stage.as(commander, { path: '/rota', timezoneId })
    await shows(empty.locator('main'), 'No rotation is written down yet')
    await shows(empty.locator('pre'), 'time_zone: Europe/Berlin')
    stage.server.writePolicy(policyOf(responders))
    await until('the rotation', async () => {
      const { rotations } = await administrator.must<{ rotations: unknown[] }>('GET', '/api/rota', undefined)
      return rotations.length === 1
    })

    // The commander sees the gap, and closes it.
    await empty.reload()
    const troubles = empty.getByRole('region', { name: 'Troubles ahead' })
    await shows(troubles, `Nobody answers for Payments${dayWords(3)}, all day (1`)
    await troubles.getByRole('button', { name: 'Put somebody in…' }).click()
    await dialog(empty).getByLabel('Who answers then').selectOption({ label: amara.name })
    await shows(dialog(empty), `${dayWords(3)}, all day: nobody → ${amara.name}`)
    await dialog(empty).getByLabel('Reason').fill('nobody thought of the holiday')
    await dialog(empty).getByRole('button', { name: 'Put in' }).click()
    await shows(empty.locator('main'), 'No gap and no double booking within four weeks')
    const bar = empty.getByRole('button', { name: `${amara.name}, Payments, ${dayWords(3)}, all day, override` })
    // By keyboard from bar to bar, and into it.
    await bar.focus()
    await empty.keyboard.press('ArrowRight')
    expect(await bar.evaluate((one) => one === document.activeElement)).toBe(false)
    await empty.keyboard.press('ArrowLeft')
    await empty.keyboard.press('Enter')
    await shows(dialog(empty), `override by ${commander.name}: “nobody thought of the holiday”`)
    await empty.keyboard.press('Escape')

    // One person offers a shift on the phone, the other accepts it.
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
    const hers = await stage.as(amara, { path: '/rota', timezoneId, ...phone })
    await hers
      .getByRole('button', { name: new RegExp(`^Offer to swap: ${amara.name}, Payments, ${dayWords(2)}, all day`) })
      .click()
    await dialog(hers).getByLabel('To', { exact: true }).first().selectOption({ label: tomasz.name })
    await dialog(hers).getByLabel('Reason').fill('a wedding')
    await dialog(hers).getByRole('button', { name: 'Offer it' }).click()
    const mineOfHers = hers.getByRole('region', { name: 'My shifts' })
    await shows(mineOfHers, `You offered Payments, ${dayWords(2)}, all day, to ${tomasz.name}`)
    expect(await hers.locator('main').evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0)

    const his = await stage.as(tomasz, { path: '/rota', timezoneId })
    const mineOfHis = his.getByRole('region', { name: 'My shifts' })
    await shows(mineOfHis, `${amara.name} asks you to take a shift`)
    await mineOfHis.getByRole('button', { name: 'Accept…' }).click()
    await shows(dialog(his), `You answer for Payments ${dayWords(2)}, all day in place of ${amara.name}.`)
    await dialog(his).getByRole('button', { name: 'Take it' }).click()
    await his
      .getByRole('button', { name: `${tomasz.name}, Payments, ${dayWords(2)}, all day, swap`, exact: true })
      .waitFor()
    await hers.reload()
    await shows(hers.locator('table'), `${dayWords(2)} all dayPayments${tomasz.name} swap`)

    // A calendar programme that subscribes sees it; another address ends the one before.
    await his.getByRole('button', { name: 'Calendar feeds…' }).click()
    await dialog(his).getByRole('button', { name: 'Calendar of my shifts' }).click()
    const address = (await dialog(his).locator('pre').innerText()).trim()
    const feed = await fetch(address)
    expect([feed.status, feed.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/calendar/)])
    expect(await feed.text()).toContain(`DTSTART:${dateIn(2).replaceAll('-', '')}T000000Z`)
    await dialog(his).getByRole('button', { name: 'Another address for My shifts' }).click()
    await dialog(his).getByRole('button', { name: 'Give it another' }).click()
    await until('another address', async () => (await dialog(his).locator('pre').innerText()).trim() !== address)
    expect((await fetch(address)).status).toBe(404)
    await his.keyboard.press('Escape')
    await his.getByRole('button', { name: 'Calendar feeds…' }).click()
    await shows(dialog(his), 'another address since')
    expect(await dialog(his).locator('pre').count()).toBe(0)

    // Whoever's turn it is today: Tomasz answers from now on, on the rota and in the catalogue.
    await empty.getByRole('button', { name: 'Override…' }).click()
    await dialog(empty).getByLabel('Who answers then').selectOption({ label: tomasz.name })
    await dialog(empty).getByLabel('Reason').fill('a dentist')
    await dialog(empty).getByRole('button', { name: 'Put in' }).click()
    await shows(empty.getByRole('region', { name: 'On call now' }), new RegExp(`${tomasz.name}.*until .*`))
    await empty.keyboard.press('Control+k')
    await empty.getByRole('combobox', { name: 'An incident, an act, a screen' }).fill('services')
    await empty.getByRole('option', { name: /^Services/ }).click()
    await shows(empty.getByRole('button', { name: /checkout/ }), tomasz.name)
    await empty.getByRole('button', { name: /checkout/ }).click()
    await shows(empty.getByRole('region', { name: 'If nobody owns it' }), `on call for its team → ${tomasz.name}`)
  })
})
