import { describe, expect, it } from 'vitest'
import { type PolicyInput, policySchema } from '#shared/policy.ts'
import type { IncidentTold } from './port.ts'
import { at, effectsOf, eventOf, outcomesOf, Story } from './story.fixture.ts'

/** web → api → db, and mail → db; search stands alone. */
const house = (more: Partial<PolicyInput> = {}) =>
  policySchema.parse({
    services: [
      { id: 'web', tier: 1, depends_on: ['api'] },
      { id: 'api', depends_on: ['db'] },
      { id: 'mail', depends_on: ['db'] },
      { id: 'db', tier: 2, team: 'data' },
      { id: 'search' },
    ],
    teams: [{ id: 'data' }],
    ...more,
  })

class Troubled extends Story {
  #pos = 10_000
  trouble(minute: number, service: string, alertname = `${service} is in trouble`) {
    return this.fire(minute, { alertname, service })
  }
  told(minute: number, told: Omit<IncidentTold, 'declared'>) {
    return this.fold({ kind: 'incident', pos: ++this.#pos, at: at(minute), declared: false, ...told })
  }
}

describe('C4: trouble of a service is explained by trouble of one that it depends on', () => {
  it('joins its incident, over several dependencies, and says why', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    const web = story.trouble(1, 'web')
    expect(outcomesOf(web)).toEqual(['attached INC-1001 along dependencies'])
    expect(web.decisions[0]?.reason).toContain(
      "joined INC-1001 by rule 'along dependencies' (⟦service⟧ depends on db, which is in trouble there), 1 min after its last alert",
    )
  })

  it('of several the nearest', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    story.told(0, { incidentId: 'INC-1001', phase: 'triage', taken: true })
    story.trouble(16, 'api')
    expect(outcomesOf(story.trouble(17, 'web'))).toEqual(['attached INC-1002 along dependencies'])
  })

  it('services that do not lean on it have their own', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    expect(outcomesOf(story.trouble(1, 'search'))).toEqual(['opened INC-1002 same service'])
  })

  it('no further than hops, and only within the window', () => {
    const near = house({
      correlate: [
        { name: 'near', along: 'depends_on', hops: 1 },
        { name: 'service', by: ['service'] },
      ],
    })
    const story = new Troubled(near)
    story.trouble(0, 'db')
    expect(outcomesOf(story.trouble(1, 'web'))).toEqual(['opened INC-1002 service'])
    expect(outcomesOf(story.trouble(16.1, 'mail'))).toEqual(['opened INC-1003 service'])
  })

  it('what has grown over days is nobody’s effect', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    expect(outcomesOf(story.trouble(1, 'web', 'KubePersistentVolumeFillingUp'))).toEqual([
      'opened INC-1002 same service',
    ])
  })

  it('circles of dependencies are walked once', () => {
    const story = new Troubled(
      policySchema.parse({
        services: [
          { id: 'a', depends_on: ['b'] },
          { id: 'b', depends_on: ['a'] },
        ],
      }),
    )
    story.trouble(0, 'a')
    expect(outcomesOf(story.trouble(1, 'b'))).toEqual(['attached INC-1001 along dependencies'])
    expect(outcomesOf(story.trouble(2, 'a', 'more'))).toEqual(['attached INC-1001 same service'])
  })
})

describe('C5: an alert explains what depends on its service and has no other explanation', () => {
  it('joins the incident of the symptom, which is called after the cause from then on', () => {
    const story = new Troubled(house())
    story.trouble(0, 'web')
    const db = story.trouble(1, 'db')
    expect(effectsOf(db)).toEqual(['attach INC-1001 1', 'identify INC-1001 db is in trouble'])
    expect(db.effects[1]).toMatchObject({ service: 'db', team: 'data', tier: 2, rule: 'along dependencies' })
  })

  it('two symptoms that came as two incidents become one', () => {
    const story = new Troubled(house())
    story.trouble(0, 'web')
    story.trouble(0.1, 'mail')
    const db = story.trouble(1, 'db')
    expect(effectsOf(db)).toEqual(['attach INC-1001 1', 'identify INC-1001 db is in trouble', 'merge INC-1002 1'])
    expect(db.effects[2]).toMatchObject({ into: 'INC-1001', rule: 'along dependencies' })
    expect(db.decisions[0]?.reason).toContain('INC-1002 turned out to be part of it')
    expect(story.filter.alertsOf('INC-1001')).toHaveLength(3)
    expect(story.filter.alertsOf('INC-1002')).toHaveLength(0)
    // What would have joined the one that is no more joins the other.
    expect(outcomesOf(story.trouble(2, 'mail', 'more'))).toEqual(['attached INC-1001 same service'])
  })

  it('not what is explained already', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    story.trouble(1, 'web')
    // api lies between, and db explains web.
    story.told(1, { incidentId: 'INC-1001', phase: 'triage', taken: true })
    expect(outcomesOf(story.trouble(2, 'search'))).toEqual(['opened INC-1002 same service'])
  })

  it('M6: what a person has touched keeps its name and goes on; what nobody has touched is merged into it', () => {
    const story = new Troubled(house())
    story.trouble(0, 'web')
    story.trouble(0.1, 'mail')
    story.told(0.2, { incidentId: 'INC-1002', phase: 'triage', taken: true })
    expect(effectsOf(story.trouble(1, 'db'))).toEqual(['attach INC-1002 1', 'merge INC-1001 1'])
    expect(story.filter.provisional('INC-1002')).toBe(false)
  })

  it('two that people have touched stay two', () => {
    const story = new Troubled(house())
    story.trouble(0, 'web')
    story.trouble(0.1, 'mail')
    for (const incidentId of ['INC-1001', 'INC-1002']) story.told(0.2, { incidentId, phase: 'triage', taken: true })
    expect(effectsOf(story.trouble(1, 'db'))).toEqual(['attach INC-1001 1'])
  })
})

