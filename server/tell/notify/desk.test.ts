import { describe, expect, it } from 'vitest'
import { usualPreferences } from '#shared/notify/preferences.ts'
import type { AddressBook } from './addresses.ts'
import { makeDesk } from './desk.ts'
import { NotifyWorld, noon } from './outbox.fixture.ts'
import { DeliveryFailed, type Message } from './port.ts'

const person = (id: string) => ({
  ...{ id, name: id.toUpperCase(), email: null, roles: ['responder'] as const, disabled: false, invited: false },
})

async function desk() {
  const world = new NotifyWorld()
  world.person('ada')
  await world.start()
  const clock = { at: noon, now: () => clock.at }
  const sent: Message[] = []
  const troubles = { failure: null as Error | null }
  const quiet = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '11:00', to: '13:00' }]
  const addresses = {
    preferences: (id: string) => (id === 'ben' ? { ...usualPreferences, quiet } : usualPreferences),
    kinds: (id: string) => (id === 'dan' ? [] : ['email']),
    sender: (id: string) =>
      id === 'dan'
        ? null
        : {
            kind: 'email',
            send: async (message: Message) => {
              if (troubles.failure !== null) throw troubles.failure
              sent.push(message)
            },
          },
    ways: () => [{ kind: 'email', ready: false, to: null, why: 'There is no mail server.' }],
    hasChosen: () => false,
  } as unknown as AddressBook
  const made = makeDesk({
    ...{ clock, addresses, outbox: world.outbox, newId: () => 'id', baseUrl: () => 'http://board' },
    senders: { pushKey: 'key', senderFor: () => null, nameOf: (id) => id },
    people: { list: () => ['ada', 'ben', 'dan', 'eve'].map(person), mayRespond: (id) => id !== 'eve' },
    nameOf: (id) => id.toUpperCase(),
    signal: () => new AbortController().signal,
  })
  return { desk: made, world, clock, sent, troubles }
}

describe('the desk of notifications', () => {
  it('sends a test at once, and says in words when it does not arrive; not more than one in five seconds', async () => {
    const { desk: made, clock, sent, troubles } = await desk()
    expect(await made.test('ada', 'email')).toMatchObject({ delivered: true })
    expect(sent[0]).toMatchObject({ key: 'test.id', incidents: [] })
    await expect(made.test('ada', 'email')).rejects.toMatchObject({ code: 'too-many-tries' })
    clock.at += 5_000
    troubles.failure = new DeliveryFailed('there is no such mailbox', { retry: false })
    expect(await made.test('ada', 'email')).toEqual({
      delivered: false,
      detail: 'It did not arrive: there is no such mailbox.',
    })
    expect(await made.test('dan', 'email')).toEqual({ delivered: false, detail: 'There is no mail server.' })
  })

  it('says of each responder what reaches them now, and what became of what was told', async () => {
    const { desk: made, world } = await desk()
    await world.declare('INC-1', { tier: 2 })
    await world.page('INC-1', ['ada'])
    await world.quieten()
    const { people, recent, waiting, sending } = made.reach()
    expect(people.map(({ person: { id }, now, set, urgent }) => [id, now, set, urgent])).toEqual([
      ['ada', ['email'], ['email'], true],
      ['ben', [], ['email'], true],
      ['dan', [], [], false],
    ])
    expect([waiting, sending]).toEqual([0, 0])
    expect(recent).toMatchObject([{ person: { id: 'ada', name: 'ADA' }, channel: 'email', outcome: 'delivered' }])
  })
})
