import { describe, expect, it } from 'vitest'
import { policySchema } from '#shared/policy.ts'
import { watchAdapter } from '../../intake/index.ts'
import { at, effectsOf, eventOf, outcomesOf, Story } from '../story.fixture.ts'

const rule = { name: 'many', match: ['alertname=~"Down|Slow|Full"'], more_than: 10, within: '2m' }
const policy = policySchema.parse({ filters: { shed: [rule] } })
const host = (n: number, alertname = 'Down') => ({ alertname, host: `h${n}`, service: 'fleet' })
const hosts = (count: number, from = 0) => Array.from({ length: count }, (_, n) => eventOf(host(from + n)))

describe('shed', () => {
  it('S1, S2: from more than so many on the others are counted, and the first of each new kind passes', () => {
    const story = new Story(policy)
    expect(story.send(0, hosts(10)).counts).toEqual({ opened: 1, attached: 9 })
    const more = story.send(0.5, [...hosts(5, 10), eventOf(host(99, 'Full')), eventOf(host(98, 'Full'))])
    expect(more.counts).toEqual({ shed: 6, attached: 1 })
    expect(more.decisions[0]).toMatchObject({ stage: 'shed', rule: 'many', incidentId: null })
    expect(more.decisions[0]?.reason).toMatch(
      /^one of a storm since 2026-01-01T00:00:30Z, and not the first of its kind/,
    )
    expect(more.findings).toMatchObject([{ sourceId: 's1', what: 'storm', storm: { rule: 'many' }, shed: 0 }])
    expect(story.filter.storms()).toMatchObject([{ rule: 'many', sourceId: 's1', since: at(0.5), shed: 6, kinds: 2 }])
    expect(story.filter.size().held).toBe(6)
    expect(story.send(0.6, hosts(1, 12)).counts).toEqual({ repeated: 1 })
    expect(story.fire(0.7, { alertname: 'Other' }).counts).toEqual({ opened: 1 })
  })

  it('S2: once a minute the alert about it says how many there are by now', () => {
    const story = new Story(policy)
    story.send(0, hosts(12))
    expect(story.filter.nextDueAt()).toBe(at(1))
    expect(story.tick(1).findings).toMatchObject([{ what: 'storm', shed: 2, kinds: 1 }])
    expect(story.send(1.5, hosts(9, 20)).findings).toEqual([])
    expect(story.tick(2).findings).toMatchObject([{ what: 'storm', shed: 11 }])
  })

  it('S3: over when no more than half as many are new; what still fires is judged again in that tick', () => {
    const story = new Story(policy)
    story.send(0, hosts(12))
    story.send(1.9, hosts(7, 20))
    expect(story.tick(3).judgedAgain).toEqual([])
    story.resolve(3, host(20))
    const over = story.tick(4)
    expect(over.findings).toMatchObject([{ what: 'over', shed: 9, kinds: 1, since: at(0) }])
    expect(over.judgedAgain).toHaveLength(8)
    expect(effectsOf(over)).toEqual(['attach INC-1001 8'])
    expect(over.judgedAgain[0]?.reason).toMatch(/^the storm is over; definition .* joined INC-1001/)
    expect(story.filter.size().held).toBe(0)
    expect([story.filter.storms(), story.filter.nextDueAt()]).toEqual([[], null])
  })

  it('one that becomes worse in a storm is still of it; one that ends is ended', () => {
    const story = new Story(policy)
    story.send(0, hosts(12))
    const worse = eventOf(host(11), { severity: 'medium', severityRaw: 'medium' })
    expect(story.send(0.5, [worse])).toMatchObject({ counts: { shed: 1 }, effects: [] })
    expect(story.resolve(0.6, host(11))).toMatchObject({ counts: { resolved: 1 }, effects: [] })
    expect(story.filter.size().held).toBe(1)
  })

  it('S1: so many over a longer time are none, nor what no rule is about, nor anything by the built-in policy', () => {
    const slow = new Story(policy)
    for (let n = 0; n < 50; n++) expect(slow.fire(n * 0.25, host(n)).counts).not.toHaveProperty('shed')
    const builtIn = new Story()
    expect(builtIn.send(0, hosts(500)).counts).not.toHaveProperty('shed')
  })

  it('with other rules the storm is over, and says so', () => {
    const story = new Story(policy)
    story.send(0, hosts(12))
    const over = story.policy(0.5, policySchema.parse({}))
    expect(over.findings).toMatchObject([
      { what: 'storm', shed: 2 },
      { what: 'over', shed: 2 },
    ])
    expect(effectsOf(over)).toEqual(['attach INC-1001 2'])
  })

  it('what it found out becomes one alert that says more each time, and that no storm sheds', () => {
    const story = new Story(
      policySchema.parse({ filters: { shed: [{ ...rule, match: ['alertname!=""'], more_than: 2 }] } }),
    )
    const [finding] = story.send(0, hosts(3)).findings
    const read = (what: object) =>
      watchAdapter.parse({
        ...{ body: Buffer.from(JSON.stringify(what)), contentType: 'application/json', receivedAt: at(1) },
        ...{ method: 'POST', path: '', query: '', headers: {}, settings: {} },
      }).events
    expect(story.send(0, read({ ...finding }), { scope: 's1' }).counts).toEqual({ opened: 1 })
    expect(story.send(1, read({ ...finding, shed: 1240, kinds: 14 }), { scope: 's1' }).counts).toEqual({ repeated: 1 })
    const title = 'Storm of alerts from s1: 1,240 more alerts of 14 kinds'
    expect(story.alert(title)).toMatchObject({
      severity: 'high',
      labels: { alertname: 'AlertStorm', source: 's1', rule: 'many' },
    })
    expect(
      story.send(2, read({ ...finding, what: 'over', shed: 1300, kinds: 14, at: at(2) }), { scope: 's1' }).counts,
    ).toEqual({ resolved: 1 })
  })

  it('a rule that makes no sense is refused', () => {
    const read = policySchema.safeParse({ filters: { shed: [{ ...rule, within: '5s' }, rule] } })
    const faults = read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    expect(faults).toEqual([
      'filters.shed.0.within: must be at least 10s and at most 1d',
      'filters.shed.1.name: "many" is there twice',
    ])
  })
})

