import { describe, expect, it } from 'vitest'
import type { Matcher } from '#shared/matchers.ts'
import { policySchema } from '#shared/policy.ts'
import { at, effectsOf, eventOf, outcomesOf, Story } from './story.fixture.ts'

const checkout = (alertname: string) => ({ alertname, service: 'checkout' })
const is = (name: string, value: string): Matcher => ({ name, op: '=', value })
const down = [is('alertname', 'Down')]

describe('a silence', () => {
  it('Q4: holds back what begins to fire, and its repeats are repeats', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: down, from: 0, to: 60 })
    const fired = story.fire(1, checkout('Down'))
    expect(fired).toMatchObject({ counts: { silenced: 1 }, effects: [] })
    expect(fired.decisions[0]).toMatchObject({
      outcome: 'silenced',
      stage: 'silence',
      rule: 's',
      reason: 'silenced until 2026-01-01T01:00:00Z by silence s, which matched ⟦alertname⟧',
      incidentId: null,
    })
    expect(story.alert('Down')).toMatchObject({ silencedBy: ['s'], incidentId: null, rule: 's', service: 'checkout' })
    expect(story.filter.size()).toMatchObject({ firing: 1, held: 1 })
    expect(story.fire(2, checkout('Down'))).toMatchObject({ counts: { repeated: 1 }, effects: [] })
    expect(story.resolve(3, checkout('Down'))).toMatchObject({ counts: { resolved: 1 }, effects: [] })
    expect(story.filter.size()).toMatchObject({ firing: 0, held: 0 })
    expect(story.alert('Down')).not.toHaveProperty('silencedBy')
  })

  it('Q6: at its end, what still fires is judged again and opens what it would have opened', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: down, from: 0, to: 60 })
    story.fire(1, checkout('Down'))
    expect(story.filter.nextDueAt()).toBe(at(60))
    const ended = story.tick(60)
    expect(ended).toMatchObject({ counts: {}, decisions: [] })
    expect(effectsOf(ended)).toEqual(['open INC-1001 1'])
    expect(ended.judgedAgain).toEqual([
      expect.objectContaining({
        outcome: 'opened',
        stage: 'correlate',
        incidentId: 'INC-1001',
        index: 0,
        reason: expect.stringMatching(/^no silence holds it back any more; definition .* opened INC-1001/),
      }),
    ])
    const alert = story.alert('Down')
    expect(alert).toMatchObject({ incidentId: 'INC-1001', rule: 'same service' })
    expect(alert).not.toHaveProperty('heldBack')
    expect(story.filter.size().held).toBe(0)
  })

  it('Q6: ended by hand, so they are in that entry; several of one service make one incident, the first names it', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: [is('service', 'checkout')], from: 0, to: 60 })
    story.fire(1, checkout('First'))
    story.fire(2, checkout('Second'))
    const ended = story.silence(3, { id: 's', matchers: [is('service', 'checkout')], from: 0, to: 3 })
    expect(ended.effects).toEqual([expect.objectContaining({ type: 'open', title: 'First' })])
    expect(ended.effects[0]).toHaveProperty('alerts.length', 2)
    expect(ended.judgedAgain.map(({ outcome }) => outcome)).toEqual(['opened', 'attached'])
  })

  it('Q4: one that begins later marks what fires: with an incident it stays there, without it stays out', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    expect(story.silence(1, { id: 's', matchers: down, from: 5, to: 60 }).touched.size).toBe(0)
    expect(story.alert('Down')).not.toHaveProperty('silencedBy')
    expect(story.filter.nextSilenceAt()).toBe(at(5))
    const begun = story.tick(5)
    expect([...begun.touched]).toEqual(['INC-1001'])
    expect(begun.effects).toEqual([])
    expect(story.alert('Down')).toMatchObject({ silencedBy: ['s'], incidentId: 'INC-1001' })
    expect(story.filter.size()).toMatchObject({ held: 0 })
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toEqual({ id: 's', until: at(60) })
    const ended = story.tick(60)
    expect([...ended.touched]).toEqual(['INC-1001'])
    expect(ended).toMatchObject({ effects: [], judgedAgain: [] })
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toBeNull()
  })

  it('an incident is silenced when all its firing alerts are, until the first of them is not', () => {
    const story = new Story()
    story.send(0, [eventOf(checkout('A')), eventOf(checkout('B'))])
    story.silence(1, { id: 'a', matchers: [is('alertname', 'A')], from: 1, to: 30 })
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toBeNull()
    story.silence(2, { id: 'b', matchers: [is('alertname', 'B')], from: 2, to: 20 })
    story.silence(3, { id: 'b-longer', matchers: [is('alertname', 'B')], from: 3, to: 40 })
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toEqual({ id: 'a', until: at(30) })
    story.resolve(4, checkout('A'))
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toEqual({ id: 'b-longer', until: at(40) })
    story.phase(5, 'INC-1001', 'resolved')
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toBeNull()
  })

  it('Q6: with two that match, it is let go when the last one ends', () => {
    const story = new Story()
    story.silence(0, { id: 'short', matchers: down, from: 0, to: 10 })
    story.silence(0, { id: 'long', matchers: [is('service', 'checkout')], from: 0, to: 20 })
    expect(outcomesOf(story.fire(1, checkout('Down')))).toEqual(['silenced - long'])
    expect(story.alert('Down').silencedBy).toEqual(['long', 'short'])
    expect(story.tick(10).effects).toEqual([])
    expect(story.filter.size().held).toBe(1)
    expect(effectsOf(story.tick(20))).toEqual(['open INC-1001 1'])
  })

  it('Q8: one that takes the place of another in one entry lets nothing go that both hold', () => {
    const story = new Story()
    story.silence(0, { id: 'old', matchers: down, from: 0, to: 60 })
    story.fire(1, checkout('Down'))
    story.fire(1, { alertname: 'Down', service: 'search' })
    const replaced = story.silence(
      2,
      { id: 'old', matchers: down, from: 0, to: 2 },
      { id: 'new', matchers: [...down, is('service', 'checkout')], from: 2, to: 90 },
    )
    expect(replaced.effects).toEqual([expect.objectContaining({ type: 'open', service: 'search' })])
    expect(story.filter.size().held).toBe(1)
  })

  it('Q6: an alert of an open incident that fires again under a silence goes back to it when the silence ends', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.resolve(1, checkout('Down'))
    story.silence(2, { id: 's', matchers: down, from: 2, to: 60 })
    expect(outcomesOf(story.fire(3, checkout('Down')))).toEqual(['silenced INC-1001 s'])
    expect(effectsOf(story.tick(60))).toEqual(['refire INC-1001 1'])
  })

  it('Q6: so does one whose incident was resolved just before, which that reopens; one long over opens another', () => {
    const story = new Story()
    for (const name of ['Soon', 'Late']) {
      story.fire(0, { alertname: name, service: name })
      story.resolve(1, { alertname: name, service: name })
    }
    story.phase(2, 'INC-1001', 'resolved')
    story.phase(2, 'INC-1002', 'resolved')
    story.silence(3, { id: 'a', matchers: [is('alertname', 'Soon')], from: 3, to: 10 })
    story.silence(3, { id: 'b', matchers: [is('alertname', 'Late')], from: 3, to: 30 })
    story.fire(4, { alertname: 'Soon', service: 'Soon' })
    story.fire(4, { alertname: 'Late', service: 'Late' })
    expect(effectsOf(story.tick(10))).toEqual(['refire INC-1001 1'])
    expect(effectsOf(story.tick(30))).toEqual(['open INC-1003 1'])
  })

  it('fires again and ends again under a silence: its incident, which was not told of the one, is not told of the other', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.resolve(1, checkout('Down'))
    story.silence(2, { id: 's', matchers: down, from: 2, to: 60 })
    story.fire(3, checkout('Down'), { expiresAt: at(5) })
    expect(story.resolve(4, checkout('Down')).effects).toEqual([])
    story.fire(5, checkout('Down'), { expiresAt: at(9) })
    expect(story.tick(10).effects).toEqual([])
    expect(story.filter.size()).toMatchObject({ firing: 0, held: 0 })
  })

  it('whose incident is long over belongs to none while it is held back', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.resolve(1, checkout('Down'))
    story.phase(2, 'INC-1001', 'resolved')
    story.silence(20, { id: 's', matchers: down, from: 20, to: 60 })
    expect(outcomesOf(story.fire(21, checkout('Down')))).toEqual(['silenced - s'])
  })

  it('that is changed, be it only its end, is told of the incidents it marks', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.silence(1, { id: 's', matchers: down, from: 1, to: 60 })
    const longer = story.silence(2, { id: 's', matchers: down, from: 1, to: 90 })
    expect([...longer.touched]).toEqual(['INC-1001'])
    expect(story.filter.vitalsOf('INC-1001')?.silenced).toEqual({ id: 's', until: at(90) })
  })

  it('Q6: an alert that is overdue when its silence ends is let go only when its sender speaks again', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: down, from: 0, to: 10 })
    story.fire(1, checkout('Down'), { expiresAt: at(5) })
    expect(story.tick(10, true).effects).toEqual([])
    expect(story.filter.size()).toMatchObject({ firing: 1, held: 1 })
    const spoken = story.fire(11, checkout('Down'), { expiresAt: at(20) })
    expect(spoken.counts).toEqual({ opened: 1 })
    expect(story.filter.size().held).toBe(0)
  })

  it('an event at or after its end is not held back, though no tick came between', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: down, from: 0, to: 10 })
    story.fire(1, checkout('Down'))
    const folded = story.fire(10, { alertname: 'Down', service: 'search' })
    expect(folded.counts).toEqual({ opened: 1 })
    expect(effectsOf(folded)).toEqual(['open INC-1001 1', 'open INC-1002 1'])
    expect(folded.judgedAgain).toEqual([expect.objectContaining({ index: 1, incidentId: 'INC-1001' })])
  })

  it('Q1: sees the labels as the sender wrote them, and where there are none the title, our severity and service', () => {
    const policy = policySchema.parse({ services: [{ id: 'shop', match: ['app=~"shop-.*"'] }] })
    const story = new Story(policy)
    story.silence(
      0,
      { id: 'title', matchers: [is('alertname', 'Disk full')], from: 0, to: 60 },
      { id: 'severity', matchers: [is('severity', 'page')], from: 0, to: 60 },
      { id: 'service', matchers: [is('service', 'shop')], from: 0, to: 60 },
    )
    const outcomes = (labels: Record<string, string>, title: string) =>
      outcomesOf(story.fire(1, labels, { title, dedupKey: title, severity: 'critical' }))[0]
    expect(outcomes({ host: 'db1' }, 'Disk full')).toBe('silenced - title')
    expect(outcomes({ severity: 'page' }, 'Paged')).toBe('silenced - severity')
    expect(outcomes({ app: 'shop-web' }, 'Shop')).toBe('silenced - service')
    expect(outcomes({ alertname: 'Other' }, 'Disk full ')).toMatch(/^opened/)
  })

  it('Q1: a keyed alert that changes what it says is matched anew by its next event', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: [is('host', 'db1')], from: 0, to: 60 })
    const disk = (host: string, minute: number) =>
      story.fire(minute, { alertname: 'Disk', host }, { dedupKey: 'disk', title: 'Disk' })
    expect(disk('db1', 1).counts).toEqual({ silenced: 1 })
    const other = disk('db2', 2)
    expect(other.counts).toEqual({ opened: 1 })
    expect(story.filter.size().held).toBe(0)
    expect(disk('db1', 3).counts).toEqual({ repeated: 1 })
    expect(story.alert('Disk')).toMatchObject({ silencedBy: ['s'], incidentId: 'INC-1001' })
  })

  it('below the definition of an incident it is marked, and its end changes nothing', () => {
    const policy = policySchema.parse({ definitions: [{ name: 'noise', match: ['severity="info"'], as: 'record' }] })
    const story = new Story(policy)
    story.fire(0, checkout('Down'), { severity: 'info' })
    story.silence(1, { id: 's', matchers: down, from: 1, to: 5 })
    expect(story.alert('Down')).toMatchObject({ silencedBy: ['s'], rule: 'noise' })
    expect(story.tick(5)).toMatchObject({ effects: [], judgedAgain: [] })
    story.silence(6, { id: 't', matchers: down, from: 6, to: 9 })
    expect(story.fire(7, checkout('Down'), { severity: 'critical' }).counts).toEqual({ silenced: 1 })
    expect(effectsOf(story.tick(9))).toEqual(['open INC-1001 1'])
  })

  it('is remembered five days after its end, and then no more', () => {
    const story = new Story()
    story.silence(0, { id: 's', matchers: down, from: 0, to: 1 })
    story.tick(1)
    expect(story.filter.silences()).toEqual([{ id: 's', matchers: down, startsAt: at(0), endsAt: at(1) }])
    const forgottenAt = 1 + 5 * 24 * 60
    expect(story.filter.nextDueAt()).toBe(at(forgottenAt))
    story.tick(forgottenAt)
    expect(story.filter.silence('s')).toBeUndefined()
    expect(story.filter.nextDueAt()).toBeNull()
  })
})

