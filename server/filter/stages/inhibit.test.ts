import { describe, expect, it } from 'vitest'
import { type PolicyInput, policySchema } from '#shared/policy.ts'
import { at, effectsOf, eventOf, outcomesOf, Story } from '../story.fixture.ts'

const storyOf = (input: PolicyInput) => new Story(policySchema.parse(input))
const ofAlertmanager = {
  inhibit_rules: [
    { source_match: { alertname: 'Down' }, target_matchers: ['severity=~"warning|page"'], equal: ['cluster'] },
  ],
}
const own = {
  filters: {
    inhibit: [{ name: 'database', source: ['alertname="Down"'], target: ['alertname!="Down"'], equal: ['cluster'] }],
  },
}
const down = { alertname: 'Down', cluster: 'eu' }
const slow = { alertname: 'Slow', cluster: 'eu', severity: 'warning', service: 'shop' }

describe('inhibit', () => {
  it('I1: holds back what begins to fire while its cause does, and says which cause and rule', () => {
    const story = storyOf(ofAlertmanager)
    story.fire(0, down)
    const cause = story.alert('Down').id
    const fired = story.fire(1, slow)
    expect(fired).toMatchObject({ counts: { inhibited: 1 }, effects: [] })
    expect(fired.decisions[0]).toMatchObject({
      stage: 'inhibit',
      rule: 'inhibit_rules 1',
      incidentId: null,
      reason: `held back while alert ${cause} fires, with the same ⟦cluster⟧, by rule 'inhibit_rules 1'`,
    })
    expect(story.alert('Slow')).toMatchObject({
      inhibitedBy: { rule: 'inhibit_rules 1', by: cause },
      rule: 'inhibit_rules 1',
    })
    expect(story.filter.size()).toMatchObject({ firing: 2, held: 1 })
    expect(story.fire(2, slow).counts).toEqual({ repeated: 1 })
    expect(story.fire(3, { ...slow, cluster: 'us' }).counts).toEqual({ opened: 1 })
  })

  it('I4: its cause over, what still fires is judged again in that entry; what is over stays away', () => {
    const story = storyOf(own)
    story.fire(0, down)
    story.send(1, [eventOf(slow), eventOf({ ...slow, service: 'search' })])
    story.resolve(2, { ...slow, service: 'search' })
    const ended = story.send(3, [eventOf(down, { status: 'resolved', endsAt: at(3) })])
    expect(ended.counts).toEqual({ resolved: 1 })
    expect(effectsOf(ended)).toEqual(['resolve INC-1001 1', 'open INC-1002 1'])
    expect(ended.judgedAgain).toEqual([
      expect.objectContaining({
        index: 1,
        outcome: 'opened',
        reason: expect.stringMatching(/^its cause fires no more; definition/),
      }),
    ])
    expect(story.alert('Slow')).not.toHaveProperty('inhibitedBy')
    expect(story.filter.size().held).toBe(0)
  })

  it('I4: a cause that falls silent is over too; effects that end with it are not let go to end at once', () => {
    const story = storyOf(own)
    story.fire(0, down, { expiresAt: at(5) })
    story.fire(1, slow, { expiresAt: at(5) })
    story.fire(1, { ...slow, service: 'search' }, { expiresAt: at(9) })
    expect(effectsOf(story.tick(5))).toEqual(['resolve INC-1001 1', 'open INC-1002 1'])
    expect(story.filter.size()).toMatchObject({ firing: 1, held: 0 })
  })

  it('I2: with two causes it is held back until the last one ends', () => {
    const story = storyOf(own)
    const second = { ...down, node: '2' }
    story.fire(0, down)
    story.fire(0, second)
    story.fire(1, slow)
    expect(story.resolve(2, down).judgedAgain).toEqual([])
    expect(story.resolve(3, second).judgedAgain).toHaveLength(1)
  })

  it('I1: a cause that comes later marks what an incident has, and leaves it there', () => {
    const story = storyOf(own)
    story.fire(0, slow)
    const began = story.fire(1, down)
    expect([...began.touched]).toEqual(['INC-1001'])
    expect(story.alert('Slow')).toMatchObject({ incidentId: 'INC-1001', inhibitedBy: { rule: 'database' } })
    expect(story.filter.size().held).toBe(0)
    const ended = story.resolve(2, down)
    expect([...ended.touched]).toEqual(['INC-1001'])
    expect(ended.judgedAgain).toEqual([])
  })

  it('I1: as in Alertmanager a source that is silenced, or itself inhibited, inhibits', () => {
    const chain = { source_matchers: ['alertname="Slow"'], target_matchers: ['alertname="Queue"'] }
    const story = storyOf({ inhibit_rules: [...ofAlertmanager.inhibit_rules, chain] })
    story.silence(0, { id: 's', matchers: [{ name: 'alertname', op: '=', value: 'Down' }], from: 0, to: 60 })
    expect(story.fire(1, down).counts).toEqual({ silenced: 1 })
    expect(story.fire(2, slow).counts).toEqual({ inhibited: 1 })
    expect(story.fire(3, { alertname: 'Queue' }).counts).toEqual({ inhibited: 1 })
    expect(outcomesOf(story.resolve(4, down))).toEqual(['resolved - ended by the sender'])
    expect(story.filter.size().held).toBe(1)
  })

  it('I1: one on both sides is inhibited by none that is on both sides too, so never by itself', () => {
    const rule = {
      source_matchers: ['severity="page"'],
      target_matchers: ['severity=~"page|warning"'],
      equal: ['cluster'],
    }
    const story = storyOf({ inhibit_rules: [rule] })
    const page = { alertname: 'A', severity: 'page', cluster: 'eu' }
    expect(story.fire(0, page).counts).toEqual({ opened: 1 })
    expect(story.fire(1, { ...page, alertname: 'B' }).counts).toEqual({ opened: 1 })
    expect(story.fire(2, slow).counts).toEqual({ inhibited: 1 })
  })

  it('I5: absent equal labels are equal to Alertmanager’s rules, and keep ours from applying', () => {
    const bare = [{ alertname: 'Down' }, { alertname: 'Slow', severity: 'warning' }] as const
    const theirs = storyOf(ofAlertmanager)
    const ours = storyOf(own)
    for (const story of [theirs, ours]) story.fire(0, bare[0])
    expect(theirs.fire(1, bare[1]).counts).toEqual({ inhibited: 1 })
    expect(ours.fire(1, bare[1]).counts).toEqual({ opened: 1 })
  })

  it('held back by a silence and a cause, it waits for the end of both', () => {
    const story = storyOf(own)
    story.fire(0, down)
    story.silence(0, { id: 's', matchers: [{ name: 'alertname', op: '=', value: 'Slow' }], from: 0, to: 10 })
    expect(story.fire(1, slow).counts).toEqual({ silenced: 1 })
    expect(story.tick(10)).toMatchObject({ judgedAgain: [], effects: [] })
    expect(effectsOf(story.resolve(11, down))).toContain('open INC-1002 1')
  })

  it('an alert of an open incident that fires again under a cause goes back to it when that ends', () => {
    const story = storyOf(own)
    story.fire(0, slow)
    story.resolve(1, slow)
    story.fire(2, down)
    expect(outcomesOf(story.fire(3, slow))).toEqual(['inhibited INC-1001 database'])
    expect(effectsOf(story.resolve(4, down))).toEqual(['resolve INC-1002 1', 'refire INC-1001 1'])
  })

  it('a policy without the rule lets go what it held, one with it marks what fires', () => {
    const story = storyOf(own)
    story.fire(0, down)
    story.fire(1, slow)
    expect(effectsOf(story.policy(2, policySchema.parse({})))).toEqual(['open INC-1002 1'])
    const back = story.policy(3, policySchema.parse(own))
    expect([...back.touched]).toEqual(['INC-1002'])
    expect(story.alert('Slow').inhibitedBy?.rule).toBe('database')
  })

  it('I3: what is looked at for an alert does not grow with alerts that fire elsewhere', () => {
    const looksWith = (count: number): number => {
      const story = storyOf(own)
      story.send(
        0,
        Array.from({ length: count }, (_, n) => eventOf({ alertname: 'Down', cluster: `c${n}` })),
      )
      story.send(
        0,
        Array.from({ length: count }, (_, n) => eventOf({ alertname: 'Slow', cluster: `c${n}` })),
      )
      let looks = 0
      const labels = new Proxy(
        { alertname: 'Down', cluster: 'eu' },
        { get: (target, name) => Reflect.get(target, looks++ < 0 ? '' : name) },
      )
      story.send(1, [{ ...eventOf({ alertname: 'Down', cluster: 'eu' }), labels }])
      story.send(2, [eventOf(slow)])
      expect(story.filter.size().held).toBe(count + 1)
      return looks
    }
    expect(looksWith(1000)).toBe(looksWith(10))
  })
})

