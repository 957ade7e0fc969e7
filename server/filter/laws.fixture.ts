import fc from 'fast-check'
import { alertIdOf } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'
import { phases } from '#shared/incident/state.ts'
import type { Matcher } from '#shared/matchers.ts'
import { builtInPolicy, policySchema } from '#shared/policy.ts'
import type { OccurrenceAfter } from '#shared/recurrence.ts'
import { makeFilter } from './index.ts'
import type { FilterEntry } from './port.ts'
import { eventOf, storyStart } from './story.fixture.ts'

/** Random logs for the laws: few names and instants, so that everything meets everything. */
const otherPolicy = policySchema.parse({
  services: [
    { id: 'checkout', tier: 1, match: ['alertname=~"A|B"'], depends_on: ['search'] },
    { id: 'search', depends_on: ['store'] },
    { id: 'store', depends_on: ['checkout'] },
  ],
  definitions: [
    { name: 'secret', match: ['host="2"', 'alertname=~"A|B"'], as: 'triage', restricted: true },
    { name: 'quiet', match: ['alertname="C"'], as: 'record' },
    { name: 'loud', match: ['severity="critical"'], as: 1 },
  ],
  correlate: [
    { name: 'host lost', cause: ['alertname="D"'], match: ['alertname=~"A|B"'], equal: ['host'], window: '10m' },
    { name: 'along', along: 'depends_on', match: ['alertname!="C"'], hops: 2, window: '10m', cap: '30m' },
    { name: 'by service', by: ['service'], window: '10m', cap: '30m' },
  ],
  reopen_within: '5m',
  resolve_timeout: '2m',
  inhibit_rules: [
    { source_match: { alertname: 'A' }, target_match_re: { alertname: 'B|D' }, equal: ['service'] },
    {
      name: 'two-sided',
      source_matchers: ['severity="critical"'],
      target_matchers: ['severity=~"critical|medium"', 'alertname!="C"'],
      equal: ['service', 'absent'],
    },
  ],
  time_intervals: [
    {
      name: 'quarters',
      time_intervals: [
        { times: [{ start_time: '00:15', end_time: '00:30' }] },
        { times: [{ start_time: '01:00', end_time: '24:00' }], weekdays: ['saturday'] },
      ],
    },
  ],
  filters: {
    maintenance: [
      { name: 'by times', match: ['alertname=~"B|D"'], reason: 'tested', intervals: ['quarters'] },
      {
        name: 'by rule',
        match: ['service="checkout"', 'alertname!="A"'],
        reason: 'tested',
        recurs: { rrule: 'FREQ=HOURLY', starts: '2026-01-01T00:00', lasts: '4m', time_zone: 'UTC' },
      },
    ],
    shed: [{ name: 'storm', match: ['alertname=~"B|C|D"'], more_than: 2, within: '2m', per: 'rule' }],
    damp: [
      { name: 'flapping', match: ['alertname=~"A|B|D"'], suppress: 1, reuse: 0.7, half_life: '5m', longest: '12m' },
    ],
    inhibit: [
      { name: 'own', source: ['alertname="C"'], target: ['alertname="A"'], equal: ['service'] },
      { name: 'leaning', source: ['alertname="D"'], target: ['alertname=~"A|D"'], along: 'depends_on', hops: 1 },
    ],
    redact: [
      { name: 'grades', pattern: 'critical|medium', labels: ['alertname'], replace: '-' },
      { name: 'addresses', kind: 'email' },
    ],
  },
})

/** A step of time and what happens then; instants of events are in seconds around it, often equal, often out of order. */
const seconds = fc.integer({ min: -900, max: 600 }).map((s) => s * 1000)
const event = fc.record({
  kind: fc.constantFrom('alert' as const, 'alert' as const, 'alert' as const, 'report' as const),
  alertname: fc.constantFrom('A', 'B', 'C', 'D'),
  service: fc.constantFrom('checkout', 'search', ''),
  host: fc.constantFrom('1', '2'),
  status: fc.constantFrom('firing', 'firing', 'firing', 'resolved', 'resolved', 'acknowledged'),
  family: fc.constantFrom('keyed', 'alertmanager'),
  severity: fc.constantFrom('critical', 'medium', 'info'),
  start: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: seconds }),
  length: fc.option(fc.integer({ min: 0, max: 900 }).map((s) => s * 1000)),
  expires: fc.option(fc.integer({ min: 1, max: 1200 }).map((s) => s * 1000)),
  timesOut: fc.boolean(),
  amends: fc.oneof(
    { weight: 7, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.subarray(['title', 'description', 'severity', 'acknowledgement'] as const) },
  ),
})
const silence = fc.record({
  number: fc.integer({ min: 1, max: 3 }),
  matchers: fc.constantFrom<readonly Matcher[]>(
    [{ name: 'alertname', op: '=', value: 'A' }],
    [{ name: 'service', op: '=~', value: 'check.*' }],
    [
      { name: 'severity', op: '=', value: 'critical' },
      { name: 'alertname', op: '!=', value: 'B' },
    ],
  ),
  from: fc.integer({ min: -60, max: 300 }).map((s) => s * 1000),
  length: fc.integer({ min: 0, max: 1200 }).map((s) => s * 1000),
  recurs: fc.option(fc.integer({ min: 1, max: 4000 }), { freq: 2 }),
})
/** Stands for a calendar: whatever the rule says, it comes every 20 minutes. */
const periodMs = 20 * 60_000
export const occurrences: OccurrenceAfter = ({ lastsMs, until = Number.POSITIVE_INFINITY }, after) => {
  const startsAt = (Math.floor((after - lastsMs) / periodMs) + 1) * periodMs
  return startsAt >= until ? null : { startsAt, endsAt: startsAt + lastsMs }
}
const what = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      events: fc.array(event, { maxLength: 6 }),
      bad: fc.uniqueArray(fc.nat(6), { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const), sparing: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('silence' as const), changes: fc.array(silence, { maxLength: 2 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('incident' as const),
      number: fc.integer({ min: 1001, max: 1008 }),
      // An incident is merged into another, or not at all.
      phase: fc.constantFrom(...phases.filter((phase) => phase !== 'merged')),
      declared: fc.boolean(),
      taken: fc.boolean(),
      restricted: fc.option(fc.boolean(), { freq: 2 }),
      other: fc.integer({ min: 1001, max: 1008 }),
      grouping: fc.constantFrom('stays' as const, 'stays' as const, 'merged' as const, 'parted' as const),
      hosts: fc.constantFrom<readonly string[]>(['1'], ['1', '2']),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('policy' as const), other: fc.boolean() }) },
)
export const steps = fc.array(
  fc.record({ wait: fc.constantFrom(0, 1000, 1000, 60_000, 60_000, 240_000, 900_001, 3_600_000), what }),
  { maxLength: 40, size: 'large' },
)

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never

