import type { Actor } from '#shared/access.ts'
import { type Clock, hourMs, minuteMs } from '#shared/clocks.ts'
import { isOfDrill } from '#shared/drill.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { hasRunningClock } from '#shared/incident/legal-clocks.ts'
import { isRestricted, sightOf } from '#shared/incident/restricted.ts'
import { type Incident, isOpen } from '#shared/incident/state.ts'
import { leadTimeOf } from '#shared/lead-time.ts'
import type { Decision, LedgerRow, Outcome } from '#shared/outcome.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import type { Filter } from '../filter/port.ts'
import type { IncidentFilter, Reader } from '../store/port.ts'
import { makeChanges } from './board/changes.ts'
import { clockFigures, clockView } from './board/clocks.ts'
import { noticesOf } from './board/notices.ts'
import { leadTimeView } from './lead-time.ts'
import { newestAlerts } from './newest.ts'
import { alertsShown, type IncidentHead, type Picture } from './port.ts'
import { type HourBook, makeHourBook } from './sources.ts'
import {
  alertView,
  changedView,
  evidenceView,
  factView,
  iso,
  type Names,
  personRef,
  reasonView,
  summaryOf,
  taskView,
  vitalsView,
  withoutUnnamed,
} from './views.ts'

export interface PictureParts {
  read: Reader
  clock: Clock
  filter: () => Filter
  names: Names
  sources: () => readonly { id: string; name: string; kind: string }[]
  runbookOf: (service: string | null) => string | null
  /** Whether an incident is there for this actor: only a restricted one may not be (rule RS1). */
  sees: (actor: Actor | null, incidentId: string) => boolean
}

/** Resolved incidents stay on the board so long, so that everybody sees how it ended. */
const shownAfterEndMs = hourMs
/** Repeats of known alerts change a card at most once in so long. */
export const repeatsToldEveryMs = 1000

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
  /** Deadlines of legal clocks that run, and those of them that have passed; of exercises none. */
  clocks(): { running: number; breached: number }
  /** Events of this outcome in each of the last sixty minutes, of all sources; as `minutes`. */
  outcomeMinutes(outcome: Outcome): number[]
}