describe('rules of inhibition in a policy', () => {
  const faults = (input: object) => {
    const read = policySchema.safeParse(input)
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }

  it('read Alertmanager’s three ways to match', () => {
    const { inhibit_rules } = policySchema.parse({
      inhibit_rules: [
        {
          source_match: { a: '1' },
          source_match_re: { b: '2|3' },
          source_matchers: ['{c!="4", d=~"5"}'],
          target_match: { e: '' },
        },
      ],
    })
    const [rule] = inhibit_rules
    expect(rule?.source.map(({ name, op, value }) => `${name}${op}${value}`)).toEqual(['a=1', 'b=~2|3', 'c!=4', 'd=~5'])
    expect(rule).toMatchObject({ name: 'inhibit_rules 1', equal: [], present: false })
  })

  it('say what is wrong, and where', () => {
    expect(faults({ inhibit_rules: [{ source_match_re: { a: '(' } }] })[0]).toMatch(
      /^inhibit_rules.0.source_match_re.a: "\(" is no/,
    )
    expect(faults({ inhibit_rules: [{ name: 'x' }, { name: 'x' }] })).toEqual([
      'inhibit_rules.1.name: "x" is there twice',
    ])
    expect(faults({ filters: { inhibit: [{ name: 'x', source: ['a=1'], target: ['b=1'], equal: [] }] } })[0]).toMatch(
      /^filters.inhibit.0.equal: /,
    )
    const named = { inhibit_rules: [{ name: 'database' }], ...own }
    expect(faults(named)).toEqual(['filters.inhibit.0.name: "database" is there under inhibit_rules too'])
  })
})

