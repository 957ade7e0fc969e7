import { expect, test } from 'vitest'
import { usualPreferences } from '#shared/notify/preferences.ts'
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

test('rule N9: a stop in order lets what is under way end, notes it, begins nothing more, and the next start sends nothing twice', async () => {
  const w = new NotifyWorld()
  w.person('ada')
  w.person('ben')
  await w.start()
  const { promise, resolve } = Promise.withResolvers<void>()
  w.hold = promise
  await w.declare('INC-1')
  await w.page('INC-1', ['ada'])
  await w.poll()
  await w.page('INC-1', ['ben'])
  const closed = w.outbox.close()
  await w.poll()
  expect(await w.notified()).toEqual([])
  resolve()
  await closed
  expect(w.taken.map(({ lane }) => lane)).toEqual(['ada/email'])
  expect(await w.notified()).toMatchObject([{ person: 'ada', outcome: 'delivered' }])
  await w.start()
  await w.quieten()
  expect(w.taken.map(({ lane }) => lane)).toEqual(['ada/email', 'ben/email'])
})

test('rule N9: of a stop that is not waited for, what was under way is sent once more under its key', async () => {
  const w = new NotifyWorld()
  w.person('ada')
  await w.start()
  w.hold = new Promise(() => undefined)
  await w.declare('INC-1')
  const [paged] = await w.page('INC-1', ['ada'])
  await w.poll()
  void w.outbox.close()
  w.hold = null
  await w.start()
  await w.quieten()
  expect(w.taken.map(({ message }) => message.key)).toEqual([`${paged?.seq}.ada.email`])
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

test('rule N4: what quiet hours held back is told at once when it is found to be Tier 1, but to whoever chose otherwise', async () => {
  const quiet = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '10:00', to: '20:00' }]
  const w = new NotifyWorld()
  w.person('ada', ['email'], { ...usualPreferences, quiet, zone: 'UTC' })
  w.person('ben', ['email'], { ...usualPreferences, quiet, zone: 'UTC', quietForUrgent: true })
  await w.start()
  await w.declare('INC-1', { tier: 2 })
  await w.page('INC-1', ['ada', 'ben'])
  await w.poll()
  expect(w.taken).toEqual([])
  const graded = {
    type: 'classified' as const,
    at: w.now,
    by: 'person:cleo',
    tier: 1 as const,
    from: 2 as const,
    reason: 'All.',
  }
  await w.happen('INC-1', graded)
  await w.poll()
  expect(w.taken.map(({ lane }) => lane)).toEqual(['ada/email'])
})