describe('C6: a cause and its effects, whichever comes first', () => {
  const policy = policySchema.parse({
    correlate: [
      { name: 'lost', cause: ['alertname="HostDown"'], match: ['alertname="PodLost"'], equal: ['zone'], window: '10m' },
      { name: 'pod', by: ['pod'] },
      { name: 'host', by: ['host'] },
    ],
  })
  const pod = (pod: string, zone = 'a') => ({ alertname: 'PodLost', pod, zone })
  const host = { alertname: 'HostDown', host: 'h1', zone: 'a' }

  it('the effect joins the cause', () => {
    const story = new Story(policy)
    story.fire(0, host)
    expect(outcomesOf(story.fire(1, pod('1')))).toEqual(['attached INC-1001 lost'])
    expect(outcomesOf(story.fire(1, pod('2', 'b')))).toEqual(['opened INC-1002 pod'])
  })

  it('the cause takes in the effects that came before, under its name', () => {
    const story = new Story(policy)
    story.fire(0, pod('1'))
    story.fire(0, pod('2'))
    expect(effectsOf(story.fire(1, host))).toEqual([
      'attach INC-1001 1',
      'identify INC-1001 HostDown',
      'merge INC-1002 1',
    ])
  })
})

describe('M5: what a person has taken apart the filter does not put together again', () => {
  it('a merge that was undone stays undone, and gives back what it brought', () => {
    const story = new Troubled(house())
    story.trouble(0, 'web')
    story.trouble(0.1, 'mail')
    story.trouble(1, 'db')
    const mail = story.filter.alertsOf('INC-1001').filter(({ service }) => service === 'mail')
    story.told(2, { incidentId: 'INC-1002', phase: 'triage' })
    story.told(2, {
      incidentId: 'INC-1001',
      phase: 'triage',
      taken: true,
      parted: { alerts: mail.map(({ id }) => id), to: 'INC-1002' },
    })
    expect(story.filter.alertsOf('INC-1002').map(({ service }) => service)).toEqual(['mail'])
    expect(outcomesOf(story.trouble(3, 'mail', 'more'))).toEqual(['attached INC-1002 same service'])
    expect(effectsOf(story.trouble(3, 'db', 'more'))).toEqual(['attach INC-1001 1'])
  })

  it('alerts of a service that all went elsewhere go there from now on', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    story.trouble(0.1, 'mail')
    const mail = story.filter.alertsOf('INC-1001').filter(({ service }) => service === 'mail')
    story.told(1, { incidentId: 'INC-1002', phase: 'triage' })
    story.told(1, {
      incidentId: 'INC-1001',
      phase: 'triage',
      taken: true,
      parted: { alerts: mail.map(({ id }) => id), to: 'INC-1002' },
    })
    expect(outcomesOf(story.trouble(2, 'mail', 'more'))).toEqual(['attached INC-1002 along dependencies'])
    expect(outcomesOf(story.trouble(2, 'db', 'more'))).toEqual(['attached INC-1001 same service'])
  })
})

describe('an incident that is over', () => {
  it('takes no kin', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    story.phase(1, 'INC-1001', 'resolved')
    expect(outcomesOf(story.trouble(2, 'web'))).toEqual(['opened INC-1002 same service'])
    story.phase(3, 'INC-1001', 'investigating')
    expect(outcomesOf(story.trouble(4, 'api'))).toEqual(['attached INC-1001 along dependencies'])
  })
})

