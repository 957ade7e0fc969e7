import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { chainWarning } from '#shared/incident/state.ts'
import { leadTimeOf } from '#shared/lead-time.ts'
import { type Policy, policySchema } from '#shared/policy.ts'
import { makeRota } from '../duty/reckoning/rota.ts'
import { makeMemoryStore } from '../store/index.ts'
import { ana, ben, carla, House, person } from './room.fixture.ts'

/** The shop's night is Ana's until 08:00 in Berlin, the day is Ben's until 20:00; Carla commands. */
const policy: Policy = policySchema.parse({
  teams: [{ id: 'pay', members: ['ana', 'ben', 'dan'] }],
  services: [{ id: 'checkout', team: 'pay' }],
  rotations: [
    {
      id: 'pay',
      team: 'pay',
      time_zone: 'Europe/Berlin',
      layers: [{ name: 'watch', people: ['ana', 'ben'], starts: '2026-01-04T20:00', turn: '12h' }],
    },
  ],
})
const dan = person('dan', 'responder')
/** 03:00 in Berlin. */
const three = Date.UTC(2026, 0, 5, 2)
const brief = {
  situation: 'Checkout fails for half of all customers since 03:00; the pool of db1 is full.',
  trend: 'steady',
  done: ['Restarted the pool at 03:20: full again after two minutes'],
  actions: [{ text: 'Move reads to the replica', state: 'in flight' }],
  noContingencyBecause: 'The replica has room for all of it',
}

const changes: [] = []
const imported = new Map()

class Story {
  house!: House
  static async at(now: number) {
    const story = new Story()
    const rota = makeRota({
      policy: () => policy,
      mayRespond: () => true,
      changes: () => changes,
      imported: () => imported,
    })
    story.house = await House.open(makeMemoryStore(), now, undefined, { policy, rota, commanders: () => ['carla'] })
    return story
  }
  async until(at: number) {
    for (; this.house.now < at; ) {
      this.house.later(Math.min(minuteMs, at - this.house.now)).room.tick()
      await this.house.settled()
    }
  }
  async told() {
    const facts = await this.house.store.read.factsOf('INC-1001')
    return facts.filter(({ by }) => by === 'system:clock').map(({ type }) => type)
  }
  get incident() {
    const found = this.house.room.incident('INC-1001')
    if (found === undefined) throw new Error('there is no INC-1001')
    return found
  }
}

