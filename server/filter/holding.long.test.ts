import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '#shared/alert.ts'
import type { InhibitRule } from '#shared/alertmanager/inhibit.ts'
import { timetable } from '#shared/alertmanager/time-intervals.ts'
import { type CompiledMatcher, compileMatcher } from '#shared/matchers.ts'
import { builtInPolicy, type Policy } from '#shared/policy.ts'
import {
  maintenanceId,
  type SilenceSpan,
  silenceKeptMs,
  silenceLabel,
  silenceStateOf,
  silences,
} from '#shared/silence.ts'
import { entriesOf, fresh, occurrences, steps } from './laws.fixture.ts'

describe('laws of holding back', () => {
  it('Q1, Q4, Q6, Q9, MW1: every firing alert says which silences and windows are in force for it, and is held back by nothing else', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        const spans = new Map<string, SilenceSpan>()
        let policy = builtInPolicy
        let now = 0
        let waitingSince: number | null = null
        for (const entry of entriesOf(plan)) {
          if (entry.kind === 'silence') for (const span of entry.silences) spans.set(span.id, span)
          filter.fold(entry)
          if (entry.kind === 'policy') policy = entry.policy
          // What an incident went through is no instant at which silences begin or end.
          if (entry.kind !== 'incident') now = entry.at
          for (const [id, span] of spans) spans.set(id, comesAgain(span, now))
          const windows = windowsAt(policy, now)
          let held = 0
          let isWaiting = false
          for (const alert of filter.alerts()) {
            const ids = [...spans.values()]
              .filter((span) => silenceStateOf(span, now) === 'active')
              .filter(({ matchers }) => silences(matchers.map(compileMatcher), alert))
              .map(({ id }) => id)
            for (const { id, isOpen, match } of windows) if (isOpen && silences(match, alert)) ids.push(id)
            const expected = alert.status === 'firing' && ids.length > 0 ? ids.sort() : undefined
            expect(alert.silencedBy).toEqual(expected)
            for (const id of expected ?? []) expect(filter.silencedBy(id)).toBeGreaterThan(0)
            if (alert.heldBack === undefined) continue
            held++
            expect(alert.status).toBe('firing')
            if (
              expected === undefined &&
              alert.inhibitedBy === undefined &&
              alert.flaps?.until === undefined &&
              alert.shedBy === undefined
            )
              if ((alert.expiresAt ?? Number.POSITIVE_INFINITY) > entry.at)
                // Overdue is judged by the instant of the entry itself, whatever its kind. What a restriction let go waits for the next.
                isWaiting = true
          }
          waitingSince = isWaiting ? (waitingSince ?? entry.at) : null
          if (entry.kind !== 'incident') expect(isWaiting).toBe(false)
          expect(filter.size().held).toBe(held)
          const next = [...spans.values()].flatMap(
            ({ startsAt, endsAt }) => [startsAt, endsAt, endsAt + silenceKeptMs].find((due) => due > now) ?? [],
          )
          next.push(...windows.flatMap(({ turnsAt }) => turnsAt ?? []))
          if (waitingSince !== null) next.push(waitingSince)
          expect(filter.nextSilenceAt()).toBe(next.length === 0 ? null : Math.min(...next))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('D1, D2, D3: what counts against an alert is never more than its refires nor than may be forgotten in time; a damped one is let go on time', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        let policy = builtInPolicy
        for (const entry of entriesOf(plan)) {
          filter.fold(entry)
          if (entry.kind === 'policy') policy = entry.policy
          for (const { flaps, refires, status, heldBack } of filter.alerts()) {
            const rule = policy.filters.damp.find(({ name }) => name === flaps?.rule)
            if (flaps === undefined) continue
            if (rule === undefined) throw new TypeError('it is damped by a rule that is none')
            expect(flaps.penalty).toBeLessThanOrEqual(refires)
            if (flaps.until === undefined) continue
            expect(flaps.until - flaps.at).toBeLessThanOrEqual(rule.longest + 1)
            if (status !== 'firing' || entry.kind === 'incident') continue
            expect(heldBack).toBeDefined()
            expect(flaps.until).toBeGreaterThan(entry.at)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('S1, S2, S3: an alert is shed only while a storm of its source is on, and each that was shed is counted there', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        let shed = 0
        for (const entry of entriesOf(plan)) {
          const { counts } = filter.fold(entry)
          const storm = filter.storms()[0]
          shed = storm === undefined ? 0 : shed + (counts.shed ?? 0)
          for (const { shedBy, status, heldBack } of filter.alerts()) {
            if (shedBy === undefined) continue
            expect([status, storm?.rule]).toEqual(['firing', shedBy])
            expect(heldBack).toBeDefined()
          }
          if (storm === undefined) continue
          expect(storm.shed).toBeLessThanOrEqual(shed)
          if (entry.kind !== 'incident') expect(storm.nextAt).toBeGreaterThan(entry.at)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('I1, I2, I5: a firing alert is inhibited exactly while an alert of a source side fires, by one of them, and by the same until that ends', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        let policy = builtInPolicy
        let before = new Map<string, { inhibitedBy: Alert['inhibitedBy']; refires: number }>()
        for (const entry of entriesOf(plan)) {
          filter.fold(entry)
          // Within a request with several events, or while alerts of an incident are restricted, anything may have been otherwise in between.
          const isOther =
            (entry.kind === 'policy' && entry.policy !== policy) ||
            (entry.kind === 'incident' && 'restricted' in entry) ||
            (entry.kind === 'request' && entry.events.length > 1)
          if (entry.kind === 'policy') policy = entry.policy
          const firing = [...filter.alerts()].filter(({ status }) => status === 'firing')
          for (const alert of firing) {
            const causes = causesOf(alert, firing, policy)
            if (causes.length === 0) expect(alert.inhibitedBy).toBeUndefined()
            else expect(causes).toContainEqual(alert.inhibitedBy)
            const was = before.get(alert.id)?.inhibitedBy
            const fireOn = [alert.id, was?.by ?? ''].every(
              (id) => filter.alert(id)?.refires === before.get(id)?.refires,
            )
            if (!isOther && fireOn && causes.some(({ by, rule }) => by === was?.by && rule === was.rule))
              expect(alert.inhibitedBy).toEqual(was)
          }
          for (const alert of filter.alerts())
            if (alert.status === 'resolved') expect(alert.inhibitedBy).toBeUndefined()
          before = new Map(firing.map(({ id, inhibitedBy, refires }) => [id, { inhibitedBy, refires }]))
        }
      }),
      { numRuns: 300 },
    )
  })
})

/** A silence as it stands at this instant: one that has ended and comes again, at its next time. */
function comesAgain(span: SilenceSpan, now: number): SilenceSpan {
  if (span.recurs === undefined || silenceStateOf(span, now) !== 'expired') return span
  return { ...span, ...occurrences(span.recurs, now) }
}

/** Every window of the policy: whether it is open at this instant, and when that changes. */
function windowsAt({ filters, time_intervals }: Policy, now: number) {
  return filters.maintenance.map(({ name, match, intervals = [], recurs }) => {
    const id = maintenanceId(name)
    if (recurs !== undefined) {
      const { startsAt, endsAt } = occurrences(recurs, now) ?? { startsAt: now + 1, endsAt: now + 1 }
      const isOpen = startsAt <= now
      return { id, match, isOpen, turnsAt: isOpen ? endsAt : startsAt }
    }
    const all = time_intervals.flatMap((each) => (intervals.includes(each.name) ? each.time_intervals : []))
    const table = timetable(all)
    return { id, match, isOpen: table.activeAt(now), turnsAt: table.changeAfter(now) }
  })
}

/** Every rule and alert that inhibits this one, found by looking at all of them. */
function causesOf(alert: Alert, firing: readonly Alert[], { inhibit_rules, filters, services }: Policy) {
  const isOn = (side: readonly CompiledMatcher[], of: Alert) => silences(side, of)
  const leansOn = (from: string | null, to: string | null, hops: number): boolean =>
    hops > 0 &&
    services
      .filter(({ id }) => id === from)
      .some(({ depends_on }) => depends_on.some((next) => next === to || leansOn(next, to, hops - 1)))
  const rules: InhibitRule[] = [...inhibit_rules, ...filters.inhibit]
  return rules.flatMap(({ name, source, target, equal, present, hops }) => {
    if (!isOn(target, alert)) return []
    const isOnBoth = hops === undefined && isOn(source, alert)
    const isAlong = (other: Alert) =>
      hops === undefined ||
      (other.service !== alert.service &&
        leansOn(alert.service, other.service, hops) &&
        // In a circle, of whatever length, everything would be held back by something.
        !leansOn(other.service, alert.service, services.length))
    return (
      firing
        // Rule RS8.
        .filter((other) => other.restricted === alert.restricted)
        .filter((other) => isOn(source, other) && !(isOnBoth && isOn(target, other)) && isAlong(other))
        .filter((other) =>
          equal.every((label) => {
            const value = silenceLabel(alert, label)
            return value === silenceLabel(other, label) && !(present && value === '')
          }),
        )
        .map(({ id }) => ({ rule: name, by: id }))
    )
  })
}
