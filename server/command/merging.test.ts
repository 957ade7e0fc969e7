import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { fold } from '#shared/incident/evolve.ts'
import { isOpen } from '#shared/incident/state.ts'
import { carla, House } from './room.fixture.ts'

const services = ['checkout', 'search', 'mail'] as const

/** What may happen; numbers choose among what there is then. */
type Step =
  | { does: 'fire' | 'end'; service: number; instance: number }
  | { does: 'merge'; from: number; into: number }
  | { does: 'split'; of: number; every: number }
  | { does: 'undo'; of: number; fact: number }
  | { does: 'claim' | 'resolve' | 'reopen'; of: number }
  | { does: 'silence'; service: number; minutes: number }
  | { does: 'wait'; minutes: number }
  | { does: 'restart' | 'checkpoint' }
  /** The store fails while this is under way: nothing of it may remain. */
  | { does: 'fail'; inner: Step }
  | { does: 'both'; one: Step; other: Step }

const some = fc.nat({ max: 40 })
const simple: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('fire' as const), service: fc.nat(2), instance: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('end' as const), service: fc.nat(2), instance: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('merge' as const), from: some, into: some }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('split' as const), of: some, every: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('undo' as const), of: some, fact: some }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('claim', 'resolve', 'reopen'), of: some }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('silence' as const),
      service: fc.nat(2),
      minutes: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 20 }) }) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: simple },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('restart' as const, 'checkpoint' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('fail' as const), inner: simple }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('both' as const), one: simple, other: simple }) },
)

interface Grouping {
  groups: { id: string; marks?: string[]; apart?: string[] }[]
  joinable: [string, string][]
}

/** What the filter holds of incidents, whatever the order in which it came to it. */
function grouping({ room }: House) {
  const cut = room.world().filter.beginCheckpoint()
  const { groups, joinable } = structuredClone(cut.filter) as Grouping
  cut.abandon()
  const sorted = groups.map((group) => ({ ...group, marks: group.marks?.sort(), apart: group.apart?.sort() }))
  return { groups: sorted.sort((a, b) => (a.id < b.id ? -1 : 1)), joinable: joinable.sort() }
}