describe('S1: per rule', () => {
  const policy = policySchema.parse({
    filters: { shed: [{ name: 'all', match: ['alertname!=""'], more_than: 2, within: '1m', per: 'rule' }] },
  })
  const from = (story: Story, minute: number, sourceId: string, n: number) =>
    story.fold({
      kind: 'request',
      pos: n,
      at: at(minute),
      sourceId,
      keyScope: sourceId,
      defaultSeverity: null,
      events: [eventOf({ alertname: 'Down', service: 'x', n: String(n) })],
      unreadable: [],
    })

  it('all sources together are one storm, which is told of once and ends once', () => {
    const story = new Story(policy)
    const folds = [1, 2, 3, 4].map((n) => from(story, 0, `s${n}`, n))
    expect(folds.map((folded) => outcomesOf(folded)[0]?.split(' ')[0])).toEqual(['opened', 'attached', 'shed', 'shed'])
    expect(folds.flatMap(({ findings }) => findings)).toMatchObject([{ sourceId: '*', what: 'storm' }])
    expect(story.filter.storms()).toMatchObject([{ rule: 'all', sourceId: '*', shed: 2, kinds: 1 }])
    expect(story.tick(2).judgedAgain.map(({ outcome }) => outcome)).toEqual(['attached', 'attached'])
    expect(story.filter.storms()).toEqual([])
  })

  it('by source they are none', () => {
    const [rule] = policy.filters.shed
    const story = new Story({ ...policy, filters: { ...policy.filters, shed: [{ ...rule!, per: 'source' }] } })
    for (const n of [1, 2, 3, 4]) expect(from(story, 0, `s${n}`, n).counts.shed).toBeUndefined()
  })
})
