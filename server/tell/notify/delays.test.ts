import { expect, test } from 'vitest'
import { NotifyWorld } from './outbox.fixture.ts'

const hourMs = 3_600_000

test('rule N3: what waits behind tries that hang is asked again before it is sent for the first time', async () => {
  const w = new NotifyWorld()
  const people = Array.from({ length: 20 }, (_, n) => `p${n}`)
  for (const id of people) w.person(id)
  await w.start()
  const { promise, resolve } = Promise.withResolvers<void>()
  w.hold = promise
  await w.declare('INC-1')
  await w.page('INC-1', people)
  await w.poll()
  expect(w.tries).toBe(16)
  await w.claim('INC-1', 'p0')
  resolve()
  await w.quieten()
  expect(w.taken).toHaveLength(16)
})

test('a clock that was set ahead and back holds nothing up', async () => {
  const w = new NotifyWorld()
  w.person('ada')
  w.person('ben')
  await w.start()
  w.answers = (attempt) => (attempt === 0 ? 'busy' : 'take')
  w.now += 24 * hourMs
  await w.declare('INC-1', { tier: 1 })
  await w.page('INC-1', ['ben'])
  await w.poll()
  await w.poll()
  await w.page('INC-1', ['ada'])
  await w.poll()
  w.now -= 24 * hourMs
  await w.page('INC-1', ['ada'], 'escalated')
  for (let seconds = 0; seconds < 120; seconds++) {
    await w.poll()
    w.now += 1000
  }
  expect(w.taken.map(({ lane }) => lane).sort()).toEqual(['ada/email', 'ada/email', 'ben/email'])
})
