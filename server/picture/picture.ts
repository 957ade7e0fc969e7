import { type Clock, hourMs, minuteMs } from '#shared/clocks.ts'
import { isOfDrill } from '#shared/drill.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { type Incident, isOpen } from '#shared/incident/state.ts'
import { leadTimeOf } from '#shared/lead-time.ts'
import type { Decision, LedgerRow, Outcome } from '#shared/outcome.ts'
import type { IncidentView, Notice, Summary } from '#shared/wire.ts'
import type { Filter } from '../filter/port.ts'
import type { IncidentFilter, Reader } from '../store/port.ts'
import { leadTimeView } from './lead-time.ts'
import { newestAlerts } from './newest.ts'
import { noticesOf } from './notices.ts'
import { alertsShown, type IncidentHead, type Picture } from './port.ts'
import { type HourBook, makeHourBook } from './sources.ts'
import {
  alertView,
  evidenceView,
  factView,
  iso,
  type Names,
  personRef,
  reasonView,
  summaryOf,
  taskView,
  vitalsView,
} from './views.ts'

export interface PictureParts {
  read: Reader
  clock: Clock
  filter: () => Filter
  names: Names
  sources: () => readonly { id: string; name: string; kind: string }[]
  runbookOf: (service: string | null) => string | null
}

/** Resolved incidents stay on the board so long, so that everybody sees how it ended. */
const shownAfterEndMs = hourMs
/** Repeats of known alerts change a card at most once in so long. */
export const repeatsToldEveryMs = 1000
/** Changes remembered for clients that come back; older ones get a snapshot. */
const rememberedChanges = 4096

interface Change {
  seq: number
  ids: ReadonlySet<string>
  notices: readonly Notice[]
  receivedAt: number | null
}

/** What became durable, as the command room reports it. */
export interface Shown {
  facts: readonly RecordedFact[]
  incidents: ReadonlyMap<string, Incident>
  touched: ReadonlySet<string>
  receivedAt: number | null
  intakes: readonly {
    sourceId: string
    at: number
    accepted: number
    counts: Partial<Record<Outcome, number>>
    again?: boolean
  }[]
}

export interface LivePicture extends Picture {
  apply(shown: Shown): void
  /** Makes everything again, at a start and after a failed commit. */
  reset(incidents: Iterable<Incident>, ledger: readonly LedgerRow[]): void
  /** Takes long-ended incidents off the board and releases repeats that waited for their second. Called by a poll. */
  sweep(): void
  durable(incidentId: string): Incident | undefined
  /** On the board; exercises are shown there, and counted nowhere else. */
  size(): { shown: number; open: number; unowned: number; offered: number }
  /** Events of this outcome in each of the last sixty minutes, of all sources; as `minutes`. */
  outcomeMinutes(outcome: Outcome): number[]
}

