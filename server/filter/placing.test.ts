import { describe, expect, it } from 'vitest'
import { policySchema } from '#shared/policy.ts'
import { at, effectsOf, eventOf, outcomesOf, Story } from './story.fixture.ts'

const checkout = (alertname: string) => ({ alertname, service: 'checkout' })

describe('what is an incident', () => {
  const policy = policySchema.parse({
    services: [
      { id: 'checkout', team: 'shop', tier: 2, match: ['app=~"shop-.*"'] },
      { id: 'search', tier: 3 },
    ],
    teams: [{ id: 'shop' }],
    definitions: [
      { name: 'noise', match: ['severity="info"'], as: 'record' },
      { name: 'outage', match: ['severity="critical"', 'service="checkout"'], as: 1 },
      { name: 'rest', match: ['severity!=""'], as: 'triage' },
    ],
  })

  it('D1: the first definition decides: record, tier, or a person', () => {
    const story = new Story(policy)
    const noise = story.fire(0, { alertname: 'Noise', app: 'shop-web' }, { severity: 'info', severityRaw: 'info' })
    expect(outcomesOf(noise)).toEqual(['recorded - noise'])
    expect(noise.decisions[0]).toMatchObject({
      stage: 'define',
      reason: `definition 'noise' matched severity="info": recorded, no incident`,
    })
    expect(story.alert('Noise')).toMatchObject({ incidentId: null, rule: 'noise', service: 'checkout' })
    expect(story.resolve(1, { alertname: 'Noise', app: 'shop-web' })).toMatchObject({
      counts: { resolved: 1 },
      effects: [],
    })

    const outage = story.fire(2, { alertname: 'Out', app: 'shop-web' })
    expect(outage.effects[0]).toMatchObject({
      type: 'open',
      tier: 1,
      tierRule: 'outage',
      service: 'checkout',
      team: 'shop',
    })
    const slow = story.fire(2, { alertname: 'Slow', service: 'search' }, { severity: 'medium' })
    expect(slow.effects[0]).toMatchObject({
      type: 'open',
      tier: 3,
      tierRule: 'tier of service search',
      service: 'search',
      team: null,
    })
    const unknown = story.fire(2, { alertname: 'Odd', service: 'unheard-of' }, { severity: 'medium' })
    expect(unknown.effects[0]).toMatchObject({ type: 'open', tier: null, tierRule: 'rest', service: 'unheard-of' })
  })

  it('a Tier 1 alert that joins is material: an open offer must be issued again', () => {
    const story = new Story(policy)
    story.fire(0, { alertname: 'Slow', app: 'shop-web' }, { severity: 'medium' })
    const joined = story.send(1, [
      eventOf({ alertname: 'Lag', app: 'shop-web' }, { severity: 'medium' }),
      eventOf({ alertname: 'Out', app: 'shop-web' }),
    ])
    expect(joined.effects).toEqual([
      expect.objectContaining({ type: 'attach', rule: 'same service', material: 'a Tier 1 alert joined: Out' }),
    ])
    expect(joined.effects[0]).toHaveProperty('alerts.length', 2)
  })

  it('nothing that matches no definition is hidden', () => {
    const story = new Story(
      policySchema.parse({ definitions: [{ name: 'never', match: ['severity=never'], as: 'record' }] }),
    )
    const folded = story.fire(0, checkout('Down'))
    expect(folded.effects[0]).toMatchObject({ type: 'open', tier: null, tierRule: 'no definition' })
  })

  it('an alert below the definition is judged again when its severity changes', () => {
    const story = new Story()
    const quiet = { severity: 'info', severityRaw: 'info' } as const
    expect(outcomesOf(story.fire(0, checkout('Disk'), quiet))).toEqual(['recorded - informational'])
    expect(story.fire(1, checkout('Disk'), quiet).counts).toEqual({ repeated: 1 })
    expect(outcomesOf(story.fire(2, checkout('Disk')))).toEqual(['opened INC-1001 same service'])
    expect(story.alert('Disk').severity).toBe('critical')
  })

  it('a new policy judges what comes; what is placed stays', () => {
    const story = new Story()
    story.fire(0, checkout('Down'))
    story.policy(1, policySchema.parse({ definitions: [{ name: 'silent', match: ['severity!=""'], as: 'record' }] }))
    expect(story.fire(2, checkout('Down')).counts).toEqual({ repeated: 1 })
    expect(outcomesOf(story.fire(2, checkout('Slow')))).toEqual(['recorded - silent'])
    story.resolve(3, checkout('Down'))
    expect(outcomesOf(story.fire(4, checkout('Down')))).toEqual(['recorded - silent'])
    expect(story.filter.alertsOf('INC-1001')).toEqual([])
  })
})