class Story {
  house: House
  done = 0
  constructor(house: House) {
    this.house = house
  }
  incidents() {
    return [...this.house.room.world().incidents.values()].sort((a, b) => a.declaredSeq - b.declaredSeq)
  }
  #pick(index: number): string {
    const all = this.incidents()
    return all[index % Math.max(1, all.length)]?.id ?? 'INC-1'
  }

  async take(step: Step): Promise<void> {
    this.house.later(1000)
    switch (step.does) {
      case 'fire':
      case 'end': {
        // A machine that is gone explains the trouble of its zone: then the filter merges by itself.
        const lost = step.instance === 3
        const labels = {
          alertname: lost ? 'HostDown' : 'Broken',
          ...(lost ? { host: `h${step.service}` } : { service: services[step.service] ?? 'mail' }),
          cluster: 'c',
          zone: 'z',
          severity: 'critical',
          instance: `i${step.instance}`,
        }
        const endsAt = new Date(this.house.now + (step.does === 'end' ? 0 : 60 * minuteMs)).toISOString()
        return this.house.alert(labels, { endsAt })
      }
      case 'silence': {
        const matchers = [{ name: 'service', op: '=' as const, value: services[step.service] ?? 'mail' }]
        const [startsAt, endsAt] = [this.house.now, this.house.now + step.minutes * minuteMs]
        const wanted = { matchers, startsAt, endsAt, createdBy: 'Ana', comment: 'known' }
        await this.house.room.silences.set({ by: 'person:ana', address: null }, wanted)
        return
      }
      case 'wait':
        this.house.later(step.minutes * minuteMs).room.tick()
        return
      case 'restart': {
        const before = grouping(this.house)
        this.house = await this.house.restart()
        expect(grouping(this.house)).toEqual(before)
        return
      }
      case 'checkpoint':
        return this.house.room.checkpoint()
      case 'both':
        await Promise.all([this.take(step.one), this.take(step.other)])
        return
      case 'fail':
        return this.#failing(step.inner)
      case 'merge':
        return this.#ask(this.#pick(step.from), { type: 'merge', into: this.#pick(step.into) })
      case 'split': {
        const id = this.#pick(step.of)
        const alerts = this.house.room
          .world()
          .filter.alertsOf(id)
          .map((alert) => alert.id)
        const chosen = alerts.filter((_, index) => index % step.every === 0)
        return chosen.length === 0 ? undefined : this.#ask(id, { type: 'split', alerts: chosen, reason: 'another' })
      }
      case 'undo': {
        const id = this.#pick(step.of)
        const facts = (await this.house.store.read.factsOf(id)).filter(
          ({ type }) => type === 'merged' || type === 'alerts-moved-in' || type === 'alerts-moved-out',
        )
        const fact = facts[step.fact % Math.max(1, facts.length)]
        return fact === undefined ? undefined : this.#ask(id, { type: 'undo', seq: fact.seq })
      }
      case 'claim':
        return this.#ask(this.#pick(step.of), { type: 'claim' })
      case 'resolve':
        return this.#ask(this.#pick(step.of), { type: 'set-phase', phase: 'resolved' })
      case 'reopen':
        return this.#ask(this.#pick(step.of), { type: 'reopen', reason: 'not over' })
    }
  }

  async #failing(inner: Step): Promise<void> {
    const { store, room } = this.house
    const { commit } = store
    store.commit = async () => {
      store.fillUp()
      throw store.failure()
    }
    await this.take(inner).catch((error: unknown) => expect(error).toBeInstanceOf(UxbridgeError))
    store.commit = commit
    if (store.failure() !== null) expect(await room.mend()).toBe(true)
  }

  /** A refusal is an answer too: it must change nothing, which the laws see. */
  async #ask(id: string, act: object): Promise<void> {
    try {
      await this.house.does(carla, id, act, `c${++this.#ids}`)
      this.done++
    } catch (error) {
      if (!(error instanceof UxbridgeError) || error.code === 'internal') throw error
    }
  }
  #ids = 0

  total(): number {
    return this.incidents().reduce((sum, { alerts }) => sum + alerts.total, 0)
  }

  async check(): Promise<void> {
    const { filter } = this.house.room.world()
    const seen = new Set<string>()
    const where = new Map<string, string>()
    const streams = await Promise.all(this.incidents().map(({ id }) => this.house.store.read.factsOf(id)))
    for (const fact of streams.flat().sort((a, b) => a.seq - b.seq)) {
      if (fact.type === 'alerts-attached') for (const id of fact.alerts) where.set(id, fact.incidentId)
      if (fact.type === 'alerts-moved-out') for (const id of fact.alerts) where.set(id, fact.to)
    }
    for (const [index, incident] of this.incidents().entries()) {
      const own = filter.alertsOf(incident.id)
      for (const { id, incidentId } of own) {
        expect(incidentId).toBe(incident.id)
        expect(seen.has(id), `${id} is in two incidents`).toBe(false)
        seen.add(id)
        expect(where.get(id), 'the journal alone tells where an alert is').toBe(incident.id)
      }
      expect({ id: incident.id, firing: incident.alerts.firing }).toEqual({
        id: incident.id,
        firing: own.filter(({ status, heldBack }) => status === 'firing' && heldBack === undefined).length,
      })
      expect(incident.alerts.total).toBeGreaterThanOrEqual(own.length)
      if (incident.phase === 'merged') {
        expect(own).toEqual([])
        expect(incident.alerts).toEqual({ firing: 0, total: 0 })
        expect(incident.owner).toBeNull()
      }
      expect(fold(streams[index] ?? [])).toEqual(incident)
    }
    for (const alert of filter.alerts())
      if (alert.status === 'firing' && alert.heldBack === undefined)
        expect(seen.has(alert.id), `${alert.id} is in no incident`).toBe(true)
  }
}