export function makePicture(parts: PictureParts): LivePicture {
  const { read, clock, filter, names } = parts
  let incidents = new Map<string, Incident>()
  /** Ids on the board. */
  let shown = new Set<string>()
  /** Of these the restricted ones: few, and asked for by every client at every beat. */
  let hidden = new Set<string>()
  let cache = new Map<string, Summary>()
  let hour: HourBook = makeHourBook([])
  const changes = makeChanges(clock)
  const waiting = new Set<string>()
  let releasedAt = 0
  let tidiedAt = 0
  const listeners = new Set<(change: { incidentIds: ReadonlySet<string>; facts: readonly RecordedFact[] }) => void>()

  function belongs(incident: Incident, now: number): boolean {
    // Rule CK8: what is owed of it is on the board until it was given, whatever became of the work.
    if (isOpen(incident.phase) || hasRunningClock(incident)) return true
    const ended = incident.phase === 'resolved' || incident.phase === 'review'
    return ended && now - (incident.resolvedAt ?? 0) < shownAfterEndMs
  }

  /** Rule RS4: of what is restricted the board has nothing, not even a number that went by. */
  const isPublic = (id: string): boolean => {
    const incident = incidents.get(id)
    return incident === undefined ? parts.sees(null, id) : !isRestricted(incident)
  }

  function tell(incidentIds: ReadonlySet<string>, facts: readonly RecordedFact[]): void {
    for (const listener of listeners) listener({ incidentIds, facts })
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
    hidden.delete(id)
    if (incident === undefined || !belongs(incident, clock.now())) {
      shown.delete(id)
      return
    }
    shown.add(id)
    if (isRestricted(incident)) hidden.add(id)
  }

  function headOf(incident: Incident): IncidentHead {
    const update = incident.lastUpdate
    return {
      summary: summaryOf(incident, filter().vitalsOf(incident.id), names),
      brief: incident.brief,
      offerBrief: incident.offer?.brief ?? null,
      offerChanged: changedView(incident, names),
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
      ...(incident.clocks && { clocks: incident.clocks.map((clock) => clockView(clock, incident.id, names)) }),
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
      const [onBoard, came] = [new Set<string>(), new Set<string>()]
      for (const [id, incident] of changed) {
        if (!shown.has(id) || hidden.has(id)) came.add(id)
        // What is restricted from now on leaves the board; what never was on it changes nothing there.
        if (!isRestricted(incident) || (incidents.has(id) && isPublic(id))) onBoard.add(id)
        incidents.set(id, incident)
        touch(id)
      }
      const publicFacts = facts.filter(({ incidentId }) => isPublic(incidentId))
      changes.remember(
        onBoard,
        came,
        noticesOf(publicFacts, names, (id) => incidents.get(id)?.drill === true),
        receivedAt,
      )
      tell(new Set(changed.keys()), facts)
    },

    reset(all, ledger) {
      incidents = new Map([...all].map((incident) => [incident.id, incident]))
      const now = clock.now()
      shown = new Set(
        [...incidents.values()].filter((incident) => belongs(incident, now)).map((incident) => incident.id),
      )
      hidden = new Set([...shown].filter((id) => !isPublic(id)))
      cache = new Map()
      hour = makeHourBook(ledger)
      changes.forget()
      waiting.clear()
      tell(new Set(shown), [])
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
          if (!belongs(incident, now) && now - (incident.resolvedAt ?? 0) >= shownAfterEndMs) incidents.delete(id)
      }
      if (ids.size === 0) return
      for (const id of ids) touch(id)
      changes.remember(new Set([...ids].filter(isPublic)), new Set(), [], null)
      tell(ids, [])
    },

    seq: changes.seq,
    durable: (incidentId) => incidents.get(incidentId),
    size() {
      let open = 0
      let unowned = 0
      let offered = 0
      for (const id of shown) {
        const incident = incidents.get(id)
        if (incident === undefined || !isOpen(incident.phase) || incident.drill || isRestricted(incident)) continue
        open++
        if (incident.owner === null) unowned++
        if (incident.offer !== null) offered++
      }
      return { shown: shown.size - hidden.size, open, unowned, offered }
    },

    clocks: () => clockFigures([...incidents.values()].filter((one) => !one.drill && !isRestricted(one))),

    figures: () => ({
      sources: parts
        .sources()
        .filter(({ id }) => !isOfDrill(id))
        .flatMap((source) => picture.vitals(source.id) ?? []),
      ledger: { sinceMs: hourMs, ...hour.sum(clock.now()) },
      heldBack: filter().size().held,
    }),
    board() {
      const list = [...shown].filter((id) => !hidden.has(id)).flatMap((id) => incidents.get(id) ?? [])
      return { seq: changes.seq(), incidents: list.map(summaryNow), ...picture.figures() }
    },
    sees: parts.sees,
    restrictedFor(actor) {
      const mine = [...hidden].filter((id) => parts.sees(actor, id))
      return mine.flatMap((id) => incidents.get(id) ?? []).map(summaryNow)
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

    async list(query: IncidentFilter, actor) {
      const seen: Incident[] = []
      let beforeSeq = query.beforeSeq
      let isLast = false
      // What is not there for whoever asks leaves no gap in a page.
      while (seen.length < query.limit && !isLast) {
        const page = await read.incidents(beforeSeq === undefined ? query : { ...query, beforeSeq })
        for (const incident of page) {
          if (seen.length === query.limit) break
          beforeSeq = incident.declaredSeq
          if (parts.sees(actor, incident.id)) seen.push(incident)
        }
        isLast = page.length < query.limit
      }
      const last = seen.at(-1)
      return {
        incidents: seen.map((incident) =>
          summaryOf(incidents.get(incident.id) ?? incident, filter().vitalsOf(incident.id), names),
        ),
        next: seen.length < query.limit || last === undefined ? null : String(last.declaredSeq),
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
    firingOf(sourceId, actor) {
      let alerts = 0
      const [sight, inside] = [sightOf(actor, parts.sees), new Set<string>()]
      for (const alert of isOfDrill(sourceId) ? filter().drillAlerts() : filter().alerts()) {
        if (alert.sourceId !== sourceId || alert.status !== 'firing' || !sight.alert(alert)) continue
        alerts++
        if (alert.incidentId !== null) inside.add(alert.incidentId)
      }
      const open = [...inside].flatMap((id) => incidents.get(id) ?? []).filter(({ phase }) => isOpen(phase))
      const newest = open.sort((a, b) => b.declaredAt - a.declaredAt).slice(0, 10)
      return { alerts, incidents: newest.map(({ id, title }) => ({ id, title })) }
    },
    nameOf: names.person,
    factView: (fact) => factView(fact, names),
    retold: (fact) => withoutUnnamed(fact, names),

    since(after) {
      const since = changes.since(after)
      if (since === null) return null
      const { ids, came, notices, receivedAt } = since
      const upsert: Summary[] = []
      const remove: string[] = []
      for (const id of ids) {
        const incident = incidents.get(id)
        if (incident !== undefined && shown.has(id) && isPublic(id)) upsert.push(summaryNow(incident))
        else if (!came.has(id)) remove.push(id)
      }
      return { upsert, remove, notices: notices.filter(({ incidentId }) => isPublic(incidentId)), receivedAt }
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return picture
}
