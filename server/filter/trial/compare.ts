import type { Alert } from '#shared/alert.ts'
import { outcomes } from '#shared/outcome.ts'
import {
  laterFromMs,
  type TrialIncident,
  type TrialJudgement,
  type TrialResult,
  type TrialSide,
  trialRowsShown,
} from '#shared/trial.ts'
import { type Linked, linksOf } from './links.ts'
import type { Judged, Placing, Run, RunIncident, Tally } from './run.ts'

export interface Compared {
  live: Run
  candidate: Run
  from: number
  until: number
  warmedSince: number | null
  entries: number
  sourceName: (sourceId: string) => string
  peopleDid: (incidentId: string) => readonly string[]
}

type Lists = Pick<TrialResult, 'hidden' | 'shown' | 'grouped' | 'changed' | 'alertsHidden' | 'alertsShown'>

/** What is different between two runs of one log. Rows are in the order in which things happened. */
export function compare(compared: Compared): TrialResult {
  const { live, candidate, from, until, warmedSince, entries } = compared
  const linked = linksOf(live.incidents.values(), candidate.incidents.values(), from)
  const lists: Lists = { hidden: [], shown: [], grouped: [], changed: [], alertsHidden: [], alertsShown: [] }
  const counts: TrialResult['counts'] = {
    ...{ same: 0, hidden: 0, shown: 0, merged: 0, split: 0, regrouped: 0, graded: 0, later: 0 },
    ...{ alertsHidden: 0, alertsShown: 0, peopleHidden: 0 },
  }
  for (const part of linked.parts) judgePart(part, compared, lists, counts)
  lists.alertsHidden = alertRows(linked.onlyLive, live, compared)
  lists.alertsShown = alertRows(linked.onlyCandidate, candidate, compared)
  counts.alertsHidden = lists.alertsHidden.length
  counts.alertsShown = lists.alertsShown.length
  const sides = { live: sideOf(live.tally), candidate: sideOf(candidate.tally) }
  return {
    from: iso(from),
    until: iso(until),
    warmedSince: warmedSince === null ? null : iso(warmedSince),
    entries,
    events: Object.values(live.tally.outcomes).reduce((sum, count) => sum + count, 0),
    ...sides,
    counts,
    hidden: firstOf(lists.hidden),
    shown: firstOf(lists.shown),
    grouped: firstOf(lists.grouped),
    changed: firstOf(lists.changed),
    alertsHidden: firstOf(lists.alertsHidden),
    alertsShown: firstOf(lists.alertsShown),
    rules: firstOf(ruleRows(live.tally, candidate.tally)),
  }
}

const firstOf = <T>(rows: readonly T[]): T[] => rows.slice(0, trialRowsShown)
const iso = (at: number): string => new Date(at).toISOString()

function judgePart(part: Linked, { peopleDid }: Compared, lists: Lists, counts: TrialResult['counts']): void {
  const { live, candidate } = part
  const [one] = live
  const [other] = candidate
  if (one !== undefined && other === undefined) {
    const did = one.recorded === null ? [] : peopleDid(one.recorded)
    const people = { facts: did.length, kinds: [...new Set(did)].sort() }
    counts.hidden++
    if (did.length > 0) counts.peopleHidden++
    lists.hidden.push({ incident: shown(one), by: judgements(one.placings, ({ otherwise }) => otherwise), people })
  } else if (one === undefined && other !== undefined) {
    counts.shown++
    const by = judgements(other.placings, ({ judged }) => judged)
    lists.shown.push({ incident: shown(other), by, before: judgements(other.placings, ({ otherwise }) => otherwise) })
  } else if (one !== undefined && other !== undefined && live.length === 1 && candidate.length === 1) {
    const laterMs = other.openedAt - one.openedAt
    const isGraded = one.tier !== other.tier
    const isMoved = Math.abs(laterMs) >= laterFromMs
    if (isGraded) counts.graded++
    if (isMoved) counts.later++
    if (isGraded || isMoved) lists.changed.push({ live: shown(one), candidate: shown(other), laterMs })
    else counts.same++
  } else {
    const kind = candidate.length === 1 ? 'merged' : live.length === 1 ? 'split' : 'regrouped'
    counts[kind]++
    const by = judgements(
      candidate.flatMap(({ placings }) => placings),
      ({ judged }) => judged,
    )
    lists.grouped.push({ kind, live: live.map(shown), candidate: candidate.map(shown), by })
  }
}

