import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { buildBoard } from '#server/start/build.ts'
import { launchBrowser } from '../run/machine.ts'
import { type Hearing, openAs } from '../world/browser.ts'
import { type House, type Player, setUpHouse } from '../world/house.ts'
import { type Server, type ServerOptions, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const pictures = fileURLToPath(new URL('../../test-results', import.meta.url))

/** One server and one browser for the stories of a file; what they show is kept when one fails. */
export interface Stage {
  server: Server
  browser: Browser
  /** Not before `setUp`. */
  house: House
  as(player: Player, options?: BrowserContextOptions & { path?: string; hearing?: Hearing }): Promise<Page>
  /** A page of a context that nobody has signed in to. */
  stranger(): Promise<Page>
}

export interface StageOptions extends ServerOptions {
  /** False: the story begins with an empty house. */
  people?: boolean
}

/** @param options given as a function where they must be made first: that happens only if the stories are told */
export function useStage(options: StageOptions | (() => StageOptions) = {}): Stage {
  const stage = {} as Stage
  const said: string[] = []
  /** What a page complains of is kept, to be read when its story fails. */
  const listen = (page: Page): Page => {
    page.on('pageerror', (error) => said.push(`${page.url()}: ${error.message}`))
    page.on('console', (line) => line.type() === 'error' && said.push(`${page.url()}: ${line.text()}`))
    return page
  }
  beforeAll(async () => {
    const { people = true, ...forServer } = typeof options === 'function' ? options() : options
    await buildBoard()
    stage.server = await startServer(forServer)
    stage.browser = await launchBrowser()
    if (people) stage.house = await setUpHouse(stage.server)
    stage.as = async (player, more) => listen(await openAs(stage.browser, stage.server, player, more))
    stage.stranger = async () => listen(await (await stage.browser.newContext({ locale: 'en-GB' })).newPage())
  })

  afterEach(async ({ task }) => {
    const pages = stage.browser?.contexts().flatMap((context) => context.pages()) ?? []
    if (task.result?.state === 'fail') {
      mkdirSync(pictures, { recursive: true })
      const name = task.name.replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 60)
      for (const [index, page] of pages.entries())
        await page
          .screenshot({ path: join(pictures, `${name}-${index + 1}.png`) })
          .catch((error: Error) => said.push(`no picture of ${page.url()}: ${error.message}`))
      process.stderr.write(`pictures in ${pictures}\n${said.join('\n')}\n${stage.server?.log().slice(-2000) ?? ''}\n`)
    }
    said.length = 0
    for (const context of stage.browser?.contexts() ?? []) await context.close()
  })

  afterAll(async () => {
    await Promise.all([stage.browser?.close(), stage.server?.close()])
  })
  return stage
}

/** An incident in the list of the board. */
export function card(page: Page, id: string): Locator {
  return page.locator(`li[data-id="${id}"]`)
}

/** Waits until the element is there and holds the text, hidden words for screen readers included. */
export async function shows(where: Locator, text: string | RegExp): Promise<void> {
  await where.filter({ hasText: text }).first().waitFor({ timeout: 45_000 })
}

/** Waits until keys go there: what is typed a moment earlier is a shortcut of the page. */
export async function focused(where: Locator): Promise<void> {
  await until('the focus to be there', () => where.evaluate((one) => one === document.activeElement))
}

/** The id of the incident of a service, once the server has it. */
export async function incidentOf(house: House, service: string): Promise<string> {
  const found = await until(`an incident of ${service}`, async () =>
    (await house.administrator.picture()).incidents.find((incident) => incident.service === service),
  )
  return found.id
}

/** Notes that this document must not be replaced: a reload would lose it. */
export async function forbidReload(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    document.documentElement.dataset.first = 'yes'
  })
  return async () => {
    if ((await page.evaluate(() => document.documentElement.dataset.first)) !== 'yes') {
      throw new Error('the page was loaded again')
    }
  }
}

/** The link mark in the strip says this. */
export async function linkSays(page: Page, words: string | RegExp): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).first().waitFor({ timeout: 60_000 })
}
