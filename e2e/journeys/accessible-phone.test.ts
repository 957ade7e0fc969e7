import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { setUpHouse } from '../world/house.ts'
import { type MailServer, startMail } from '../world/mail.ts'
import { until } from '../world/until.ts'
import { axeInBothThemes, frameFaults, sidewaysFaults, smallTargets } from './barriers.ts'
import { furnish, goTo, type Screen, screensOf } from './furnished.ts'
import { linkSays, shows, useStage } from './story.ts'

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

/** What the screens of an empty house say. */
const emptyScreens: readonly Screen[] = [
  { path: '/', shows: 'Nothing has reported yet' },
  { path: '/mine', shows: 'Nothing waits for an owner.' },
  { path: '/filter', shows: /source/i },
  { path: '/filter/load', shows: 'in all' },
  { path: '/silences', shows: 'New silence' },
  { path: '/lost', shows: 'Nothing lost' },
  { path: '/sources', shows: 'First events' },
  { path: '/channels', shows: 'Add a channel' },
  { path: '/rota', shows: 'No rotation is written down yet' },
  { path: '/services', shows: /service/i },
  { path: '/tote', shows: /team/i },
]

describeUnless(lacks('browser'), 'WCAG 2.2 AA, on a telephone and enlarged', () => {
  let mail: MailServer
  beforeAll(async () => {
    mail = await startMail()
  })
  afterAll(() => mail.close())
  const stage = useStage(() => ({ people: false, policy: '{}', env: { SMTP_URL: mail.url } }))

  it('from the first link to every screen, empty and full, at 200 and 400 %: axe finds nothing, nothing sticks out, targets are 24 px', async () => {
    const { server } = stage
    const faults: Record<string, string[]> = {}
    async function judge(what: string, page: Page): Promise<void> {
      faults[`${what}: axe`] = await axeInBothThemes(page)
      faults[`${what}: small`] = await smallTargets(page)
      faults[`${what}: frame`] = await frameFaults(page)
      faults[`${what}: sideways`] = await sidewaysFaults(page)
    }

    const stranger = await stage.stranger()
    await stranger.setViewportSize(phone.viewport)
    await stranger.goto(await server.firstLink())
    await shows(stranger.locator('main'), 'The first administrator')
    await judge('the first link', stranger)

    const house = await setUpHouse(server)
    const commander = await stage.as({ ...house.commander, api: house.administrator }, phone)
    await linkSays(commander, 'live')
    for (const screen of emptyScreens) {
      await goTo(commander, screen)
      await judge(`${screen.path}, empty`, commander)
    }
    await commander.context().close()

    const furnished = await furnish(server, house)
    const page = await stage.as(furnished.everybody, phone)
    await linkSays(page, 'live')
    // A narrow board has no room for a detail beside it.
    const screens = screensOf(furnished).filter(({ path }) => !path.startsWith('/?at='))
    for (const screen of screens) {
      await goTo(page, screen)
      await judge(screen.path, page)
    }
    // Out of the network everything is grey, and still to be read.
    await goTo(page, { path: '/', shows: 'checkout is broken' })
    await page.context().setOffline(true)
    await linkSays(page, /no network|STALE/)
    faults['out of the network: axe'] = await axeInBothThemes(page)

    const zooms = [
      { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 },
      { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
    ]
    for (const zoom of zooms) {
      const enlarged = await stage.as(furnished.everybody, zoom)
      await linkSays(enlarged, 'live')
      for (const screen of screens) {
        await goTo(enlarged, screen)
        faults[`${screen.path}, ${zoom.viewport.width} px`] = await sidewaysFaults(enlarged)
      }
      await enlarged.context().close()
    }

    // What stands before the room.
    const doors: [string, string][] = [
      ['/', 'Sign in'],
      [`/invitation#${furnished.invitation}`, 'Welcome, Jonas Brandt'],
      ['/invitation#nothing', 'This link no longer works'],
    ]
    const { links } = await until('the mail of the offer', () =>
      mail.mails.find(({ to, text }) => to === furnished.everybody.email && text.includes(furnished.offered)),
    )
    const link = new URL(links.get('Accept') ?? '')
    doors.push([link.pathname + link.hash, 'Half of the payments fail'])
    const titles = new Set<string>()
    for (const [path, words] of doors) {
      await stranger.goto('about:blank')
      await stranger.goto(server.url + path)
      await shows(stranger.locator('main'), words)
      await judge(path.split('#')[0] ?? '', stranger)
      titles.add(await stranger.title())
    }
    expect(titles.size).toBe(doors.length)
    expect(Object.fromEntries(Object.entries(faults).filter(([, lines]) => lines.length > 0))).toEqual({})
  }, 180_000)
})
