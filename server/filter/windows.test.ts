import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Matcher } from '#shared/matchers.ts'
import { builtInPolicy, type PolicyInput, policySchema } from '#shared/policy.ts'
import type { OccurrenceAfter } from '#shared/recurrence.ts'
import { makeFilter } from './index.ts'
import { at, effectsOf, outcomesOf, Story, storyStart } from './story.fixture.ts'

/** Every hour on the hour, whatever the rule. */
const hourly: OccurrenceAfter = ({ lastsMs, until = Number.POSITIVE_INFINITY }, after) => {
  const startsAt = (Math.floor((after - lastsMs) / hourMs) + 1) * hourMs
  return startsAt >= until ? null : { startsAt, endsAt: startsAt + lastsMs }
}
const recurs = { rrule: 'FREQ=HOURLY', starts: '2026-01-01T00:00', lasts: '10m', time_zone: 'UTC' }
const nights = { name: 'nights', time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }] }] }
const checkout = (alertname: string) => ({ alertname, service: 'checkout' })

function policyWith(maintenance: object, more: object = {}) {
  const window = { name: 'patching', match: ['service="checkout"'], reason: 'hosts are patched', ...maintenance }
  return policySchema.parse({ time_intervals: [nights], filters: { maintenance: [window] }, ...more } as PolicyInput)
}
function telling(policy = policyWith({ recurs })): Story {
  const story = new Story(policy)
  story.filter = makeFilter({ policy, policyHash: 'story', filter: null, alerts: [], occurrences: hourly })
  return story
}
/** As after a restart, from a checkpoint. */
function restarted(story: Story, policy = policyWith({ recurs })): void {
  const cut = story.filter.beginCheckpoint()
  const alerts = cut.next(Number.POSITIVE_INFINITY).map(({ alert }) => structuredClone(alert))
  const filter = JSON.parse(JSON.stringify(cut.filter))
  story.filter = makeFilter({ policy, policyHash: 'story', filter, alerts, occurrences: hourly })
}

describe('MW1: a maintenance window of the policy', () => {
  it('holds back what fires while it is open, and says by which window, by whom and until when', () => {
    const story = telling()
    const fired = story.fire(1, checkout('Down'))
    expect(fired.decisions[0]).toMatchObject({
      outcome: 'silenced',
      stage: 'silence',
      rule: 'patching',
      reason:
        "silenced until 2026-01-01T00:10:00Z by maintenance window 'patching' of the policy, which matched ⟦service⟧",
    })
    expect(story.alert('Down').silencedBy).toEqual(['maintenance/patching'])
    expect(outcomesOf(story.fire(2, { alertname: 'Down', service: 'search' }))).toEqual([
      'opened INC-1001 same service',
    ])
  })

  it('Q6: opens and closes by itself, at instants that are due; what still fires is judged again at its end', () => {
    const story = telling()
    story.fire(1, checkout('Down'))
    expect(story.filter.nextDueAt()).toBe(at(10))
    expect(story.filter.nextSilenceAt()).toBe(at(10))
    const closed = story.tick(10)
    expect(effectsOf(closed)).toEqual(['open INC-1001 1'])
    expect(closed.judgedAgain[0]?.reason).toMatch(/^no silence holds it back any more/)
    expect(story.filter.nextDueAt()).toBe(at(60))
    // What has an incident by now is marked only.
    expect([...story.tick(60).touched]).toEqual(['INC-1001'])
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toEqual({ id: 'maintenance/patching', until: at(70) })
    expect(story.filter.silencedBy('maintenance/patching')).toBe(1)
    expect(story.tick(70).effects).toEqual([])
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toBeNull()
  })

  it('is no silence that somebody made', () => {
    const story = telling()
    story.tick(1)
    expect(story.filter.silences()).toEqual([])
    expect(story.filter.windows()).toEqual([
      { id: 'maintenance/patching', startsAt: at(0), endsAt: at(10), state: 'active' },
    ])
  })

  it('by time_intervals, over their end and their beginning', () => {
    const story = telling(policyWith({ intervals: ['nights'] }))
    expect(outcomesOf(story.fire(1, checkout('Down')))).toEqual(['opened INC-1001 same service'])
    expect(story.filter.nextDueAt()).toBe(at(22 * 60))
    expect(outcomesOf(story.fire(22 * 60, checkout('Slow')))).toEqual(['silenced - patching'])
    expect(effectsOf(story.tick(24 * 60))).toEqual(['open INC-1002 1'])
  })

  it('that never opens holds nothing back, and nothing is due', () => {
    const never = { time_intervals: [{ name: 'nights', time_intervals: [{ years: ['1999'] }] }] }
    const story = telling(policyWith({ intervals: ['nights'] }, never))
    expect(story.fire(1, checkout('Down')).counts).toEqual({ opened: 1 })
    expect(story.filter.nextSilenceAt()).toBeNull()
    expect(story.filter.windows()).toMatchObject([{ state: 'expired' }])
  })

  it('F3: stands after a restart as it stood, also between the instant of its end and the entry that ends it', () => {
    const story = telling()
    story.fire(1, checkout('Down'))
    restarted(story)
    expect(story.filter.windows()).toMatchObject([{ state: 'active', endsAt: at(10) }])
    expect(story.filter.silencedBy('maintenance/patching')).toBe(1)
    expect(effectsOf(story.tick(12))).toEqual(['open INC-1001 1'])
  })

  it('of another policy takes its place at once; one that is the same goes on, be it with another reason', () => {
    const story = telling()
    story.fire(1, checkout('Down'))
    expect(story.policy(2, policyWith({ recurs, reason: 'other words' })).effects).toEqual([])
    expect(story.filter.size().held).toBe(1)
    const narrower = story.policy(3, policyWith({ recurs, match: ['service="search"'] }))
    expect(effectsOf(narrower)).toEqual(['open INC-1001 1'])
    const wider = story.policy(4, policyWith({ recurs, match: ['alertname=~".+"'] }))
    expect([...wider.touched]).toEqual(['INC-1001'])
    expect(story.policy(5, builtInPolicy).touched).toEqual(new Set(['INC-1001']))
    expect(story.filter.windows()).toEqual([])
    expect(story.alert('Down')).not.toHaveProperty('silencedBy')
  })

  it('looks at the calendar with the first entry there is: before, nothing is due, and no time before is made up for', () => {
    const story = telling()
    expect(story.filter.nextDueAt()).toBeNull()
    expect(story.filter.windows()).toEqual([])
    restarted(story)
    expect(story.fire(61, checkout('Down')).counts).toEqual({ silenced: 1 })
    expect(story.filter.nextDueAt()).toBe(at(70))
  })

  it('that was missed while nothing ran is not made up for', () => {
    const story = telling()
    story.tick(30)
    expect(story.filter.windows()).toMatchObject([{ state: 'pending', startsAt: at(60) }])
    story.tick(24 * 60 + 30)
    expect(story.filter.windows()).toMatchObject([{ state: 'pending', startsAt: at(25 * 60) }])
  })
})