export function makePicture(parts: PictureParts): LivePicture {
  const { read, clock, filter, names } = parts
  let incidents = new Map<string, Incident>()
  /** Ids on the board. */
  let shown = new Set<string>()
  let cache = new Map<string, Summary>()
  let hour: HourBook = makeHourBook([])
  // A restart must never give out a seq that an earlier run gave out for something else.
  let seq = clock.now() * 1000
  let changes: Change[] = []
  let forgottenBefore = seq
  const waiting = new Set<string>()
  let releasedAt = 0
  let tidiedAt = 0
  const listeners = new Set<(change: { incidentIds: ReadonlySet<string>; facts: readonly RecordedFact[] }) => void>()

  function belongs(incident: Incident, now: number): boolean {
    if (isOpen(incident.phase)) return true
    const ended = incident.phase === 'resolved' || incident.phase === 'review'
    return ended && now - (incident.resolvedAt ?? 0) < shownAfterEndMs
  }

  function remember(
    ids: ReadonlySet<string>,
    notices: readonly Notice[],
    receivedAt: number | null,
    facts: readonly RecordedFact[],
  ): void {
    seq++
    changes.push({ seq, ids, notices, receivedAt })
    if (changes.length > rememberedChanges) {
      const dropped = changes.splice(0, changes.length - rememberedChanges / 2)
      forgottenBefore = dropped.at(-1)?.seq ?? forgottenBefore
    }
    for (const listener of listeners) listener({ incidentIds: ids, facts })
  }

  function summaryNow(incident: Incident): Summary {
    let summary = cache.get(incident.id)
    if (summary === undefined) {
      summary = summaryOf(incident, filter().vitalsOf(incident.id), names)
      cache.set(incident.id, summary)
    }
    return summary
  }

  function touch(id: string): void {
    cache.delete(id)
    const incident = incidents.get(id)
    if (incident !== undefined && belongs(incident, clock.now())) shown.add(id)
    else shown.delete(id)
  }

  function headOf(incident: Incident): IncidentHead {
    const update = incident.lastUpdate
    return {
      summary: summaryOf(incident, filter().vitalsOf(incident.id), names),
      brief: incident.brief,
      offerBrief: incident.offer?.brief ?? null,
      offerChanged: [...(incident.offer?.changed ?? [])],
      lastUpdate:
        update === null
          ? null
          : {
              text: update.text,
              at: iso(update.at),
              by: personRef(update.by.slice(update.by.indexOf(':') + 1), names),
            },
      runbook: parts.runbookOf(incident.service),
      tasks: (incident.tasks ?? []).map((task) => taskView(task, names)),
      evidence: (incident.evidence ?? []).map((one) => evidenceView(one, names)),
    }
  }

  async function known(incidentId: string): Promise<Incident | null> {
    return incidents.get(incidentId) ?? (await read.incident(incidentId))
  }

  /** Alerts the filter still knows, then those it has forgotten: firing first, newest first. */
  async function alertsOf(incidentId: string) {
    const live = filter().alertsOf(incidentId)
    const ids = new Set(live.map((alert) => alert.id))
    const stored = live.length >= alertsShown ? [] : await read.alertsOf(incidentId, alertsShown)
    // An alert that went to another incident may still be written down here.
    const elsewhere = (id: string): boolean => (filter().alert(id)?.incidentId ?? incidentId) !== incidentId
    const others = stored.filter(({ id }) => !ids.has(id) && !elsewhere(id))
    return newestAlerts([...live, ...others], alertsShown)
  }

  const picture: LivePicture = {
    apply({ facts, incidents: changed, touched, receivedAt, intakes }) {
      for (const { sourceId, at, accepted, counts, again } of intakes)
        hour.add(sourceId, at, accepted, counts, again !== true)
      for (const id of touched) waiting.add(id)
      if (facts.length === 0) return
      for (const [id, incident] of changed) {
        incidents.set(id, incident)
        touch(id)
      }
      remember(
        new Set(changed.keys()),
        noticesOf(facts, names, (id) => incidents.get(id)?.drill === true),
        receivedAt,
        facts,
      )
    },

    reset(all, ledger) {
      incidents = new Map([...all].map((incident) => [incident.id, incident]))
      const now = clock.now()
      shown = new Set(
        [...incidents.values()].filter((incident) => belongs(incident, now)).map((incident) => incident.id),
      )
      cache = new Map()
      hour = makeHourBook(ledger)
      changes = []
      seq = Math.max(seq + 1, now * 1000)
      forgottenBefore = seq
      waiting.clear()
      for (const listener of listeners) listener({ incidentIds: new Set(shown), facts: [] })
    },

    sweep() {
      const now = clock.now()
      const ids = new Set<string>()
      // Elapsed as well when the clock was set back: nobody waits for it to catch up.
      const elapsed = (since: number, ms: number) => now < since || now - since >= ms
      if (waiting.size > 0 && elapsed(releasedAt, repeatsToldEveryMs)) {
        releasedAt = now
        for (const id of waiting) if (shown.has(id)) ids.add(id)
        waiting.clear()
      }
      for (const id of shown) {
        const incident = incidents.get(id)
        if (incident !== undefined && !belongs(incident, now)) ids.add(id)
      }
      if (elapsed(tidiedAt, minuteMs)) {
        tidiedAt = now
        for (const [id, incident] of incidents)
          if (!isOpen(incident.phase) && now - (incident.resolvedAt ?? 0) >= shownAfterEndMs) incidents.delete(id)
      }
      if (ids.size === 0) return
      for (const id of ids) touch(id)
      remember(ids, [], null, [])
    },

    seq: () => seq,
    durable: (incidentId) => incidents.get(incidentId),
    size() {
      let open = 0
      let unowned = 0
      let offered = 0
      for (const id of shown) {
        const incident = incidents.get(id)
        if (incident === undefined || !isOpen(incident.phase) || incident.drill) continue
        open++
        if (incident.owner === null) unowned++
        if (incident.offer !== null) offered++
      }
      return { shown: shown.size, open, unowned, offered }
    },

    figures: () => ({
      sources: parts
        .sources()
        .filter(({ id }) => !isOfDrill(id))
        .flatMap((source) => picture.vitals(source.id) ?? []),
      ledger: { sinceMs: hourMs, ...hour.sum(clock.now()) },
      heldBack: filter().size().held,
    }),
    board() {
      const list = [...shown].flatMap((id) => incidents.get(id) ?? []).map(summaryNow)
      return { seq, incidents: list, ...picture.figures() }
    },
    summary(incidentId) {
      const incident = incidents.get(incidentId)
      return incident === undefined ? undefined : summaryNow(incident)
    },

    head(incidentId) {
      const incident = incidents.get(incidentId)
      return incident === undefined ? undefined : headOf(incident)
    },
    liveAlerts: (incidentId) =>
      newestAlerts(filter().alertsOf(incidentId), alertsShown).map((alert) => alertView(alert, names)),

    homeOf: (alertId) => filter().alert(alertId)?.incidentId,

    async incident(incidentId): Promise<IncidentView | null> {
      const [facts, alerts] = await Promise.all([read.factsOf(incidentId), alertsOf(incidentId)])
      const incident = await known(incidentId)
      if (incident === null) return null
      return {
        ...headOf(incident),
        description: facts[0]?.type === 'declared' ? facts[0].description : '',
        // The store may be a moment ahead of the picture; what it shows is what was told.
        facts: facts.filter((fact) => fact.version <= incident.version).map((fact) => factView(fact, names)),
        alerts: alerts.map((alert) => alertView(alert, names)),
      }
    },

    async list(query: IncidentFilter) {
      const found = await read.incidents(query)
      const summaries = found.map((incident) => {
        const newest = incidents.get(incident.id)
        return summaryOf(newest ?? incident, filter().vitalsOf(incident.id), names)
      })
      const last = found.at(-1)
      return {
        incidents: summaries,
        next: found.length < query.limit || last === undefined ? null : String(last.declaredSeq),
      }
    },

    async facts(incidentId, afterVersion) {
      if ((await known(incidentId)) === null) return null
      return (await read.factsOf(incidentId, afterVersion)).map((fact) => factView(fact, names))
    },
    async alerts(incidentId) {
      if ((await known(incidentId)) === null) return null
      return (await alertsOf(incidentId)).map((alert) => alertView(alert, names))
    },
    async leadTime(incidentId) {
      const facts = await read.factsOf(incidentId)
      const incident = await known(incidentId)
      if (incident === null) return null
      const told = facts.filter((fact) => fact.version <= incident.version)
      const lead = leadTimeOf(told, clock.now())
      return lead && leadTimeView(lead, isOpen(incident.phase), names)
    },
    async why(incidentId) {
      if ((await known(incidentId)) === null) return null
      const [alerts, decisions] = await Promise.all([alertsOf(incidentId), read.decisionsOf(incidentId, 5000)])
      const byAlert = Map.groupBy(decisions, (decision: Decision) => decision.alertId)
      const ofIncident = new Map(alerts.map((alert) => [alert.id, alert]))
      return [...byAlert].map(([alertId, own]) => {
        const alert = (alertId === null ? null : ofIncident.get(alertId)) ?? null
        return {
          alert: alert && alertView(alert, names),
          decisions: own.map((decision) => ({ ...decision, reason: reasonView(decision.reason, alert) })),
        }
      })
    },

    ledger: (sinceMinute) => read.ledger(sinceMinute),
    vitals(sourceId) {
      const source = parts.sources().find((each) => each.id === sourceId)
      if (source === undefined) return undefined
      return vitalsView(source, hour.heardAt(sourceId), hour.perMinute(sourceId, clock.now()), hour.cadenceMs(sourceId))
    },
    lastHour(sourceId) {
      return hour.sum(clock.now(), sourceId)
    },
    minutes: (sourceId) => hour.minutes(sourceId, clock.now()),
    outcomeMinutes: (outcome) => hour.outcomeMinutes(outcome, clock.now()),
    expected(sourceId) {
      const { watches } = filter()
      return { silentSince: watches.silentSince(sourceId), by: watches.expectedBy(sourceId) }
    },
    firingOf(sourceId) {
      let alerts = 0
      const inside = new Set<string>()
      for (const alert of isOfDrill(sourceId) ? filter().drillAlerts() : filter().alerts()) {
        if (alert.sourceId !== sourceId || alert.status !== 'firing') continue
        alerts++
        if (alert.incidentId !== null) inside.add(alert.incidentId)
      }
      const open = [...inside].flatMap((id) => incidents.get(id) ?? []).filter(({ phase }) => isOpen(phase))
      const newest = open.sort((a, b) => b.declaredAt - a.declaredAt).slice(0, 10)
      return { alerts, incidents: newest.map(({ id, title }) => ({ id, title })) }
    },
    nameOf: names.person,
    factView: (fact) => factView(fact, names),

    since(after) {
      if (after > seq || after < forgottenBefore) return null
      const ids = new Set<string>()
      const notices: Notice[] = []
      let receivedAt: number | null = null
      for (let index = changes.length - 1; index >= 0; index--) {
        const change = changes[index]
        if (change === undefined || change.seq <= after) break
        for (const id of change.ids) ids.add(id)
        notices.unshift(...change.notices)
        if (change.receivedAt !== null) receivedAt = Math.min(receivedAt ?? change.receivedAt, change.receivedAt)
      }
      const upsert: Summary[] = []
      const remove: string[] = []
      for (const id of ids) {
        const incident = incidents.get(id)
        if (incident !== undefined && shown.has(id)) upsert.push(summaryNow(incident))
        else remove.push(id)
      }
      return { upsert, remove, notices, receivedAt }
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return picture
}
