import type { Alert } from '#shared/alert.ts'
import { unreachable } from '#shared/errors.ts'
import type { Severity } from '#shared/event.ts'
import type { Decision, Outcome } from '#shared/outcome.ts'
import { Drafts } from './drafts.ts'
import type { Filter, FilterEntry, FilterSeed, Folded } from './port.ts'
import { type Case, repeated, type Verdict } from './stage.ts'
import { amend } from './stages/amend.ts'
import { deduplicate } from './stages/deduplicate.ts'
import { rejected } from './stages/parse.ts'
import { stages } from './stages.ts'
import { FilterState } from './state.ts'

const nothing: Folded = Object.freeze({
  counts: Object.freeze({}),
  decisions: Object.freeze([]),
  effects: Object.freeze([]),
  touched: new Set<string>(),
  findings: Object.freeze([]),
})

/**
 * The filter room. Rule F1: every event of a request has exactly one outcome. Rule F2: the same entries in the same order
 * give the same state, outcomes and effects. Rule F3: so they do when it is made again from any checkpoint.
 * @throws TypeError for a checkpoint that is not ours
 */
export function makeFilter(seed: FilterSeed): Filter {
  const state = new FilterState(seed)
  return {
    fold(entry) {
      state.forget(entry.at)
      switch (entry.kind) {
        case 'request':
          return foldRequest(state, entry)
        case 'tick':
          return foldTick(state, entry.at)
        case 'incident':
          foldIncident(state, entry)
          return nothing
        case 'policy':
          state.adopt(entry.policy)
          return nothing
        case 'source':
          return { ...nothing, findings: state.watches.set(entry.sourceId, entry.watches, entry.at) }
        default:
          return unreachable(entry)
      }
    },
    nextDueAt: () => earlier(state.nextExpiryAt(), state.watches.nextDueAt()),
    alert: (id) => state.byId.get(id)?.alert,
    alerts: () => alertsIn(state),
    alertsOf: (incidentId) => Array.from(state.groups.get(incidentId)?.alerts ?? [], ({ alert }) => alert),
    vitalsOf: (incidentId) => state.groups.get(incidentId)?.vitals(),
    watches: state.watches,
    size: () => ({ alerts: state.byId.size, firing: state.firing, groups: state.groups.size }),
    nextIncidentNumber: () => state.nextNumber,
    beginCheckpoint: () => {
      const slices = state.cut()
      return { filter: state.save(), ...slices }
    },
  }
}

function* alertsIn(state: FilterState): Generator<Alert> {
  for (const { alert } of state.byId.values()) yield alert
}

type Request = Extract<FilterEntry, { kind: 'request' }>

function foldRequest(state: FilterState, entry: Request): Folded {
  const drafts = new Drafts()
  const counts: Partial<Record<Outcome, number>> = {}
  const decisions: Decision[] = []
  const touched = new Set<string>()
  const at: Case = {
    entry,
    event: undefined as never,
    severity: 'medium' as Severity,
    tracked: null,
    refired: false,
    labels: {},
    service: null,
    team: null,
    definition: { name: '', tier: null, reason: '' },
  }
  let repeats = 0
  const note = (index: number, stage: string, verdict: Verdict, alertId: string | null, incidentId: string | null) => {
    counts[verdict.outcome] = (counts[verdict.outcome] ?? 0) + 1
    const { outcome, rule, reason } = verdict
    decisions.push({
      pos: entry.pos,
      index,
      sourceId: entry.sourceId,
      outcome,
      stage,
      rule,
      reason,
      alertId,
      incidentId,
    })
  }

  // Members are numbered as they stood in the request: the unreadable ones have theirs, the events fill the gaps.
  let bad = 0
  let index = 0
  const rejectBefore = () => {
    for (
      let member = entry.unreadable[bad];
      member !== undefined && member.index <= index;
      member = entry.unreadable[++bad]
    ) {
      note(index, 'parse', rejected(member), null, null)
      index++
    }
  }
  for (const event of entry.events) {
    if (bad < entry.unreadable.length) rejectBefore()
    at.event = event
    if (event.beat !== undefined) state.watches.beat(entry.sourceId, event.beat, entry.at)
    at.tracked = null
    let verdict: Verdict | null = null
    let stage = 0
    while (verdict === null && stage < stages.length) verdict = stages[stage++]?.judge(at, state, drafts) ?? null
    if (verdict === null) throw new TypeError('the last stage must decide')
    const tracked = at.tracked as Case['tracked']
    const group = tracked?.group ?? null
    if (group !== null) group.heard(entry.at)
    if (verdict === repeated) {
      repeats++
      if (group !== null) touched.add(group.id)
    } else {
      if (group !== null && verdict.outcome === 'recorded') touched.add(group.id)
      const stageName = stages[stage - 1]?.name ?? ''
      if (tracked !== null && stageName !== deduplicate.name && stageName !== amend.name) {
        tracked.alert.rule = verdict.rule
        const placed = verdict.outcome === 'opened' || verdict.outcome === 'attached'
        if (at.refired && !placed) state.release(tracked)
      }
      note(index, stageName, verdict, tracked?.alert.id ?? null, tracked?.alert.incidentId ?? null)
    }
    index++
  }
  for (; bad < entry.unreadable.length; bad++) {
    const member = entry.unreadable[bad]
    if (member !== undefined) note(Math.max(index, member.index), 'parse', rejected(member), null, null)
    index++
  }
  if (repeats > 0) counts.repeated = repeats
  return {
    counts,
    decisions,
    effects: drafts.effects(),
    touched,
    findings: state.watches.heard(entry.sourceId, entry.at),
  }
}

/** Rule F7: silence beyond what the sender promised means resolved; the end is assumed. No event, so no outcome. */
function foldTick(state: FilterState, at: number): Folded {
  const due = state.takeExpired(at)
  const findings = state.watches.takeDue(at)
  if (due.length === 0) return findings.length === 0 ? nothing : { ...nothing, findings }
  const drafts = new Drafts()
  for (const tracked of due) {
    const { alert } = tracked
    state.settle(tracked, alert.expiresAt ?? at, true)
    if (alert.incidentId !== null) drafts.resolve(alert.incidentId, alert.id)
  }
  return { ...nothing, effects: drafts.effects(), findings }
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function foldIncident(state: FilterState, entry: Extract<FilterEntry, { kind: 'incident' }>): void {
  if (entry.declared) state.passNumber(entry.incidentId)
  const group = state.groups.get(entry.incidentId)
  if (group === undefined) state.know(entry.incidentId, entry.phase, entry.at)
  else state.setPhase(group, entry.phase, entry.at)
}