describe('Q9: a silence that comes again', () => {
  const down: readonly Matcher[] = [{ name: 'alertname', op: '=', value: 'Down' }]
  const weekly = (untilMinute: number) => ({
    id: 's',
    matchers: down,
    startsAt: at(60),
    endsAt: at(70),
    recurs: { rrule: 'FREQ=HOURLY', starts: '', lastsMs: 10 * minuteMs, timeZone: 'UTC', until: at(untilMinute) },
  })
  const make = (story: Story, minute: number, untilMinute = 1000) =>
    story.fold({ kind: 'silence', pos: 1000, at: at(minute), silences: [weekly(untilMinute)] })

  it('is the same each time: pending, in force, pending again, until no time is left', () => {
    const story = telling(builtInPolicy)
    make(story, 1, 130)
    expect(story.filter.silence('s')).toMatchObject({ startsAt: at(60), endsAt: at(70) })
    expect(story.fire(2, checkout('Down')).counts).toEqual({ opened: 1 })
    story.tick(60)
    expect(story.alert('Down').silencedBy).toEqual(['s'])
    story.tick(70)
    expect(story.alert('Down')).not.toHaveProperty('silencedBy')
    expect(story.filter.silence('s')).toMatchObject({ startsAt: at(120), endsAt: at(130) })
    story.tick(130)
    expect(story.filter.silence('s')).toMatchObject({ startsAt: at(120), endsAt: at(130) })
    expect(story.filter.nextDueAt()).toBe(at(130 + 5 * 24 * 60))
  })

  it('Q6: what it held back is judged again at the end of each time', () => {
    const story = telling(builtInPolicy)
    make(story, 1)
    expect(outcomesOf(story.fire(61, checkout('Down')))).toEqual(['silenced - s'])
    expect(effectsOf(story.tick(70))).toEqual(['open INC-1001 1'])
    expect(outcomesOf(story.fire(121, { alertname: 'Down', service: 'search' }))).toEqual(['silenced - s'])
  })

  it('goes on over a restart', () => {
    const story = telling(builtInPolicy)
    make(story, 1)
    story.fire(61, checkout('Down'))
    restarted(story, builtInPolicy)
    expect(effectsOf(story.tick(75))).toEqual(['open INC-1001 1'])
    expect(story.filter.nextSilenceAt()).toBe(at(120))
  })

  it('one of which a time lasts beyond the next beginning goes over into that without a gap', () => {
    const story = telling(builtInPolicy)
    const longer = { ...weekly(1000), endsAt: at(125) }
    story.fold({ kind: 'silence', pos: 1000, at: at(61), silences: [longer] })
    story.fire(62, checkout('Down'))
    const over = story.tick(125)
    expect(over.effects).toEqual([])
    expect(story.filter.silence('s')).toMatchObject({ startsAt: at(120), endsAt: at(130) })
    expect(effectsOf(story.tick(130))).toEqual(['open INC-1001 1'])
  })
})

it('a window and a silence that match the same are named together, and the last to end lets go', () => {
  const story = telling()
  story.silence(0, { id: 's', matchers: [{ name: 'alertname', op: '=', value: 'Down' }], from: 0, to: 5 })
  expect(story.fire(1, checkout('Down')).decisions[0]?.reason).toMatch(/'patching' of the policy and 1 more/)
  expect(story.tick(5).effects).toEqual([])
  expect(effectsOf(story.tick(10))).toEqual(['open INC-1001 1'])
  expect(storyStart).toBe(at(0))
})