describe('what belongs together', () => {
  it('C1: the first rule whose labels are all present decides; without one, it stands alone', () => {
    const story = new Story()
    expect(outcomesOf(story.fire(0, { alertname: 'A', service: 'x', job: 'j' }))).toEqual([
      'opened INC-1001 same service',
    ])
    expect(outcomesOf(story.fire(0, { alertname: 'B', cluster: 'c', namespace: 'n', job: 'j' }))).toEqual([
      'opened INC-1002 same place',
    ])
    expect(outcomesOf(story.fire(0, { alertname: 'C', job: 'j' }))).toEqual(['opened INC-1003 same job'])
    expect(outcomesOf(story.fire(0, { alertname: 'D' }, { groupKey: 'g' }))).toEqual([
      'opened INC-1004 same vendor group',
    ])
    expect(outcomesOf(story.fire(0, { alertname: 'D', pod: '1' }))).toEqual(['opened INC-1005 same alert'])
    expect(outcomesOf(story.fire(0, { alertname: 'D', pod: '2' }))).toEqual(['attached INC-1005 same alert'])
    expect(outcomesOf(story.fire(0, { pod: '2' }))).toEqual(['opened INC-1006 alone'])
    expect(outcomesOf(story.fire(0, { pod: '3' }))).toEqual(['opened INC-1007 alone'])
  })

  it.each([
    [{ node: 'n1' }, { instance: 'n1:9100' }],
    [{ hostname: 'n1' }, { host: 'n1' }],
    [{ instance: '[2001:db8::1]:9100' }, { instance: '[2001:db8::1]:9182' }],
  ])('C1: alerts of one machine belong together, however its name is written: %j, %j', (one, other) => {
    const story = new Story()
    story.fire(0, { alertname: 'A', cluster: 'c', ...one })
    expect(outcomesOf(story.fire(1, { alertname: 'B', cluster: 'c', ...other }))).toEqual([
      'attached INC-1001 same host',
    ])
    expect(outcomesOf(story.fire(1, { alertname: 'C', cluster: 'c', instance: 'https://n1/' }))).toEqual([
      'opened INC-1002 same alert',
    ])
  })

  it('C2: joins while alerts keep arriving, says how long ago the last came', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    const joined = story.fire(3, checkout('B'))
    expect(joined.decisions[0]?.reason).toBe(
      `definition 'everything else' matched severity="critical"; joined INC-1001 by rule 'same service' (⟦service⟧), 3 min after its last alert`,
    )
    expect(outcomesOf(story.fire(18, checkout('C')))).toEqual(['attached INC-1001 same service'])
    const apart = story.fire(33.1, checkout('D'))
    expect(outcomesOf(apart)).toEqual(['opened INC-1002 same service'])
    expect(apart.decisions[0]?.reason).toContain('the last alert of INC-1001 came 15 min ago')
    expect(outcomesOf(story.fire(34, checkout('E')))).toEqual(['attached INC-1002 same service'])
  })

  it('C2: …but not longer than the cap after the first', () => {
    const story = new Story()
    for (let minute = 0; minute <= 240; minute += 10)
      expect(story.fire(minute, checkout(`A${minute}`)).counts).toEqual(minute === 0 ? { opened: 1 } : { attached: 1 })
    const apart = story.fire(241, checkout('Z'))
    expect(outcomesOf(apart)).toEqual(['opened INC-1002 same service'])
    expect(apart.decisions[0]?.reason).toContain('INC-1001 has taken alerts for 4 h')
  })

  it('alerts of one entry that open and join make one effect', () => {
    const story = new Story()
    const folded = story.send(0, [eventOf(checkout('A')), eventOf(checkout('B')), eventOf({ alertname: 'C' })])
    expect(folded.counts).toEqual({ opened: 2, attached: 1 })
    expect(effectsOf(folded)).toEqual(['open INC-1001 2', 'open INC-1002 1'])
  })

  it.each(['resolved', 'review', 'closed', 'dismissed', 'merged'] as const)(
    'an incident that is %s takes no new alerts',
    (phase) => {
      const story = new Story()
      story.fire(0, checkout('A'))
      story.phase(1, 'INC-1001', phase)
      expect(outcomesOf(story.fire(2, checkout('B')))).toEqual(['opened INC-1002 same service'])
    },
  )

  it('a reopened incident takes new alerts again, unless another of its key is open', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    story.phase(1, 'INC-1001', 'resolved')
    story.phase(2, 'INC-1001', 'investigating')
    expect(outcomesOf(story.fire(3, checkout('B')))).toEqual(['attached INC-1001 same service'])
    story.phase(4, 'INC-1001', 'resolved')
    story.fire(5, checkout('C'))
    story.phase(6, 'INC-1001', 'investigating')
    expect(outcomesOf(story.fire(7, checkout('D')))).toEqual(['attached INC-1002 same service'])
  })

  it('numbers go on after one that was given by hand', () => {
    const story = new Story()
    expect(story.filter.nextIncidentNumber()).toBe(1001)
    story.phase(0, 'INC-1001', 'triage', true)
    expect(story.filter.nextIncidentNumber()).toBe(1002)
    expect(outcomesOf(story.fire(0, checkout('A')))).toEqual(['opened INC-1002 same service'])
    story.phase(0, 'X-7f3a', 'triage', true)
    expect(story.filter.nextIncidentNumber()).toBe(1003)
  })
})

