import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import type { SwapView } from '#shared/duty/view.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { as, commander, openDuty, weekly } from './duty.fixture.ts'
import { at, people, policyWith, rotaOf } from './reckoning/roster.fixture.ts'

const start = at('2026-01-06T12:00Z')
const end = start + 30 * 24 * hourMs
const moved = () =>
  policyWith([
    {
      name: 'Payments',
      layers: [
        { name: 'first', people: ['ben', 'cem', 'ana'], turn: '1d' },
        { name: 'second', people: ['dov'] },
      ],
    },
  ])
const iso = (instant: number) => new Date(instant).toISOString()

const person = fc.constantFrom(...people)
const stretch = fc
  .tuple(fc.integer({ min: -24, max: 25 * 24 }), fc.integer({ min: 1, max: 60 }))
  .map(([from, long]) => ({ from: iso(start + from * hourMs), to: iso(start + (from + long) * hourMs) }))
const layer = fc.constantFrom('first', 'second')
const nth = fc.nat(9)
const likely = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('offer' as const),
      layer,
      stretch,
      to: fc.oneof(person, fc.constant('team:team')),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('accept' as const), nth, who: person, likely }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('decline' as const), nth, who: person, likely }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('withdraw' as const), nth, who: person, likely }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('override' as const), layer, stretch, who: person }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('passes' as const), hours: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('policy' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('full' as const) }) },
)

it('RO7: whatever is done in whatever order, nobody has a shift that is neither their turn nor accepted nor put in; a restart changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25, size: 'max' }), async (acts) => {
      const house = await openDuty(weekly(), start)
      const known: string[] = []
      const all = () => house.duty.view(commander, start - 24 * hourMs, end)
      const before = (): Map<string, SwapView> => new Map(all().swaps.map((swap) => [swap.id, swap]))
      for (const one of acts) {
        const was = before()
        const shifts = JSON.stringify(all().rotations)
        const id = 'nth' in one ? (known[one.nth % Math.max(1, known.length)] ?? 'none') : 'none'
        const asked = was.get(id)
        // Mostly who may do it, sometimes anybody.
        const may = one.type === 'withdraw' ? [asked?.person ?? 'ana'] : (asked?.eligible ?? [])
        let done = true
        const isFull = house.full
        try {
          if (one.type === 'passes') house.now += one.hours * hourMs
          else if (one.type === 'policy') house.policy = house.policy.rotations.length === 2 ? moved() : weekly()
          else if (one.type === 'full') house.full = true
          else if (one.type === 'override')
            await house.duty.override(commander, {
              rotation: 'r1',
              layer: one.layer,
              person: one.who,
              ...one.stretch,
              reason: 'x',
            })
          else if (one.type === 'offer') {
            const [whose = 'ana'] = house.rota
              .shifts({ rotation: 'r1' }, Date.parse(one.stretch.from), Date.parse(one.stretch.from) + 1)
              .flatMap((shift) => (shift.layer === one.layer ? shift.person : []))
            const wanted = {
              rotation: 'r1',
              layer: one.layer,
              ...one.stretch,
              offerTo: one.to,
              inReturn: null,
              reason: 'x',
            }
            known.push((await house.duty.offer(as(whose), wanted)).id)
          } else await house.duty[one.type](as(one.likely ? (may[0] ?? one.who) : one.who), id, undefined)
        } catch (error) {
          done = false
          // What is refused has a code and says what to do; what could not be written changes nothing.
          if (!isFull) expect(error).toBeInstanceOf(UxbridgeError)
        }
        // The disk has room again for what comes after.
        if (isFull) house.full = false
        const now = before()
        for (const [swap, { state }] of was) {
          const after = now.get(swap)?.state
          if (state !== 'open') expect(after).toBe(state)
          else if (after === 'accepted') expect([one.type, done, swap]).toEqual(['accept', true, id])
        }
        if (!done || one.type === 'offer' || one.type === 'decline' || one.type === 'withdraw')
          expect(JSON.stringify(all().rotations)).toBe(shifts)
      }
      const shown = all()
      const base = rotaOf(house.policy)
      for (const shift of shown.rotations.flatMap((rotation) => rotation.shifts)) {
        const from = Date.parse(shift.from)
        if (shift.by === 'rotation') {
          const turn = base.shifts({ rotation: shift.rotation, person: shift.person }, from, from + 1)
          expect(turn.some((each) => each.layer === shift.layer)).toBe(true)
        } else if (shift.by === 'swap')
          expect(shown.swaps.find(({ id }) => id === shift.change)).toMatchObject({
            state: 'accepted',
            by: shift.person,
          })
        else expect(shown.overrides.find(({ id }) => id === shift.change)?.person).toBe(shift.person)
      }
      house.full = false
      await house.open()
      expect(all()).toEqual(shown)
    }),
    { numRuns: 40 },
  )
})
