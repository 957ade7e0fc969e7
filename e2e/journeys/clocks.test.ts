import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { card, linkSays, shows, useStage } from './story.ts'

const hourMs = 3_600_000

describeUnless(lacks('browser'), 'legal clocks', () => {
  const stage = useStage()

  it('a breach of personal data: the clock is started in a form, seen by all, passed is said once, and stops by a submission', async () => {
    const { house } = stage
    const [ana] = house.responders
    const what = { title: 'Rows of customers copied', flags: ['personal-data'] }
    const { id } = await ana!.api.must<{ id: string }>('POST', '/api/incidents', what)
    const page = await stage.as(ana!, { path: `/incident/${id}` })
    const board = await stage.as(house.commander)
    for (const each of [page, board]) await linkSays(each, 'live')
    const clocks = page.getByRole('heading', { name: /^Clocks/ }).locator('..')

    // What is affected is asked about, and nothing runs by itself.
    await shows(clocks, 'Personal data is affected, and no clock runs.')
    await clocks.getByRole('button', { name: 'Start a clock' }).click()
    const form = page.getByRole('dialog', { name: `Start a clock on ${id}` })
    await shows(form, 'Never legal advice')
    await form
      .getByLabel('Clock', { exact: true })
      .selectOption({ label: 'GDPR 33(1) · Tell the supervisory authority of a personal-data breach' })
    await shows(form, '72 h after the start')
    const aware = form.getByLabel('When the controller became aware of the breach')
    await aware.fill('2099-01-01T10:00')
    await shows(form, 'is in the future')
    expect(await form.getByRole('button', { name: 'Start the clock' }).isDisabled()).toBe(true)
    const field = await page.evaluate(
      (at) => {
        const two = (n: number) => String(n).padStart(2, '0')
        const date = new Date(at)
        return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
      },
      Date.now() - 2 * hourMs,
    )
    await aware.fill(field)
    await form.getByLabel('What was determined, by whom').fill('The DPO saw that rows left the house.')
    await form.getByRole('button', { name: 'Start the clock' }).click()
    await form.waitFor({ state: 'hidden' })

    const clock = clocks.getByRole('article', { name: 'GDPR 33(1)' })
    await shows(clock.getByRole('listitem'), /Notification to the authority.*in 2\sd\s2[12]\sh/)
    await clock.getByText('Regulation (EU) 2016/679, Article 33(1)').click()
    await shows(clock, 'The DPO saw that rows left the house.')
    await shows(page.getByRole('listitem'), `${ana!.name} started the clock GDPR 33(1)`)
    // On the board: the card, the strip, and what is due next.
    await shows(card(board, id), /GDPR 33\(1\) 2\sd/)
    await shows(
      board.getByRole('banner').getByRole('link', { name: /GDPR 33\(1\)/ }),
      `Notification to the authority of ${id}`,
    )
    await shows(board.getByRole('complementary').getByRole('listitem').filter({ hasText: id }), 'GDPR 33(1)')
    // The strip has room for it at every width, and for who is signed in beside it.
    const viewport = board.viewportSize() ?? { width: 1280, height: 800 }
    for (const width of [1280, 1320, 1401, 1440, 1500, 1561, 1600, 1681, 1760, 1851, 1920]) {
      await board.setViewportSize({ ...viewport, width })
      const { scrollWidth, clientWidth } = await board
        .getByRole('banner')
        .evaluate((strip) => ({ scrollWidth: strip.scrollWidth, clientWidth: strip.clientWidth }))
      expect(scrollWidth, `the strip at ${width}`).toBeLessThanOrEqual(clientWidth)
    }
    await board.setViewportSize(viewport)

    // It began earlier than was thought: that is shown as a correction, and it has passed.
    await clock.getByRole('button', { name: 'More to do with GDPR 33(1)' }).click()
    await page.getByRole('menuitem', { name: 'Correct its start…' }).click()
    const correction = page.getByRole('dialog', { name: 'Correct the start of GDPR 33(1)' })
    await correction.getByLabel('When it started').fill('2026-01-05T10:00')
    await correction.getByLabel('Reason').fill('The mail of the processor is from then.')
    await correction.getByRole('button', { name: 'Correct it' }).click()
    await correction.waitFor({ state: 'hidden' })
    await shows(clock, 'corrected')
    await shows(clock.getByRole('listitem'), /passed .* ago/)
    await shows(board.getByRole('alert'), `GDPR 33(1) has passed on ${id}`)
    await shows(page.getByRole('listitem'), 'the clock GDPR 33(1) has passed')

    // Resolving stops nothing; a submission does.
    await ana!.api.command(id, { type: 'claim' })
    await ana!.api.command(id, { type: 'set-phase', phase: 'resolved' })
    await shows(card(board, id), 'resolved')
    await shows(card(board, id), /GDPR 33\(1\) −\d+\sd passed/)
    await clock.getByRole('button', { name: 'Record the submission: Notification to the authority' }).click()
    const stop = page.getByRole('dialog', { name: `Record a submission: ${id}` })
    await stop.getByLabel('What was submitted, to whom').fill('Notified the authority, reference 4711.')
    await stop.getByRole('button', { name: 'Record it' }).click()
    await stop.waitFor({ state: 'hidden' })
    await shows(clock.getByRole('listitem'), /submitted .* late by .*reference 4711/)
    await board
      .getByRole('banner')
      .getByRole('link', { name: /GDPR 33\(1\)/ })
      .waitFor({ state: 'detached' })
    const { facts } = await house.administrator.incident(id)
    expect(facts.map(({ type }) => type).filter((type) => type.startsWith('clock-'))).toEqual([
      'clock-started',
      'clock-corrected',
      'clock-breached',
      'clock-stopped',
    ])
  })
})
