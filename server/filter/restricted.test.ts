import { describe, expect, it } from 'vitest'
import { builtInPolicy, policySchema } from '#shared/policy.ts'
import { makeFilter } from './index.ts'
import { at, effectsOf, eventOf, outcomesOf, Story } from './story.fixture.ts'

const policy = policySchema.parse({
  services: [{ id: 'vault', restricted: true }, { id: 'checkout', depends_on: ['vault'] }, { id: 'search' }],
  definitions: [
    { name: 'audit trail', match: ['alertname="Login"'], as: 'record', restricted: true },
    { name: 'security', match: ['category="security"'], as: 2, restricted: true },
    { name: 'else', match: ['severity!=""'], as: 'triage' },
  ],
  inhibit_rules: [{ source_match: { alertname: 'Down' }, target_match_re: { alertname: 'Slow' }, equal: ['service'] }],
  filters: { shed: [{ name: 'storm', match: ['alertname=~".+"'], more_than: 2, within: '1m' }] },
})
const secret = (alertname: string, service = 'search') => ({ alertname, service, category: 'security' })
const plain = (alertname: string, service = 'search') => ({ alertname, service })
const hidden = /^INC-[A-Z]\w{7}$/

describe('what is restricted', () => {
  it('RS8: two alerts of one service and moment, one of them secret, are two incidents', () => {
    const story = new Story(policy)
    expect(effectsOf(story.fire(0, plain('Slow')))[0]).toBe('open INC-1001 1')
    const [opened] = story.fire(1, secret('Read')).effects
    expect(opened).toMatchObject({ type: 'open', tier: 2, restricted: true })
    expect(opened?.incidentId).toMatch(hidden)
    // Each is joined by its own.
    expect(outcomesOf(story.fire(2, secret('Written')))).toEqual([`attached ${opened?.incidentId} same service`])
    expect(outcomesOf(story.fire(3, plain('Lost')))).toEqual(['attached INC-1001 same service'])
    expect(story.filter.nextIncidentNumber()).toBe(1002)
  })

  it('RS8: trouble of a restricted service explains nobody’s trouble but its own', () => {
    const story = new Story(policy)
    const [opened] = story.fire(0, plain('Sealed', 'vault')).effects
    expect(opened).toMatchObject({ type: 'open', service: 'vault', restricted: true })
    expect(effectsOf(story.fire(1, plain('Slow', 'checkout')))[0]).toBe('open INC-1001 1')
    expect(story.alert('Slow').restricted).toBeUndefined()
    // What is secret at a service that leans on it may be explained by it.
    expect(outcomesOf(story.fire(2, secret('Read', 'checkout')))).toEqual([
      `attached ${opened?.incidentId} along dependencies`,
    ])
  })

  it('RS8: it holds back nothing that is public, and nothing public hides it', () => {
    const story = new Story(policy)
    story.fire(0, secret('Down'))
    expect(outcomesOf(story.fire(1, plain('Slow')))[0]).toMatch(/^opened INC-1001/)
    story.fire(2, plain('Down', 'checkout'))
    const [decision] = story.fire(3, secret('Slow', 'checkout')).decisions
    expect(decision).toMatchObject({ outcome: 'opened' })
    // Among themselves they do, as the rule says.
    expect(outcomesOf(story.fire(4, { ...secret('Slow'), host: 'a' }, { title: 'held' }))[0]).toMatch(/^inhibited - /)
    expect(story.alert('held')).toMatchObject({ restricted: true, inhibitedBy: { by: expect.any(String) } })
  })

  it('RS8: it is in no storm, neither counted nor shed', () => {
    const story = new Story(policy)
    for (let n = 0; n < 9; n++) story.fire(0, { ...secret('Read'), host: `h${n}` })
    expect(story.filter.storms()).toEqual([])
    for (let n = 0; n < 9; n++) story.fire(0, { ...plain('Slow'), host: `h${n}` })
    expect(story.filter.storms()).toMatchObject([{ shed: 7 }])
    expect(outcomesOf(story.fire(0, { ...secret('Read'), host: 'late' }))[0]).toMatch(/^attached/)
  })

  it('below the definition of an incident it is marked too, and stays so', () => {
    const story = new Story(policy)
    expect(outcomesOf(story.fire(0, plain('Login')))).toEqual(['recorded - audit trail'])
    expect(story.alert('Login')).toMatchObject({ restricted: true, incidentId: null })
  })

  it('held back, it is marked at once, and restricted when it is let go', () => {
    const story = new Story(policy)
    story.silence(0, { id: 'q', matchers: [{ name: 'alertname', op: '=', value: 'Read' }], from: 0, to: 10 })
    expect(outcomesOf(story.fire(1, secret('Read')))).toEqual(['silenced - q'])
    expect(story.alert('Read')).toMatchObject({ restricted: true, incidentId: null })
    const [opened] = story.tick(10).effects
    expect(opened).toMatchObject({ type: 'open', restricted: true })
  })

  it('C3, RS8: one that fires again goes back to its incident as people have left it', () => {
    const story = new Story(policy)
    story.fire(0, plain('Slow'))
    const told = (minute: number, restricted: boolean) =>
      story.fold({
        ...{ kind: 'incident', pos: 1000 + minute, at: at(minute), incidentId: 'INC-1001', phase: 'investigating' },
        ...{ declared: false, restricted },
      })
    told(1, true)
    story.resolve(2, plain('Slow'))
    expect(outcomesOf(story.fire(3, plain('Slow')))).toEqual(['attached INC-1001 fires again'])
    expect(story.alert('Slow').restricted).toBe(true)
    told(4, false)
    story.resolve(5, plain('Slow'))
    expect(outcomesOf(story.fire(6, plain('Slow')))).toEqual(['attached INC-1001 fires again'])
    expect(story.alert('Slow').restricted).toBeUndefined()
  })

  it('RS8: one whose restricted incident is long over opens a restricted one: what opened to everybody could not be closed again', () => {
    const story = new Story(policy)
    story.fire(0, plain('Slow'))
    const restricted = { kind: 'incident', declared: false, restricted: true, incidentId: 'INC-1001' } as const
    story.fold({ ...restricted, pos: 1000, at: at(1), phase: 'investigating' })
    story.resolve(2, plain('Slow'))
    story.fold({ ...restricted, pos: 1001, at: at(3), phase: 'resolved' })
    const { effects } = story.fire(30, plain('Slow'))
    expect(effects[0]).toMatchObject({ type: 'open', restricted: true })
    expect(effects[0]?.incidentId).toMatch(hidden)
    // Another of the kind that was never in it is public, as the policy says.
    expect(effectsOf(story.fire(31, plain('Lost')))[0]).toBe('open INC-1002 1')
  })

  it('a policy that restricts more closes nothing that is public, and one that restricts less opens nothing', () => {
    const story = new Story(builtInPolicy)
    story.fire(0, secret('Read'))
    story.policy(1, policy)
    story.resolve(2, secret('Read'))
    expect(outcomesOf(story.fire(3, secret('Read')))).toEqual(['attached INC-1001 fires again'])
    const [opened] = story.fire(4, secret('Written')).effects
    expect(opened).toMatchObject({ type: 'open', restricted: true })
    story.policy(5, builtInPolicy)
    story.resolve(6, secret('Written'))
    expect(outcomesOf(story.fire(7, secret('Written')))).toEqual([`attached ${opened?.incidentId} fires again`])
    expect(outcomesOf(story.fire(8, secret('Copied')))).toEqual(['attached INC-1001 same service'])
  })

  it('RS9: ids come from what led to the incident, under the key of the house, and are never the same twice', () => {
    const ids = (idOf?: (text: string) => string) => {
      const filter = makeFilter({ policy, policyHash: '', filter: null, alerts: [], idOf })
      const opened: string[] = []
      for (let n = 1; n <= 50; n++)
        for (const effect of filter.fold({
          ...{
            kind: 'request',
            pos: n,
            at: at(n),
            sourceId: 's',
            keyScope: 'g',
            defaultSeverity: null,
            unreadable: [],
          },
          events: [eventOf(secret('Read', `service-${n}`)), eventOf(secret('Read', `other-${n}`))],
        }).effects)
          if (effect.type === 'open') opened.push(effect.incidentId)
      return opened
    }
    const own = ids()
    expect(new Set(own).size).toBe(100)
    expect(ids()).toEqual(own)
    // A house whose key names two things alike must still tell them apart.
    const poor = (text: string) =>
      text.startsWith('\nrestricted') && !/\n\d$/.test(text) ? 'ab'.repeat(8) : keyed(text)
    expect(new Set(ids(poor)).size).toBe(100)
  })
})

