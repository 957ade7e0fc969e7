import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '#shared/clocks.ts'
import type { ReadinessView, ToteTeam } from '#shared/readiness.ts'
import type { Frame } from '#shared/wire.ts'
import { ana, ben, refusal } from '../command/room.fixture.ts'
import { Studio } from './studio.fixture.ts'

const told = (studio: Studio) => studio.frames.filter(({ room }) => room === 'tote')
const actors = { ana, ben }

/** What a client makes of the frames. */
class Follower {
  seq = 0
  gaps = 0
  teams: readonly ToteTeam[] = []
  people = new Map<string, ReadinessView>()
  constructor(first: Frame) {
    this.take(first)
  }
  take(frame: Frame): void {
    if (!('tote' in frame)) throw new Error('a frame of another room')
    if (frame.kind === 'snapshot') {
      this.teams = frame.tote.teams
      this.people = new Map()
    } else {
      if (frame.after !== this.seq) this.gaps++
      const moved = new Map(frame.tote.teams.map((team) => [team.id, team]))
      this.teams = this.teams.map((team) => moved.get(team.id) ?? team)
      for (const id of frame.tote.gone) this.people.delete(id)
    }
    for (const person of frame.tote.people) this.people.set(person.id, person)
    this.seq = frame.seq
  }
  sorted = () => [...this.people.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

describe('the tote, live', () => {
  const who = fc.constantFrom('ana' as const, 'ben' as const)
  const act = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('alert' as const), service: fc.constantFrom('a', 'b') }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim' as const), who }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), who }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('say' as const), who, inMin: fc.integer({ min: 1, max: 40 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('unsay' as const), who }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.constantFrom(50, secondMs, 11 * minuteMs, hourMs),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('newcomer' as const) }) },
  )

  test('RD11: whatever happens, who follows the deltas has what a newcomer is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const studio = await Studio.open()
        const follower = new Follower(await studio.watch('tote'))
        let back = follower.seq
        for (const each of acts) {
          const [id = 'INC-0'] = studio.house.room.world().incidents.keys()
          if (each.kind === 'alert') await studio.alert(each.service)
          else if (each.kind === 'wait') studio.later(each.ms)
          else if (each.kind === 'newcomer') back = (await studio.watch('tote')).seq
          else if (each.kind === 'claim') await refusal(studio.house.does(actors[each.who], id, { type: 'claim' }))
          else if (each.kind === 'release')
            await refusal(studio.house.does(actors[each.who], id, { type: 'release', reason: 'r' }))
          else if (each.kind === 'say')
            await studio.tote.say({ by: `person:${each.who}`, address: null }, each.who, {
              ...{ state: 'available', inMin: each.inMin },
            })
          else await studio.tote.unsay({ by: `person:${each.who}`, address: null }, each.who)
        }
        studio.later(secondMs)
        for (const frame of told(studio)) follower.take(frame)
        const newcomer = new Follower(await studio.watch('tote'))
        expect(follower.gaps).toBe(0)
        expect(follower.seq).toBe(newcomer.seq)
        expect([follower.teams, follower.sorted()]).toEqual([newcomer.teams, newcomer.sorted()])
        // Whoever was away since some frame is brought to the same by what they missed.
        const missed = await studio.watch('tote', back)
        expect(missed.seq).toBe(newcomer.seq)
      }),
      { numRuns: 25 },
    )
  })

  test('nothing is told while nothing moves, and nothing is worked out for nobody', async () => {
    const studio = await Studio.open()
    await studio.watch('tote')
    studio.frames = []
    studio.later(secondMs).later(minuteMs)
    expect(told(studio)).toEqual([])
    studio.telling.close('tote')
    await studio.alert('a')
    await studio.house.does(ana, [...studio.house.room.world().incidents.keys()][0] ?? '', { type: 'claim' })
    studio.later(secondMs)
    expect(told(studio)).toEqual([])
  })
})
