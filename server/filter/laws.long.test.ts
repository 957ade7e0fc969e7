import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '#shared/alert.ts'
import { builtInPolicy, type Policy } from '#shared/policy.ts'
import { makeFilter } from './index.ts'
import { entriesOf, fresh, occurrences, steps } from './laws.fixture.ts'
import type { CheckpointCut, Effect, Filter, FilterEntry, Folded } from './port.ts'

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
      occurrences,
    })
    for (const entry of this.#tail) this.filter.fold(structuredCloneable(entry))
  }
}

function picture(filter: Filter, seen: ReadonlySet<string>) {
  const alerts = [...seen].sort().flatMap((id) => filter.alert(id) ?? [])
  const numbered = Array.from({ length: 20 }, (_, index) => `INC-${1001 + index}`)
  const incidents = [...new Set([...numbered, ...alerts.flatMap(({ incidentId }) => incidentId ?? [])])]
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
    storms: filter.storms(),
    silences: filter.silences().map((span) => ({ ...span, firing: filter.silencedBy(span.id) })),
    windows: filter.windows().map((window) => ({ ...window, firing: filter.silencedBy(window.id) })),
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
      { numRuns: 200 },
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

  it('F8, Q6: the effects, applied in order, tell of the same firing alerts as the filter, save those held back, at most one of a type per incident and entry between merges', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        const told = new Map<string, Set<string>>()
        const seen = new Set<string>()
        for (const entry of entriesOf(plan)) {
          const folded = filter.fold(entry)
          for (const id of idsIn(folded)) seen.add(id)
          let merges = 0
          const kinds = folded.effects.map(({ type, incidentId }) => {
            if (type === 'merge' || type === 'identify') merges++
            return `${type} ${incidentId} ${merges}`
          })
          expect(new Set(kinds).size).toBe(kinds.length)
          for (const effect of folded.effects) apply(effect, told)
          moveBy(entry, told, filter)
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

  it('F7: after a tick nothing that fires is due, and nextDueAt is the earliest expiry', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        const seen = new Set<string>()
        let waitingSince: number | null = null
        for (const entry of entriesOf(plan)) {
          for (const id of idsIn(filter.fold(entry))) seen.add(id)
          // What a restriction let go waits for the next entry.
          const isWaiting = [...filter.alerts()].some((alert) => isFree(alert, entry.at))
          waitingSince = entry.kind === 'incident' && isWaiting ? (waitingSince ?? entry.at) : null
          const expiries = [...seen].flatMap((id) => {
            const alert = filter.alert(id)
            if (alert?.status !== 'firing') return []
            return [alert.expiresAt ?? [], alert.flaps?.until ?? []].flat()
          })
          const storms = filter.storms().map(({ nextAt }) => nextAt)
          if (waitingSince !== null) expect(filter.nextSilenceAt()).toBeLessThanOrEqual(waitingSince)
          const next = Math.min(...expiries, ...storms, filter.nextSilenceAt() ?? Number.POSITIVE_INFINITY)
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

/** It is held back, and nothing holds it back any more; it is not taken to have ended either. */
function isFree({ status, heldBack, silencedBy, inhibitedBy, flaps, shedBy, expiresAt }: Alert, at: number): boolean {
  const marks = [silencedBy, inhibitedBy, flaps?.until, shedBy]
  return (
    status === 'firing' &&
    heldBack !== undefined &&
    marks.every((mark) => mark === undefined) &&
    (expiresAt ?? Number.POSITIVE_INFINITY) > at
  )
}

/** What people move, no effect tells of: they know. */
function moveBy(entry: FilterEntry, told: Map<string, Set<string>>, filter: Filter): void {
  if (entry.kind !== 'incident' || (entry.mergedInto === undefined && entry.parted === undefined)) return
  const { incidentId, mergedInto, parted } = entry
  const to = mergedInto ?? parted?.to ?? ''
  for (const id of [...(told.get(incidentId) ?? [])]) {
    if (filter.alert(id)?.incidentId !== to) continue
    told.get(incidentId)?.delete(id)
    told.set(to, (told.get(to) ?? new Set()).add(id))
  }
}

function apply(effect: Effect, told: Map<string, Set<string>>): void {
  const firing = told.get(effect.incidentId) ?? new Set()
  told.set(effect.incidentId, firing)
  if (effect.type === 'identify') return
  if (effect.type === 'merge') {
    const into = told.get(effect.into) ?? new Set()
    told.set(effect.into, into)
    for (const id of firing) into.add(id)
    firing.clear()
    return
  }
  for (const id of effect.alerts) {
    if (effect.type === 'resolve') firing.delete(id)
    else firing.add(id)
  }
}
