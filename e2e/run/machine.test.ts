import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { findProgram, launchBrowser } from './machine.ts'
import { describeUnless, lacks } from './needs.ts'

it('finds a program on PATH, and none that is not there', () => {
  expect(findProgram('sh')).toMatch(/\/sh$/)
  expect(findProgram('no-such-program-anywhere')).toBeNull()
})

it('says in words what a machine lacks', () => {
  expect(lacks('sh')).toBeNull()
  expect(lacks('sh', 'no-such-program', 'nor-this')).toBe('this machine has no no-such-program, no nor-this')
})

describeUnless(lacks('browser'), 'a real browser', () => {
  it('opens a page of ours and runs its script', async () => {
    const server = createServer((_, response) => {
      response
        .setHeader('content-type', 'text/html')
        .end('<p></p><script>document.querySelector("p").textContent = "alive"</script>')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      expect(await page.textContent('p')).toBe('alive')
    } finally {
      await browser.close()
      server.close()
    }
  })
})
