import type { Browser, BrowserContextOptions, Page } from 'playwright'
import type { Player } from './house.ts'
import type { Server } from './server.ts'

/**
 * A page of its own browser context, signed in as this person by their session and showing the board. The sign-in form
 * has a journey of its own.
 */
export async function openAs(
  browser: Browser,
  server: Server,
  player: Player,
  { path = '/', ...options }: BrowserContextOptions & { path?: string } = {},
): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/London', ...options })
  const [name = '', value = ''] = player.api.cookie.split('=')
  await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }])
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(server.url + path)
  return page
}
