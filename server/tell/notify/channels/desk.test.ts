import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { trialClock, trialParts } from '../../../access/trial.ts'
import { makeMemoryStore } from '../../../store/index.ts'
import type { Store } from '../../../store/port.ts'
import type { DeliveryFailed } from '../port.ts'
import { channelUse, openChannels, unknownChannelsIn } from './index.ts'
import { type Got, incident, message, patient, type Receiver, receiver } from './receiver.fixture.ts'

const ops = { by: 'system:ops', address: null }
const open: Receiver[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
async function listening(answer?: Parameters<typeof receiver>[0]): Promise<Receiver> {
  const made = await receiver(answer)
  open.push(made)
  return made
}
const failure = (work: Promise<unknown> | undefined): Promise<Error & { code?: string } & Partial<DeliveryFailed>> =>
  Promise.resolve(work).then(
    () => {
      throw new Error('was taken')
    },
    (error: Error) => error,
  )

async function house(store: Store = makeMemoryStore(), clock = trialClock(Date.now()), seed = 'one') {
  const parts = trialParts(store, clock, [], seed)
  const channels = await openChannels({
    ...{ initial: await store.read.settings(), clock, random: parts.random, smtp: null, publicUrl: null },
    record: parts.record,
    keep: ({ put }) => parts.keep({ put, remove: [] }),
    baseUrl: () => 'https://ux.example.org',
  })
  return { ...channels, clock, store, audit: parts.audit }
}
const hook = (url: string) => ({ kind: 'webhook' as const, name: 'Ticket system', settings: { url, inside: true } })

describe('the desk of shared channels', () => {
  it('adds, lists, changes and removes, each with an entry in the audit that holds no setting', async () => {
    const { desk, audit } = await house()
    const added = await desk.add(ops, hook('https://tickets.example.org/hook'))
    expect(added.channel).toMatchObject({
      ...{ id: 'ticket-system', kind: 'webhook', paused: null, secretSettings: [] },
      ...{ settings: { url: 'https://tickets.example.org/hook', inside: true }, signing: { oldEndsAt: null } },
    })
    expect(added.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const chat = await desk.add(ops, {
      ...{ kind: 'slack', name: 'Ops chat', id: 'chat' },
      settings: { url: ' https://hooks.example.org/T/B/hunter2\n' },
    })
    expect([chat.secret, chat.channel.settings, chat.channel.secretSettings]).toEqual([null, {}, ['url']])
    expect(desk.list().map(({ id }) => id)).toEqual(['chat', 'ticket-system'])
    const changed = await desk.change(ops, 'chat', { name: 'Ops', settings: { inside: true } })
    expect(changed).toMatchObject({ name: 'Ops', settings: { inside: true }, secretSettings: ['url'] })
    await desk.remove(ops, 'ticket-system')
    expect(desk.get('ticket-system')).toBeUndefined()
    expect(audit.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'channel.add ticket-system',
      'channel.add chat',
      'channel.change chat',
      'channel.remove ticket-system',
    ])
    expect(JSON.stringify(audit)).not.toMatch(/example\.org|whsec_|hunter2/)
  })

  it('refuses what cannot work, with the path of each field', async () => {
    const { desk, audit } = await house()
    const refused = async (work: Promise<unknown>) => {
      const { code, details } = (await failure(work)) as { code?: string; details?: { fields?: { path: string }[] } }
      return [code, ...(details?.fields ?? []).map(({ path }) => path)]
    }
    await desk.add(ops, hook('https://a.example.org/'))
    expect(await refused(desk.add(ops, hook('https://b.example.org/')))).toEqual(['name-taken'])
    expect(
      await refused(desk.add(ops, { ...hook('https://b.example.org/'), name: 'Other', id: 'ticket-system' })),
    ).toEqual(['name-taken'])
    expect(await refused(desk.add(ops, { ...hook('https://b.example.org/'), name: '!!' }))).toEqual([
      'fields-invalid',
      'id',
    ])
    expect(await refused(desk.add(ops, { ...hook('x'), name: 'Email' }))).toEqual(['fields-invalid', 'id'])
    const add = (kind: 'slack' | 'webhook' | 'ntfy' | 'email', settings: Record<string, unknown>) =>
      refused(desk.add(ops, { kind, name: 'Another', settings }))
    expect(await add('slack', {})).toEqual(['fields-invalid', 'settings.url'])
    for (const url of ['ftp://x', 'hooks.example.org', 'https://u:p@x/', 'https://x/#a'])
      expect(await add('webhook', { url })).toEqual(['fields-invalid', 'settings.url'])
    expect(await add('ntfy', { topic: 'a b', token: 'tk ü' })).toEqual([
      'fields-invalid',
      'settings.topic',
      'settings.token',
    ])
    expect(await add('email', { address: 'a@b\r\nBcc: c@d' })).toEqual(['fields-invalid', 'settings.address'])
    expect(await add('email', { address: 'a@b', inside: true })).toEqual(['fields-invalid', 'settings.inside'])
    for (const work of [
      desk.change(ops, 'none', {}),
      desk.test(ops, 'none'),
      desk.rotate(ops, 'none', 0),
      desk.remove(ops, 'none'),
    ])
      expect(await refused(work)).toEqual(['not-found'])
    expect(audit).toHaveLength(1)
  })

  it('tells honestly what became of a test', async () => {
    const { desk, audit } = await house()
    const there = await listening()
    const { secret } = await desk.add(ops, hook(there.url))
    expect(await desk.test(ops, 'ticket-system')).toMatchObject({ ok: true, answered: '200' })
    const [got] = there.got
    const body = new Webhook(secret ?? '').verify(got?.body.toString() ?? '', got?.headers as Record<string, string>)
    expect(body).toMatchObject({
      type: 'test',
      data: { title: 'Test message from Uxbridge', link: 'https://ux.example.org/channels' },
    })
    await desk.change(ops, 'ticket-system', { settings: { inside: null } })
    const refused = await desk.test(ops, 'ticket-system')
    expect(refused).toMatchObject({ ok: false, answered: null })
    expect(refused.says).toContain('an administrator has to allow')
    await desk.add(ops, { kind: 'email', name: 'List', settings: { address: 'list@example.org' } })
    expect(desk.kinds().find(({ kind }) => kind === 'email')?.ready).toContain('SMTP_URL')
    expect(await desk.test(ops, 'list')).toMatchObject({ ok: false, says: expect.stringContaining('SMTP_URL') })
    expect(audit.filter(({ action }) => action === 'channel.test').map(({ detail }) => detail.ok)).toEqual([
      true,
      false,
      false,
    ])
    // Tests are no deliveries.
    expect(desk.get('ticket-system')?.deliveries).toMatchObject({ delivered: 0, failed: 0 })
  })

  it('signs with two secrets while one is rotated out, never with three', async () => {
    const { desk, clock, senders } = await house()
    const there = await listening()
    const first = (await desk.add(ops, hook(there.url))).secret ?? ''
    const second = (await desk.rotate(ops, 'ticket-system', 24 * hourMs)).secret
    clock.pass(hourMs)
    const third = (await desk.rotate(ops, 'ticket-system', 24 * hourMs)).secret
    const signatures = async () => {
      await senders.senderFor('ticket-system')?.send(message(), patient())
      const { body, headers } = there.got.at(-1) as Got
      const at = new Date(Number(headers['webhook-timestamp']) * 1000)
      const signed = String(headers['webhook-signature']).split(' ')
      return signed.map((each) =>
        [first, second, third].findIndex((secret) => new Webhook(secret).sign('n_abc', at, String(body)) === each),
      )
    }
    expect(await signatures()).toEqual([2, 1])
    expect(desk.get('ticket-system')?.signing?.oldEndsAt).not.toBeNull()
    clock.pass(24 * hourMs)
    expect(await signatures()).toEqual([2])
    expect(desk.get('ticket-system')?.signing?.oldEndsAt).toBeNull()
    await desk.add(ops, { kind: 'slack', name: 'Chat', settings: { url: 'https://x.example.org/' } })
    expect((await failure(desk.rotate(ops, 'chat', 0))).code).toBe('fields-invalid')
  })
})

describe('what is sent', () => {
  it('is counted, with its failures in a row, and a restart has it again', async () => {
    const first = await house()
    let status = 500
    const there = await listening((response) => void response.writeHead(status).end())
    await first.desk.add(ops, hook(there.url))
    const sender = first.senders.senderFor('ticket-system')
    for (let n = 0; n < 2; n++) expect(await failure(sender?.send(message(), patient()))).toMatchObject({ retry: true })
    expect(first.desk.get('ticket-system')?.deliveries).toMatchObject({
      ...{ delivered: 0, failed: 2, inARow: 2, lastAt: null },
      lastFailure: { answered: '500', says: 'It answered 500: a fault of the other side.' },
    })
    status = 200
    await sender?.send(message(), patient())
    await first.flush()
    const again = await house(first.store, first.clock, 'two')
    expect(again.desk.get('ticket-system')?.deliveries).toEqual(first.desk.get('ticket-system')?.deliveries)
    expect(again.desk.get('ticket-system')?.deliveries).toMatchObject({ delivered: 1, failed: 2, inARow: 0 })
    expect(again.senders.pushKey).toBe(first.senders.pushKey)
  })

  it('W3: has no link that acts in a shared channel, whoever put one in', async () => {
    const { desk, senders } = await house()
    const there = await listening()
    await desk.add(ops, { kind: 'slack', name: 'Chat', settings: { url: there.url, inside: true } })
    await senders.senderFor('chat')?.send(message(), patient())
    await senders
      .ntfy(`${there.url}/mine`)
      .send(message(), patient())
      .catch(() => undefined)
    expect(there.got).toHaveLength(1)
    expect(there.got[0]?.body.toString()).not.toContain('secret-token')
  })

  it('W5: a channel that says it is gone is paused, and says why; somebody lets it send again', async () => {
    const { desk, senders, audit } = await house()
    let status = 410
    const there = await listening((response) => void response.writeHead(status).end())
    await desk.add(ops, hook(there.url))
    const sender = senders.senderFor('ticket-system')
    const both = await Promise.all(
      [sender?.send(message(), patient()), sender?.send(message(), patient())].map(failure),
    )
    for (const failed of both) expect(failed).toMatchObject({ gone: true, retry: false })
    expect(desk.get('ticket-system')?.paused).toMatchObject({
      by: 'system:notify',
      why: 'It is gone for good: it answered 410.',
    })
    expect(await failure(sender?.send(message(), patient()))).toMatchObject({
      retry: false,
      message: expect.stringContaining('paused'),
    })
    expect(there.got).toHaveLength(2)
    status = 200
    expect(await desk.test(ops, 'ticket-system')).toMatchObject({ ok: true })
    await desk.change(ops, 'ticket-system', { paused: false })
    await sender?.send(message(), patient())
    expect(audit.filter(({ action, by }) => action === 'channel.pause' && by === 'system:notify').length).toBe(1)
    expect(desk.get('ticket-system')?.paused).toBeNull()
  })

  it('a sender in hand follows its channel: changed, paused, removed', async () => {
    const { desk, senders } = await house()
    const [old, fresh] = [await listening(), await listening()]
    await desk.add(ops, hook(old.url))
    const sender = senders.senderFor('ticket-system')
    await desk.change(ops, 'ticket-system', { settings: { url: fresh.url } })
    await sender?.send(message(), patient())
    expect([old.got.length, fresh.got.length]).toEqual([0, 1])
    await desk.change(ops, 'ticket-system', { paused: true, why: 'moved' })
    expect((await failure(sender?.send(message(), patient()))).message).toContain('paused')
    await desk.remove(ops, 'ticket-system')
    expect((await failure(sender?.send(message(), patient()))).message).toContain('removed')
    expect(senders.senderFor('ticket-system')).toBeNull()
    expect(senders.nameOf('ticket-system')).toBe('ticket-system')
  })

  it('topics of people are on the server that administrators set up, under what they allowed', async () => {
    const { desk, senders } = await house()
    const there = await listening()
    expect([senders.ntfyServer(), senders.email('ana@example.org')]).toEqual(['https://ntfy.sh/', null])
    const refused = await failure(senders.ntfy(`${there.url}/mine`).send(message(), patient()))
    expect(refused.message).toContain('an administrator has to allow')
    await desk.add(ops, {
      kind: 'ntfy',
      name: 'Phones',
      settings: { topic: `${there.url}/all`, token: 'tk_1', inside: true },
    })
    expect(senders.ntfyServer()).toBe(`${there.url}/`)
    await senders.ntfy('mine').send(message({ incidents: [incident()] }), patient())
    const { headers, body } = there.got[0] ?? {}
    expect([headers?.authorization, JSON.parse(String(body)).topic]).toEqual(['Bearer tk_1', 'mine'])
    expect(JSON.parse(String(body)).actions.map(({ label }: { label: string }) => label)).toEqual(['Claim', 'Open'])
    // W3: where no token guards it, whoever knows its name would act as that person.
    const [only] = desk.list()
    await desk.change(ops, only?.id ?? '', { settings: { topic: `${there.url}/all`, inside: true, token: null } })
    await senders.ntfy('mine').send(message({ incidents: [incident()] }), patient())
    expect(String(there.got[1]?.body)).not.toContain('secret-token')
    const elsewhere = await failure(senders.ntfy('http://localhost:1/mine').send(message(), patient()))
    expect(elsewhere.message).toContain('an administrator has to allow')
  })
})

describe('rows', () => {
  it('a row that was damaged is named', async () => {
    const { store, desk } = await house()
    await desk.add(ops, hook('https://a.example.org/'))
    await store.commit({ put: [{ kind: 'channel', id: 'ticket-system', doc: { kind: 'pigeon' } }] })
    expect((await failure(house(store))).message).toContain('The setting channel ticket-system cannot be read')
  })
})

it('channels that a policy names are found, with who names them', () => {
  const use = channelUse({
    escalation_policies: [
      {
        id: 'default',
        repeat: 1,
        quiet: [],
        steps: [
          { wait: 1, notify: ['team:a', 'channel:ops'] },
          { wait: 1, notify: ['channel:ops', 'channel:tickets'] },
        ],
      },
      { id: 'night', repeat: 1, quiet: [], steps: [{ wait: 1, notify: ['channel:ops', 'ana'] }] },
    ],
    notify: { ...builtInPolicy.notify, announce: [{ channel: 'chat', on: ['opened'] }] },
  })
  expect(Object.fromEntries(use)).toEqual({
    ops: ['escalation default', 'escalation night'],
    tickets: ['escalation default'],
    chat: ['announcements'],
  })
})

it('a text of a policy is told which of its lines name a channel that is not there', () => {
  const text = `escalation_policies:
  - steps:
      - { notify: [team:a, channel:ops, 'channel:nowhere', "channel:lost"], wait: 5m }   # channel:comment
# channel:comment
notify:
  announce:
    - channel: tickets
    - { channel: ops }
    - { channel: Ops_2 }
definitions: [{ name: x, match: ['channel="ops"'], as: 1 }]`
  const warned = unknownChannelsIn(text, (id) => id === 'ops')
  expect(warned.map(({ line, message }) => [line, /"(.+)"/.exec(message)?.[1]])).toEqual([
    [3, 'nowhere'],
    [3, 'lost'],
    [7, 'tickets'],
    [9, 'Ops_2'],
  ])
})
