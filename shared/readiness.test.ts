import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { hourMs, minuteMs } from './clocks.ts'
import type { UxbridgeError } from './errors.ts'
import type { Tier } from './incident/state.ts'
import { policySchema } from './policy.ts'
import {
  type Duty,
  isUnready,
  longestSaidMs,
  type ReadinessState,
  readinessAt,
  readinessStates,
  type Said,
  type Saying,
  saidOf,
} from './readiness.ts'
import { type RestPolicy, restPolicyOf, restUntil } from './rest.ts'

const noon = Date.parse('2026-01-05T12:00:00Z')
const idle: Duty = { shift: null, offSince: null, engagedSince: null, tookAt: null, freeSince: null, rest: null }
const shift = { since: noon - hourMs, endsAt: noon + 3 * hourMs, first: true }
const rest: RestPolicy = restPolicyOf(policySchema.parse({}))
const say = (saying: Saying, now = noon): Said => saidOf(saying, 'person:ana', now)
const refusal = (saying: Saying) => {
  try {
    say(saying)
  } catch (error) {
    const { code, details } = error as UxbridgeError
    return [code, details?.fields]
  }
  return null
}

const ago = fc.integer({ min: 0, max: 30 * 60 }).map((min) => noon - min * minuteMs)
const ahead = fc.integer({ min: 1, max: 30 * 60 }).map((min) => noon + min * minuteMs)
const anyDuty: fc.Arbitrary<Duty> = fc.record({
  shift: fc.option(fc.record({ since: ago, endsAt: fc.option(ahead), first: fc.boolean() })),
  offSince: fc.option(ago),
  engagedSince: fc.option(ago),
  tookAt: fc.option(ago),
  freeSince: fc.option(ago),
  rest: fc.option(fc.record({ since: ago, until: ahead })),
})
const anySaying: fc.Arbitrary<Saying> = fc.oneof(
  fc.record(
    {
      state: fc.constantFrom(...readinessStates.filter((state) => state !== 'available')),
      untilMin: fc.integer({ min: 1, max: 24 * 60 }),
    },
    { requiredKeys: ['state'] },
  ),
  fc.integer({ min: 1, max: 720 }).map((inMin) => ({ state: 'available' as const, inMin })),
)

