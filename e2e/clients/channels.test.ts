import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webhookBodySchema } from '#shared/notify/channels.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const policy = `version: 1
escalation_policies:
  - id: default
    steps:
      - { notify: [channel:chat, channel:tickets, channel:list, channel:phones], wait: 5m }
`
/** So long that no link or key in a log can hold them by chance. */
const smtpPassword = 'mail#room 4711'
const ntfyToken = 'tk_for_the_phones'
interface Got {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

describe('every shared way out, from a real server to real other sides', () => {
  const got: Got[] = []
  const mails: { to: string; body: string }[] = []
  const web = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ path: request.url ?? '', headers: request.headers, body })
      response.end('ok')
    })
  })
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'ux' && password === smtpPassword ? done(null, { user: 'ux' }) : done(new Error('wrong')),
    onData(stream, session, done) {
      void text(stream).then((body) => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), body })
        done()
      })
    },
  })
  let server: Server
  let house: House
  let secret = ''
  let url = ''
  const add = (kind: string, name: string, settings: object) =>
    house.administrator.must<{ secret: string | null }>('POST', '/api/channels', { kind, name, settings })

  beforeAll(async () => {
    await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
    await new Promise<void>((done) => void smtp.listen(0, '127.0.0.1', done))
    const mailPort = (smtp.server.address() as AddressInfo).port
    url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    const SMTP_URL = `smtp://ux:${encodeURIComponent(smtpPassword)}@127.0.0.1:${mailPort}?from=Uxbridge <ux@test.example>`
    server = await startServer({ policy, env: { SMTP_URL } })
    house = await setUpHouse(server, { responders: 1 })
  })
  afterAll(async () => {
    await server?.close()
    await new Promise<void>((done) => void smtp.close(done))
    web.closeAllConnections()
    await new Promise<void>((done) => void web.close(() => done()))
  })

  it('issue 5: an incident that nobody owns is told to a chat, a signed webhook, a mailing list and a topic, once each', async () => {
    await add('slack', 'Chat', { url: `${url}/services/T0/B0/x`, inside: true })
    secret = (await add('webhook', 'Tickets', { url: `${url}/hook`, inside: true })).secret ?? ''
    await add('email', 'List', { address: 'on-call@test.example' })
    await add('ntfy', 'Phones', { topic: `${url}/ops`, token: ntfyToken, inside: true })
    const { id } = await house.commander.api.must<{ id: string }>('POST', '/api/incidents', { title: 'Payments fail' })
    await until('all four were told', () => got.length >= 3 && mails.length >= 1)

    const board = `http://localhost:${server.port}`
    const at = (path: string) => got.filter((each) => each.path === path)
    const [hook] = at('/hook')
    const body = webhookBodySchema.parse(
      new Webhook(secret).verify(hook?.body ?? '', hook?.headers as Record<string, string>),
    )
    expect(body.type).toBe('notification')
    expect(body.data.incidents).toMatchObject([{ id, title: 'Payments fail', owner: null, tier: null }])
    expect(at('/services/T0/B0/x')[0]?.body).toContain(`${board}/incident/${id}|${id} Payments fail`)
    const [note] = at('/')
    expect(note?.headers.authorization).toBe(`Bearer ${ntfyToken}`)
    expect(JSON.parse(note?.body ?? '')).toMatchObject({
      topic: 'ops',
      priority: 5,
      click: `${board}/incident/${id}`,
    })
    expect(mails[0]?.to).toBe('on-call@test.example')
    expect(mails[0]?.body).toMatch(new RegExp(`^References: <i\\.${id}@test\\.example>`, 'm'))
    expect(JSON.stringify([got, mails])).not.toMatch(/Acknowledge|Claim/)
    expect([got.length, mails.length]).toEqual([3, 1])

    const { channels } = await until('the deliveries are counted', async () => {
      const listed = await house.administrator.must<{
        channels: { id: string; deliveries: { delivered: number; failed: number } }[]
      }>('GET', '/api/channels')
      return listed.channels.every(({ deliveries }) => deliveries.delivered === 1) && listed
    })
    expect(channels.map(({ id: channel, deliveries }) => [channel, deliveries.failed])).toEqual([
      ['chat', 0],
      ['list', 0],
      ['phones', 0],
      ['tickets', 0],
    ])
    // What the record does not have is sent once more by the next start (N9).
    await until('that they arrived to be on the record', async () => {
      const facts = await house.administrator.facts(id)
      return facts.filter(({ type, outcome }) => type === 'notified' && outcome === 'delivered').length === 4
    })
  })

  it('a crash keeps channels, what they sign with and what became of messages; the command line tries one', async () => {
    await server.restart()
    got.length = 0
    const tried = await ops(server.dir, 'channel', 'test', 'tickets')
    expect(tried).toMatchObject({ code: 0, output: expect.stringContaining('Answered 200') })
    expect(got.map(({ path }) => path)).toEqual(['/hook'])
    const [hook] = got
    new Webhook(secret).verify(hook?.body ?? '', hook?.headers as Record<string, string>)
    const { channels } = await house.administrator.must<{ channels: { deliveries: object }[] }>('GET', '/api/channels')
    expect(channels.map(({ deliveries }) => deliveries)).toMatchObject(Array(4).fill({ delivered: 1, failed: 0 }))
    for (const word of ['whsec_', ntfyToken, smtpPassword, encodeURIComponent(smtpPassword), 'services/T0'])
      expect(server.log()).not.toContain(word)
  })
})
