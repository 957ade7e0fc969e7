import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { drillPrefix } from '#shared/drill.ts'
import type { Event } from '#shared/event.ts'
import { type LedgerRow, type Outcome, outcomes, unaccounted } from '#shared/outcome.ts'
import { builtInPolicy, type Policy, policySchema } from '#shared/policy.ts'
import type { Watch } from '#shared/watch.ts'
import { findingRequest, watchSourceId } from '../command/requests.ts'
import { makeFilter } from './index.ts'
import { entriesOf, fresh, occurrences, steps } from './laws.fixture.ts'
import type { Filter, FilterEntry, Folded } from './port.ts'
import { eventOf } from './story.fixture.ts'

type Request = Extract<FilterEntry, { kind: 'request' }>

/** Rules that meet what the laws' events say, each kind of them from none to all, in any order. */
const policies: fc.Arbitrary<Policy> = fc
  .record({
    definitions: fc.shuffledSubarray(
      [
        { name: 'quiet', match: ['alertname="C"'], as: 'record' },
        { name: 'loud', match: ['severity="critical"'], as: 1 },
        { name: 'search', match: ['service=~"search|checkout"'], as: 3 },
        { name: 'rest', match: ['alertname=~".*"'], as: 'triage' },
      ],
      { minLength: 1 },
    ),
    correlate: fc.shuffledSubarray([
      { name: 'host lost', cause: ['alertname="D"'], match: ['alertname=~"A|B"'], equal: ['host'], window: '10m' },
      { name: 'by service', by: ['service'], window: '2m', cap: '10m' },
      { name: 'by host', by: ['host'], window: '10m', cap: '30m' },
    ]),
    inhibit_rules: fc.subarray([
      { source_match: { alertname: 'A' }, target_match_re: { alertname: 'B|D' }, equal: ['service'] },
      { source_matchers: ['severity="critical"'], target_matchers: ['alertname!="C"'], equal: ['host'] },
    ]),
    reopen_within: fc.constantFrom('1m', '15m'),
    resolve_timeout: fc.constantFrom('2m', '5m'),
    filters: fc.record({
      shed: fc.subarray([
        { name: 'small storm', match: ['alertname=~"B|C|Burst"'], more_than: 2, within: '2m' },
        { name: 'storm', match: ['alertname=~".+"'], more_than: 10, within: '5m' },
      ]),
      damp: fc.subarray([
        { name: 'flapping', match: ['alertname=~".+"'], suppress: 1, reuse: 0.7, half_life: '1h', longest: '2h' },
      ]),
      inhibit: fc.subarray([{ name: 'own', source: ['alertname="C"'], target: ['alertname="A"'], equal: ['service'] }]),
      redact: fc.subarray([
        { name: 'grades', pattern: 'critical|medium', labels: ['alertname'], replace: '-' },
        { name: 'addresses', kind: 'email' },
      ]),
    }),
  })
  .map((written) => policySchema.parse(written))

/** What happens besides the laws' own steps, after the one of the same number. */
const more = fc.record({
  policy: fc.nat(2),
  source: fc.nat(3),
  burst: fc.option(fc.integer({ min: 5, max: 40 }), { freq: 5 }),
  kind: fc.option(fc.constantFrom('log' as const, 'heartbeat' as const, 'change' as const, 'test' as const), {
    freq: 3,
  }),
  delivery: fc.option(fc.nat(4), { freq: 3 }),
  again: fc.boolean(),
  turn: fc.constantFrom('nothing', 'nothing', 'nothing', 'checkpoint', 'crash'),
})
type More = typeof more extends fc.Arbitrary<infer T> ? T : never

const watch: Watch = {
  id: 'silence',
  hears: 'anything',
  expected: { everyMs: 5 * minuteMs },
  graceMs: 0,
  runMs: null,
  afterFirst: true,
  name: 'S',
  severity: 'high',
  service: null,
}