describe('readiness', () => {
  test('RD1: everybody is in exactly one state at every moment, whatever is known and said', () => {
    fc.assert(
      fc.property(anyDuty, fc.option(anySaying), fc.integer({ min: 0, max: 48 * 60 }), (duty, saying, min) => {
        const now = noon + min * minuteMs
        const readiness = readinessAt(duty, saying && say(saying), now)
        expect(readinessStates.filter((state) => state === readiness.state)).toHaveLength(1)
        expect(readiness.since ?? now).toBeLessThanOrEqual(now)
        expect(readiness.until ?? now + 1).toBeGreaterThan(now)
      }),
    )
  })

  test('RD5: what is said always ends, within a day, and then shows what is derived', () => {
    fc.assert(
      fc.property(anyDuty, anySaying, (duty, saying) => {
        const said = say(saying)
        expect(said.until).toBeGreaterThan(said.at)
        expect(said.until - said.at).toBeLessThanOrEqual(longestSaidMs)
        const after = readinessAt(duty, said, said.until)
        expect(after.said).toBeNull()
        expect(after).toMatchObject(after.derived)
      }),
    )
  })

  test('nothing changes by time alone but at `nextAt`', () => {
    fc.assert(
      fc.property(anyDuty, fc.option(anySaying), fc.integer({ min: 0, max: 3000 }), (duty, saying, step) => {
        const said = saying && say(saying)
        const { state, nextAt } = readinessAt(duty, said, noon)
        const later = noon + step * minuteMs
        if (nextAt === null || later < nextAt) expect(readinessAt(duty, said, later).state).toBe(state)
      }),
    )
  })

  it('RD2: who owns an open incident is engaged, on shift or off, rested or not', () => {
    const engagedSince = noon - 5 * minuteMs
    const resting = { since: noon - hourMs, until: noon + hourMs }
    for (const duty of [idle, { ...idle, shift }, { ...idle, rest: resting }])
      expect(readinessAt({ ...duty, engagedSince }, null, noon)).toMatchObject({
        state: 'engaged',
        since: engagedSince,
        until: null,
      })
  })

  it('RD4: on shift and free, who is asked first is ready and those behind are on call; off shift is released', () => {
    expect(readinessAt({ ...idle, shift }, null, noon)).toMatchObject({
      state: 'ready',
      since: shift.since,
      until: shift.endsAt,
      nextAt: shift.endsAt,
    })
    expect(readinessAt({ ...idle, shift: { ...shift, first: false } }, null, noon).state).toBe('on-call')
    expect(readinessAt({ ...idle, shift: { ...shift, endsAt: null } }, null, noon)).toMatchObject({
      ...{ state: 'ready', until: null, nextAt: null },
    })
    expect(readinessAt(idle, null, noon)).toMatchObject({ state: 'released', since: null, nextAt: null })
    expect(readinessAt({ ...idle, shift }, null, shift.endsAt).state).toBe('released')
    const freeSince = noon - minuteMs
    expect(readinessAt({ ...idle, shift, freeSince }, null, noon).since).toBe(freeSince)
  })

  const held = (from: string, to: string, tier: Tier | null = 2, policy: Partial<RestPolicy> = {}) =>
    restUntil({ from: Date.parse(from), to: Date.parse(to), tier }, { ...rest, ...policy })
  it('RD3: a Tier 1 or 2 that was held long, or at night, is followed by rest until a time that is told', () => {
    const until = Date.parse('2026-01-05T11:31:00Z')
    expect(held('2026-01-05T10:00:00Z', '2026-01-05T11:01:00Z')).toBe(until)
    expect(held('2026-01-05T10:00:00Z', '2026-01-05T11:00:00Z')).toBeNull()
    expect(held('2026-01-05T10:00:00Z', '2026-01-05T11:01:00Z', 3)).toBeNull()
    expect(held('2026-01-05T10:00:00Z', '2026-01-05T11:01:00Z', null)).toBe(until)
    expect(held('2026-01-05T21:50:00Z', '2026-01-05T22:01:00Z')).not.toBeNull()
    expect(held('2026-01-05T21:50:00Z', '2026-01-05T22:00:00Z')).toBeNull()
    expect(held('2026-01-05T06:00:00Z', '2026-01-05T06:20:00Z')).toBeNull()
    expect(held('2026-01-05T05:59:00Z', '2026-01-05T06:20:00Z')).not.toBeNull()
    expect(held('2026-01-05T12:00:00Z', '2026-01-06T12:00:00Z', 1, { afterHeldMs: 100 * hourMs })).not.toBeNull()
    expect(held('2026-01-05T03:00:00Z', '2026-01-05T03:10:00Z', 1, { restMs: 0 })).toBeNull()
    const readiness = readinessAt({ ...idle, shift, rest: { since: noon - 1, until: noon + hourMs } }, null, noon)
    expect(readiness).toMatchObject({ state: 'recovering', until: noon + hourMs, nextAt: noon + hourMs })
  })

  it('RD3: night is by the clock of the policy’s zone, on days too on which clocks are changed', () => {
    const berlin = { timeZone: 'Europe/Berlin' }
    expect(held('2026-01-05T20:50:00Z', '2026-01-05T21:05:00Z', 1, berlin)).not.toBeNull()
    expect(held('2026-01-05T05:01:00Z', '2026-01-05T05:20:00Z', 1, berlin)).toBeNull()
    // 29 March 2026: from 02:00 at once 03:00. 06:00 there is 04:00 UTC.
    expect(held('2026-03-29T03:55:00Z', '2026-03-29T04:10:00Z', 1, berlin)).not.toBeNull()
    expect(held('2026-03-29T04:01:00Z', '2026-03-29T04:10:00Z', 1, berlin)).toBeNull()
  })

  it('RD6: what is said goes before what is derived, which is told beside it', () => {
    const readiness = readinessAt({ ...idle, shift }, say({ state: 'released', untilMin: 30 }), noon)
    expect(readiness).toMatchObject({ state: 'released', until: noon + 30 * minuteMs, derived: { state: 'ready' } })
  })

  it('RD6: available in some minutes counts down, and is ready then until that ends', () => {
    const said = say({ state: 'available', inMin: 20 })
    const at = noon + 20 * minuteMs
    expect(readinessAt(idle, said, noon)).toMatchObject({ state: 'available', until: at, nextAt: at })
    expect(readinessAt(idle, said, at)).toMatchObject({ state: 'ready', since: at, until: at + hourMs })
    expect(readinessAt(idle, said, at + hourMs)).toMatchObject({ state: 'released', said: null })
  })

  it('RD7: who takes an incident after saying something is engaged, and what was said does not come back', () => {
    const said = say({ state: 'released', untilMin: 600 })
    const took = { ...idle, shift, engagedSince: noon + 1, tookAt: noon + 1 }
    expect(readinessAt(took, said, noon + 1)).toMatchObject({ state: 'engaged', said: null })
    expect(readinessAt({ ...took, engagedSince: null }, said, noon + hourMs)).toMatchObject({ state: 'ready' })
    // What they held when they said it contradicts nothing.
    expect(readinessAt({ ...took, engagedSince: noon - 1, tookAt: noon - 1 }, said, noon).state).toBe('released')
  })

  it('refuses what cannot be meant, with the field and what to write', () => {
    const field = (path: string) => ['fields-invalid', [{ path, message: expect.any(String) }]]
    expect(refusal({ state: 'available' })).toEqual(field('inMin'))
    expect(refusal({ state: 'ready', inMin: 5 })).toEqual(field('inMin'))
    expect(refusal({ state: 'ready', until: '2026-01-05T11:59:00Z' })).toEqual(field('until'))
    expect(refusal({ state: 'ready', until: '2026-01-07T12:00:00Z' })).toEqual(field('until'))
    expect(refusal({ state: 'available', inMin: 30, untilMin: 20 })).toEqual(field('untilMin'))
    expect(refusal({ state: 'ready', until: '2026-01-05T13:00:00Z', untilMin: 3 })).toEqual(field('until'))
    expect(refusal({ state: 'ready', until: '2026-01-05T13:00:00+00:00' })).toBeNull()
  })

  it('RD9: a team is unready when somebody should answer for it and nobody could be asked', () => {
    const team = { expected: true, onCall: 1 }
    const one = (state: ReadinessState, said?: object) => ({ state, ...(said !== undefined && { said }) })
    expect(isUnready(team, [one('engaged'), one('released')])).toBe(true)
    expect(isUnready({ ...team, onCall: 0 }, [])).toBe(true)
    expect(isUnready(team, [one('on-call'), one('released')])).toBe(false)
    // Whoever is ready for another team answers for that one.
    expect(isUnready(team, [one('engaged'), one('ready')])).toBe(true)
    expect(isUnready(team, [one('engaged'), one('available', {})])).toBe(false)
    expect(isUnready({ expected: false, onCall: 0 }, [one('released')])).toBe(false)
  })
})
