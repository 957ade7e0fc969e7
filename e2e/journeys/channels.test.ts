import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { shows, useStage } from './story.ts'

describeUnless(lacks('browser'), 'shared channels', () => {
  const stage = useStage({
    policy:
      'version: 1\nescalation_policies:\n  - id: default\n    steps:\n      - { notify: [channel:tickets, commanders], wait: 5m }\n',
  })
  const got: { headers: IncomingHttpHeaders; body: string }[] = []
  let status = 204
  let tickets: Server
  beforeAll(async () => {
    tickets = createServer((request, response) => {
      void text(request).then((body) => {
        got.push({ headers: request.headers, body })
        response.writeHead(status).end()
      })
    })
    await new Promise<void>((done) => tickets.listen(0, '127.0.0.1', done))
  })
  afterAll(async () => {
    tickets?.closeAllConnections()
    await new Promise<void>((done) => (tickets === undefined ? done() : tickets.close(() => done())))
  })

  it('issue 5: what the policy names is added, tried with an honest result, paused and let go; what is sent verifies with the secret that was shown once', async () => {
    const page = await stage.as({ ...stage.house.commander, api: stage.house.administrator }, { path: '/channels' })
    const row = page.locator('li[data-id="tickets"]')
    await shows(page.getByRole('region', { name: 'Named and not there' }), /tickets is not there.*escalation default/)
    await page.getByRole('button', { name: 'Add the channel tickets' }).click()
    await page.getByLabel('Signed webhook').check()
    await page.getByLabel('Name, as the timeline shows it').fill('Ticket system')
    const url = `http://127.0.0.1:${(tickets.address() as AddressInfo).port}/hook`
    await page.getByLabel('URL', { exact: true }).fill(url)
    await page.getByRole('button', { name: 'Add it', exact: true }).click()
    const secret = await page.locator('pre').filter({ hasText: 'whsec_' }).innerText()
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await shows(row, /Ticket system.*channel:tickets.*nothing delivered yet.*named by escalation default/s)
    expect(await page.content()).not.toContain(secret)

    // Our own network is refused until somebody says that it may be.
    await row.getByRole('button', { name: 'Send a test message to Ticket system' }).click()
    await shows(row, /Failed.*an administrator has to allow.*no answer/s)
    expect(got).toEqual([])
    await row.getByRole('button', { name: 'More for Ticket system' }).click()
    await page.getByRole('menuitem', { name: 'Name and settings' }).click()
    await page.getByLabel('It may be on this machine or in our own network').check()
    await page.getByRole('button', { name: 'Save' }).click()
    await shows(row, 'may be in our own network')
    await row.getByRole('button', { name: 'Send a test message to Ticket system' }).click()
    await shows(row, /Taken.*answered 204/s)
    const [first] = got
    const told = new Webhook(secret).verify(first?.body ?? '', first?.headers as Record<string, string>)
    expect(told).toMatchObject({ type: 'test', data: { title: 'Test message from Uxbridge', incidents: [] } })

    status = 503
    await row.getByRole('button', { name: 'Send a test message to Ticket system' }).click()
    await shows(row, /Failed.*It answered 503: a fault of the other side/s)

    await row.getByRole('button', { name: 'More for Ticket system' }).click()
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await page.getByLabel('Why (may stay empty)').fill('moves on Friday')
    await page.getByRole('button', { name: 'Pause it' }).click()
    await shows(row, /paused.*ago by Noor Aziz.*moves on Friday/s)
    await row.getByRole('button', { name: 'More for Ticket system' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await shows(page.getByRole('region', { name: 'Named and not there' }), /tickets is not there/)
  })
})
