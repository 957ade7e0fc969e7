import type { Browser, BrowserContextOptions, Page, WebSocketRoute } from 'playwright'
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
  { path = '/', hearing, ...options }: BrowserContextOptions & { path?: string; hearing?: Hearing } = {},
): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/London', ...options })
  const [name = '', value = ''] = player.api.cookie.split('=')
  await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }])
  const page = await context.newPage()
  page.setDefaultTimeout(45_000)
  if (hearing !== undefined) await page.routeWebSocket(/\/socket\.io\//, hearing.listen)
  await page.goto(server.url + path)
  return page
}

/**
 * What pages hear from the server. While it is held back they can still speak, and know nothing newer than they show: two
 * people act at once however slow the machine is.
 */
export class Hearing {
  readonly #waiting: (() => void)[] = []
  #held = false
  readonly listen = (page: WebSocketRoute): void => {
    const server = page.connectToServer()
    server.onMessage((message) => {
      if (this.#held) this.#waiting.push(() => page.send(message))
      else page.send(message)
    })
  }
  hold(): void {
    this.#held = true
  }
  release(): void {
    this.#held = false
    for (const hear of this.#waiting.splice(0)) hear()
  }
}