/** Stands for a keyed hash. */
function keyed(text: string): string {
  let hash = 14_695_981_039_346_656_037n
  for (const letter of `key${text}`)
    hash = ((hash ^ BigInt(letter.codePointAt(0) ?? 0)) * 1_099_511_628_211n) % 2n ** 64n
  return hash.toString(16).padStart(16, '0')
}

describe('what people restrict', () => {
  const told = (story: Story, minute: number, restricted: boolean, incidentId = 'INC-1001') =>
    story.fold({
      ...{ kind: 'incident', pos: 1000 + minute, at: at(minute), incidentId, phase: 'investigating' },
      ...{ declared: false, restricted },
    })

  it('RS8: what its alerts held back is let go at once, and told of nothing it was held back by', () => {
    const story = new Story(policy)
    story.fire(0, plain('Down'))
    expect(outcomesOf(story.fire(1, { ...plain('Slow'), host: 'a' }, { title: 'held' }))[0]).toMatch(/^inhibited/)
    expect(story.alert('held').inhibitedBy).toBeDefined()
    expect(story.filter.nextDueAt()).toBeNull()
    told(story, 2, true)
    expect(story.alert('held')).not.toHaveProperty('inhibitedBy')
    expect([...story.filter.alerts()].find(({ title }) => title === 'Down')?.restricted).toBe(true)
    // It is due, so the next poll judges it, in a house where nothing else happens too.
    expect(story.filter.nextDueAt()).toBe(at(2))
    const { judgedAgain, effects } = story.tick(2)
    expect(judgedAgain).toMatchObject([{ outcome: 'opened', incidentId: 'INC-1002' }])
    expect(judgedAgain[0]?.reason).toMatch(/^its cause fires no more; definition 'else' matched/)
    expect(effects.map(({ type }) => type)).toEqual(['open'])
    expect(story.filter.nextDueAt()).toBeNull()
  })

  it('RS8, F3: it waits over a restart too', () => {
    const story = new Story(policy)
    story.fire(0, plain('Down'))
    story.fire(1, { ...plain('Slow'), host: 'a' })
    told(story, 2, true)
    const { filter, next } = story.filter.beginCheckpoint()
    const alerts = next(Number.POSITIVE_INFINITY).map(({ alert }) => alert)
    const saved = JSON.parse(JSON.stringify({ filter, alerts }))
    story.filter = makeFilter({ policy, policyHash: '', ...saved })
    expect(story.filter.nextDueAt()).toBe(at(2))
    expect(story.tick(3).judgedAgain).toMatchObject([{ outcome: 'opened', incidentId: 'INC-1002' }])
  })

  it('RS8: opened to everybody again, its alerts hold back what they held back before', () => {
    const story = new Story(policy)
    story.fire(0, plain('Down'))
    told(story, 1, true)
    expect(outcomesOf(story.fire(2, { ...plain('Slow'), host: 'a' }, { title: 'told' }))[0]).toMatch(/^opened INC-1002/)
    told(story, 3, false)
    // What an incident was told of stays there, with a mark; what comes next is held back.
    expect(story.alert('told')).toMatchObject({ incidentId: 'INC-1002', inhibitedBy: { by: expect.any(String) } })
    expect(outcomesOf(story.fire(4, { ...plain('Slow'), host: 'b' }))[0]).toMatch(/^inhibited/)
  })

  it('RS8: of two restricted incidents that one alert belongs to, the older goes on, as with numbers', () => {
    const along = policySchema.parse({
      definitions: [{ name: 'all', match: ['severity!=""'], as: 'triage', restricted: true }],
      correlate: [
        { name: 'lost', cause: ['alertname="Lost"'], match: ['alertname="Slow"'], equal: ['zone'] },
        { name: 'each', by: ['service'] },
      ],
    })
    for (const services of ['abcdefgh', 'hgfedcba', 'cafebhgd']) {
      const story = new Story(along)
      const opened = [...services].map((service, minute) => {
        const [open] = story.fire(minute, { alertname: 'Slow', service, zone: 'z' }).effects
        return open?.incidentId
      })
      const merged = story.fire(9, { alertname: 'Lost', zone: 'z' }).effects.filter(({ type }) => type === 'merge')
      expect(merged).toHaveLength(7)
      for (const effect of merged) expect(effect).toMatchObject({ into: opened[0] })
    }
  })
})
