import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '#shared/event.ts'
import { phases } from '#shared/incident/state.ts'
import { compileMatcher, type Matcher } from '#shared/matchers.ts'
import { builtInPolicy, type Policy, policySchema } from '#shared/policy.ts'
import { type SilenceSpan, silenceKeptMs, silenceStateOf, silences } from '#shared/silence.ts'
import { makeFilter } from './index.ts'
import type { CheckpointCut, Effect, Filter, FilterEntry, Folded } from './port.ts'
import { eventOf, storyStart } from './story.fixture.ts'

const otherPolicy = policySchema.parse({
  services: [{ id: 'checkout', tier: 1, match: ['alertname=~"A|B"'] }],
  definitions: [
    { name: 'quiet', match: ['alertname="C"'], as: 'record' },
    { name: 'loud', match: ['severity="critical"'], as: 1 },
  ],
  correlate: [{ name: 'by service', by: ['service'], window: '10m', cap: '30m' }],
  reopen_within: '5m',
  resolve_timeout: '2m',
  filters: {
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
  status: fc.constantFrom('firing', 'firing', 'firing', 'resolved', 'resolved', 'acknowledged'),
  family: fc.constantFrom('keyed', 'alertmanager'),
  severity: fc.constantFrom('critical', 'medium', 'info'),
  start: seconds,
  length: fc.option(fc.integer({ min: 0, max: 900 }).map((s) => s * 1000)),
  expires: fc.option(fc.integer({ min: 1, max: 1200 }).map((s) => s * 1000)),
  timesOut: fc.boolean(),
  amends: fc.option(fc.subarray(['title', 'description', 'severity', 'acknowledgement'] as const), { freq: 2 }),
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
})
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
      phase: fc.constantFrom(...phases),
      declared: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('policy' as const), other: fc.boolean() }) },
)
const steps = fc.array(fc.record({ wait: fc.constantFrom(0, 1000, 60_000, 240_000, 900_001, 3_600_000), what }), {
  maxLength: 40,
})

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never

function entriesOf(plan: Drawn<typeof steps>): FilterEntry[] {
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
      const silences = step.changes.map(({ number, matchers, from, length }) => {
        const startsAt = place.at + from
        return { id: `silence-${number}`, matchers, startsAt, endsAt: startsAt + length }
      })
      return { kind: 'silence', ...place, silences }
    }
    case 'policy':
      return { kind: 'policy', ...place, hash: String(step.other), policy: step.other ? otherPolicy : builtInPolicy }
    case 'incident': {
      const { phase, declared } = step
      return { kind: 'incident', ...place, incidentId: `INC-${step.number}`, phase, declared }
    }
    case 'request': {
      const unreadable = step.bad.toSorted((a, b) => a - b).map((index) => ({ index, reason: 'bad' }))
      const events = step.events.map((event) => made(event, place.at))
      return { kind: 'request', ...place, sourceId: 's', keyScope: 'g', defaultSeverity: null, unreadable, events }
    }
  }
}

