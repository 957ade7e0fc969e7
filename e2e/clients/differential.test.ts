import fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { hourMs, minuteMs, useTwins } from './twins.ts'

/** None is near now, nor near now and the resolve timeout of five minutes: those are for what the servers choose. */
const offsets = [-3 * hourMs, -2 * hourMs, -hourMs, -30 * minuteMs, 30 * minuteMs, hourMs, 2 * hourMs]

// Where we differ on purpose; each has a test of its own in differences.test.ts.

/** No start, and an end to come: Alertmanager lets it begin at that end, we now. */
const beginsAtItsEnd = (from: number | null, to: number | null) => from === null && to !== null && to > 0
/** A start to come, and no end: the end that Alertmanager assumes lies before it, so it is refused; we take it in. */
const endsBeforeItBegins = (from: number | null, to: number | null) => to === null && from !== null && from > 0

const seed = Date.now() % 1_000_000_007

describeUnless(lacks('prometheus-alertmanager'), `the same to Debian’s Alertmanager and to us (seed ${seed})`, () => {
  const twins = useTwins()
  // ── What is sent ────────────────────────────────────────────────────────────────────────────────────────────────
  const word = fc.constantFrom(
    'a',
    'b',
    'web',
    'db',
    'x',
    'critical',
    'page',
    'A long value, with "quotes" \\ and ünïcode 🚨',
  )
  const labels = fc.record(
    {
      alertname: fc.constantFrom('Slow', 'Full'),
      team: fc.constantFrom('a', 'b'),
      severity: fc.constantFrom('critical', 'page', 'info', ''),
      zone: fc.constantFrom('x', 'y'),
      job: word,
      instance: word,
      dropped: fc.constantFrom('', 'kept'),
    },
    { requiredKeys: [] },
  )
  const annotations = fc.option(
    fc.record(
      { summary: word, empty: fc.constant(''), description: fc.string({ maxLength: 20 }) },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  )
  /** `null`: left out. */
  const offset = fc.option(fc.constantFrom(...offsets), { nil: null })
  const member = fc
    .record({
      /** Which of the label sets of the run: few, so that alerts are told of again and again. */
      which: fc.nat(2),
      annotations,
      from: offset,
      to: offset,
      style: fc.constantFrom('utc', 'offset', 'nanoseconds', 'year one'),
      generatorURL: fc.constantFrom(
        undefined,
        '',
        'http://prometheus.example/graph?g0.expr=up&x=%22a%22',
        'https://p.example/',
      ),
    })
    .filter(({ from, to }) => !beginsAtItsEnd(from, to) && !endsBeforeItBegins(from, to))
  type Member = typeof member extends fc.Arbitrary<infer M> ? M : never

  const base = Date.now()
  function instant(at: number | null, style: Member['style']): string | undefined {
    if (at === null) return style === 'year one' ? '0001-01-01T00:00:00.000Z' : undefined
    const utc = new Date(base + at).toISOString()
    if (style === 'nanoseconds') return utc.replace('Z', '000000Z')
    return style === 'offset' ? new Date(base + at + 2 * hourMs).toISOString().replace('Z', '+02:00') : utc
  }
  const bodyOf = (members: readonly Member[], sets: readonly object[], run: string) =>
    members.map(({ which, annotations, from, to, style, generatorURL }) => ({
      labels: { ...sets[which], run },
      ...(annotations === undefined ? {} : { annotations }),
      startsAt: instant(from, style),
      endsAt: instant(to, style),
      generatorURL,
    }))

  const matcher = fc.record({
    name: fc.constantFrom('alertname', 'team', 'zone', 'job', 'absent'),
    value: fc.constantFrom('a', 'x', 'Slow', 'web|db', '.+', ''),
    isRegex: fc.boolean(),
    isEqual: fc.constantFrom(true, false, undefined),
  })
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('alerts' as const),
        members: fc.array(member, { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('silence' as const),
        matchers: fc.array(matcher, { minLength: 1, maxLength: 2 }),
        to: fc.constantFrom(...offsets),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  )
  const sets = fc.array(labels, { minLength: 3, maxLength: 3 })
  let runs = 0

  it('any posts, silences and ends of silences: same statuses, same alerts, same groups', async () => {
    const property = fc.asyncProperty(sets, fc.array(step, { minLength: 1, maxLength: 8 }), async (sets, steps) => {
      const run = `run ${++runs}`
      const made: [string, string][] = []
      const told = new Set<string>()
      const notAnEndOfNothing = ({ which, from, to }: Member) => {
        const key = JSON.stringify(
          Object.entries(sets[which] ?? {})
            .filter(([, value]) => value !== '')
            .sort(),
        )
        if (!told.has(key) && to !== null && to < 0) return false
        if (from === null || to === null || from <= to) told.add(key)
        return true
      }
      for (const [index, step] of steps.entries()) {
        if (step.do === 'alerts') {
          const members = step.members.filter(notAnEndOfNothing)
          const [a, b] = await twins.both('POST', 'alerts', bodyOf(members, sets, run))
          expect(b.status, JSON.stringify(b.json)).toBe(a.status)
        } else if (step.do === 'silence') {
          const silence = {
            matchers: [...step.matchers, { name: 'run', value: run, isRegex: false, isEqual: true }],
            startsAt: new Date(base - hourMs).toISOString(),
            endsAt: new Date(base + step.to).toISOString(),
            createdBy: 'test',
            comment: `${run}.${index}`,
          }
          const [a, b] = await twins.both('POST', 'silences', silence)
          expect(b.status, JSON.stringify([a.json, b.json, silence])).toBe(a.status)
          if (a.status === 200) made.push([a.json.silenceID, b.json.silenceID])
        } else {
          const [first, second] = made.pop() ?? []
          if (first === undefined) continue
          const [a, b] = await Promise.all([
            twins.theirs.ask('DELETE', `silence/${first}`),
            twins.ours.ask('DELETE', `silence/${second}`),
          ])
          expect(b).toEqual(a)
        }
      }
      await twins.expectSame(`filter=${encodeURIComponent(`run="${run}"`)}`, { sets, steps })
    })
    await fc.assert(property, { seed, numRuns: 60, interruptAfterTimeLimit: 90_000 })
    expect(runs).toBeGreaterThan(10)
  })
})
