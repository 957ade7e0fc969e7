import { describe, expect, it } from 'vitest'
import { policySchema } from '#shared/policy.ts'
import { at, effectsOf, outcomesOf, Story } from '../story.fixture.ts'

const rule = { name: 'flapping', match: ['alertname="Link"'], half_life: '10m', suppress: 3, reuse: 1, longest: '20m' }
const policy = policySchema.parse({ filters: { damp: [rule] } })
const link = { alertname: 'Link', service: 'net' }

/** Fires and ends every minute, `times` times over, and fires once more. @returns the minute of that */
function flap(story: Story, times: number, from = 0): number {
  for (let n = 0; n < times; n++) {
    story.fire(from + n, link)
    story.resolve(from + n + 0.5, link)
  }
  story.fire(from + times, link)
  return from + times
}

describe('damp', () => {
  it('D1, D2: holds back what fired again too often, and says when it will let go at the earliest', () => {
    const story = new Story(policy)
    const minute = flap(story, 3)
    expect(story.alert('Link').flaps?.penalty).toBeCloseTo(1 + 2 ** -0.1 + 2 ** -0.2, 5)
    expect(story.filter.size().held).toBe(0)
    story.resolve(minute + 0.5, link)
    const held = story.fire(minute + 1, link)
    const until = at(minute + 1) + 10 * 60_000 * Math.log2(1 + 2 ** -0.1 + 2 ** -0.2 + 2 ** -0.3)
    expect(held).toMatchObject({ counts: { damped: 1 }, effects: [] })
    expect(held.decisions[0]).toMatchObject({
      stage: 'damp',
      rule: 'flapping',
      reason: `fired again 4 times; held back until ${new Date(until).toISOString().slice(0, 19)}Z at the earliest, and later if it goes on, by rule 'flapping'`,
    })
    expect(story.filter.size()).toMatchObject({ firing: 1, held: 1 })
    expect(Math.abs((story.filter.nextDueAt() ?? 0) - until)).toBeLessThan(10)
    expect(story.fire(minute + 2, link).counts).toEqual({ repeated: 1 })
  })

  it('D2: calm again and still firing, it goes back to its incident in that tick', () => {
    const story = new Story(policy)
    flap(story, 4)
    const due = story.filter.nextDueAt() ?? 0
    expect(story.tick((due - at(0)) / 60_000 - 0.1).judgedAgain).toEqual([])
    const calm = story.tick((due - at(0)) / 60_000)
    expect(effectsOf(calm)).toEqual(['refire INC-1001 1'])
    expect(calm.judgedAgain[0]?.reason).toMatch(/^it has calmed down; fires again while INC-1001 is open/)
    expect(story.filter.size().held).toBe(0)
    expect(story.filter.nextDueAt()).toBeNull()
  })

  it('D2: that ended meanwhile, it is not heard of; firing once more before its time, it is held back longer', () => {
    const story = new Story(policy)
    const minute = flap(story, 4)
    const first = story.filter.nextDueAt() ?? 0
    expect(story.resolve(minute + 1, link).effects).toEqual([])
    expect(story.filter.nextDueAt()).toBeNull()
    expect(outcomesOf(story.fire(minute + 2, link))).toEqual(['damped INC-1001 flapping'])
    expect(story.filter.nextDueAt()).toBeGreaterThan(first)
  })

  it('D3: however often it fires again, it is let go when it was calm for `longest`', () => {
    const story = new Story(policy)
    const minute = flap(story, 60)
    expect(story.filter.nextDueAt()).toBe(at(minute + 20))
  })

  it('D1: what comes again seldom is never held back, nor what no rule is about, nor anything by the built-in policy', () => {
    const seldom = new Story(policy)
    for (let hour = 0; hour < 20; hour++) {
      seldom.fire(hour * 30, link)
      seldom.resolve(hour * 30 + 1, link)
    }
    expect(seldom.alert('Link').flaps).not.toHaveProperty('until')
    const other = new Story(policy)
    for (let n = 0; n < 10; n++) {
      other.fire(n, { alertname: 'Disk' })
      other.resolve(n + 0.5, { alertname: 'Disk' })
    }
    expect(other.alert('Disk')).not.toHaveProperty('flaps')
    const builtIn = new Story()
    flap(builtIn, 10)
    expect(builtIn.filter.size().held).toBe(0)
  })

  it('with other rules what it held is let go at once', () => {
    const story = new Story(policy)
    const minute = flap(story, 4)
    expect(effectsOf(story.policy(minute + 1, policySchema.parse({})))).toEqual(['refire INC-1001 1'])
    expect(story.alert('Link')).not.toHaveProperty('flaps')
  })

  it('a rule that could never do what it says is refused', () => {
    const faults = (more: object) => {
      const read = policySchema.safeParse({ filters: { damp: [{ ...rule, ...more }] } })
      return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    }
    expect(faults({ reuse: 3 })).toEqual([
      'filters.damp.0.reuse: must be less than suppress (3), or it would be held back and let go at once',
    ])
    expect(faults({ longest: '5m' })).toEqual([
      'filters.damp.0.longest: is too short for anything to be held back by this rule; at least 16m with this half_life',
    ])
    expect(faults({ half_life: '0s' })).toEqual(['filters.damp.0.half_life: must be at least 1s'])
  })
})
