import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { FilterView } from '#shared/filter-room.ts'
import type { FilterDelta, FilterSnapshot, Frame } from '#shared/wire.ts'
import { Studio } from './studio.fixture.ts'

const by = { by: 'person:ana', address: null }
const told = (studio: Studio) => studio.frames.filter(({ room }) => room === 'filter')
const deltas = (studio: Studio) =>
  told(studio).filter((frame): frame is FilterDelta => frame.kind === 'delta' && 'filter' in frame)
const isWhole = (frame: Frame): frame is FilterSnapshot => frame.kind === 'snapshot' && 'filter' in frame

/** What a client makes of the frames. */
class Follower {
  seq = 0
  gaps = 0
  view!: FilterView
  constructor(first: Frame) {
    this.take(first)
  }
  take(frame: Frame): void {
    if (isWhole(frame)) this.view = frame.filter
    else if (frame.kind === 'delta' && 'filter' in frame) {
      if (frame.after !== this.seq) this.gaps++
      const moved = new Map(frame.filter.rules.map((rule) => [`${rule.stage} ${rule.rule}`, rule]))
      const rules = this.view.rules.map((rule) => moved.get(`${rule.stage} ${rule.rule}`) ?? rule)
      this.view = { ...frame.filter, rules, rulesInAll: this.view.rulesInAll }
    }
    this.seq = frame.seq
  }
}

describe('the filter room, live', () => {
  test('T13 a newcomer gets the whole, then only what moved, at most once a second and without a gap', async () => {
    const studio = await Studio.open()
    const first = await studio.watch('filter')
    if (!isWhole(first)) throw new Error('no snapshot came')
    expect(first.filter).toMatchObject({ sum: { accepted: 0 }, rulesInAll: first.filter.rules.length })
    studio.frames = []
    for (let ms = 0; ms < 3000; ms += 100) {
      await studio.alert('checkout', `i${ms}`)
      studio.later(100)
    }
    studio.later(1000)
    const moved = deltas(studio)
    expect(moved.length).toBeGreaterThanOrEqual(3)
    expect(moved.length).toBeLessThanOrEqual(5)
    let { seq } = first
    for (const delta of moved) {
      expect(delta.after).toBe(seq)
      seq = delta.seq
    }
    const last = moved.at(-1)
    expect(last?.filter.sum).toMatchObject({ accepted: 30, outcomes: { opened: 1, attached: 29 }, unplaced: 0 })
    expect(last?.filter.rules.map(({ rule }) => rule)).toEqual(['everything else', 'same service'])
  })

  test('nothing is told while nothing moves, and the minute that passes is told of those that acted', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout')
    await studio.watch('filter')
    studio.frames = []
    studio.later(1000).later(1000)
    expect(told(studio)).toEqual([])
    studio.later(2 * minuteMs)
    expect(deltas(studio)[0]?.filter.rules.map(({ rule }) => rule)).toEqual(['same service'])
  })

  test('a newcomer never makes others miss something; a new rule brings everybody the whole', async () => {
    const studio = await Studio.open()
    const first = await studio.watch('filter')
    studio.frames = []
    await studio.alert('checkout')
    const second = await studio.watch('filter', first.seq)
    const [between] = deltas(studio)
    expect(between).toMatchObject({ after: first.seq, seq: second.seq })
    studio.frames = []
    const now = studio.house.now
    const matchers = [{ name: 'service', op: '=', value: 'x' }] as const
    await studio.house.room.silences.set(by, {
      matchers,
      startsAt: now,
      endsAt: now + hourMs,
      createdBy: 'Ana',
      comment: '',
    })
    studio.later(1000)
    const whole = told(studio).find(isWhole)
    expect(whole?.filter.rules.find(({ stage }) => stage === 'silence')).toMatchObject({
      name: 'Ana',
      origin: 'silence',
    })
    expect(studio.telling.seqOf('filter')).toBe(whole?.seq)
  })

  test('T14 whatever happens, who follows the deltas has what a newcomer is given', async () => {
    const act = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('alert' as const),
          service: fc.constantFrom('a', 'b'),
          instance: fc.constantFrom('1', '2', '3'),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), on: fc.boolean() }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 1000, 61_000) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('newcomer' as const) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const studio = await Studio.open()
        const follower = new Follower(await studio.watch('filter'))
        for (const each of acts) {
          const { silences } = studio.house.room
          const startsAt = studio.house.now
          if (each.kind === 'alert') await studio.alert(each.service, each.instance)
          else if (each.kind === 'wait') studio.later(each.ms)
          else if (each.kind === 'newcomer') await studio.watch('filter')
          else if (each.on) {
            const matchers = [{ name: 'service', op: '=', value: 'a' }] as const
            await silences.set(by, { matchers, startsAt, endsAt: startsAt + hourMs, createdBy: 'Ana', comment: '' })
          } else for (const { id } of silences.list()) await silences.expire(by, id)
        }
        studio.later(1000)
        for (const frame of told(studio)) follower.take(frame)
        const newcomer = new Follower(await studio.watch('filter'))
        expect(follower.gaps).toBe(0)
        expect({ ...follower.view, at: '' }).toEqual({ ...newcomer.view, at: '' })
        expect(follower.seq).toBe(newcomer.seq)
      }),
      { numRuns: 25 },
    )
  })

  test('nobody watches, nothing is computed', async () => {
    const studio = await Studio.open()
    await studio.watch('filter')
    studio.telling.close('filter')
    studio.frames = []
    await studio.alert('checkout')
    studio.later(2000)
    expect(told(studio)).toEqual([])
  })
})
