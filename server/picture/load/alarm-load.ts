import type { Actor } from '#shared/access.ts'
import {
  type Alarm,
  ChatterWatch,
  countsIn,
  floodPeriods,
  type LoadSpan,
  linesBy,
  loadOf,
  loadSpans,
  standingAfterMs,
  tenMinutesMs,
} from '#shared/alarm-load.ts'
import type { Alert } from '#shared/alert.ts'
import { type Clock, hourMs, secondMs } from '#shared/clocks.ts'
import type { FactType, RecordedFact } from '#shared/incident/facts.ts'
import { sightOf } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Filter } from '../../filter/port.ts'
import type { Reader } from '../../store/port.ts'
import type { AlarmLoadPicture, LoadOf } from '../port.ts'
import { alertName, type Known, knownFrom, replayed } from './known.ts'

/** Facts are read back so far, and so many at most, of a house that was busier the newest. */
const keptMs = loadSpans['7d']
const factsKept = 100_000
/** Incidents that began before: so many are looked up for their team, tier and owner. */
const olderLookedUp = 500
/** Incidents whose first alert the filter has forgotten: so many are looked up for its name. */
const namesLookedUp = 2000
const listed = 50
/** All alerts are looked at for what stands and what is damped, at most once in so long. */
const lookedEveryMs = 5 * secondMs

const types: readonly FactType[] = [
  'declared',
  'alerts-attached',
  'claimed',
  'accepted',
  'taken-over',
  'released',
  'reopened',
  'classified',
  'identified',
  'alerts-moved-in',
  'unmerged',
]

interface Chatter {
  alertId: string
  incidentId: string
  at: number
  times: number
}

export interface LiveAlarmLoad extends AlarmLoadPicture {
  apply(facts: readonly RecordedFact[]): void
  /** Makes everything again from the journal, at a start and after a failed commit. */
  reset(): Promise<void>
}

export interface AlarmLoadParts {
  read: Reader
  clock: Clock
  filter: () => Pick<Filter, 'alert' | 'alerts'>
  incident: (id: string) => Incident | undefined
  /** Whether an incident is there for this actor (rule RS1). */
  sees: (actor: Actor | null, incidentId: string) => boolean
}