describe('C2: how long an incident takes alerts that came with another', () => {
  const told = (story: Troubled, source: string, into: string, minute: number) =>
    story.told(minute, { incidentId: source, phase: 'merged', mergedInto: into })

  it('one that was declared by hand takes those of what is merged into it, within window and cap', () => {
    const story = new Troubled(house())
    story.phase(0, 'INC-1001', 'triage', true)
    story.trouble(0, 'search')
    told(story, 'INC-1002', 'INC-1001', 1)
    expect(outcomesOf(story.trouble(2, 'search', 'more'))).toEqual(['attached INC-1001 same service'])
    expect(outcomesOf(story.trouble(18, 'search', 'and more'))).toEqual(['opened INC-1003 same service'])
  })

  it('a merge of a fresh one into one that has come to its cap is not undone by the next alert', () => {
    const story = new Troubled(house())
    for (let minute = 0; minute <= 250; minute += 10) story.trouble(minute, 'search', `search at ${minute}`)
    const late = story.trouble(252, 'search', 'late')
    expect(outcomesOf(late)).toEqual(['attached INC-1002 same service'])
    told(story, 'INC-1002', 'INC-1001', 253)
    expect(outcomesOf(story.trouble(254, 'search', 'later'))).toEqual(['attached INC-1001 same service'])
  })

  it('M4: what is an incident of its own again takes alerts as if one had just come, and the other as it did before', () => {
    const story = new Troubled(house())
    story.trouble(0, 'search')
    for (const minute of [14, 28, 42, 56]) story.trouble(minute, 'mail', `mail at ${minute}`)
    const alerts = story.filter.alertsOf('INC-1001').map(({ id }) => id)
    told(story, 'INC-1001', 'INC-1002', 57)
    story.told(58, { incidentId: 'INC-1001', phase: 'triage' })
    story.told(58, { incidentId: 'INC-1002', phase: 'triage', taken: true, parted: { alerts, to: 'INC-1001' } })
    expect(outcomesOf(story.trouble(60, 'search', 'more'))).toEqual(['attached INC-1001 same service'])
    for (let minute = 70; minute < 250; minute += 10) story.trouble(minute, 'mail', `mail at ${minute}`)
    expect(outcomesOf(story.trouble(250, 'mail', 'late'))).toEqual(['attached INC-1002 same service'])
  })
})

describe('C7: what one alert brings together', () => {
  const policy = policySchema.parse({
    correlate: [
      { name: 'lost', cause: ['alertname="HostDown"'], match: ['alertname="PodLost"'], equal: ['zone'] },
      { name: 'pod', by: ['pod'] },
      { name: 'host', by: ['host'] },
    ],
  })

  it('is bounded, names few, and the rest follows with the next', () => {
    const story = new Story(policy)
    story.send(
      0,
      Array.from({ length: 500 }, (_, pod) => eventOf({ alertname: 'PodLost', pod: `${pod}`, zone: 'a' })),
    )
    const first = story.fire(1, { alertname: 'HostDown', host: 'h1', zone: 'a' })
    expect(first.effects.filter(({ type }) => type === 'merge')).toHaveLength(300)
    expect(first.decisions[0]?.reason).toContain(
      'INC-1002, INC-1003, INC-1004, INC-1005, INC-1006 and 295 more turned out to be part of it; 199 more are too',
    )
    story.fire(2, { alertname: 'HostDown', host: 'h2', zone: 'a' })
    expect(story.filter.size().groups).toBe(1)
    expect(story.filter.alertsOf('INC-1001')).toHaveLength(502)
  })
})

describe('M5: what was said of an incident holds of the one that it is merged into', () => {
  it('its alerts do not go to the one that it was parted from', () => {
    const story = new Troubled(house())
    story.trouble(0, 'db')
    story.trouble(0.1, 'mail')
    story.trouble(0.2, 'search')
    const mail = story.filter.alertsOf('INC-1001').filter(({ service }) => service === 'mail')
    story.told(1, { incidentId: 'INC-1003', phase: 'triage' })
    story.told(1, {
      incidentId: 'INC-1001',
      phase: 'triage',
      taken: true,
      parted: { alerts: mail.map(({ id }) => id), to: 'INC-1003' },
    })
    story.told(2, { incidentId: 'INC-1003', phase: 'merged', mergedInto: 'INC-1002' })
    expect(outcomesOf(story.trouble(3, 'mail', 'more'))).toEqual(['attached INC-1002 along dependencies'])
  })
})