function made(plan: Drawn<typeof event>, now: number): Event {
  const { alertname, service, status, family, severity } = plan
  const startsAt = now + plan.start
  return eventOf(service === '' ? { alertname } : { alertname, service }, {
    kind: status === 'firing' && alertname < 'C' ? plan.kind : 'alert',
    status: status as Event['status'],
    // One key has one family, as in life: a source speaks one protocol.
    family: alertname < 'C' ? 'keyed' : 'alertmanager',
    dedupKey: `${alertname}/${service}`,
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

const fresh = () => makeFilter({ policy: builtInPolicy, policyHash: 'first', filter: null, alerts: [] })

/** What may happen to the writing down between two entries. */
type Turn = 'nothing' | 'cut' | 'slice' | 'finish' | 'abandon' | 'crash'
const turns: readonly Turn[] = ['nothing', 'nothing', 'cut', 'slice', 'slice', 'finish', 'abandon', 'crash']

/** A filter that is written down slice by slice while it folds, and made again from what was finished, as after a crash. */
class Restarting {
  filter = fresh()
  #policy = builtInPolicy
  #finished = { filter: null as unknown, policy: builtInPolicy, alerts: new Map<string, string>() }
  /** Folded since the cut of the checkpoint that was finished last. */
  #tail: FilterEntry[] = []
  #open: { cut: CheckpointCut; policy: Policy; rows: ReturnType<CheckpointCut['next']>; tailFrom: number } | null = null

  fold(entry: FilterEntry): Folded {
    this.#tail.push(entry)
    if (entry.kind === 'policy') this.#policy = entry.policy
    return this.filter.fold(entry)
  }

  turn(what: Turn): void {
    if (what === 'cut' && this.#open === null)
      this.#open = {
        cut: this.filter.beginCheckpoint(),
        policy: this.#policy,
        rows: [],
        tailFrom: this.#tail.length,
      }
    else if (what === 'slice') this.#open?.rows.push(...this.#open.cut.next(2))
    else if (what === 'finish') this.#finish()
    else if (what === 'abandon') {
      this.#open?.cut.abandon()
      this.#open = null
    } else if (what === 'crash') this.#crash()
  }

  #finish(): void {
    if (this.#open === null) return
    const { cut, policy, rows, tailFrom } = this.#open
    rows.push(...cut.next(Number.POSITIVE_INFINITY))
    const { alerts } = this.#finished
    for (const { alert, live } of rows) {
      if (live) alerts.set(alert.id, JSON.stringify(alert))
      else alerts.delete(alert.id)
    }
    this.#finished = { filter: JSON.parse(JSON.stringify(cut.filter)), policy, alerts }
    this.#tail = this.#tail.slice(tailFrom)
    this.#open = null
  }

  #crash(): void {
    const { filter, policy, alerts } = this.#finished
    this.#open = null
    this.filter = makeFilter({
      policy,
      policyHash: 'again',
      filter,
      alerts: [...alerts.values()].map((text) => JSON.parse(text)),
    })
    for (const entry of this.#tail) this.filter.fold(structuredCloneable(entry))
  }
}

function picture(filter: Filter, seen: ReadonlySet<string>) {
  const alerts = [...seen].sort().flatMap((id) => filter.alert(id) ?? [])
  const incidents = Array.from({ length: 20 }, (_, index) => `INC-${1001 + index}`)
  return {
    alerts: structuredClone(alerts),
    members: incidents.map((id) =>
      filter
        .alertsOf(id)
        .map((alert) => alert.id)
        .sort(),
    ),
    vitals: incidents.map((id) => filter.vitalsOf(id)),
    due: filter.nextDueAt(),
    size: filter.size(),
    next: filter.nextIncidentNumber(),
    silences: filter.silences().map((span) => ({ ...span, firing: filter.silencedBy(span.id) })),
  }
}

const idsIn = ({ decisions }: Folded) => decisions.flatMap(({ alertId }) => alertId ?? [])

describe('laws of the fold', () => {
  it('F1: every event and every unreadable member has exactly one outcome', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        for (const entry of entriesOf(plan)) {
          const { counts, decisions } = filter.fold(entry)
          const sum = Object.values(counts).reduce((total, count) => total + count, 0)
          expect(sum).toBe(entry.kind === 'request' ? entry.events.length + entry.unreadable.length : 0)
          expect(decisions.length).toBe(sum - (counts.repeated ?? 0))
          expect(new Set(decisions.map(({ index }) => index)).size).toBe(decisions.length)
        }
      }),
    )
  })

  it('F2, F3, F9: the same entries give the same outcomes, effects and state, whether or not it was written down in slices and made again from them in between', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.constantFrom(...turns)), (plan, dice) => {
        const straight = fresh()
        const again = new Restarting()
        const seen = new Set<string>()
        for (const entry of entriesOf(plan)) {
          const folded = straight.fold(structuredCloneable(entry))
          expect(again.fold(entry)).toEqual(folded)
          for (const id of idsIn(folded)) seen.add(id)
          for (const turn of [dice.next().value, dice.next().value]) again.turn(turn)
          expect(picture(again.filter, seen)).toEqual(picture(straight, seen))
        }
        for (const turn of ['finish', 'cut', 'finish', 'crash'] as const) again.turn(turn)
        expect(picture(again.filter, seen)).toEqual(picture(straight, seen))
        expect(again.filter.beginCheckpoint().filter).toEqual(straight.beginCheckpoint().filter)
      }),
      { numRuns: 300 },
    )
  })

  it('F9: a cut gives every alert that changed, as it was then, once, and the next cut nothing that did not change since', () => {
    fc.assert(
      fc.property(steps, steps, fc.integer({ min: 1, max: 3 }), (before, after, limit) => {
        const filter = fresh()
        const seen = new Set<string>()
        const entries = entriesOf([...before, ...after])
        for (const entry of entries.slice(0, before.length)) for (const id of idsIn(filter.fold(entry))) seen.add(id)
        const then = new Map([...seen].map((id) => [id, structuredClone(filter.alert(id))]))
        const cut = filter.beginCheckpoint()
        const changedSince = new Set<string>()
        const rows: ReturnType<CheckpointCut['next']> = []
        for (const entry of entries.slice(before.length)) {
          rows.push(...cut.next(limit))
          for (const id of idsIn(filter.fold(entry))) changedSince.add(id)
        }
        for (let slice = cut.next(limit); slice.length > 0; slice = cut.next(limit)) rows.push(...slice)
        const last = new Map(rows.map((row) => [row.alert.id, row]))
        for (const [id, alert] of then) {
          if (alert === undefined) expect(last.get(id)?.live ?? false).toBe(false)
          else expect(last.get(id)).toEqual({ alert, live: true })
        }
        const next = filter.beginCheckpoint().next(Number.POSITIVE_INFINITY)
        if (after.length === 0) expect(next).toEqual([])
        for (const id of changedSince) expect(next.map(({ alert }) => alert.id)).toContain(id)
      }),
    )
  })

  it('F9: one cut at a time', () => {
    const filter = fresh()
    for (const entry of entriesOf(fc.sample(steps, { numRuns: 1, seed: 7 })[0] ?? [])) filter.fold(entry)
    const first = filter.beginCheckpoint()
    expect(() => filter.beginCheckpoint()).toThrow(TypeError)
    const rows = first.next(Number.POSITIVE_INFINITY)
    first.abandon()
    const second = filter.beginCheckpoint()
    expect(() => first.abandon()).toThrow(TypeError)
    expect(second.next(Number.POSITIVE_INFINITY)).toEqual(rows)
  })

  it('F8, Q6: the effects, applied in order, tell of the same firing alerts as the filter, save those held back, at most one of a type per incident and entry', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        const told = new Map<string, Set<string>>()
        const seen = new Set<string>()
        for (const entry of entriesOf(plan)) {
          const folded = filter.fold(entry)
          for (const id of idsIn(folded)) seen.add(id)
          const kinds = folded.effects.map(({ type, incidentId }) => `${type} ${incidentId}`)
          expect(new Set(kinds).size).toBe(kinds.length)
          for (const effect of folded.effects) apply(effect, told)
          for (const id of seen) {
            const alert = filter.alert(id)
            const where = [...told].flatMap(([incidentId, firing]) => (firing.has(id) ? [incidentId] : []))
            const isTold = alert?.status === 'firing' && alert.heldBack === undefined && alert.incidentId !== null
            expect(where).toEqual(isTold ? [alert.incidentId] : [])
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('Q1, Q4, Q6: every firing alert says which silences are in force for it, and is held back by nothing else', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        const spans = new Map<string, SilenceSpan>()
        let now = 0
        for (const entry of entriesOf(plan)) {
          if (entry.kind === 'silence') for (const span of entry.silences) spans.set(span.id, span)
          filter.fold(entry)
          // What an incident went through is no instant at which silences begin or end.
          if (entry.kind !== 'incident') now = entry.at
          let held = 0
          for (const alert of filter.alerts()) {
            const ids = [...spans.values()]
              .filter((span) => silenceStateOf(span, now) === 'active')
              .filter(({ matchers }) => silences(matchers.map(compileMatcher), alert))
              .map(({ id }) => id)
            const expected = alert.status === 'firing' && ids.length > 0 ? ids.sort() : undefined
            expect(alert.silencedBy).toEqual(expected)
            for (const id of expected ?? []) expect(filter.silencedBy(id)).toBeGreaterThan(0)
            if (alert.heldBack === undefined) continue
            held++
            expect(alert.status).toBe('firing')
            if (expected === undefined) expect(alert.expiresAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(now)
          }
          expect(filter.size().held).toBe(held)
          const next = [...spans.values()].flatMap(
            ({ startsAt, endsAt }) => [startsAt, endsAt, endsAt + silenceKeptMs].find((due) => due > now) ?? [],
          )
          expect(filter.nextSilenceAt()).toBe(next.length === 0 ? null : Math.min(...next))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('F7: after a tick nothing that fires is due, and nextDueAt is the earliest expiry', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        const seen = new Set<string>()
        for (const entry of entriesOf(plan)) {
          for (const id of idsIn(filter.fold(entry))) seen.add(id)
          const expiries = [...seen].flatMap((id) => {
            const alert = filter.alert(id)
            return alert?.status === 'firing' && alert.expiresAt !== null ? [alert.expiresAt] : []
          })
          const next = Math.min(...expiries, filter.nextSilenceAt() ?? Number.POSITIVE_INFINITY)
          expect(filter.nextDueAt()).toBe(Number.isFinite(next) ? next : null)
          if (entry.kind === 'tick' && entry.sparing !== true)
            expect(filter.nextDueAt() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(entry.at)
          if (entry.kind !== 'incident')
            expect(filter.nextSilenceAt() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(entry.at)
          expect(filter.size().firing).toBe([...seen].filter((id) => filter.alert(id)?.status === 'firing').length)
        }
      }),
    )
  })
})

/** The fold keeps references to labels; each filter gets its own, so that neither can lean on the other. */
function structuredCloneable(entry: FilterEntry): FilterEntry {
  return entry.kind === 'request' ? { ...entry, events: structuredClone(entry.events) } : entry
}

function apply(effect: Effect, told: Map<string, Set<string>>): void {
  const firing = told.get(effect.incidentId) ?? new Set()
  told.set(effect.incidentId, firing)
  for (const id of effect.alerts) {
    if (effect.type === 'resolve') firing.delete(id)
    else firing.add(id)
  }
}
