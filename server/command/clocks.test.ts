import { describe, expect, test } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { hasRunningClock, runningDeadlines } from '#shared/incident/legal-clocks.ts'
import { policySchema } from '#shared/policy.ts'
import { clockSumOf } from '../picture/board/clocks.ts'
import { makeMemoryStore } from '../store/index.ts'
import { ana, carla, House, here, person, refusal, vera } from './room.fixture.ts'

const what = { title: 'Customer data copied', service: null, tier: null, description: '', flags: [] }
const pia = person('pia', 'privacy')
const iso = (at: number): string => new Date(at).toISOString()
const start = (clock: string, at: number, more: object = {}) => ({
  ...{ type: 'start-clock', clock, at: iso(at), reason: 'Rows of customers were copied.' },
  ...more,
})
const typesOf = async (house: House, id: string) =>
  (await house.store.read.factsOf(id)).map(({ type }) => type).filter((type) => type.startsWith('clock-'))

async function begun() {
  const house = await House.open()
  const { incidentId } = await house.room.declare(ana, what, here)
  await house.does(ana, incidentId, { type: 'claim' })
  return { house, incidentId }
}
async function polled(house: House): Promise<void> {
  house.room.tick()
  await house.settled()
}

describe('clocks in the room', () => {
  test('CK1 responders, commanders and privacy officers start them; who only looks does not', async () => {
    const { house, incidentId } = await begun()
    expect(await refusal(house.does(vera, incidentId, start('gdpr-33-1', house.now)))).toBe('not-allowed')
    for (const [index, who] of [ana, carla, pia].entries())
      await house.does(who, incidentId, start(['gdpr-33-1', 'gdpr-34', 'nis2-23-4'][index] ?? '', house.now))
    expect(clockSumOf(house.room.incident(incidentId) ?? {})).toMatchObject({
      running: 5,
      next: [{ deadline: 'Early warning' }, {}, {}],
    })
  })

  test('CK1 the same command twice starts it once; two people at once start it once', async () => {
    const { house, incidentId } = await begun()
    const act = start('gdpr-33-1', house.now)
    const [one, two] = await Promise.all([
      house.does(ana, incidentId, act, 'same'),
      house.does(ana, incidentId, act, 'same'),
    ])
    expect(two).toEqual(one)
    expect(await refusal(house.does(pia, incidentId, act))).toBe('nothing-to-change')
  })

  test('CK6 near and passed are noted once, and a restart at any moment neither loses nor repeats them', async () => {
    let { house, incidentId } = await begun()
    await house.does(ana, incidentId, start('gdpr-33-1', house.now))
    for (const hours of [53, 1, 0, 17, 1, 0, 24]) {
      house = await house.later(hours * hourMs).restart()
      await polled(house)
      await polled(house)
    }
    expect(await typesOf(house, incidentId)).toEqual(['clock-started', 'clock-near', 'clock-breached'])
    const facts = await house.store.read.factsOf(incidentId)
    expect(facts.at(-1)).toMatchObject({ by: 'system:clock', deadline: 'authority' })
  })

  test('CK6 two processes on one store note it once', async () => {
    const store = makeMemoryStore()
    const first = await House.open(store, undefined, undefined, { node: 'a' })
    const { incidentId } = await first.room.declare(ana, what, here)
    await first.does(ana, incidentId, start('gdpr-33-1', first.now))
    const second = await House.open(store, first.now, undefined, { node: 'b' })
    for (const house of [first, second]) {
      house.later(73 * hourMs).room.tick()
      await house.settled()
    }
    expect(await typesOf(first, incidentId)).toEqual(['clock-started', 'clock-breached'])
  })

  test('CK8 a clock of an incident that was closed a month ago is still there after a restart, is noted, and can be stopped', async () => {
    let { house, incidentId } = await begun()
    await house.does(ana, incidentId, start('nis2-23-4', house.now))
    await house.does(ana, incidentId, { type: 'stop-clock', clock: 'nis2-23-4', reason: 'Sent.' })
    await house.does(ana, incidentId, { type: 'stop-clock', clock: 'nis2-23-4', reason: 'Sent.' })
    for (const phase of ['resolved', 'review', 'closed'])
      await house.does(ana, incidentId, { type: 'set-phase', phase })
    house = await house.later(25 * hourMs).restart()
    await house.room.checkpoint()
    expect(house.room.incident(incidentId)).toMatchObject({ phase: 'closed' })
    house = await house.later(28 * 24 * hourMs).restart()
    await polled(house)
    expect((await typesOf(house, incidentId)).at(-1)).toBe('clock-near')
    await house.does(pia, incidentId, { type: 'stop-clock', clock: 'nis2-23-4', reason: 'Final report sent.' })
    expect(hasRunningClock(house.room.incident(incidentId) ?? {})).toBe(false)
    await house.room.checkpoint()
    house = await house.later(25 * hourMs).restart()
    // Nothing is owed of it any more: it is read when somebody asks.
    expect(house.room.incident(incidentId)).toBeUndefined()
  })

  test('CK2 another policy after a restart changes nothing of what runs, and is what is started by', async () => {
    const { house, incidentId } = await begun()
    await house.does(ana, incidentId, start('gdpr-33-2', house.now))
    const dueOf = (one: House) =>
      runningDeadlines(one.room.incident(incidentId) ?? {}).map(({ deadline }) => deadline.dueAt)
    const before = dueOf(house)
    const policy = policySchema.parse({
      clocks: {
        definitions: [
          { id: 'gdpr-33-2', deadlines: [{ id: 'controller', name: 'Tell them', within: '1h' }] },
          { id: 'gdpr-34', off: true },
        ],
      },
    })
    const other = await House.open(house.store, house.now, undefined, { policy })
    expect(dueOf(other)).toEqual(before)
    expect(await refusal(other.does(ana, incidentId, start('gdpr-34', other.now), 'later-1'))).toBe('not-found')
    const next = (await other.room.declare(ana, what, here)).incidentId
    await other.does(ana, next, start('gdpr-33-2', other.now), 'later-2')
    expect(runningDeadlines(other.room.incident(next) ?? {})[0]?.deadline.dueAt).toBe(other.now + hourMs)
  })

  test('CK5 a merge carries what runs, in one step, and taking it back brings it home', async () => {
    let { house, incidentId } = await begun()
    const target = (await house.room.declare(ana, what, here)).incidentId
    await house.does(ana, incidentId, start('gdpr-33-1', house.now))
    const merged = await house.does(carla, incidentId, { type: 'merge', into: target, reason: 'The same.' })
    house = await house.later(25 * hourMs).restart()
    expect(hasRunningClock(house.room.incident(target) ?? {})).toBe(true)
    const seq = merged.facts.find(({ type }) => type === 'merged')?.seq
    await house.does(carla, incidentId, { type: 'undo', seq, reason: 'Not the same.' })
    expect(hasRunningClock(house.room.incident(target) ?? {})).toBe(false)
    expect(runningDeadlines(house.room.incident(incidentId) ?? {})).toHaveLength(1)
  })

  test('RS1 a privacy officer who recorded a clock goes on seeing the incident when it is restricted; others of the role do not', async () => {
    const { house, incidentId } = await begun()
    await house.does(pia, incidentId, start('gdpr-33-1', house.now))
    await house.does(ana, incidentId, { type: 'flag', flag: 'restricted', on: true })
    await house.does(pia, incidentId, { type: 'stop-clock', clock: 'gdpr-33-1', reason: 'Sent.' })
    const other = person('paul', 'privacy')
    expect(await refusal(house.does(other, incidentId, start('gdpr-34', house.now)))).toBe('not-found')
  })

  test('what was said of a clock is sealed with the words of its incident', async () => {
    const { house, incidentId } = await begun()
    await house.does(ana, incidentId, start('gdpr-33-1', house.now))
    const [fact] = (await house.store.read.factsOf(incidentId)).filter(({ type }) => type === 'clock-started')
    expect(fact).toMatchObject({
      reason: 'Rows of customers were copied.',
      edition: '2018-05-25',
      startedAt: house.now,
    })
  })
})