describe('C3: an alert fires again', () => {
  it('goes back to its incident while that is open', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    story.resolve(1, checkout('A'))
    const again = story.fire(300, checkout('A'))
    expect(outcomesOf(again)).toEqual(['attached INC-1001 fires again'])
    expect(effectsOf(again)).toEqual(['refire INC-1001 1'])
  })

  it('reopens it within 15 min of its resolution, and with it takes new alerts', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    story.resolve(1, checkout('A'))
    story.phase(2, 'INC-1001', 'resolved')
    const again = story.fire(17, checkout('A'))
    expect(effectsOf(again)).toEqual(['refire INC-1001 1'])
    expect(again.decisions[0]?.reason).toBe('fires again 15 min after INC-1001 was resolved, which reopens it')
    expect(outcomesOf(story.fire(18, checkout('B')))).toEqual(['attached INC-1001 same service'])
  })

  it('opens a new one later, or when the old one was dismissed or closed', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    story.resolve(1, checkout('A'))
    story.phase(2, 'INC-1001', 'resolved')
    expect(outcomesOf(story.fire(17.1, checkout('A')))).toEqual(['opened INC-1002 same service'])
    expect(story.alert('A')).toMatchObject({ incidentId: 'INC-1002', refires: 1 })
    expect(story.filter.alertsOf('INC-1001')).toEqual([])
    story.phase(18, 'INC-1002', 'dismissed')
    story.resolve(18, checkout('A'))
    expect(outcomesOf(story.fire(19, checkout('A')))).toEqual(['opened INC-1003 same service'])
  })

  it('within one entry, ended and begun again is firing, begun again and ended is resolved', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    const off = eventOf(checkout('A'), { status: 'resolved', startsAt: at(1), endsAt: at(1) })
    const on = eventOf(checkout('A'), { startsAt: at(1) })
    expect(effectsOf(story.send(1, [off, on]))).toEqual(['refire INC-1001 1'])
    expect(effectsOf(story.send(1, [off, on, off]))).toEqual(['refire INC-1001 1', 'resolve INC-1001 1'])
  })
})

describe('F6: memory', () => {
  it('forgets a resolved alert an hour after the last word, once its incident can not reopen', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    story.resolve(1, checkout('A'))
    story.changed()
    story.tick(500)
    expect(story.filter.size().alerts).toBe(1)
    story.phase(501, 'INC-1001', 'resolved')
    story.tick(515)
    expect(story.filter.size()).toMatchObject({ alerts: 1, groups: 1 })
    story.tick(517)
    expect(story.filter.size()).toEqual({ alerts: 0, firing: 0, held: 0, groups: 0 })
    expect(story.changed()).toEqual([
      { alert: expect.objectContaining({ title: 'A', status: 'resolved' }), live: false },
    ])
  })

  it('counts an incident’s events and keeps the last 30 minutes of them', () => {
    const story = new Story()
    story.fire(0, checkout('A'))
    story.fire(0.5, checkout('A'))
    story.fire(10, checkout('A'))
    story.resolve(35, checkout('A'))
    expect(story.filter.vitalsOf('INC-1001')).toEqual({
      heardAt: at(35),
      events: 4,
      activity: [
        [at(10), 1],
        [at(35), 1],
      ],
      silenced: null,
    })
    expect(story.filter.vitalsOf('INC-9')).toBeUndefined()
  })
})
