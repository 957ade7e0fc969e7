import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, test } from 'vitest'
import { webhookBodySchema } from '#shared/notify/channels.ts'
import type { Settings } from '#shared/source.ts'
import type { DeliveryFailed, Message } from '../../port.ts'
import { makeOutgoing } from '../outgoing.ts'
import { at, incident, message, patient, type Receiver, receiver, storm } from '../receiver.fixture.ts'
import type { SharedKind, Ways } from './kind.ts'
import { noteOf, ntfyKind, partsOfTopic, publish } from './ntfy.ts'
import { mrkdwnOf, slackBodyOf, slackKind } from './slack.ts'
import { webhookKind } from './webhook.ts'
import { tellable, testMessage } from './words.ts'

const open: Receiver[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
async function listening(answer?: Parameters<typeof receiver>[0]): Promise<Receiver> {
  const made = await receiver(answer)
  open.push(made)
  return made
}
let now = at
const clock = { now: () => now }
const ways: Ways = { outgoing: makeOutgoing({ clock }), mail: null, clock }
const send = (kind: SharedKind, settings: Settings, what: Message, signingSecrets: readonly string[] = []) =>
  kind.deliver(ways, { settings: { inside: true, ...settings }, signingSecrets }, tellable(what, true), patient())
const failure = (work: Promise<unknown>): Promise<DeliveryFailed> =>
  work.then(
    () => {
      throw new Error('was sent')
    },
    (error: DeliveryFailed) => error,
  )
const answering = (status: number, text = '', headers: Record<string, string> = {}) =>
  listening((response) => void response.writeHead(status, headers).end(text))

describe('slack', () => {
  it('gets blocks, and the same as text for the line of a phone and for Mattermost', async () => {
    const there = await listening()
    expect(await send(slackKind, { url: `${there.url}/services/T/B/x` }, message())).toBe('200')
    const body = JSON.parse(there.got[0]?.body.toString() ?? '')
    expect(body).toEqual(slackBodyOf(tellable(message(), true)))
    expect(body.blocks).toEqual([
      {
        type: 'header',
        text: { type: 'plain_text', text: 'Escalated to you: INC-1042 Payments fail in eu-west', emoji: false },
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          verbatim: true,
          text: '*<https://ux.example.org/incident/INC-1042|INC-1042 Payments fail in eu-west>*\nEscalated · Tier 1 · payments · open since 02:55 UTC (5 min) · nobody has it\nNobody has claimed it for 5 min.',
        },
      },
    ])
    for (const words of ['INC-1042', 'Tier 1', 'Nobody has claimed it']) expect(body.text).toContain(words)
    expect(there.got[0]?.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('W3: nothing that is sent to a shared channel can act', () => {
    for (const what of [message(), storm()])
      expect(JSON.stringify(slackBodyOf(tellable(what, true)))).not.toContain('secret-token')
  })

  it('W4: words of an alert call nobody and link nowhere', () => {
    const nasty =
      '<!channel> <@U123> <!subteam^S1> <https://evil.example|our page> @channel @here (@all) ＠ana [our page](https://evil.example) & a@b.example'
    const text = mrkdwnOf(nasty)
    expect(text).not.toMatch(/[<>]/)
    expect(text).not.toMatch(/(?<!\w)[@＠][a-z]/i)
    expect(text).not.toContain('](')
    expect(text).toContain('&lt;!channel&gt;')
    expect(text).toContain('&amp; a@b.example')
    const whole = JSON.stringify(
      slackBodyOf(
        message({ title: nasty, incidents: [incident({ title: nasty, text: nasty, service: nasty, owner: nasty })] }),
      ).text,
    )
    expect(whole.match(/<[^>]*>/g)).toEqual([
      expect.stringMatching(/^<https:\/\/ux\.example\.org\/incident\/INC-1042\|/),
    ])
    expect(whole).not.toMatch(/(?<!\w)@[a-z]/i)
  })

  it('a storm is one message of bounded size, with the board', () => {
    const long = incident({ title: 'x'.repeat(900), text: 'y'.repeat(9000), actions: [] })
    const body = slackBodyOf(message({ incidents: Array.from({ length: 200 }, () => long), more: 3 }))
    expect(body.blocks).toHaveLength(12)
    for (const block of body.blocks) expect(JSON.stringify(block).length).toBeLessThan(3000)
    expect(JSON.stringify(body.blocks.at(-1))).toContain('and 193 more incidents')
    expect(JSON.stringify(body.blocks.at(-1))).toContain('<https://ux.example.org/|Open the board>')
  })

  it('an exercise, a restricted one and a test are told as such', () => {
    expect(slackBodyOf(message({ drill: true })).text).toMatch(/^\*EXERCISE: /)
    const restricted = slackBodyOf(
      tellable(message({ title: 'New: INC-9', incidents: [incident({ id: 'INC-9', title: null })] }), true),
    )
    expect(JSON.stringify(restricted)).not.toMatch(/ayments|Tier|nobody has it/)
    expect(slackBodyOf(testMessage('1', at, 'https://ux.example.org/channels')).text).toContain(
      'Nothing is asked of you.',
    )
  })

  test.each([
    [429, '', { 'Retry-After': '30' }, { retry: true, retryAfterMs: 30_000 }],
    [500, 'server_error', {}, { retry: true }],
    [403, 'invalid_token', {}, { retry: false, gone: false }],
    [404, 'no_service', {}, { retry: false, gone: true }],
    [404, '<html>not found</html>', {}, { retry: false, gone: false }],
    [410, 'channel_is_archived', {}, { retry: false, gone: true }],
    [302, '', { Location: 'https://slack.com/login' }, { retry: false }],
  ])('%i %s', async (status, text, headers, expected) => {
    const there = await answering(status, text, headers as Record<string, string>)
    const failed = await failure(send(slackKind, { url: `${there.url}/services/T0/B0/hunter2` }, message()))
    expect(failed).toMatchObject({ ...expected, answered: String(status) })
    expect(failed.message).not.toMatch(/hunter2|html|127\.0\.0\.1/)
    if (/^[a-z_]+$/.test(text)) expect(failed.message).toContain(text)
  })
})

describe('webhook', () => {
  const secret = (letter: string) => `whsec_${Buffer.alloc(32, letter).toString('base64')}`
  const headersOf = (there: Receiver) => there.got[0]?.headers as Record<string, string>

  it('is signed so that the library of Standard Webhooks takes it, and nothing that was changed', async () => {
    now = Date.now()
    const there = await listening((response) => void response.writeHead(204).end())
    expect(await send(webhookKind, { url: `${there.url}/hook` }, message(), [secret('a')])).toBe('204')
    const text = there.got[0]?.body.toString() ?? ''
    const body = webhookBodySchema.parse(new Webhook(secret('a')).verify(text, headersOf(there)))
    expect(headersOf(there)['webhook-id']).toBe('n_abc')
    expect(body.data).toMatchObject({ key: 'n_abc', title: message().title, more: 0, drill: false })
    expect(body.data.incidents[0]).toEqual({
      ...{
        id: 'INC-1042',
        title: 'Payments fail in eu-west',
        service: 'payments',
        tier: 1,
        reason: 'escalated',
        owner: null,
      },
      ...{ text: 'Nobody has claimed it for 5 min.', openedAt: '2026-03-02T02:55:12.480Z' },
      link: 'https://ux.example.org/incident/INC-1042',
    })
    expect(() => new Webhook(secret('a')).verify(text.replace('1042', '1043'), headersOf(there))).toThrow()
    expect(() => new Webhook(secret('b')).verify(text, headersOf(there))).toThrow()
  })

  it('while a secret is rotated, whoever checks with either takes it; a repeat is known by its id', async () => {
    now = Date.now()
    const there = await listening()
    await send(webhookKind, { url: there.url }, message(), [secret('b'), secret('a')])
    now += 60_000
    await send(webhookKind, { url: there.url }, message(), [secret('b')])
    const [first, again] = there.got
    for (const letter of ['a', 'b'])
      new Webhook(secret(letter)).verify(first?.body.toString() ?? '', first?.headers as Record<string, string>)
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(again?.body).toEqual(first?.body)
    expect(again?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp'])
    expect(() =>
      new Webhook(secret('a')).verify(again?.body.toString() ?? '', again?.headers as Record<string, string>),
    ).toThrow()
  })

  it('a storm, a restricted one and a test are as documented', async () => {
    const there = await listening()
    for (const what of [storm(), testMessage('1', at, 'https://ux.example.org/channels')])
      await send(webhookKind, { url: there.url }, what, [secret('a')])
    const [first, second] = there.got.map(({ body }) => webhookBodySchema.parse(JSON.parse(body.toString())))
    expect([first?.type, first?.data.incidents.length, first?.data.more]).toEqual(['notification', 30, 12])
    expect(first?.data.incidents[3]).toMatchObject({
      title: null,
      service: null,
      tier: null,
      owner: null,
      openedAt: null,
    })
    expect([second?.type, second?.data.incidents]).toEqual(['test', []])
  })

  it('410 ends it; 3xx and 4xx are not repeated; 5xx are', async () => {
    const failed = async (status: number) =>
      failure(send(webhookKind, { url: (await answering(status)).url }, message(), [secret('a')]))
    expect(await failed(410)).toMatchObject({ gone: true, retry: false })
    expect(await failed(301)).toMatchObject({ gone: false, retry: false })
    expect(await failed(422)).toMatchObject({ gone: false, retry: false })
    expect(await failed(502)).toMatchObject({ gone: false, retry: true })
  })

  it('is never sent unsigned', async () => {
    const there = await listening()
    expect(await failure(send(webhookKind, { url: there.url }, message(), []))).toMatchObject({ retry: false })
    expect(there.got).toEqual([])
  })
})

describe('ntfy', () => {
  it('is published as JSON at the root of its server, with links to open and a token', async () => {
    const there = await listening()
    const address = { topic: `${there.url}/ops`, token: 'tk_abc', inside: true }
    expect(await publish(ways.outgoing, address, message(), patient())).toBe('200')
    const [got] = there.got
    expect([got?.path, got?.headers.authorization]).toEqual(['/', 'Bearer tk_abc'])
    expect(JSON.parse(got?.body.toString() ?? '')).toEqual({
      topic: 'ops',
      title: 'Escalated to you: INC-1042 Payments fail in eu-west',
      message:
        'INC-1042 Payments fail in eu-west\nEscalated · Tier 1 · payments · open since 02:55 UTC (5 min) · nobody has it\nNobody has claimed it for 5 min.',
      priority: 5,
      tags: ['rotating_light'],
      click: 'https://ux.example.org/incident/INC-1042',
      actions: [
        { action: 'view', label: 'Claim', url: 'https://ux.example.org/act#secret-token', clear: true },
        { action: 'view', label: 'Open', url: 'https://ux.example.org/incident/INC-1042', clear: true },
      ],
    })
  })

  it('W3: a shared topic gets no link that acts', async () => {
    const there = await listening()
    await send(ntfyKind, { topic: `${there.url}/ops` }, message())
    expect(there.got[0]?.body.toString()).not.toContain('secret-token')
    expect(there.got[0]?.headers.authorization).toBeUndefined()
  })

  it('rings by tier, fits its limit, and has at most three links', () => {
    const priorityOf = (tier: 1 | 2 | 3 | null) => noteOf('t', message({ incidents: [incident({ tier })] })).priority
    expect([1, null, 2, 3].map((tier) => priorityOf(tier as 1))).toEqual([5, 5, 4, 3])
    const long = '🔥'.repeat(300)
    const many = noteOf(
      't',
      message({ incidents: Array.from({ length: 40 }, () => incident({ title: long, text: long })) }),
    )
    expect(Buffer.byteLength(many.message)).toBeLessThanOrEqual(4096)
    const actions = (['Claim', 'Accept', 'Acknowledge'] as const).map((label) => ({
      label,
      url: 'https://ux.example.org/act#1',
    }))
    expect(noteOf('t', message({ incidents: [incident({ actions })] })).actions).toHaveLength(3)
    expect(noteOf('t', testMessage('1', at, 'https://ux.example.org/me'))).toMatchObject({
      priority: 3,
      message: expect.stringContaining('Nothing is asked'),
    })
    expect(noteOf('t', message({ drill: true }))).toMatchObject({
      title: expect.stringMatching(/^EXERCISE/),
      tags: ['construction', 'exercise'],
    })
  })

  it('a topic alone is one of ntfy.sh; what is none is refused', async () => {
    expect(partsOfTopic('ops')).toEqual({ server: 'https://ntfy.sh/', topic: 'ops' })
    expect(partsOfTopic('https://n.example.org/sub/ops')).toEqual({
      server: 'https://n.example.org/sub/',
      topic: 'ops',
    })
    expect(partsOfTopic('a b')).toBeNull()
    const bad = publish(ways.outgoing, { topic: 'a b', token: null, inside: true }, message(), patient())
    expect(await failure(bad)).toMatchObject({ retry: false })
  })

  it('403 is not repeated, 429 is', async () => {
    const failed = async (status: number) =>
      failure(send(ntfyKind, { topic: `${(await answering(status)).url}/ops` }, message()))
    expect(await failed(403)).toMatchObject({ retry: false, gone: false })
    expect(await failed(429)).toMatchObject({ retry: true })
  })
})
