import type { Alert, HeldBack } from '#shared/alert.ts'
import { unreachable } from '#shared/errors.ts'
import type { Severity } from '#shared/event.ts'
import type { Decision, Outcome } from '#shared/outcome.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { Finding } from '#shared/watch.ts'
import { Drafts } from './drafts.ts'
import { restrictGroup } from './memory/groups/restriction.ts'
import { FilterState, type Tracked } from './memory/state.ts'
import { makePartitioned, type Part } from './partition.ts'
import type { Filter, FilterEntry, FilterSeed, Folded } from './port.ts'
import { type Case, repeated, type Verdict } from './stage.ts'
import { amend } from './stages/amend.ts'
import { deduplicate } from './stages/deduplicate.ts'
import { rejected } from './stages/parse.ts'
import { restrict } from './stages/restrict.ts'
import { stages } from './stages.ts'

export { windowsOf } from './windows.ts'

const nothing: Folded = Object.freeze({
  counts: Object.freeze({}),
  decisions: Object.freeze([]),
  judgedAgain: Object.freeze([]),
  effects: Object.freeze([]),
  touched: new Set<string>(),
  findings: Object.freeze([]),
})

/** Names of the stages, in THE order. */
export const stageNames: readonly string[] = stages.map(({ name }) => name)

/**
 * The filter room. Rule F1: every event of a request has exactly one outcome. Rule F2: the same entries in the same order
 * give the same state, outcomes and effects. Rule F3: so they do when it is made again from any checkpoint.
 * @throws TypeError for a checkpoint that is not ours
 */
export function makeFilter(seed: FilterSeed): Filter {
  return makePartitioned(seed, (part) => {
    const state = new FilterState(part)
    return { state, filter: makePart(state) }
  })
}

function makePart(state: FilterState): Part['filter'] {
  return {
    fold(entry) {
      state.forget(entry.at)
      switch (entry.kind) {
        case 'request':
          return foldRequest(state, entry)
        case 'tick':
          return foldTick(state, entry)
        case 'silence':
          return foldSilences(state, entry, entry.silences)
        case 'incident':
          foldIncident(state, entry)
          return { ...nothing, touched: state.holding.wait(entry.at) ?? nothing.touched }
        case 'policy':
          return foldPolicy(state, entry)
        case 'source':
          return { ...nothing, findings: state.watches.set(entry.sourceId, entry.watches, entry.at) }
        case 'drill':
          throw new TypeError('where an exercise begins and ends is not for one part to fold')
        default:
          return unreachable(entry)
      }
    },
    nextDueAt: () => earlier(earlier(state.expiries.nextAt(), state.watches.nextDueAt()), state.holding.nextAt()),
    nextSilenceAt: () => earlier(state.holding.silences.nextAt(), state.holding.waitingSince),
    alert: (id) => state.byId.get(id)?.alert,
    alerts: () => alertsIn(state),
    alertsOf: (incidentId) => Array.from(state.groups.byId.get(incidentId)?.alerts ?? [], ({ alert }) => alert),
    vitalsOf: (incidentId) => {
      const group = state.groups.byId.get(incidentId)
      return group && { ...group.vitals(), silenced: state.holding.silencedOf(group) }
    },
    provisional: (incidentId) => state.groups.byId.get(incidentId)?.provisional ?? false,
    watches: state.watches,
    silences: () => state.holding.silences.list(),
    silence: (id) => state.holding.silences.get(id),
    windows: () => state.holding.silences.windows(),
    silencedBy: (id) => state.holding.silences.firingOf(id),
    storms: () => state.holding.storms.list(),
    size: () => ({
      alerts: state.byId.size,
      firing: state.firing,
      held: state.holding.held,
      groups: state.groups.byId.size,
    }),
    nextIncidentNumber: () => state.nextNumber,
    mask: (text) => state.redactor.text(text, false),
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
type Place = Pick<FilterEntry, 'pos' | 'at'>

function foldRequest(state: FilterState, entry: Request): Folded {
  const drafts = new Drafts()
  const counts: Partial<Record<Outcome, number>> = {}
  const decisions: Decision[] = []
  const after = entry.unreadable.at(-1)?.index ?? 0
  const own = Math.max(after + 1, entry.events.length + entry.unreadable.length)
  const turned = turnSilences(state, entry, [], drafts, own)
  const touched = turned?.touched ?? new Set<string>()
  const judgedAgain = turned?.judgedAgain ?? []
  const at = caseOf(entry)
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
    if (event.beat !== undefined && entry.again !== true) state.watches.beat(entry.sourceId, event.beat, entry.at)
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
    } else if (verdict.counted === true) {
      counts[verdict.outcome] = (counts[verdict.outcome] ?? 0) + 1
    } else {
      if (group !== null && verdict.outcome === 'recorded') touched.add(group.id)
      const stageName = stages[stage - 1]?.name ?? ''
      if (tracked !== null && stageName !== deduplicate.name && stageName !== amend.name)
        settlePlace(state, at, tracked, verdict)
      note(index, stageName, verdict, tracked?.alert.id ?? null, tracked?.alert.incidentId ?? null)
    }
    index++
  }
  for (; bad < entry.unreadable.length; bad++) {
    const member = entry.unreadable[bad]
    if (member !== undefined) note(Math.max(index, member.index), 'parse', rejected(member), null, null)
    index++
  }
  if (repeats > 0) counts.repeated = (counts.repeated ?? 0) + repeats
  const freed = letGo(state, entry, drafts, own + judgedAgain.length)
  if (freed !== null) {
    judgedAgain.push(...freed.judgedAgain)
    for (const id of freed.touched) touched.add(id)
  }
  return {
    counts,
    decisions,
    judgedAgain,
    effects: drafts.effects(),
    touched,
    findings: [
      ...(entry.again === true ? [] : state.watches.heard(entry.sourceId, entry.at)),
      ...state.holding.storms.takeFindings(),
    ],
  }
}

