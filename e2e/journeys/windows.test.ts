import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { incidentOf, shows, useStage } from './story.ts'

const hourMs = 3_600_000
/** This day of the week and the one after, by UTC: whenever the story is told, it is one of them. */
function daysFrom(at: number): string[] {
  const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
  const day = new Date(at).getUTCDay()
  return [names[day] ?? '', names[(day + 1) % 7] ?? '']
}
const withWindow = stringify({
  time_intervals: [{ name: 'today and tomorrow', time_intervals: [{ weekdays: daysFrom(Date.now()) }] }],
  filters: {
    maintenance: [
      {
        name: 'patching',
        match: ['service="patched"'],
        reason: 'its hosts restart',
        intervals: ['today and tomorrow'],
      },
    ],
  },
})

describeUnless(lacks('browser'), 'windows', () => {
  const stage = useStage({ policy: withWindow })
  const row = (page: Page, text: string): Locator => page.getByRole('listitem').filter({ hasText: text })
  const group = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
  async function fire(service: string): Promise<void> {
    const { key } = await stage.house.addSource('prometheus', service)
    await raise(stage.server.url, key, [critical(service)])
  }

  it('issue 4: a weekly silence is made, its next five times are told while it is typed and in its row, it holds back, and is ended with another for one reason', async () => {
    const page = await stage.as(stage.house.commander, {
      path: '/silences?new=1&m=service%3D%22batch%22',
      timezoneId: 'UTC',
    })
    const editor = page.getByRole('region', { name: 'New silence' })
    await editor.getByRole('button', { name: 'Weekly' }).click()
    await editor.getByLabel('First begins at').fill(new Date(Date.now() - hourMs).toISOString().slice(0, 16))
    const coming = editor.getByRole('region', { name: 'When it comes next' })
    await until('five times', async () => (await coming.getByRole('listitem').count()) === 5)
    expect(await editor.getByLabel('by the clock of').inputValue()).toBe('UTC')

    // Longer than a week it would never let go: the server says so at once, and saving is refused with what is typed kept.
    await editor.getByLabel('For how long each time').fill('8d')
    await shows(coming, /Its length: is longer than from one to the next/)
    await editor.getByLabel('For how long each time').fill('2h')
    await editor.getByLabel('Why').fill('The batch restarts its workers')
    await editor.getByRole('button', { name: 'Silence', exact: true }).click()
    await shows(group(page, 'In force').getByRole('listitem'), /every \w{3} at \d\d:\d\d for 2\sh, UTC/)
    await row(page, 'service="batch"').getByText('Next 5 times').click()
    expect(await row(page, 'service="batch"').locator('ol').getByRole('listitem').count()).toBe(5)

    // Changed, it is the same silence: its fields say what it is, and one day more is one click.
    const id = await row(page, 'service="batch"').getAttribute('data-id')
    await row(page, 'service="batch"')
      .getByRole('button', { name: /^Change / })
      .click()
    const change = page.getByRole('region', { name: 'Change a silence' })
    const days = change.getByRole('group', { name: 'On these days' })
    await days.getByRole('button', { pressed: true }).waitFor()
    expect(await days.getByRole('button', { pressed: true }).count()).toBe(1)
    expect(await change.getByLabel('For how long each time').inputValue()).toBe('2h')
    await days.getByRole('button', { pressed: false }).first().click()
    await change.getByRole('button', { name: 'Save the change' }).click()
    await shows(row(page, 'service="batch"'), /every \w{3}, \w{3} at \d\d:\d\d for 2\sh, UTC/)
    expect(await row(page, 'service="batch"').getAttribute('data-id')).toBe(id)

    await fire('batch')
    await shows(row(page, 'service="batch"'), '1 silenced now')
    await row(page, 'service="batch"')
      .getByRole('button', { name: /^Extend / })
      .click()
    await page.getByRole('menuitem', { name: 'by 1 h' }).click()
    await shows(row(page, 'service="batch"'), /ends in 1\sh\s5\d\smin/)

    const plain = {
      matchers: [{ name: 'service', op: '=', value: 'other' }],
      endsAt: new Date(Date.now() + 20 * 60_000).toISOString(),
      comment: 'until the change is through',
    }
    await stage.house.administrator.must('POST', '/api/silences', plain)
    await page.reload()
    const soon = group(page, 'About to end')
    await shows(soon, 'service="other"')
    for (const text of ['service="batch"', 'service="other"']) await row(page, text).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'End the 2 chosen' }).click()
    const dialog = page.getByRole('dialog')
    await shows(dialog, /1 alert held back is judged again at once.*1 of them do(es)? not come again/)
    expect(await dialog.getByRole('button', { name: 'End them now' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Why').fill('The change is through')
    await dialog.getByRole('button', { name: 'End them now' }).click()
    await incidentOf(stage.house, 'batch')
    const ended = group(page, 'Ended in the last five days')
    for (const text of ['service="batch"', 'service="other"']) await shows(ended, text)
  })

  it('what could not be ended says why in its row and stays chosen', async () => {
    for (const service of ['first', 'second'])
      await stage.house.administrator.must('POST', '/api/silences', {
        matchers: [{ name: 'service', op: '=', value: service }],
        endsAt: new Date(Date.now() + hourMs).toISOString(),
        comment: 'to be ended',
      })
    const page = await stage.as(stage.house.commander, { path: '/silences' })
    await page.route('**/api/silences/end', async (route) => {
      const { ids } = route.request().postDataJSON() as { ids: string[] }
      const results = ids.map((id, index) => ({ id, ended: index > 0, message: index > 0 ? null : 'It is gone.' }))
      await route.fulfill({ json: { results } })
    })
    await page.getByLabel('Choose all 2 of: In force').check()
    await page.getByRole('button', { name: 'End the 2 chosen' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('done')
    await page.getByRole('button', { name: 'End them now' }).click()
    await shows(page.getByRole('listitem'), 'Not ended: It is gone.')
    await shows(page.getByRole('button'), 'End the chosen one')
  })

  it('MW1: a maintenance window of the policy stands among them, read only; what it holds back comes when the policy drops it', async () => {
    await fire('patched')
    const page = await stage.as(stage.house.commander, { path: '/silences' })
    const window = row(page, 'service="patched"')
    await shows(window, /its hosts restart.*maintenance window patching.*in the times of today and tomorrow/)
    await shows(window, '1 silenced now')
    await shows(window, /ends in .*then \w{3} /)
    expect(await window.getByRole('button').count()).toBe(0)
    expect((await stage.house.administrator.picture()).incidents.some(({ service }) => service === 'patched')).toBe(
      false,
    )
    stage.server.writePolicy('version: 1\n')
    await incidentOf(stage.house, 'patched')
    await until('the window to be gone', async () => {
      await page.reload()
      await page.getByText('A silence holds back what it matches').waitFor()
      return (await window.count()) === 0
    })
  })
})
