import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { until } from '../world/until.ts'
import { axeInBothThemes, frameFaults, sidewaysFaults, smallTargets, walkByTab } from './barriers.ts'
import { type Furnished, furnish, goTo, screensOf } from './furnished.ts'
import { linkSays, useStage } from './story.ts'

const desk = { viewport: { width: 1440, height: 900 } }

describeUnless(lacks('browser'), 'WCAG 2.2 AA, at a desk', () => {
  const stage = useStage({ policy: '{}' })
  let furnished: Furnished | null = null
  /** The board of somebody who may do everything, in a house with something on every screen. */
  async function open(): Promise<{ page: Page; house: Furnished }> {
    furnished ??= await furnish(stage.server, stage.house)
    const page = await stage.as(furnished.everybody, desk)
    await linkSays(page, 'live')
    return { page, house: furnished }
  }
  /** Keeps only what was found. */
  const found = (faults: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(faults).filter(([, lines]) => lines.length > 0))

  it('every screen: axe finds nothing in either theme, all of it is reached by tab with a ring that is seen, targets are 24 px, titles differ', async () => {
    const { page, house } = await open()
    const faults: Record<string, string[]> = {}
    const titles = new Map<string, string>()
    for (const screen of screensOf(house)) {
      await goTo(page, screen)
      const { unreached, ringless, covered } = await walkByTab(page)
      faults[`${screen.path}: not reached`] = unreached
      faults[`${screen.path}: no ring`] = ringless
      faults[`${screen.path}: covered`] = covered
      faults[`${screen.path}: axe`] = await axeInBothThemes(page)
      faults[`${screen.path}: small`] = await smallTargets(page)
      faults[`${screen.path}: frame`] = await frameFaults(page)
      faults[`${screen.path}: sideways`] = await sidewaysFaults(page)
      titles.set(screen.path.split('?')[0] ?? '', await page.title())
    }
    expect(found(faults)).toEqual({})
    const [...names] = titles.values()
    expect(new Set(names).size, names.join(', ')).toBe(titles.size)

    await page.goto(`${stage.server.url}/wall`)
    await page.getByText('checkout is broken').first().waitFor()
    expect(await axeInBothThemes(page)).toEqual([])
  }, 180_000)

  it('dialogs: axe finds nothing, the focus stays inside and comes back to where it was', async () => {
    const { page, house } = await open()
    const faults: Record<string, string[]> = {}
    const dialog = page.locator('[role="dialog"]')
    /** @param from what has the focus before; a key is pressed on it */
    async function judge(what: string, from: Locator, key: string): Promise<void> {
      await from.focus()
      await page.keyboard.press(key)
      await until(`the focus to go into ${what}`, () =>
        dialog.evaluate((one) => one.contains(document.activeElement), undefined, { timeout: 1000 }),
      )
      const { unreached, ringless, covered, outside } = await walkByTab(page, '[role="dialog"]')
      faults[`${what}: not reached`] = unreached
      faults[`${what}: no ring`] = ringless
      faults[`${what}: covered`] = covered
      faults[`${what}: left the dialog`] = outside
      faults[`${what}: axe`] = await axeInBothThemes(page, '[role="dialog"]')
      faults[`${what}: small`] = await smallTargets(page)
      faults[`${what}: sideways`] = await sidewaysFaults(page)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await until(`the focus to come back from ${what}`, () => from.evaluate((one) => one === document.activeElement))
    }
    const button = (name: string | RegExp) => page.locator('main').getByRole('button', { name }).first()
    const on = async (path: string) => {
      const screen = screensOf(house).find((one) => one.path === path)
      if (screen !== undefined) await goTo(page, screen)
    }

    await on(`/incident/${house.offered}`)
    const back = page.getByRole('link', { name: '← Operations room' })
    await judge('accept', back, 'a')
    await judge('decline', button('Decline'), 'Enter')
    await on(`/incident/${house.owned}`)
    for (const key of ['o', 't', 'p', 'u', 'w', 'v', 'm', 's', '?', 'Control+k']) await judge(key, back, key)
    await judge('a clock', button('Start a clock…'), 'Enter')
    await judge('a submission', button(/^Record the submission/), 'Enter')
    await judge('briefs', button('Briefs of each hop'), 'Enter')
    await judge('undo', button(/^Undo the merge/), 'Enter')
    await on(`/incident/${house.restricted}`)
    await judge('lift', button('Lift the restriction…'), 'Enter')
    await on('/')
    await judge('declare', page.getByRole('link', { name: 'Board' }), 'd')
    await on('/sources')
    await judge('a source', button('Add a source'), 'Enter')
    await on('/people')
    await judge('a person', button('Invite somebody'), 'Enter')
    await on('/channels')
    await judge('a channel', button(/^Add a/), 'Enter')
    await on('/silences')
    await judge('end a silence', button(/^End /), 'Enter')
    await on('/rota')
    await judge('override', button('Override…'), 'Enter')
    await judge('feeds', button('Calendar feeds…'), 'Enter')
    await judge('a shift', page.locator('[data-bar][tabindex="0"]').first(), 'Enter')
    await on('/tote')
    await judge('correct', button(/Correct it/), 'Enter')
    expect(found(faults)).toEqual({})
  }, 180_000)

  it('a page with these faults is found out', async () => {
    const page = await stage.stranger()
    await page.setViewportSize({ width: 320, height: 480 })
    await page.setContent(`
      <style>
        .bare:focus { outline: none }
        .over { position: fixed; inset: auto 0 0; height: 90px; background: #888 }
      </style>
      <p style="color: #999; background: #fff">Hard to read</p>
      <button tabindex="2">First</button> <button tabindex="-1">Never</button> <button class="bare">Bare</button>
      <button style="width: 12px; height: 12px; padding: 0" aria-label="Tiny"></button>
      <div style="width: 500px"><span style="position: relative; left: 400px">Far</span></div>
      <div style="position: fixed; bottom: 10px"><button>Under</button></div><div class="over"></div>`)
    const walked = await walkByTab(page)
    expect(walked.unreached).toEqual([expect.stringContaining('Never')])
    expect(walked.ringless).toEqual([expect.stringContaining('Bare')])
    expect(walked.covered).toEqual([expect.stringContaining('Under')])
    expect(await smallTargets(page)).toEqual(expect.arrayContaining([expect.stringContaining('Tiny')]))
    expect(await sidewaysFaults(page)).toEqual(expect.arrayContaining([expect.stringContaining('sticks out')]))
    expect(await frameFaults(page)).toEqual(['no language', 'no title', expect.stringContaining('tabindex 2')])
    const rules = (await axeInBothThemes(page)).map((line) => line.split(':')[0])
    expect(rules).toEqual(expect.arrayContaining(['color-contrast', 'html-has-lang', 'document-title', 'tabindex']))
  })

  it('what moves is slow and stops where motion is not wanted; what ticks is in no live region, and news is in the one polite one', async () => {
    const { page } = await open()
    await page.getByText('warehouse is broken').first().waitFor()
    const motions = () =>
      page.evaluate(() =>
        document
          .getAnimations()
          .filter(({ playState }) => playState === 'running')
          .map(({ effect }) => Number(effect?.getComputedTiming().duration)),
      )
    // What nobody owns moves, at most once a second.
    const moving = await until('something to move', async () => (await motions()).length > 0 && motions())
    expect(Math.min(...moving)).toBeGreaterThanOrEqual(1000)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await motions()).toEqual([])

    const live = '[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"], [role="log"]'
    const regions = page.locator(live)
    expect(await regions.evaluateAll((all) => all.map((one) => one.getAttribute('aria-live') ?? one.role))).toEqual([
      'status', // the word of the link
      'polite',
      'alert',
    ])
    await page.evaluate((live) => {
      const told: string[] = []
      Object.assign(window, { told })
      const watch = new MutationObserver((changes) => {
        for (const { target } of changes) {
          const one = target instanceof Element ? target : target.parentElement
          const region = one?.closest(live)
          if (region !== null && region !== undefined) told.push(region.textContent ?? '')
        }
      })
      watch.observe(document.body, { subtree: true, childList: true, characterData: true })
    }, live)
    /** The link may have news of its own. */
    const told = async () =>
      (await page.evaluate(() => (window as unknown as { told: string[] }).told)).filter(
        (text) => !/^(live|connecting|catching up|STALE.*)$/.test(text),
      )
    const clock = page.locator('header time').first()
    const from = await clock.innerText()
    await until('three turns of the clock', async () => {
      const seconds = (text: string) => Number(/\d\d:\d\d:(\d\d)/.exec(text)?.[1])
      return (seconds(await clock.innerText()) - seconds(from) + 60) % 60 >= 3
    })
    expect(await told()).toEqual([])
    const { key } = await stage.house.addSource('prometheus', 'Another')
    await raise(stage.server.url, key, [critical('billing')])
    await until('the news', async () => (await told()).some((text) => text.includes('One new incident.')))
  })
})