/** The laws' log with several sources, which are watched, other sorts of events, bursts, and policies at will. */
function* logOf(
  plan: Parameters<typeof entriesOf>[0],
  extras: readonly More[],
  rules: readonly Policy[],
): Generator<[FilterEntry, More]> {
  const start = entriesOf([{ wait: 0, what: { kind: 'tick', sparing: false } }])[0]?.at ?? 0
  const idle = extras[0] as More
  for (const n of [0, 1, 3])
    yield [{ kind: 'source', pos: 0, at: start, sourceId: sourceIds[n] as string, watches: [watch] }, idle]
  for (const [index, entry] of entriesOf(plan).entries()) {
    const extra = extras[index % extras.length] as More
    if (entry.kind === 'policy') {
      const policy = rules[extra.policy % rules.length] as Policy
      yield [{ ...entry, hash: `${index}`, policy }, extra]
    } else if (entry.kind === 'request') yield [requestOf(entry, extra), extra]
    else yield [entry, extra]
    const { burst, source } = extra
    if (burst === null) continue
    const events = Array.from({ length: burst }, (_, n) =>
      eventOf({ alertname: 'Burst', host: `${index % 3}/${n}` }, { startsAt: entry.at, title: 'Burst' }),
    )
    const sourceId = sourceIds[source] as string
    const from = { sourceId, keyScope: scopes[source] as string, defaultSeverity: null }
    yield [
      { kind: 'request', pos: 0, at: entry.at, ...from, events, unreadable: [] },
      { ...extra, turn: 'nothing' },
    ]
  }
}

/** The last is of an exercise, which is a filter room of its own in the same log. */
const sourceIds = ['s0', 's1', 's2', `${drillPrefix}s`]
const scopes = ['g', 'g', 'other', `${drillPrefix}g`]

/** Two of the sources are one voice; of a request one event may be of another sort, or told twice. */
function requestOf(entry: Request, { source, kind, delivery, again }: More): Request {
  const [first, ...rest] = entry.events
  const events: Event[] = [...entry.events]
  if (first !== undefined && kind !== null)
    events.splice(0, 1, { ...first, kind, status: kind === 'heartbeat' ? 'firing' : first.status })
  if (first !== undefined && delivery !== null && kind === null)
    events.splice(0, events.length, { ...first, deliveryId: `d${delivery}` }, ...rest)
  return {
    ...entry,
    sourceId: sourceIds[source] as string,
    keyScope: scopes[source] as string,
    events,
    ...(again && { again }),
  }
}

/** What the test counts itself, by source and minute, and what the filter said of it. */
class Ledger {
  readonly rows = new Map<string, LedgerRow>()

  add({ sourceId, at }: Request, members: number, counts: Folded['counts']): void {
    const minute = at - (at % minuteMs)
    const row = this.rows.get(`${sourceId} ${minute}`) ?? { minute, sourceId, accepted: 0, counts: {} }
    this.rows.set(`${sourceId} ${minute}`, row)
    row.accepted += members
    for (const [outcome, count] of Object.entries(counts) as [Outcome, number][])
      row.counts[outcome] = (row.counts[outcome] ?? 0) + count
  }
}

/** Ordinary events of which nothing but the count is kept. */
const isOnlyCounted = ({ kind, status }: Event) => kind === 'log' || (kind === 'heartbeat' && status !== 'resolved')

function checkEntry(entry: FilterEntry, { counts, decisions, judgedAgain, findings }: Folded): void {
  const sum = Object.values(counts).reduce((total, count) => total + count, 0)
  const members = entry.kind === 'request' ? entry.events.length + entry.unreadable.length : 0
  expect(sum).toBe(members)
  // Decisions, silent repeats and what is only counted are all there is, and nothing is two of them.
  const onlyCounted = entry.kind === 'request' ? entry.events.filter(isOnlyCounted).length : 0
  const left = { ...counts }
  for (const { outcome } of decisions) left[outcome] = (left[outcome] ?? 0) - 1
  const { repeated = 0, recorded = 0, ...others } = left
  expect(repeated).toBeGreaterThanOrEqual(0)
  expect(recorded).toBe(onlyCounted)
  expect(Object.values(others).every((count) => count === 0)).toBe(true)
  // What is judged again stands behind the members, under numbers of its own.
  const places = [...decisions, ...judgedAgain].map(({ index }) => index)
  expect(new Set(places).size).toBe(places.length)
  expect(judgedAgain.every(({ index }) => index >= members)).toBe(true)
  expect(findings.every(({ at }) => at === entry.at)).toBe(true)
}

