import { describe, expect, it } from 'vitest'
import { at, effectsOf, eventOf, outcomesOf, Story } from './story.fixture.ts'

const checkout = (alertname: string) => ({ alertname, service: 'checkout' })

describe('an alert’s life', () => {
  it('opens an incident, repeats, resolves, and repeats its end', () => {
    const story = new Story()
    const opened = story.fire(0, checkout('Down'), { severity: 'critical' })
    expect(opened.counts).toEqual({ opened: 1 })
    expect(opened.effects).toEqual([
      {
        type: 'open',
        incidentId: 'INC-1001',
        title: 'Down',
        description: '',
        service: 'checkout',
        team: null,
        severity: 'critical',
        tier: null,
        tierRule: 'everything else',
        alerts: [story.alert('Down').id],
        rule: 'same service',
      },
    ])
    expect(opened.decisions[0]).toMatchObject({
      outcome: 'opened',
      stage: 'correlate',
      rule: 'same service',
      reason: `definition 'everything else' matched severity="critical"; opened INC-1001: no open incident for rule 'same service' (⟦service⟧)`,
      incidentId: 'INC-1001',
    })

    const repeated = story.fire(1, checkout('Down'))
    expect(repeated).toMatchObject({ counts: { repeated: 1 }, decisions: [], effects: [] })
    expect([...repeated.touched]).toEqual(['INC-1001'])

    const resolved = story.resolve(2, checkout('Down'))
    expect(resolved.decisions[0]?.reason).toBe('the sender says that it ended at 2026-01-01T00:02:00Z')
    expect(effectsOf(resolved)).toEqual(['resolve INC-1001 1'])
    expect(story.resolve(3, checkout('Down')).counts).toEqual({ repeated: 1 })
    expect(story.alert('Down')).toMatchObject({
      status: 'resolved',
      endsAt: at(2),
      endAssumed: false,
      heardAt: at(3),
      events: 4,
      startsAt: at(0),
      rule: 'same service',
    })
  })

  it('F1: unreadable members are rejected under their own index, between the good ones', () => {
    const story = new Story()
    const folded = story.send(0, [eventOf(checkout('A')), eventOf(checkout('B'))], {
      unreadable: [
        { index: 0, reason: 'no labels' },
        { index: 2, reason: 'no labels either' },
        { index: 4, reason: 'nor here' },
      ],
    })
    expect(folded.counts).toEqual({ rejected: 3, opened: 1, attached: 1 })
    expect(folded.decisions.map(({ index, outcome }) => `${index} ${outcome}`)).toEqual([
      '0 rejected',
      '1 opened',
      '2 rejected',
      '3 attached',
      '4 rejected',
    ])
    expect(folded.decisions[0]).toMatchObject({ stage: 'parse', reason: 'no labels', alertId: null })
  })

  it('key scope: the same key of two source groups is two alerts', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    expect(story.send(0, [eventOf(checkout('Down'))], { scope: 'other' }).counts).toEqual({ attached: 1 })
    expect(story.filter.size()).toEqual({ alerts: 2, firing: 2, held: 0, groups: 1 })
  })

  it('the sender’s own severity wins over the source’s default, which fills in', () => {
    const story = new Story()
    story.send(0, [eventOf(checkout('Named')), eventOf(checkout('Unnamed'), { severity: 'medium', severityRaw: '' })], {
      defaultSeverity: 'high',
    })
    const severities = story.filter.alertsOf('INC-1001').map(({ title, severity }) => `${title} ${severity}`)
    expect(severities).toEqual(['Named critical', 'Unnamed high'])
  })

  it('what is resolved or acknowledged without an open alert is recorded, and so is what is no alert', () => {
    const story = new Story()
    expect(outcomesOf(story.resolve(0, checkout('Down')))).toEqual(['recorded - no open alert'])
    expect(outcomesOf(story.fire(0, checkout('Down'), { status: 'acknowledged' }))).toEqual([
      'recorded - no open alert',
    ])
    expect(outcomesOf(story.fire(0, checkout('Down'), { kind: 'change' }))).toEqual(['recorded - change'])
    expect(story.filter.size().alerts).toBe(0)
  })

  it('an acknowledgement over there is a note on the alert; the next firing clears it', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    const first = story.fire(1, checkout('Down'), { status: 'acknowledged' })
    expect(outcomesOf(first)).toEqual(['recorded INC-1001 acknowledged'])
    expect([...first.touched]).toEqual(['INC-1001'])
    expect(story.fire(2, checkout('Down'), { status: 'acknowledged' }).counts).toEqual({ repeated: 1 })
    expect(story.alert('Down')).toMatchObject({ acknowledgedAt: at(1), status: 'firing' })
    story.resolve(3, checkout('Down'))
    expect(outcomesOf(story.fire(3.5, checkout('Down'), { status: 'acknowledged' }))).toEqual([
      'recorded INC-1001 no open alert',
    ])
    story.fire(4, checkout('Down'))
    expect(story.alert('Down')).toMatchObject({ acknowledgedAt: null, refires: 1 })
  })
})