/** Rule F7: silence beyond what the sender promised means resolved; the end is assumed. No event, so no outcome. */
function foldTick(state: FilterState, entry: Extract<FilterEntry, { kind: 'tick' }>): Folded {
  if (entry.sparing === true) return foldSilences(state, entry, [])
  const findings: Finding[] = state.watches.takeDue(entry.at)
  const drafts = new Drafts()
  // What has just ended is not let go, only to end at once; what is let go may turn out to have ended.
  let ended = endDue(state, entry.at, drafts)
  const turned = turnSilences(state, entry, [], drafts, 0)
  ended += endDue(state, entry.at, drafts)
  findings.push(...state.holding.storms.takeFindings())
  if (ended === 0 && turned === null) return findings.length === 0 ? nothing : { ...nothing, findings }
  return { ...nothing, ...turned, effects: drafts.effects(), findings }
}

/** @returns how many ended */
function endDue(state: FilterState, at: number, drafts: Drafts): number {
  const due = state.expiries.take(at)
  for (const tracked of due) {
    const { alert } = tracked
    const told = state.settle(tracked, alert.expiresAt ?? at, alert.endsWithIncident !== true)
    if (told !== null) drafts.resolve(told, alert.id)
  }
  return due.length
}

function foldSilences(state: FilterState, entry: Place, changes: readonly SilenceSpan[]): Folded {
  const drafts = new Drafts()
  const turned = turnSilences(state, entry, changes, drafts, 0)
  const findings = state.holding.storms.takeFindings()
  if (turned === null && findings.length === 0) return nothing
  return { ...nothing, ...turned, effects: drafts.effects(), findings }
}

function foldPolicy(state: FilterState, entry: Extract<FilterEntry, { kind: 'policy' }>): Folded {
  const over = state.adopt(entry.policy, entry.at)
  const folded = foldSilences(state, entry, [])
  return over.length === 0 ? folded : { ...folded, findings: [...over, ...folded.findings] }
}

/** Rules Q4, Q6: silences begin and end, and what nothing holds back any more goes on its way. @param index of the first decision */
function turnSilences(
  state: FilterState,
  entry: Place,
  changes: readonly SilenceSpan[],
  drafts: Drafts,
  index: number,
): LetGo | null {
  state.holding.turn(entry.at, changes, () => state.byId.values())
  return letGo(state, entry, drafts, index)
}

interface LetGo {
  judgedAgain: Decision[]
  touched: Set<string>
}

