import { describe, expect, it } from 'vitest'
import { isOfDrill } from '#shared/drill.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import type { Source } from '../../access/port.ts'
import type { SettingsChange } from '../../command/port.ts'
import type { CascadeRequest } from '../cascade/delivery.ts'
import { shop } from '../cascade/graphs.ts'
import { makeDrills } from './index.ts'
import { scriptOf } from './script.ts'
import { reachable } from './sending.ts'

const start = Date.UTC(2026, 0, 5, 9)
const who = { by: 'system:ops', address: null }
const wanted = { scenario: 'dependency-down', graph: 'shop', seed: 7, speed: 60, forMs: 45 * 60_000 }
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: UxbridgeError) => error.code,
  )

/** A house around the exercises: a clock that the test moves, and what they did to it. */
class House {
  now = start
  readonly rows = new Map<string, unknown>()
  readonly audit: string[] = []
  readonly sent: CascadeRequest[] = []
  readonly keys = new Map<string, string | null>()
  readonly exercised: (number | null)[] = []
  /** While it is true, nothing can be written. */
  full = false
  #sources: Source[] = []
  #waiting: { at: number; work: () => void }[] = []
  #made = 0
  drills = this.open()

  open() {
    const key = (id: string) => {
      const text = `key-${++this.#made}`
      this.keys.set(id, text)
      return text
    }
    return makeDrills({
      sources: {
        list: () => this.#sources,
        add: async (_who, { kind, name, drill }) => {
          const id = `${drill === true ? 'drill_' : 's_'}${++this.#made}`
          const source = { id, kind, name, group: id, defaultSeverity: null, settings: {}, createdAt: this.now }
          this.#sources = [...this.#sources, source]
          return { source, key: key(id), secret: null }
        },
        rotate: async (_who, id) => ({ source: this.#sources.find((one) => one.id === id) as Source, key: key(id) }),
        revoke: async (_who, id) => void this.keys.set(id, null),
      },
      record: async ({ by, action, put = [], remove = [] }: SettingsChange) => {
        this.audit.push(`${action} ${by}`)
        for (const { id, doc } of put) this.rows.set(id, structuredClone(doc))
        for (const { id } of remove) this.rows.delete(id)
      },
      exercise: async (catalogue) => {
        if (this.full) throw new Error('full')
        this.exercised.push(catalogue?.services?.length ?? null)
      },
      send: async (request) => {
        this.sent.push(request)
        return request.headers.authorization?.includes('key-') || request.door === 'pagerduty' ? 200 : 401
      },
      incidents: () => [
        { id: 'INC-1', drill: false, declaredAt: this.now },
        { id: 'INC-2', drill: true, declaredAt: start },
      ],
      kept: [...this.rows].map(([id, doc]) => ({ id, doc })),
      clock: { now: () => this.now },
      after: (ms, work) => {
        const one = { at: this.now + ms, work }
        this.#waiting.push(one)
        return () => void this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((each) => each !== one))
      },
      newId: () => `d${++this.#made}`,
      nameOf: (id) => `name of ${id}`,
      log: { error: (_fields, message) => void this.audit.push(message) },
    })
  }

  async passes(ms: number): Promise<void> {
    const until = this.now + ms
    for (;;) {
      const [next] = this.#waiting.sort((a, b) => a.at - b.at)
      if (next === undefined || next.at > until) break
      this.#waiting.shift()
      this.now = next.at
      next.work()
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    }
    this.now = until
  }
}

describe('exercises', () => {
  it('tells a cascade in the name of sources of its own, sixty times as fast, and ends by itself', async () => {
    const house = new House()
    const begun = await house.drills.start(who, wanted)
    expect(begun).toMatchObject({
      scenario: 'dependency-down',
      ended: null,
      truth: null,
      startedBy: 'name of system:ops',
    })
    await house.passes(20_000)
    expect(house.sent.length).toBeGreaterThan(100)
    expect(house.sent.every(({ atMs }) => atMs <= house.now)).toBe(true)
    await house.passes(30_000)
    const [over] = house.drills.list()
    expect(over).toMatchObject({ ended: 'by itself', endedBy: null, told: house.sent.length, incidents: ['INC-2'] })
    expect(over?.refused).toBe(0)
    expect(over?.truth?.[0]).toBe('payments is down')
    expect(Date.parse(over?.endedAt ?? '') - start).toBeLessThan(47_000)
    expect([...house.keys.keys()].every(isOfDrill)).toBe(true)
    expect([...house.keys.values()]).toEqual([null, null, null])
    expect(house.exercised).toEqual([12, null])
    expect(house.audit).toEqual(['drill.start system:ops', 'drill.end system:clock'])
  })

  it('is one at a time, can be stopped by somebody, and uses its sources again', async () => {
    const house = new House()
    await house.drills.start(who, wanted)
    expect(await code(house.drills.start(who, wanted))).toBe('drill-running')
    await house.passes(5000)
    const told = house.sent.length
    expect(await house.drills.stop({ by: 'person:p', address: null })).toMatchObject({
      ended: 'stopped',
      endedBy: 'name of person:p',
      told,
    })
    await house.passes(60_000)
    expect(house.sent).toHaveLength(told)
    expect(await code(house.drills.stop(who))).toBe('not-found')
    await house.drills.start(who, wanted)
    expect(house.keys.size).toBe(3)
  })

  it('that the server left in its midst is ended at the next start, which says so', async () => {
    const house = new House()
    await house.drills.start(who, wanted)
    await house.passes(5000)
    house.drills.close()
    const again = house.open()
    expect(again.list()).toMatchObject([{ ended: null }])
    await again.recover()
    expect(again.list()).toMatchObject([{ ended: 'restart', endedBy: null, told: null }])
    expect(house.exercised).toEqual([12, null])
    expect([...house.keys.values()]).toEqual([null, null, null])
    await again.recover()
    expect(house.audit).toEqual(['drill.start system:ops', 'drill.end system:clock'])
  })

  it('that cannot be ended because nothing can be written is ended once it can', async () => {
    const house = new House()
    await house.drills.start(who, wanted)
    house.full = true
    await house.passes(50_000)
    expect(house.drills.list()).toMatchObject([{ ended: null }])
    const tries = house.audit.length - 1
    expect(tries).toBeGreaterThan(1)
    expect(tries).toBeLessThan(10)
    house.full = false
    await house.passes(2000)
    expect(house.drills.list()).toMatchObject([{ ended: 'by itself' }])
  })

  it('says what there is to choose from', async () => {
    const { drills } = new House()
    for (const wrong of [{ scenario: 'fire' }, { graph: 'moon' }, { speed: 61 }, { forMs: 1000 }])
      expect(await code(drills.start(who, { ...wanted, ...wrong }))).toBe('fields-invalid')
  })

  it('CA1: the same seed plays the same; a slower one is the same on another clock', () => {
    const plan = {
      graph: shop,
      kind: 'zone loss',
      seed: 3,
      startsAt: start,
      forMs: 30 * 60_000,
      newId: () => 'x',
    } as const
    const sender = { path: '/', key: 'k' }
    const senders = { prometheus: sender, alertmanager: sender, pagerduty: sender }
    const fast = scriptOf({ ...plan, speed: 30, senders })
    expect(scriptOf({ ...plan, speed: 30, senders })).toEqual(fast)
    const slow = scriptOf({ ...plan, speed: 1, senders })
    expect(fast.requests.map(({ door }) => door)).toEqual(slow.requests.map(({ door }) => door))
    for (const [index, { atMs }] of slow.requests.entries())
      expect(Math.abs((fast.requests[index]?.atMs ?? 0) - start - (atMs - start) / 30)).toBeLessThan(1)
    expect(fast.endsAt).toBe(start + 60_000)
  })

  it('reaches the server wherever it listens', () => {
    expect(['0.0.0.0', '::', '127.0.0.1', '::1'].map((host) => reachable(host, 1))).toEqual([
      'http://127.0.0.1:1',
      'http://[::1]:1',
      'http://127.0.0.1:1',
      'http://[::1]:1',
    ])
  })
})
