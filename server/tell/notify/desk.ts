import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { passage } from '#shared/notify/quiet.ts'
import type { ReachView } from '#shared/notify/view.ts'
import type { Person } from '../../access/port.ts'
import type { AddressBook } from './addresses.ts'
import type { Outbox } from './outbox.ts'
import { DeliveryFailed, type Message, type NotifyDesk, type Senders } from './port.ts'

export interface DeskParts {
  clock: Clock
  addresses: AddressBook
  outbox: Outbox
  senders: Pick<Senders, 'nameOf' | 'pushKey' | 'senderFor'>
  people: { list(): Person[]; mayRespond(personId: string): boolean }
  nameOf(person: string): string
  newId(): string
  baseUrl(): string
  signal(ms: number): AbortSignal
}

const testEveryMs = 5_000
const tryMs = 20_000

/** How people are told, as its screens show and change it. */
export function makeDesk(parts: DeskParts): Omit<NotifyDesk, 'look' | 'act'> {
  const { clock, addresses, outbox, senders, people } = parts
  const tested = new Map<string, number>()
  const mine: NotifyDesk['mine'] = (personId) => ({
    preferences: addresses.preferences(personId),
    usual: !addresses.hasChosen(personId),
    ways: addresses.ways(personId),
  })
  return {
    mine,
    async choose(who, personId, preferences) {
      await addresses.choose(who, personId, preferences)
      return mine(personId)
    },
    async test(personId, kind) {
      const now = clock.now()
      if (now - (tested.get(personId) ?? 0) < testEveryMs)
        throw new UxbridgeError('too-many-tries', 'One test in five seconds. Wait a moment, then send another.', {
          retryAfterS: 5,
        })
      tested.set(personId, now)
      const sender = addresses.sender(personId, kind)
      if (sender === null) {
        const why = addresses.ways(personId).find((way) => way.kind === kind)?.why
        return { delivered: false, detail: why ?? 'This way leads nowhere yet.' }
      }
      const message: Message = {
        key: `test.${parts.newId()}`,
        at: now,
        title: 'A test from Uxbridge: this way works',
        incidents: [],
        more: 0,
        drill: false,
        link: `${parts.baseUrl()}/notifications`,
      }
      try {
        await sender.send(message, parts.signal(tryMs))
        return { delivered: true, detail: 'The other side took it. Look whether it is there.' }
      } catch (error) {
        if (!(error instanceof DeliveryFailed)) throw error
        return { delivered: false, detail: `It did not arrive: ${error.message}.` }
      }
    },
    pushKey: () => senders.pushKey,
    subscribe: (who, personId, subscription) => addresses.subscribe(who, personId, subscription),
    unsubscribe: (who, personId, endpoint) => addresses.unsubscribe(who, personId, endpoint),
    reach(): ReachView {
      const now = clock.now()
      const { waiting, sending, heldBack } = outbox.figures(true)
      return {
        people: people
          .list()
          .filter(({ id }) => people.mayRespond(id))
          .map(({ id, name }) => {
            const preferences = addresses.preferences(id)
            const set = addresses.kinds(id)
            const goes = (tier: 1 | 2, one: (typeof set)[number]) =>
              passage(preferences, one, { code: 'unowned' }, tier, now).goes === 'now'
            return {
              person: { id, name },
              now: set.filter((one) => goes(2, one)),
              set,
              urgent: set.some((one) => goes(1, one)),
            }
          }),
        waiting,
        sending,
        heldBack,
        recent: outbox.recent().map(({ at, person, channel, ...rest }) => ({
          ...rest,
          at: new Date(at).toISOString(),
          person: person === null ? null : { id: person, name: parts.nameOf(person) },
          channel: senders.senderFor(channel) === null ? channel : senders.nameOf(channel),
        })),
      }
    },
  }
}