/** How often people are asked for something, from the facts of the last seven days. Disposable, and kept nowhere else. */
export function makeAlarmLoad({ read, clock, filter, incident, sees }: AlarmLoadParts): LiveAlarmLoad {
  let alarms: Alarm[] = []
  let known = new Map<string, Known>()
  let chatter = new Map<string, Chatter>()
  let watch = new ChatterWatch()
  /** Names of alerts that the filter has forgotten. */
  let names = new Map<string, string>()
  /** When the house began, or what is known of it. */
  let bornAt: number | null = null
  let filled: Promise<void> = Promise.resolve()
  /** Seq of the newest fact that was read from the journal. */
  let readTo = 0
  /** What became durable while the journal is read. */
  let meanwhile: RecordedFact[] | null = null
  let looked: { at: number; standing: Alert[]; damped: Set<string> } | null = null

  function ring(of: Known, alarm: Omit<Alarm, 'team' | 'person'>): Alarm {
    const placed: Alarm = { ...alarm, team: of.team, person: of.owner }
    alarms.push(placed)
    if (of.owner === null) of.unanswered.push(placed)
    bornAt = Math.min(bornAt ?? alarm.at, alarm.at)
    return placed
  }

  function takeBack(of: Known): void {
    const { opening } = of
    alarms = alarms.filter((alarm) => alarm !== opening)
    of.unanswered = of.unanswered.filter((alarm) => alarm !== opening)
    of.opening = null
  }

  function nameOf(alertId: string): string | null {
    const alert = filter().alert(alertId)
    return alert === undefined ? (names.get(alertId) ?? null) : alertName(alert)
  }

  function knownOf(fact: RecordedFact): Known {
    let of = known.get(fact.incidentId)
    if (of === undefined) {
      // It began before what is known here. As it is now is near enough for an incident that was quiet for so long.
      const now = incident(fact.incidentId)
      of = knownFrom(now ?? null)
      known.set(fact.incidentId, of)
    }
    return of
  }

  function take(fact: RecordedFact): void {
    const { at, incidentId } = fact
    if (fact.type === 'declared') {
      const isOurs = fact.by.startsWith('system:')
      const of: Known = {
        team: fact.team,
        drill: fact.drill,
        tier1: fact.tier === 1,
        owner: null,
        what: isOurs ? fact.title : 'Declared by hand',
        rule: fact.tierRule ?? '',
        opening: null,
        unanswered: [],
      }
      known.set(incidentId, of)
      if (fact.drill) return
      const { what, rule } = of
      of.opening = ring(of, { at, count: 1, kind: 'opened', incidentId, what, rule })
      return
    }
    const of = knownOf(fact)
    if (of.drill) return
    switch (fact.type) {
      case 'alerts-attached':
        attached(of, fact)
        return
      case 'reopened':
        of.owner = null
        ring(of, { at, count: 1, kind: 'reopened', incidentId, what: of.what, rule: of.rule })
        return
      case 'classified':
        of.tier1 = fact.tier === 1
        return
      case 'identified':
        of.tier1 = fact.tier === 1
        of.team = fact.team
        return
      case 'alerts-moved-in':
        // Split off: what is in it had asked before.
        if (fact.why === 'split') takeBack(of)
        return
      case 'unmerged':
        of.owner = fact.owner
        return
      case 'claimed':
      case 'accepted':
      case 'taken-over': {
        const person = fact.by.slice(fact.by.indexOf(':') + 1)
        of.owner = person
        for (const alarm of of.unanswered) alarm.person = person
        of.unanswered = []
        return
      }
      case 'released':
        of.owner = null
        return
    }
  }

  function attached(of: Known, fact: Extract<RecordedFact, { type: 'alerts-attached' }>): void {
    const { at, incidentId, alerts, rule } = fact
    for (const alertId of alerts) {
      if (!watch.fired(alertId, at)) continue
      chatter.set(alertId, { alertId, incidentId, at, times: (chatter.get(alertId)?.times ?? 0) + 1 })
    }
    const first = alerts[0]
    if (of.opening !== null && first !== undefined && fact.by.startsWith('system:')) {
      of.what = nameOf(first) ?? of.what
      of.opening.what = of.what
      of.opening = null
      return
    }
    if (!of.tier1 || rule === 'refired') return
    const byName = Map.groupBy(alerts, (alertId) => nameOf(alertId) ?? of.what)
    for (const [what, { length }] of byName) ring(of, { at, count: length, kind: 'joined', incidentId, what, rule })
  }

  function forget(now: number): void {
    const from = now - keptMs
    if ((alarms[0]?.at ?? now) >= from - hourMs) return
    alarms = alarms.filter(({ at }) => at >= from)
    for (const [id, { at }] of chatter) if (at < from) chatter.delete(id)
    const rung = new Set(alarms.map(({ incidentId }) => incidentId))
    for (const id of known.keys()) if (!rung.has(id)) known.delete(id)
  }

  async function fill(): Promise<void> {
    meanwhile = []
    try {
      await refill()
    } finally {
      const late: RecordedFact[] = meanwhile
      meanwhile = null
      for (const fact of late) if (fact.seq > readTo) take(fact)
    }
  }

  async function refill(): Promise<void> {
    const since = clock.now() - keptMs
    const [facts, audit] = await Promise.all([read.factsSince(since, types, factsKept), read.audit(0, 1)])
    const seeds = await olderThan(facts)
    const forgotten = await forgottenNames(facts)
    alarms = []
    known = seeds
    chatter = new Map()
    watch = new ChatterWatch()
    names = forgotten
    looked = null
    // The audit begins with the house. Of one that is busier than can be kept, what is kept begins with its first fact.
    bornAt = (facts.length < factsKept ? audit[0]?.at : facts[0]?.at) ?? null
    for (const fact of facts) take(fact)
    readTo = facts.at(-1)?.seq ?? 0
  }

  /** Incidents of these facts that began before them, as they were when the first of the facts came. */
  async function olderThan(facts: readonly RecordedFact[]): Promise<Map<string, Known>> {
    const first = new Map<string, RecordedFact>()
    for (const fact of facts) if (!first.has(fact.incidentId)) first.set(fact.incidentId, fact)
    const older = [...first.values()].filter(({ type }) => type !== 'declared').slice(-olderLookedUp)
    const found = new Map<string, Known>()
    for (const { incidentId, version } of older) {
      const before = (await read.factsOf(incidentId)).filter((fact) => fact.version < version)
      const now = incident(incidentId) ?? (await read.incident(incidentId))
      found.set(incidentId, before.length === 0 ? knownFrom(now) : replayed(before))
    }
    return found
  }

  /** Names of the alerts that opened incidents, where the filter does not know them any more. */
  async function forgottenNames(facts: readonly RecordedFact[]): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const asked = new Set<string>()
    for (const fact of facts.toReversed()) {
      if (fact.type !== 'alerts-attached' || asked.size >= namesLookedUp || asked.has(fact.incidentId)) continue
      if (fact.alerts.every((id) => filter().alert(id) !== undefined)) continue
      asked.add(fact.incidentId)
      for (const alert of await read.alertsOf(fact.incidentId, listed)) found.set(alert.id, alertName(alert))
    }
    return found
  }

  /** What fires for longer than a day in an incident and nothing holds back, oldest first; and what is damped. */
  function look(now: number): { standing: Alert[]; damped: Set<string> } {
    if (looked !== null && now >= looked.at && now - looked.at < lookedEveryMs) return looked
    const standing: Alert[] = []
    const damped = new Set<string>()
    for (const alert of filter().alerts()) {
      if (alert.status !== 'firing') continue
      if (alert.flaps?.until !== undefined) damped.add(alert.id)
      const held = alert.heldBack !== undefined || alert.silencedBy !== undefined
      if (!held && alert.incidentId !== null && now - alert.startsAt > standingAfterMs) standing.push(alert)
    }
    standing.sort((a, b) => a.startsAt - b.startsAt)
    looked = { at: now, standing, damped }
    return looked
  }

  function isOf(of: LoadOf, incidentId: string | null): boolean {
    if (of.kind === 'everybody') return true
    const found = incidentId === null ? undefined : (known.get(incidentId) ?? incident(incidentId))
    return of.kind === 'team' ? found?.team === of.id : found?.owner === of.id
  }

  return {
    apply(facts) {
      if (meanwhile !== null) meanwhile.push(...facts)
      else for (const fact of facts) take(fact)
      forget(clock.now())
    },
    reset() {
      filled = filled.catch(() => undefined).then(fill)
      return filled
    },
    async load(of: LoadOf, span: LoadSpan, actor) {
      await filled
      const sight = sightOf(actor, sees)
      // It may have gone to another incident since.
      const isNamed = (alertId: string, incidentId: string): boolean => {
        const alert = filter().alert(alertId)
        return sight.incident(incidentId) && (alert === undefined || sight.alert(alert))
      }
      const to = clock.now()
      const from = Math.min(to, Math.max(to - loadSpans[span], bornAt ?? to))
      const own = alarms.filter(
        (alarm) =>
          (of.kind === 'everybody' || (of.kind === 'team' ? alarm.team === of.id : alarm.person === of.id)) &&
          sight.incident(alarm.incidentId),
      )
      const { standing, damped } = look(to)
      const stands = standing.filter(
        (alert) => isOf(of, alert.incidentId) && !isDrill(alert.incidentId) && sight.alert(alert),
      )
      const chatters = [...chatter.values()]
        .filter(({ at, alertId, incidentId }) => at >= from && isOf(of, incidentId) && isNamed(alertId, incidentId))
        .sort((a, b) => b.at - a.at)
      // What is damped flaps, whether or not it did so three times in a minute before people.
      const flapping = [...damped].flatMap((id) => {
        const alert = filter().alert(id)
        if (chatter.has(id) || alert === undefined || !isOf(of, alert.incidentId)) return []
        return sight.alert(alert) ? [alert] : []
      })
      const seen = { alarms: own, from, to, chattering: chatters.length + flapping.length, standing: stands.length }
      const load = loadOf(seen)
      const inside = own.filter(({ at }) => at >= from && at <= to)
      const byKind = { opened: 0, reopened: 0, joined: 0 }
      for (const { kind, count } of inside) byKind[kind] += count
      const hour = from - (from % hourMs)
      const titleOf = (id: string, incidentId: string) =>
        filter().alert(id)?.title ?? names.get(id) ?? known.get(incidentId)?.what ?? 'An alert that ended long ago'
      return {
        ...load,
        from,
        to,
        byKind,
        flood: floodPeriods(load.periods),
        periodMs: tenMinutesMs,
        hours: { start: hour, counts: countsIn(inside, hour, to + 1, hourMs) },
        chattering: [
          ...chatters.map(({ alertId, incidentId, at, times }) => ({
            alertId,
            title: titleOf(alertId, incidentId),
            incidentId,
            at,
            times,
            damped: damped.has(alertId),
          })),
          ...flapping.map(({ id, title, incidentId, flaps, startsAt }) => ({
            alertId: id,
            title,
            incidentId,
            at: flaps?.at ?? startsAt,
            times: 0,
            damped: true,
          })),
        ].slice(0, listed),
        chatteringInAll: seen.chattering,
        standing: stands.slice(0, listed).map(({ id, title, incidentId, startsAt }) => ({
          alertId: id,
          title,
          incidentId,
          since: startsAt,
        })),
        standingInAll: stands.length,
        lines:
          of.kind === 'everybody'
            ? { teams: linesBy(own, 'team', from, to), people: linesBy(own, 'person', from, to) }
            : null,
      }
    },
  }

  function isDrill(incidentId: string | null): boolean {
    return incidentId !== null && incident(incidentId)?.drill === true
  }
}
