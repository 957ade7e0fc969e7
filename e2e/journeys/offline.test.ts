import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { critical, raise } from '../world/events.ts'
import { testPassword } from '../world/house.ts'
import { until } from '../world/until.ts'
import { incidentOf, linkSays, shows, useStage } from './story.ts'

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

describeUnless(lacks('browser'), 'a phone without a network', () => {
  const stage = useStage()

  async function incident(service: string): Promise<string> {
    const { key } = await stage.house.addSource('prometheus', service)
    await raise(stage.server.url, key, [critical(service)])
    return incidentOf(stage.house, service)
  }
  const asked = (page: Page) => page.getByRole('region', { name: 'What I asked for' })
  const claim = (page: Page, id: string) =>
    page.locator(`li[data-id="${id}"]`).getByRole('button', { name: `Claim ${id}` })
  /** The app is on this device, and so is the picture that is on screen. */
  const settled = async (page: Page, id: string) => {
    await until('the app to be on this device', () => page.evaluate(installed))
    await until('the picture to be kept', () => page.evaluate(keptPicture).then((kept) => kept.includes(id)))
  }

  it('the app opens from this device with the last picture and its age; a queued claim is answered once, with the winner; sign-out leaves nothing', async () => {
    const { house } = stage
    const [responder, winner] = house.responders
    const [lost, won, back] = [await incident('lost'), await incident('won'), await incident('back')]
    const page = await stage.as(responder!, phone)
    const context = page.context()
    await linkSays(page, 'live')
    for (const id of [lost, won, back]) await claim(page, id).waitFor()
    await settled(page, back)

    await context.setOffline(true)
    await linkSays(page, 'no network')
    await page.reload()
    await linkSays(page, 'no network')
    await shows(page.locator('body'), /This is the picture of \d\d:\d\d:\d\d UTC/)
    for (const id of [lost, won, back]) await claim(page, id).tap()
    await asked(page).getByRole('status').nth(2).waitFor()
    await shows(asked(page), 'Not sent yet: it goes out as soon as the server can be reached.')

    // What waits survives the page; what is taken back is never sent.
    await page.reload()
    const mine = (id: string) => asked(page).getByRole('status').filter({ hasText: id })
    await mine(back).getByRole('button', { name: 'Take it back' }).tap()
    await mine(back).waitFor({ state: 'detached' })
    // Another screen says that it needs the network, and that something waits.
    await page.goto(`${stage.server.url}/silences`)
    await page.getByRole('heading', { name: 'This screen needs the network' }).waitFor()
    await shows(page.getByRole('status'), '2 waiting for the answer')
    await page.getByRole('link', { name: 'What this device remembers' }).tap()
    await mine(lost).waitFor()

    await winner!.api.command(lost, { type: 'claim' })
    await context.setOffline(false)
    await shows(mine(lost), `${winner!.name} owns ${lost} since`)
    await shows(mine(won), 'Done.')
    await linkSays(page, 'live')
    const summaryOf = async (id: string) => (await house.administrator.incident(id)).summary
    expect((await summaryOf(won)).owner?.id).toBe(responder!.id)
    expect((await summaryOf(back)).owner).toBeNull()
    await mine(won)
      .getByRole('button', { name: /I have read it/ })
      .tap()
    await mine(won).waitFor({ state: 'detached' })
    await page.reload()
    await shows(mine(lost), `${winner!.name} owns ${lost} since`)

    // Signed out: nothing of it is on the device, for whoever comes next.
    await page.getByRole('button', { name: /menu$/ }).tap()
    await page.getByRole('menuitem', { name: 'Sign out' }).tap()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.evaluate(keptPicture)).toBe('[]')
    await page.getByLabel('E-mail').fill(winner!.email)
    await page.getByLabel('Password').fill(testPassword)
    await page.getByRole('button', { name: 'Sign in' }).tap()
    await linkSays(page, 'live')
    expect(await asked(page).count()).toBe(0)
  })

  it('a push shows what it says and leads to the page that asks before it acts', async () => {
    const { house } = stage
    // The other has signed out.
    const [, responder] = house.responders
    const page = await stage.as(responder!, { ...phone, path: '/mine' })
    const context = page.context()
    await context.grantPermissions(['notifications'])
    await until('the app to be on this device', () => page.evaluate(installed))
    const session = await context.newCDPSession(page)
    const registered = new Promise<string>((done) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations
        if (first !== undefined) done(first.registrationId)
      })
    })
    await session.send('ServiceWorker.enable')
    const registrationId = await registered
    const data = JSON.stringify({
      title: 'Unclaimed for 5 min: checkout is broken',
      body: 'Nobody has claimed INC-9.',
      link: `${stage.server.url}/incident/INC-9`,
      tag: 'INC-9',
      at: Date.now(),
      urgent: true,
      drill: false,
      actions: [{ label: 'Claim', url: `${stage.server.url}/act#secret` }],
    })
    await session.send('ServiceWorker.deliverPushMessage', { origin: stage.server.url, registrationId, data })
    const notice = await until('the notice', () => page.evaluate(firstNotice))
    expect(notice).toMatchObject({
      title: 'Unclaimed for 5 min: checkout is broken',
      body: 'Nobody has claimed INC-9.',
      tag: 'INC-9',
      data: { link: `${stage.server.url}/incident/INC-9`, actions: { Claim: `${stage.server.url}/act#secret` } },
    })
  })
})

/** Whether a service worker is at work. Runs in the page. */
async function installed(): Promise<boolean> {
  return (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'
}

/** Everything that this device keeps, as text. Runs in the page. */
async function keptPicture(): Promise<string> {
  const entries = await new Promise<unknown[]>((done, fail) => {
    const opening = indexedDB.open('uxbridge-device')
    // The app makes it, and not whoever looks first.
    opening.onupgradeneeded = () => opening.transaction?.abort()
    opening.onerror = () => fail(opening.error)
    opening.onsuccess = () => {
      const reading = opening.result.transaction('kept').objectStore('kept').getAll()
      reading.onsuccess = () => {
        opening.result.close()
        done(reading.result)
      }
    }
  })
  return JSON.stringify(entries)
}

/** The first notice that the service worker shows. Runs in the page. */
async function firstNotice(): Promise<object | null> {
  const [notice] = await (await navigator.serviceWorker.ready).getNotifications()
  return notice === undefined ? null : { title: notice.title, body: notice.body, tag: notice.tag, data: notice.data }
}