export function entriesOf(plan: Drawn<typeof steps>): FilterEntry[] {
  let now = storyStart
  return plan.map((step, index) => {
    now += step.wait
    return entryOf(step.what, { pos: index + 1, at: now })
  })
}

function entryOf(step: Drawn<typeof what>, place: { pos: number; at: number }): FilterEntry {
  switch (step.kind) {
    case 'tick':
      return { kind: 'tick', ...place, sparing: step.sparing }
    case 'silence': {
      const silences = step.changes.map(({ number, matchers, from, length, recurs }) => {
        const startsAt = place.at + from
        const span = { id: `silence-${number}`, matchers, startsAt, endsAt: startsAt + length }
        if (recurs === null) return span
        const until = place.at + recurs * 1000
        return { ...span, recurs: { rrule: '', starts: '', timeZone: '', lastsMs: length + 1, until } }
      })
      return { kind: 'silence', ...place, silences }
    }
    case 'policy':
      return { kind: 'policy', ...place, hash: String(step.other), policy: step.other ? otherPolicy : builtInPolicy }
    case 'incident': {
      const { phase, declared, hosts } = step
      const grouping = step.number === step.other ? 'stays' : step.grouping
      const to = `INC-${step.other}`
      const told = { kind: 'incident' as const, ...place, incidentId: `INC-${step.number}`, phase, declared }
      const { restricted } = step
      const taken = { ...(step.taken ? { taken: true as const } : {}), ...(restricted === null ? {} : { restricted }) }
      if (grouping === 'merged') return { ...told, ...taken, phase: 'merged', mergedInto: to }
      return { ...told, ...taken, ...(grouping === 'parted' ? { parted: { alerts: idsOn(hosts), to } } : {}) }
    }
    case 'request': {
      const unreadable = step.bad.toSorted((a, b) => a - b).map((index) => ({ index, reason: 'bad' }))
      const events = step.events.map((event) => made(event, place.at))
      return { kind: 'request', ...place, sourceId: 's', keyScope: 'g', defaultSeverity: null, unreadable, events }
    }
  }
}

/** Of every alert there may be on these hosts. */
export function idsOn(hosts: readonly string[]): string[] {
  const ids: string[] = []
  for (const alertname of ['A', 'B', 'C', 'D'])
    for (const service of ['checkout', 'search', ''])
      for (const host of hosts) ids.push(alertIdOf(`g\n${alertname}/${service}/${host}`))
  return ids
}

function made(plan: Drawn<typeof event>, now: number): Event {
  const { alertname, service, host, status, family, severity } = plan
  const startsAt = now + plan.start
  return eventOf(service === '' ? { alertname, host } : { alertname, service, host }, {
    kind: status === 'firing' && alertname < 'C' ? plan.kind : 'alert',
    status: status as Event['status'],
    // One key has one family, as in life: a source speaks one protocol.
    family: alertname < 'C' ? 'keyed' : 'alertmanager',
    dedupKey: `${alertname}/${service}/${host}`,
    severity: severity as Event['severity'],
    severityRaw: severity,
    title: `${family} ${severity}`,
    description: plan.timesOut ? 'asked a@b.example' : '',
    startsAt,
    endsAt: status === 'resolved' ? Math.min(startsAt + (plan.length ?? 0), now) : null,
    expiresAt: status === 'firing' && plan.expires !== null ? now + plan.expires : null,
    timesOut: status === 'firing' && plan.expires === null && plan.timesOut,
    ...(plan.amends !== null && { amends: plan.amends, note: `noted at ${now}` }),
  })
}

export const fresh = () =>
  makeFilter({ policy: builtInPolicy, policyHash: 'first', filter: null, alerts: [], occurrences })
