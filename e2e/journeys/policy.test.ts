import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { incidentOf, shows, useStage } from './story.ts'

const today = `version: 1
# Kept by the night shift.
definitions:
  - name: everything
    match: ['severity!=""']
    as: 2
correlate:
  - name: by service
    by: [service]
`

describeUnless(lacks('browser'), 'the policy', () => {
  const stage = useStage({ policy: today })
  const editor = (page: Page): Locator => page.getByLabel('Policy, as YAML')
  const panel = (page: Page): Locator => page.getByRole('region', { name: 'Try on the past' })

  it('issue 4: a rule is added, tried on the past with its difference in words, and made active; comments stay', async () => {
    const { key } = await stage.house.addSource('prometheus', 'Shop')
    await raise(stage.server.url, key, [critical('search'), critical('checkout')])
    const search = await incidentOf(stage.house, 'search')
    await stage.house.commander.api.command(search, { type: 'claim' })

    const page = await stage.as(
      { ...stage.house.commander, api: stage.house.administrator },
      { path: '/filter/policy' },
    )
    await shows(page.locator('main'), 'policy.yaml')
    await page.getByRole('button', { name: 'Add a rule: Definitions' }).click()
    const text = await editor(page).inputValue()
    expect(text).toContain('# Kept by the night shift.')
    expect(text.indexOf('new definition')).toBeLessThan(text.indexOf('name: everything'))
    await editor(page).fill(
      text
        .replace('new definition', 'search is noisy')
        .replace(/match: \['alertname.*/, `match: ['service="search"']`)
        .replace('as: triage', 'as: record'),
    )
    await page.getByRole('radio', { name: '1 h', exact: true }).check({ force: true })
    await page.getByRole('button', { name: 'Try it' }).click()
    await shows(panel(page), '1 incident opened instead of 2')
    await shows(panel(page), '▲ People worked on 1 incident')
    const hidden = page.getByRole('region', { name: 'Would not have been opened' })
    await shows(hidden, /search is broken.*define: search is noisy.*People worked on it: claimed/s)
    expect(await hidden.getByRole('link', { name: search }).getAttribute('href')).toBe(`/incident/${search}`)
    // The rule leads to its line.
    await hidden.getByRole('button', { name: 'define: search is noisy' }).click()
    expect(await editor(page).evaluate((area) => document.activeElement === area)).toBe(true)

    // It survives going elsewhere, with its result.
    await page.getByRole('link', { name: 'Board' }).click()
    await page.goBack()
    await shows(panel(page), '1 incident opened instead of 2')
    expect(await editor(page).inputValue()).toContain('search is noisy')

    await page.getByRole('button', { name: 'Make it active…' }).click()
    const dialog = page.getByRole('dialog')
    await shows(dialog, /\+\s+- name: search is noisy/)
    expect(await dialog.getByText('Not tried').count()).toBe(0)
    const write = dialog.getByRole('button', { name: 'Write and make active' })
    expect(await write.isDisabled()).toBe(true)
    await dialog.getByLabel('Why').fill('search has alerts of its own now')
    await write.click()
    await shows(page.locator('main'), 'Nothing is changed.')
    const written = readFileSync(stage.server.policyFile ?? '', 'utf8')
    expect(written).toContain('# Kept by the night shift.')
    expect(written).toContain('search is noisy')

    // From now on it is so.
    await raise(stage.server.url, key, [critical('search', { instance: 'search-2' }), critical('billing')])
    await incidentOf(stage.house, 'billing')
    const { incidents } = await stage.house.administrator.picture()
    expect(incidents.filter(({ service }) => service === 'search')).toHaveLength(1)
  })

  it('what is wrong is said at its line, and a file that changes elsewhere is shown beside what was typed', async () => {
    const page = await stage.as(
      { ...stage.house.commander, api: stage.house.administrator },
      { path: '/filter/policy' },
    )
    await shows(page.locator('main'), 'Active, version')
    // Whoever comes for a rule finds it.
    await page.goto(`${stage.server.url}/filter/policy?stage=correlate&rule=by%20service`)
    const chosen = () =>
      editor(page).evaluate((area) => {
        const { value, selectionStart, selectionEnd } = area as HTMLTextAreaElement
        return value.slice(selectionStart, selectionEnd)
      })
    await until('the line of the rule', async () => (await chosen()).includes('name: by service'))
    const mine = `${await editor(page).inputValue()}reopen_within: soon\n`
    await editor(page).fill(mine)
    await shows(page.locator('main'), /line \d+.*reopen_within.*"soon" is no duration/s)
    expect(await page.getByRole('button', { name: 'Try it' }).isDisabled()).toBe(true)
    expect(await page.getByRole('button', { name: 'Make it active…' }).isDisabled()).toBe(true)

    const theirs = `${readFileSync(stage.server.policyFile ?? '', 'utf8')}resolve_timeout: 6m\n`
    stage.server.writePolicy(theirs)
    const conflict = page.getByRole('alert', { name: 'The file was changed elsewhere' })
    await shows(conflict, /− resolve_timeout: 6m.*\+ reopen_within: soon/s)
    await page.reload()
    await shows(conflict, '+ reopen_within: soon')
    await conflict.getByRole('button', { name: 'Take the file' }).click()
    await shows(page.locator('main'), 'Nothing is changed.')
    expect(await editor(page).inputValue()).toBe(theirs)
  })

  it('a commander tries and gets a patch to pass on; a trial is cancelled; on a phone nothing is wider than the screen', async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
    const page = await stage.as(stage.house.commander, { path: '/filter/policy', ...phone })
    await shows(page.locator('main'), 'policy.yaml')
    const slow = Array.from(
      { length: 300 },
      (_, index) => `  - { name: d${index}, match: ['instance=~".*(a|b)+${index}.*"'], as: record }`,
    )
    const text = await editor(page).inputValue()
    await editor(page).fill(text.replace('definitions:\n', `definitions:\n${slow.join('\n')}\n`))
    await page.getByRole('button', { name: 'Try it' }).click()
    const cancel = page.getByRole('button', { name: 'Cancel', exact: true })
    await until('it to end, or to be cancelled', async () => {
      if (await cancel.isVisible()) await cancel.click({ timeout: 500 })
      return (
        (await panel(page)
          .getByText(/Cancelled by|The last 24/)
          .count()) > 0
      )
    })
    await page.getByRole('button', { name: 'Show the patch…' }).click()
    await shows(page.getByRole('dialog'), /An administrator makes a policy active.*@@ -\d+,\d+ \+/s)
    await page.keyboard.press('Escape')
    expect(await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBeLessThanOrEqual(0)
  })
})