it('Q5: a thousand silences by label are looked at no more often than ten', () => {
  const looksWith = (count: number): number => {
    const story = new Story()
    const silences = Array.from({ length: count }, (_, n) => ({
      id: `s${n}`,
      matchers: [is('alertname', 'Down'), is('instance', `host-${n}`)],
      from: 0,
      to: 600,
    }))
    story.silence(0, ...silences)
    let looks = 0
    const watched = (labels: Record<string, string>) =>
      new Proxy(labels, {
        get(target, name) {
          looks++
          return Reflect.get(target, name)
        },
      })
    story.send(
      1,
      Array.from({ length: 100 }, (_, n) => {
        const labels = { alertname: 'Down', instance: `other-${n}`, service: 'checkout' }
        return { ...eventOf(labels), labels: watched(labels) }
      }),
    )
    expect(story.filter.size()).toMatchObject({ firing: 100, held: 0 })
    return looks
  }
  expect(looksWith(1000)).toBe(looksWith(10))
})

it('a silence with an expression that cannot be read any more holds nothing back, and is kept', () => {
  const story = new Story()
  story.silence(0, { id: 's', matchers: [{ name: 'alertname', op: '=~', value: '(' }], from: 0, to: 60 })
  expect(story.fire(1, checkout('Down')).counts).toEqual({ opened: 1 })
  expect(story.filter.silences()).toHaveLength(1)
})