describe('I5: along dependencies', () => {
  const policy = policySchema.parse({
    services: [
      { id: 'web', depends_on: ['api'] },
      { id: 'api', depends_on: ['db'] },
      { id: 'db', match: ['app="postgres"'] },
    ],
    filters: {
      inhibit: [
        { name: 'symptoms', source: ['severity="critical"'], target: ['severity!="info"'], along: 'depends_on' },
      ],
    },
  })
  const db = { alertname: 'PostgresqlDown', app: 'postgres' }
  const web = { alertname: 'Slow', service: 'web' }

  it('symptoms are held back while a service that theirs depends on is in trouble, and judged again when it ends', () => {
    const story = new Story(policy)
    story.fire(0, db)
    const held = story.fire(1, web)
    expect(outcomesOf(held)).toEqual(['inhibited - symptoms'])
    expect(held.decisions[0]?.reason).toMatch(
      /^held back while alert [0-9a-f]{16} fires, because ⟦service⟧ depends on db, by rule 'symptoms'$/,
    )
    expect(outcomesOf(story.fire(1, { alertname: 'Slow', service: 'other' }))).toEqual(['opened INC-1002 same service'])
    const ended = story.resolve(2, db)
    expect(ended.judgedAgain.map(({ outcome }) => outcome)).toEqual(['attached'])
  })

  it('not the cause by its symptoms, nor a service by itself', () => {
    const story = new Story(policy)
    story.fire(0, web)
    expect(outcomesOf(story.fire(1, db))[0]).toMatch(/^attached/)
    expect(outcomesOf(story.fire(2, { alertname: 'More', app: 'postgres' }))[0]).toMatch(/^attached/)
  })

  it('no further than hops', () => {
    const target = ['severity!="info"']
    const rule = { name: 'near', source: ['severity="critical"'], target, along: 'depends_on' as const, hops: 1 }
    const services = [{ id: 'web', depends_on: ['api'] }, { id: 'api', depends_on: ['db'] }, { id: 'db' }]
    const story = storyOf({ services, filters: { inhibit: [rule] } })
    story.fire(0, { alertname: 'Down', service: 'db' })
    expect(outcomesOf(story.fire(1, web))[0]).toMatch(/^attached/)
    expect(outcomesOf(story.fire(1, { alertname: 'Slow', service: 'api' }))[0]).toMatch(/^inhibited/)
  })

  it('two that depend on each other are not both held back', () => {
    const services = [
      { id: 'a', depends_on: ['b'] },
      { id: 'b', depends_on: ['a'] },
    ]
    const rule = { name: 'all', source: ['severity!=""'], target: ['severity!=""'], along: 'depends_on' as const }
    const story = storyOf({ services, filters: { inhibit: [rule] } })
    expect(outcomesOf(story.fire(0, { alertname: 'Down', service: 'a' }))[0]).toMatch(/^opened/)
    expect(outcomesOf(story.fire(1, { alertname: 'Down', service: 'b' }))[0]).toMatch(/^attached/)
  })

  it('nor all of a circle that is longer than hops', () => {
    const services = [
      { id: 'a', depends_on: ['b'] },
      { id: 'b', depends_on: ['c'] },
      { id: 'c', depends_on: ['a'] },
    ]
    const rule = {
      name: 'all',
      source: ['severity!=""'],
      target: ['severity!=""'],
      along: 'depends_on' as const,
      hops: 1,
    }
    const story = storyOf({ services, filters: { inhibit: [rule] } })
    for (const service of ['a', 'b', 'c']) story.fire(0, { alertname: 'Down', service })
    expect(story.filter.size()).toMatchObject({ firing: 3, held: 0 })
  })

  it.each([
    [{ name: 'n', source: ['a=1'], target: ['b=1'] }, 'equal'],
    [{ name: 'n', source: ['a=1'], target: ['b=1'], equal: ['c'], hops: 2 }, 'hops'],
  ])('says what is missing: %j', (rule, path) => {
    const read = policySchema.safeParse({ filters: { inhibit: [rule] } })
    expect(read.error?.issues.map((issue) => issue.path.at(-1))).toEqual([path])
  })
})
