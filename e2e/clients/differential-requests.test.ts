import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { hourMs, useTwins } from './twins.ts'

const seed = Date.now() % 1_000_000_007

describeUnless(lacks('prometheus-alertmanager'), `the same requests, right and wrong (seed ${seed})`, () => {
  const twins = useTwins()
  const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString()

  const some = ['a', 'b', 'web', 'critical', 'A "quoted" one']
  beforeAll(async () => {
    const members = some.flatMap((value, index) => [
      { labels: { alertname: 'Slow', team: value, zone: index % 2 === 0 ? 'x' : 'y', set: 'fixed' } },
      { labels: { alertname: value, severity: 'critical', job: 'web', instance: `${index}`, set: 'fixed' } },
    ])
    const posted = members.map((each) => ({ ...each, startsAt: at(-hourMs), endsAt: at(hourMs) }))
    for (const { status } of await twins.both('POST', 'alerts', posted)) expect(status).toBe(200)
    const silence = {
      matchers: [{ name: 'team', value: 'a|web', isRegex: true, isEqual: true }],
      ...{ startsAt: at(-hourMs), endsAt: at(hourMs), createdBy: 'test', comment: 'fixed' },
    }
    for (const { status } of await twins.both('POST', 'silences', silence)) expect(status).toBe(200)
    await twins.expectSame('', posted)
  })

  const name = fc.constantFrom('alertname', 'team', 'zone', 'job', 'severity', 'absent')
  const op = fc.constantFrom('=', '!=', '=~', '!~')
  const value = fc.constantFrom(...some, '', 'a|web', '.+', 'c.*', '[0-2]', String.raw`A \"quoted\" one`)
  const quoted = fc.constantFrom('"', '')
  const matcher = fc
    .tuple(name, op, value, quoted, fc.constantFrom('', ' '))
    .map(([name, op, value, quote, space]) => `${space}${name}${space}${op}${space}${quote}${value}${quote}${space}`)
  const odd = fc.constantFrom(
    ...['', 'bad', '=b', 'a!b', 'a==b', 'a="x', 'a=b"', 'a=~(', 'a=~"["', 'a=b,c', 'a=\\', 'a="\\"', 'alertname'],
  )
  const flag = fc.constantFrom('true', 'false', '1', '0', 'TRUE', 'yes', 'banana', '')
  const query = fc.record(
    {
      active: flag,
      silenced: flag,
      inhibited: flag,
      unprocessed: flag,
      muted: flag,
      filter: fc.array(fc.oneof({ weight: 4, arbitrary: matcher }, { weight: 1, arbitrary: odd }), { maxLength: 2 }),
      receiver: fc.constantFrom('pager', 'p.*', 'base|everything', '', '(', 'nobody'),
      unknown: flag,
    },
    { requiredKeys: [] },
  )

  it('any query: same statuses, same alerts, same groups', async () => {
    const property = fc.asyncProperty(query, async ({ filter = [], ...flags }) => {
      const words = new URLSearchParams(flags)
      words.append('filter', 'set="fixed"')
      for (const text of filter) words.append('filter', text)
      await twins.expectSame(words.toString(), words.toString())
    })
    await fc.assert(property, { seed, numRuns: 150, interruptAfterTimeLimit: 60_000 })
  })

  it('any filter of silences: same statuses, the same ones', async () => {
    const property = fc.asyncProperty(fc.array(fc.oneof(matcher, odd), { maxLength: 2 }), async (filter) => {
      const words = new URLSearchParams(filter.map((text) => ['filter', text]))
      const [a, b] = await twins.both('GET', `silences?${words}`)
      const shape = (json: unknown) => (Array.isArray(json) ? json.length : typeof json)
      expect([b.status, shape(b.json)]).toEqual([a.status, shape(a.json)])
    })
    await fc.assert(property, { seed, numRuns: 60 })
    const exact = new URLSearchParams({ filter: 'team=~"a|web"' })
    for (const { json } of await twins.both('GET', `silences?${exact}`)) expect(json).toHaveLength(1)
  })

  const good = { labels: { alertname: 'Good', set: 'posted' }, startsAt: at(-hourMs), endsAt: at(hourMs) }
  const bad: readonly unknown[] = [
    { labels: {} },
    { labels: { a: '' } },
    { labels: null },
    { labels: { a: 1 } },
    { labels: { a: null } },
    { labels: [] },
    { labels: { '': 'x' } },
    {},
    1,
    'x',
    [],
    { ...good, startsAt: 'x' },
    { ...good, startsAt: 5 },
    { ...good, startsAt: at(hourMs), endsAt: at(-hourMs) },
    { ...good, annotations: 1 },
    { ...good, annotations: { a: 1 } },
    { ...good, annotations: null },
    { ...good, endsAt: null },
    { ...good, more: 'than asked for' },
  ]

  it.each(bad.map((member): [string, unknown] => [JSON.stringify(member).slice(0, 70), member]))(
    'a member %s: same status, same shape of the body',
    async (_, member) => {
      const [a, b] = await twins.both('POST', 'alerts', [member])
      expect([b.status, typeof b.json, b.json?.code], JSON.stringify([a.json, b.json])).toEqual([
        a.status,
        typeof a.json,
        a.json?.code,
      ])
    },
  )

  it.each(['', ' ', '{', '[', 'null', '{}', '[]', '"x"', '[[]]', '[1,2'])('a body %j: same status', async (body) => {
    const [a, b] = await twins.both('POST', 'alerts', body)
    expect([b.status, b.json?.code], JSON.stringify([a.json, b.json])).toEqual([a.status, a.json?.code])
  })

  it.each<[string, string]>([
    ['DELETE', 'alerts'],
    ['PUT', 'silences'],
    ['HEAD', 'alerts/groups'],
    ['POST', 'receivers'],
    ['POST', 'status'],
    ['GET', 'silence/nix'],
    ['DELETE', 'silence/nix'],
    ['GET', 'silence/11111111-0000-4000-8000-000000000000'],
    ['PUT', 'silence/11111111-0000-4000-8000-000000000000'],
    ['GET', 'nothing'],
  ])('%s %s: same status', async (method, path) => {
    const [a, b] = await twins.both(method, path)
    expect(b.status).toBe(a.status)
  })
})