describe('stories of ownership', () => {
  test('03:00 page, claimed, stuck, handed to the day shift, accepted with read-back, contained, fixed, restored', async () => {
    const story = await Story.at(three)
    const { house } = story
    await house.alert({ alertname: 'CheckoutFails', service: 'checkout', severity: 'critical' })
    house.room.tick()
    await house.settled()
    expect(story.incident.paging).toMatchObject({ step: 0, people: ['ana'], nextAt: three + 5 * minuteMs })
    await story.until(three + 3 * minuteMs)
    await house.does(ana, 'INC-1001', { type: 'claim' })
    expect(story.incident).toMatchObject({ owner: 'ana', unownedMs: 3 * minuteMs })
    await house.does(ana, 'INC-1001', { type: 'classify', tier: 1, reason: 'Half of all customers.' })
    await house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'containing' })
    // Stuck: she works, says so, and her shift ends at eight.
    for (let at = three + 10 * minuteMs; at < three + 4.5 * hourMs; at += 10 * minuteMs) {
      await story.until(at)
      await house.does(ana, 'INC-1001', { type: 'update', text: 'Still looking at the pool.', nextInMin: 15 })
    }
    await story.until(three + 4 * hourMs + 46 * minuteMs)
    const eight = three + 5 * hourMs
    expect(story.incident.shiftEnd).toEqual({ rotation: 'pay', endsAt: eight, to: ['ben'], toldAt: null })
    await house.does(ana, 'INC-1001', { type: 'offer', to: 'ben', brief })
    const { offer } = story.incident
    expect(offer).toMatchObject({
      eligible: ['ben'],
      deadlineAt: house.now + 2 * minuteMs,
      brief: { situation: brief.situation },
    })
    expect(story.incident.owner).toBe('ana')
    await house.does(ben, 'INC-1001', {
      type: 'accept',
      revision: offer?.revision,
      readBack: 'Half of checkout fails, I move reads off db1 now.',
    })
    expect(story.incident).toMatchObject({ owner: 'ben', handovers: 1 })
    expect(story.incident.chain.map(({ holder, began, readBack }) => [holder, began, readBack])).toEqual([
      [null, 'declared', null],
      ['ana', 'claimed', null],
      ['ben', 'accepted', 'Half of checkout fails, I move reads off db1 now.'],
    ])
    expect(story.incident.chain.at(-1)?.brief).toMatchObject({ done: brief.done })
    await story.until(eight + 5 * minuteMs)
    await house.does(ben, 'INC-1001', { type: 'set-phase', phase: 'fixing' })
    await house.does(ben, 'INC-1001', { type: 'set-phase', phase: 'restoring' })
    await house.does(ben, 'INC-1001', { type: 'update', text: 'Reads are on the replica; checkout works.' })
    await house.does(ben, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
    expect(story.incident).toMatchObject({ phase: 'resolved', handovers: 1, unownedMs: 3 * minuteMs })
    expect(chainWarning(story.incident)).toBeNull()
    expect(await story.told()).not.toContain('shift-ended')
    const facts = await house.store.read.factsOf('INC-1001')
    expect(leadTimeOf(facts, house.now)).toMatchObject({
      handovers: { count: 1 },
      ownership: { unownedMs: 3 * minuteMs, firstOwner: 'ana' },
    })
  })

  test('the owner goes silent: asked, then the commander is told; who is unreachable is relieved by force, drawn as a break', async () => {
    const story = await Story.at(three)
    const { house } = story
    await house.alert({ alertname: 'CheckoutFails', service: 'checkout', severity: 'critical' })
    await house.does(ana, 'INC-1001', { type: 'claim' })
    await story.until(three + 14 * minuteMs)
    expect(await story.told()).toEqual([])
    await story.until(three + 15 * minuteMs)
    expect(await story.told()).toEqual(['owner-asked'])
    await story.until(three + 20 * minuteMs)
    expect(await story.told()).toEqual(['owner-asked', 'owner-silent'])
    await expect(house.does(dan, 'INC-1001', { type: 'take-over', reason: 'Ana sleeps.' })).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await house.does(carla, 'INC-1001', { type: 'take-over', reason: 'Ana does not answer her phone.' })
    expect(story.incident).toMatchObject({ owner: 'carla', handovers: 1, silence: null })
    expect(story.incident.chain.at(-1)).toMatchObject({ began: 'taken-over', reason: 'Ana does not answer her phone.' })
    // A sign of life in time keeps it from the commander.
    await story.until(three + 36 * minuteMs)
    await house.does(carla, 'INC-1001', { type: 'confirm' })
    await story.until(three + 45 * minuteMs)
    expect((await story.told()).filter((type) => type === 'owner-silent')).toHaveLength(1)
  })

  test('the shift ends in the middle: relief is prepared, nobody accepts in time, the owner stays and the commander is told', async () => {
    const story = await Story.at(three + 4.5 * hourMs)
    const { house } = story
    const eight = three + 5 * hourMs
    await house.alert({ alertname: 'CheckoutFails', service: 'checkout', severity: 'critical' })
    await house.does(ana, 'INC-1001', { type: 'claim' })
    await story.until(eight - 15 * minuteMs)
    expect(await story.told()).toContain('relief-prepared')
    await house.does(ana, 'INC-1001', { type: 'offer', to: 'ben', brief })
    await story.until(eight - 12 * minuteMs)
    // Not answered: she keeps it, and the next in the policy and the commander hear of it.
    expect(story.incident).toMatchObject({ owner: 'ana', offer: null, expiries: 1 })
    const facts = await house.store.read.factsOf('INC-1001')
    expect(facts.findLast(({ type }) => type === 'paged')).toMatchObject({ people: ['carla'] })
    await story.until(eight)
    expect((await story.told()).filter((type) => type === 'shift-ended')).toEqual(['shift-ended'])
    expect(story.incident).toMatchObject({ owner: 'ana', handovers: 0 })
    // The next shift has begun, and its end is prepared for nobody who is not on it.
    await story.until(eight + 20 * minuteMs)
    expect((await story.told()).filter((type) => type === 'relief-prepared')).toHaveLength(1)
  })
})