/** A filter that is made again from its newest checkpoint and the tail of the log, and what the tail gave each time. */
class Mortal {
  filter: Filter = fresh()
  #policy = builtInPolicy
  #saved: { filter: unknown; alerts: Map<string, string>; policy: Policy } | null = null
  #tail: { entry: FilterEntry; folded: Folded }[] = []

  fold(entry: FilterEntry): Folded {
    const folded = this.filter.fold(entry)
    if (entry.kind === 'policy') this.#policy = entry.policy
    this.#tail.push({ entry, folded })
    return folded
  }

  checkpoint(): void {
    const cut = this.filter.beginCheckpoint()
    const alerts = new Map(this.#saved?.alerts)
    for (const { alert, live } of cut.next(Number.POSITIVE_INFINITY)) {
      if (live) alerts.set(alert.id, JSON.stringify(alert))
      else alerts.delete(alert.id)
    }
    this.#saved = { filter: JSON.parse(JSON.stringify(cut.filter)), alerts, policy: this.#policy }
    this.#tail = []
  }

  /** Folds the tail once more: it must say the same of every event. */
  crash(): void {
    const saved = this.#saved ?? { filter: null, alerts: new Map<string, string>(), policy: builtInPolicy }
    this.filter = makeFilter({
      policy: saved.policy,
      policyHash: this.#saved === null ? 'first' : 'again',
      filter: saved.filter,
      alerts: [...saved.alerts.values()].map((text) => JSON.parse(text)),
      occurrences,
    })
    for (const { entry, folded } of this.#tail) {
      const { counts, decisions, judgedAgain } = this.filter.fold(entry)
      expect({ counts, decisions, judgedAgain }).toEqual({
        counts: folded.counts,
        decisions: folded.decisions,
        judgedAgain: folded.judgedAgain,
      })
    }
  }
}

describe('conservation', () => {
  it('F1, F2, F3: of every source and in each minute, what was accepted is the sum of outcomes, under any policy, in storms, with watches, merges, restarts, and beside an exercise; any tail folded again gives the same', () => {
    let seen = 0
    const met = new Set<string>()
    fc.assert(
      fc.property(
        steps,
        fc.array(more, { minLength: 8, maxLength: 20 }),
        fc.array(policies, { minLength: 2, maxLength: 3 }),
        (plan, extras, rules) => {
          const filter = new Mortal()
          const ledger = new Ledger()
          let pos = 0
          const take = (given: FilterEntry): void => {
            const entry = { ...given, pos: ++pos }
            const folded = filter.fold(entry)
            checkEntry(entry, folded)
            for (const outcome of Object.keys(folded.counts)) met.add(outcome)
            if (entry.kind === 'request')
              ledger.add(entry, entry.events.length + entry.unreadable.length, folded.counts)
            // What was found out about sources comes in right after, as an event of ours.
            for (const finding of folded.findings) take(findingRequest(pos + 1, finding, 'S').entry)
          }
          for (const [entry, { turn }] of logOf(plan, extras, rules)) {
            take(entry)
            if (turn === 'checkpoint') filter.checkpoint()
            if (turn === 'crash') filter.crash()
          }
          filter.crash()
          for (const row of ledger.rows.values()) {
            seen += row.accepted
            expect(unaccounted(row)).toBe(0)
            if (row.sourceId === watchSourceId) met.add(watchSourceId)
          }
        },
      ),
      { numRuns: 150 },
    )
    // The law says little where nothing was at stake.
    expect([...met].sort()).toEqual([...outcomes, watchSourceId].sort())
    expect(seen).toBeGreaterThan(5_000)
  })
})