/** Rules Q6, I4: judges again what was held back and is not any more. @returns null when no mark of an alert changed */
function letGo(state: FilterState, { pos, at }: Place, drafts: Drafts, index: number): LetGo | null {
  let result: LetGo | null = null
  // One that goes on its way may become another's cause.
  for (let turned = state.holding.take(at); turned !== null; turned = state.holding.take(at)) {
    result ??= { judgedAgain: [], touched: new Set() }
    for (const id of turned.incidents) result.touched.add(id)
    for (const tracked of turned.again) {
      const { judgedAgain } = result
      const decision = judgeAgain(state, tracked, { pos, at }, drafts)
      if (decision !== null) judgedAgain.push({ ...decision, index: index + judgedAgain.length })
    }
  }
  return result
}

const endings: Readonly<Record<'silenced' | NonNullable<HeldBack['outcome']>, string>> = {
  silenced: 'no silence holds it back any more',
  inhibited: 'its cause fires no more',
  damped: 'it has calmed down',
  shed: 'the storm is over',
}

/** Judges a firing alert once more, as if its event came now, from the first stage on that depends on the policy. */
function judgeAgain(
  state: FilterState,
  tracked: Tracked,
  place: Place,
  drafts: Drafts,
): Omit<Decision, 'index'> | null {
  const { alert } = tracked
  const { sourceId, severity } = alert
  const cut = alert.key.indexOf('\n')
  const unsaid = { defaultSeverity: null, events: [], unreadable: [] }
  const at = caseOf({ kind: 'request', ...place, sourceId, keyScope: alert.key.slice(0, cut), ...unsaid })
  at.tracked = tracked
  at.again = true
  at.severity = severity
  at.event = {
    kind: 'alert',
    status: 'firing',
    dedupKey: alert.key.slice(cut + 1),
    family: 'keyed',
    severity,
    severityRaw: alert.severityRaw,
    title: alert.title,
    description: alert.description,
    startsAt: alert.startsAt,
    endsAt: null,
    expiresAt: alert.expiresAt,
    service: alert.heldBack?.service ?? null,
    labels: alert.labels,
    annotations: alert.annotations,
    links: alert.links,
    groupKey: alert.heldBack?.groupKey ?? null,
  }
  state.changes.before(tracked)
  const ended = endings[alert.heldBack?.outcome ?? 'silenced']
  for (const stage of stages.slice(stages.indexOf(restrict))) {
    const verdict = stage.judge(at, state, drafts)
    if (verdict === null) continue
    settlePlace(state, at, tracked, verdict)
    const { outcome, rule } = verdict
    const reason = `${ended}; ${verdict.reason}`
    const { id: alertId, incidentId } = alert
    return { pos: place.pos, sourceId, outcome, stage: stage.name, rule, reason, alertId, incidentId }
  }
  throw new TypeError('the last stage must decide')
}

/** Where an alert is after the stage that placed it. One that fires again and joined nothing belongs to no incident. */
function settlePlace(state: FilterState, at: Case, tracked: Tracked, { outcome, rule }: Verdict): void {
  tracked.alert.rule = rule
  if (at.refired && outcome === 'recorded') state.release(tracked)
}

function caseOf(entry: Request): Case {
  return {
    entry,
    event: undefined as never,
    severity: 'medium' as Severity,
    fingerprint: undefined,
    sameWords: false,
    tracked: null,
    refired: false,
    again: false,
    restricted: false,
    labels: {},
    service: null,
    team: null,
    definition: { name: '', tier: null, reason: '' },
  }
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function foldIncident(state: FilterState, entry: Extract<FilterEntry, { kind: 'incident' }>): void {
  const { incidentId, phase, at, taken, mergedInto, parted, restricted } = entry
  // Where it was given elsewhere, its number must not be given again.
  state.passNumber(incidentId)
  const group = state.groups.byId.get(incidentId)
  if (group === undefined) {
    state.know(incidentId, phase, restricted === true, at)
    return
  }
  if (restricted !== undefined) restrictGroup(group, restricted, state)
  if (taken === true) group.provisional = false
  const other = state.groups.byId.get(mergedInto ?? parted?.to ?? '')
  const target = other === group || other?.open === false ? undefined : other
  if (mergedInto !== undefined && target !== undefined) {
    // Rules M1, RS3: one is as restricted as the other, from the first moment.
    for (const one of [group, target]) restrictGroup(one, group.restricted || target.restricted, state)
    state.mergeByHand(group, target, at)
  } else if (parted !== undefined && target !== undefined && group.open) state.part(group, target, parted.alerts, at)
  else state.setPhase(group, phase, at)
}
