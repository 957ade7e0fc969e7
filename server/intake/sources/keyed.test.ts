import { expect, it } from 'vitest'
import { deliveredAs, keyedEvent, readEach } from './keyed.ts'
import { Fault } from './labels.ts'
import { capturedAt } from './reading.fixture.ts'

it('F12: a member keeps the name of its delivery when more of its neighbours can be read than before', () => {
  const named = (readable: readonly string[]) => {
    const read = ({ title }: Record<string, unknown>) =>
      readable.includes(String(title))
        ? keyedEvent({ status: 'firing', key: String(title), severity: 'low', title: String(title) }, capturedAt)
        : new Fault('invalid', 'title', 'not known')
    const { events } = deliveredAs('msg_1', readEach([{ title: 'a' }, { title: 'b' }, { title: 'c' }], read))
    return Object.fromEntries(events.map(({ title, deliveryId }) => [title, deliveryId]))
  }
  expect(named(['c'])).toEqual({ c: 'msg_1 2' })
  expect(named(['a', 'b', 'c'])).toEqual({ a: 'msg_1 0', b: 'msg_1 1', c: 'msg_1 2' })
})