function shown(incident: RunIncident): TrialIncident {
  const { recorded: id, title, service, severity, tier, openedAt, placings } = incident
  const alerts = new Set(placings.map(({ alertId }) => alertId)).size
  return { id, title, service, severity, tier, openedAt: iso(openedAt), alerts }
}

/** What decided about these alerts, most alerts first; one reason stands for all of a rule. */
function judgements(placings: readonly Placing[], of: (placing: Placing) => Judged | null) {
  const rows = new Map<string, TrialJudgement & { alerts: number }>()
  const seen = new Set<string>()
  for (const placing of placings) {
    const judged = of(placing)
    if (judged === null) continue
    const key = `${judged.outcome}\n${judged.stage}\n${judged.rule}`
    if (seen.has(`${key}\n${placing.alertId}`)) continue
    seen.add(`${key}\n${placing.alertId}`)
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { ...judgementOf(judged), alerts: 1 })
    else row.alerts++
  }
  return [...rows.values()].sort((a, b) => b.alerts - a.alerts)
}

function judgementOf({ outcome, stage, rule, reason }: Judged): TrialJudgement {
  return { outcome, stage, rule, reason }
}

/** One row an alert, by its first firing that the other run told nobody of. */
function alertRows(
  placings: readonly (Placing & { incident: RunIncident })[],
  run: Run,
  { sourceName }: Compared,
): TrialResult['alertsHidden'] {
  const rows = new Map<string, TrialResult['alertsHidden'][number]>()
  for (const { alertId, at, otherwise, incident } of placings) {
    if (rows.has(alertId)) continue
    const alert: Alert | undefined = run.filter.alert(alertId)
    rows.set(alertId, {
      id: alertId,
      title: alert?.title ?? incident.title,
      severity: alert?.severity ?? incident.severity,
      source: { id: alert?.sourceId ?? '', name: alert === undefined ? 'forgotten since' : sourceName(alert.sourceId) },
      incident: incident.recorded,
      at: iso(at),
      by: otherwise && judgementOf(otherwise),
    })
  }
  return [...rows.values()]
}

function sideOf({ opened, reopened, calls, outcomes: counted }: Tally): TrialSide {
  const of = (tier: 1 | 2 | 3 | null): number => calls.get(tier) ?? 0
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0)
  const sorted = outcomes.flatMap((outcome) => {
    const count = counted[outcome] ?? 0
    return count === 0 ? [] : [[outcome, count] as const]
  })
  return {
    opened,
    reopened,
    calls: { all, tier1: of(1), tier2: of(2), tier3: of(3), unclassified: of(null) },
    outcomes: Object.fromEntries(sorted),
  }
}

function ruleRows(live: Tally, candidate: Tally): TrialResult['rules'] {
  const names = new Set([...live.rules.keys(), ...candidate.rules.keys()])
  return [...names]
    .map((name) => {
      const [stage = '', rule = ''] = name.split('\n')
      return { stage, rule, live: live.rules.get(name) ?? 0, candidate: candidate.rules.get(name) ?? 0 }
    })
    .sort(
      (a, b) =>
        Math.abs(b.candidate - b.live) - Math.abs(a.candidate - a.live) ||
        b.candidate + b.live - a.candidate - a.live ||
        (`${a.stage}\n${a.rule}` < `${b.stage}\n${b.rule}` ? -1 : 1),
    )
}