describe('merges, splits and what takes them back', () => {
  test('M5 in any order they lose no alert and double none: each is in one incident, and the counts are those of the filter', async () => {
    let corrections = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 28 }), async (steps) => {
        const story = new Story(await House.open())
        for (const one of steps) {
          const before = story.total()
          const done = story.done
          await story.take(one)
          if (one.does === 'merge' || one.does === 'split' || one.does === 'undo') {
            expect(story.total(), 'a correction moves alerts, and makes none').toBe(before)
            corrections += story.done - done
          }
          await story.check()
        }
      }),
      { numRuns: 20 },
    )
    // Else the law would hold of nothing.
    expect(corrections).toBeGreaterThan(5)
  })

  test('both streams become durable in one commit, or neither does', async () => {
    const house = await House.open()
    await house.alert({ alertname: 'A', service: 'checkout', severity: 'critical' })
    await house.alert({ alertname: 'A', service: 'search', severity: 'critical' })
    const shown = house.shown.length
    await house.does(carla, 'INC-1002', { type: 'merge', into: 'INC-1001', reason: 'one cause' })
    expect(house.shown).toHaveLength(shown + 1)
    expect(house.shown.at(-1)?.facts.map(({ incidentId, type }) => `${incidentId} ${type}`)).toEqual([
      'INC-1002 merged',
      'INC-1002 alerts-moved-out',
      'INC-1001 alerts-moved-in',
    ])
    expect(house.room.incident('INC-1002')).toMatchObject({ phase: 'merged', alerts: { firing: 0, total: 0 } })
    expect(house.room.incident('INC-1001')).toMatchObject({ alerts: { firing: 2, total: 2 } })
    expect(isOpen(house.room.incident('INC-1001')?.phase ?? 'closed')).toBe(true)
  })

  test('two who merge each into the other at once: one does, the other is told where it went', async () => {
    const house = await House.open()
    for (const service of services) await house.alert({ alertname: 'A', service, severity: 'critical' })
    const merge = (from: string, into: string) => house.does(carla, from, { type: 'merge', into, reason: 'one cause' })
    const answers = await Promise.allSettled([merge('INC-1001', 'INC-1002'), merge('INC-1002', 'INC-1001')])
    expect(answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason.message) : 'done'))).toEqual([
      'done',
      'INC-1001 was itself merged into INC-1002; merge into that one.',
    ])
    expect(house.room.incident('INC-1002')?.alerts).toEqual({ firing: 2, total: 2 })
  })

  test('C1 the answer to a command is gone with its incident', async () => {
    const house = await House.open()
    await house.alert({ alertname: 'A', service: 'search', severity: 'critical' })
    await house.does(carla, 'INC-1001', { type: 'claim' }, 'once')
    await house.store.erase({ incidentId: 'INC-1001' })
    const again = await house.restart()
    await expect(again.does(carla, 'INC-1001', { type: 'claim' }, 'once')).rejects.toThrow('erased with its incident')
  })

  test('C1 the same command again, after a restart too, is answered with its facts in both', async () => {
    const house = await House.open()
    for (const service of services) await house.alert({ alertname: 'A', service, severity: 'critical' })
    await house.does(carla, 'INC-1001', { type: 'note', text: 'Looking.' })
    const merge = { type: 'merge', into: 'INC-1001', reason: 'one cause' }
    const { facts } = await house.does(carla, 'INC-1002', merge, 'once')
    const seq = facts.find(({ type }) => type === 'merged')?.seq
    const back = await house.does(carla, 'INC-1002', { type: 'undo', seq }, 'back')
    const again = await house.restart()
    expect(await again.does(carla, 'INC-1002', merge, 'once')).toEqual({ seq: facts.at(-1)?.seq, facts })
    expect((await again.does(carla, 'INC-1002', { type: 'undo', seq }, 'back')).facts).toEqual(back.facts)
    expect(again.room.incident('INC-1002')).toMatchObject({ phase: 'triage', alerts: { firing: 1, total: 1 } })
  })
})