describe('F5: late and out-of-order events', () => {
  it('never resurrect a resolved alert', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.resolve(5, checkout('Down'))
    const late = story.fire(6, checkout('Down'), { startsAt: at(2) })
    expect(outcomesOf(late)).toEqual(['recorded INC-1001 late'])
    expect(late.decisions[0]?.reason).toBe(
      'tells of a start at 2026-01-01T00:02:00Z, before the alert ended at 2026-01-01T00:05:00Z; nothing changes',
    )
    expect(story.alert('Down').status).toBe('resolved')
  })

  it('never end a firing that began after the end they tell of', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.resolve(5, checkout('Down'))
    story.fire(10, checkout('Down'))
    expect(outcomesOf(story.resolve(11, checkout('Down'), { startsAt: at(0), endsAt: at(5) }))).toEqual([
      'recorded INC-1001 late',
    ])
    expect(story.alert('Down').status).toBe('firing')
  })

  it('a start in the future does not make an alert endless', () => {
    const story = new Story()
    story.fire(0, checkout('Down'), { startsAt: at(600) })
    expect(story.resolve(1, checkout('Down')).counts).toEqual({ resolved: 1 })
  })

  it('the earliest start wins', () => {
    const story = new Story()
    story.fire(5, checkout('Down'))
    story.fire(6, checkout('Down'), { startsAt: at(1) })
    story.fire(7, checkout('Down'))
    expect(story.alert('Down').startsAt).toBe(at(1))
  })
})

describe('F7: silence beyond the promise', () => {
  it('resolves at the tick, with an assumed end; a repeat moves it', () => {
    const story = new Story()
    story.fire(0, checkout('Down'), { expiresAt: at(4) })
    expect(story.filter.nextDueAt()).toBe(at(4))
    story.fire(1, checkout('Down'), { expiresAt: at(5) })
    expect(story.filter.nextDueAt()).toBe(at(5))
    expect(story.tick(4.5).effects).toEqual([])
    const expired = story.tick(6)
    expect(expired).toMatchObject({ counts: {}, decisions: [] })
    expect(effectsOf(expired)).toEqual(['resolve INC-1001 1'])
    expect(story.alert('Down')).toMatchObject({ status: 'resolved', endsAt: at(5), endAssumed: true, expiresAt: null })
    expect(story.filter.nextDueAt()).toBeNull()
  })

  it('takes the policy’s timeout where the sender promises nothing', () => {
    const story = new Story()
    story.fire(0, checkout('Down'), { family: 'alertmanager', timesOut: true })
    expect(story.filter.nextDueAt()).toBe(at(5))
  })

  it('an explicit end beats an assumed one, and any word refutes an assumed one', () => {
    const story = new Story()
    story.fire(0, checkout('Ended'), { expiresAt: at(4) })
    story.fire(0, checkout('GoesOn'), { expiresAt: at(4) })
    story.tick(5)
    expect(story.resolve(6, checkout('Ended'), { endsAt: at(3) }).counts).toEqual({ repeated: 1 })
    expect(story.filter.alertsOf('INC-1001')[0]).toMatchObject({ endsAt: at(3), endAssumed: false })
    const again = story.fire(6, checkout('GoesOn'), { startsAt: at(0), expiresAt: at(10) })
    expect(outcomesOf(again)).toEqual(['attached INC-1001 fires again'])
    expect(story.filter.alertsOf('INC-1001')[1]).toMatchObject({ status: 'firing', startsAt: at(0), endsAt: null })
  })

  it('several that are due make one effect per incident', () => {
    const story = new Story()
    story.send(
      0,
      ['A', 'B', 'C'].map((name) => eventOf(checkout(name), { expiresAt: at(4) })),
    )
    expect(effectsOf(story.tick(4))).toEqual(['resolve INC-1001 3'])
  })
})

describe('F4: the Alertmanager family', () => {
  const am = { family: 'alertmanager' } as const

  it('an older start may reactivate', () => {
    const story = new Story()
    story.fire(5, checkout('Down'), { ...am, expiresAt: at(9) })
    story.resolve(6, checkout('Down'), { ...am, startsAt: at(5) })
    const again = story.fire(7, checkout('Down'), { ...am, startsAt: at(1), expiresAt: at(11) })
    expect(outcomesOf(again)).toEqual(['attached INC-1001 fires again'])
    expect(story.alert('Down')).toMatchObject({ status: 'firing', startsAt: at(1) })
  })

  it('a promise is not taken back by a shorter one, but our own timeout is', () => {
    const story = new Story()
    story.fire(0, checkout('Promised'), { ...am, expiresAt: at(10) })
    story.fire(1, checkout('Promised'), { ...am, startsAt: at(0), expiresAt: at(5) })
    expect(story.alert('Promised').expiresAt).toBe(at(10))
    story.fire(0, checkout('Assumed'), { ...am, timesOut: true })
    story.fire(1, checkout('Assumed'), { ...am, startsAt: at(0), expiresAt: at(3) })
    expect(story.alert('Assumed').expiresAt).toBe(at(3))
  })

  it('a webhook’s alert, which never expires, keeps firing when a Prometheus of the same group promises less', () => {
    const story = new Story()
    story.fire(0, checkout('Down'), { ...am })
    story.fire(1, checkout('Down'), { ...am, startsAt: at(0), expiresAt: at(5) })
    expect(story.filter.nextDueAt()).toBeNull()
  })
})
