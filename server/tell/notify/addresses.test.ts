import { describe, expect, it } from 'vitest'
import { usualPreferences } from '#shared/notify/preferences.ts'
import { makeMemoryStore } from '../../store/memory.ts'
import type { Store } from '../../store/port.ts'
import { makeAddresses } from './addresses.ts'
import { DeliveryFailed, type Message, type PushAddress } from './port.ts'

const doer = { by: 'person:ada', address: null }
const message: Message = { key: 'k', at: 0, title: 't', incidents: [], more: 0, drill: false, link: '' }
const browser = (name: string): PushAddress => ({
  endpoint: `https://push.example/${name}`,
  keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) },
})

async function book(store: Store = makeMemoryStore(), { mail = true } = {}) {
  const reached: string[] = []
  const audit: string[] = []
  const answers = new Map<string, DeliveryFailed>()
  const send = (to: string) => ({
    kind: 'web-push' as const,
    send: async () => {
      const failure = answers.get(to)
      if (failure !== undefined) throw failure
      reached.push(to)
    },
  })
  const people = ['ada', 'ben', 'gone'].map((id) => ({
    ...{ id, name: id, email: id === 'ben' ? null : `${id}@test.example`, roles: ['responder'] as const },
    ...{ disabled: id === 'gone', invited: false },
  }))
  const addresses = makeAddresses({
    initial: await store.read.settings(),
    people: { get: (id) => people.find((one) => one.id === id), list: () => people },
    senders: {
      email: (address) => (mail ? send(address) : null),
      webPush: ({ endpoint }) => send(endpoint),
      ntfy: (topic) => send(`ntfy ${topic}`),
      ntfyServer: () => 'https://ntfy.sh/',
    },
    record: async ({ action, put }) => {
      audit.push(action)
      await store.commit({ put: put ?? [] })
    },
    keep: ({ put }) => store.commit({ put }),
    log: { error: () => undefined },
  })
  return { addresses, store, reached, audit, answers }
}

describe('how people are reached', () => {
  it('a browser is of whoever subscribed it last: what is for the one before is not shown to them', async () => {
    const { addresses } = await book()
    await addresses.subscribe(doer, 'ada', browser('shared'))
    await addresses.subscribe({ ...doer, by: 'person:ben' }, 'ben', browser('shared'))
    expect(addresses.sender('ada', 'web-push')).toBeNull()
    expect(addresses.sender('ben', 'web-push')).not.toBeNull()
  })

  it('by mail at once, without having chosen anything; by nothing where there is no address or no mail server', async () => {
    const { addresses } = await book()
    expect(addresses.kinds('ada')).toEqual(['email'])
    expect(addresses.kinds('ben')).toEqual([])
    expect(addresses.kinds('gone')).toEqual([])
    const { addresses: bare } = await book(makeMemoryStore(), { mail: false })
    expect(bare.anybody()).toBe(false)
    expect(bare.ways('ada').map(({ ready }) => ready)).toEqual([false, false, false])
    expect(bare.ways('ada')[0]?.why).toContain('SMTP_URL')
  })

  it('what they choose is theirs: audited without words, there after a restart, gone when they are erased', async () => {
    const { addresses, store, audit } = await book()
    await addresses.choose(doer, 'ada', { ...usualPreferences, zone: 'Europe/Berlin', ntfyTopic: 'ada-7f3' })
    expect(await addresses.subscribe(doer, 'ada', browser('one'))).toBe(1)
    expect(audit).toEqual(['notify.choose', 'notify.subscribe'])
    const rows = await store.read.settings('notify-person')
    expect(JSON.stringify(rows.map(({ doc }) => doc))).not.toMatch(/Berlin|push|7f3/)
    const { addresses: again } = await book(store)
    expect(again.preferences('ada').zone).toBe('Europe/Berlin')
    expect(again.kinds('ada')).toEqual(['email', 'web-push', 'ntfy'])
    await store.erase({ personId: 'ada' })
    const { addresses: after } = await book(store)
    expect(after.hasChosen('ada')).toBe(false)
    expect(after.kinds('ada')).toEqual(['email'])
  })

  it('a zone there is none of is refused, with its path', async () => {
    const { addresses } = await book()
    await expect(addresses.choose(doer, 'ada', { ...usualPreferences, zone: 'Mars/Base' })).rejects.toMatchObject({
      code: 'fields-invalid',
      details: { fields: [{ path: 'zone' }] },
    })
  })

  it('all browsers of a person are one way: one that took it is enough, one that has unsubscribed is forgotten', async () => {
    const { addresses, reached, answers } = await book()
    for (const name of ['one', 'two', 'two']) await addresses.subscribe(doer, 'ada', browser(name))
    answers.set(browser('one').endpoint, new DeliveryFailed('410', { retry: false, gone: true }))
    await addresses.sender('ada', 'web-push')?.send(message, new AbortController().signal)
    expect(reached).toEqual([browser('two').endpoint])
    expect(await addresses.unsubscribe(doer, 'ada', 'https://push.example/none')).toBe(1)
    expect(addresses.ways('ada')[1]).toMatchObject({ to: '1 browser', ready: true })
    answers.set(browser('two').endpoint, new DeliveryFailed('503', { retry: true }))
    const again = addresses.sender('ada', 'web-push')?.send(message, new AbortController().signal)
    await expect(again).rejects.toMatchObject({ retry: true })
  })

  it('ten browsers at most; the first one makes room', async () => {
    const { addresses, reached } = await book()
    for (let n = 0; n < 12; n++) await addresses.subscribe(doer, 'ada', browser(String(n)))
    await addresses.sender('ada', 'web-push')?.send(message, new AbortController().signal)
    expect(reached).toHaveLength(10)
    expect(reached).not.toContain(browser('1').endpoint)
  })
})
