import { readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from '../run/machine.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { freePort, launch, type Running } from '../world/process.ts'
import { newFolder } from '../world/server.ts'
import { until } from '../world/until.ts'
import { shows } from './story.ts'

const program = fileURLToPath(new URL('../../server/start/demo.ts', import.meta.url))

describeUnless(lacks('browser'), 'the demo', () => {
  let browser: Browser
  let demo: Running
  /** Where it may put what it needs: whatever else runs on this machine puts nothing there. */
  let temporary: string
  beforeAll(async () => {
    browser = await launchBrowser()
    temporary = newFolder('of-a-demo')
    demo = launch({
      name: 'demo',
      program: process.execPath,
      words: [program, '--port', String(await freePort())],
      env: { ...process.env, TMPDIR: temporary },
    })
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.kill('SIGKILL')
    rmSync(temporary, { recursive: true, force: true })
  })

  it('issue 2, point 7: one link signs a newcomer in as commander, and within a minute the board lives; it leaves nothing behind', async () => {
    const link = await until('the link', () => /once, with this link:\s+(\S+)/.exec(demo.log())?.[1], {
      within: 90_000,
    })
    const page = await browser.newPage()
    await page.goto(link)
    await page.getByRole('heading', { name: 'Operations room' }).waitFor()
    const list = page.getByRole('list', { name: /Incidents/ })
    const cards = list.locator('li[data-id]')
    await cards.nth(3).waitFor({ timeout: 60_000 })
    await shows(cards, /holds it for/)
    await shows(cards, /offered to/)
    await shows(cards, /[1-9] hand-over/)

    // The link has done its work.
    expect((await fetch(link).catch(() => null))?.status ?? 404).toBe(404)
    await demo.kill('SIGTERM')
    expect((await demo.ended).code).toBe(0)
    expect(readdirSync(temporary)).toEqual([])
    expect(demo.log()).not.toMatch(/^demo: /m)
  }, 200_000)
})
