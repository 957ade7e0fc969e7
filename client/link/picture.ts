import type { FilterView } from '#shared/filter-room.ts'
import type { ReadinessView, ToteTeam } from '#shared/readiness.ts'
import type { AlertView, Frame, IncidentView, LedgerSum, Notice, SourceVitals, Summary } from '#shared/wire.ts'

/** What a shared room (board, wall) shows, as of `seq`. */
export interface RoomPicture {
  seq: number
  incidents: ReadonlyMap<string, Summary>
  sources: readonly SourceVitals[]
  ledger: LedgerSum
  /** Firing alerts that are held back now. */
  heldBack: number
}

/** One incident in full, as of `seq`. */
export interface IncidentPicture {
  seq: number
  view: IncidentView
}

/** The filter room, as of `seq`. */
export interface FilterPicture {
  seq: number
  /** A rule keeps its identity while its figures do, so that only rows that moved are painted anew. */
  filter: FilterView
}

/** The tote, as of `seq`. What did not move keeps its identity. */
export interface TotePicture {
  seq: number
  teams: readonly ToteTeam[]
  people: ReadonlyMap<string, ReadinessView>
}

export type Picture = RoomPicture | IncidentPicture | FilterPicture | TotePicture

export type Applied<P> =
  /** The frame follows, or is a whole picture. */
  | { kind: 'applied'; picture: P; notices: readonly Notice[]; receivedAt: string | null }
  /** Nothing new in it. */
  | { kind: 'repeat' }
  /** Something before it is missing: watch again, never guess. */
  | { kind: 'gap' }

/** Rule L1: a delta is applied only where `after` is exactly the seq that we have; so a picture is always one the server had. */
export function applyRoomFrame(have: RoomPicture | null, frame: Frame): Applied<RoomPicture> {
  if (frame.kind === 'snapshot') {
    if (!('incidents' in frame)) return { kind: 'repeat' }
    const incidents = new Map(frame.incidents.map((summary) => [summary.id, summary]))
    const { seq, sources, ledger, heldBack } = frame
    return { kind: 'applied', picture: { seq, incidents, sources, ledger, heldBack }, notices: [], receivedAt: null }
  }
  if (!('upsert' in frame)) return { kind: 'repeat' }
  if (have === null) return { kind: 'gap' }
  if (frame.seq <= have.seq && frame.after !== have.seq) return { kind: 'repeat' }
  if (frame.after !== have.seq) return { kind: 'gap' }
  let { incidents } = have
  if (frame.upsert.length > 0 || frame.remove.length > 0) {
    const next = new Map(incidents)
    for (const summary of frame.upsert) next.set(summary.id, summary)
    for (const id of frame.remove) next.delete(id)
    incidents = next
  }
  const picture = {
    seq: frame.seq,
    incidents,
    sources: frame.sources ?? have.sources,
    ledger: frame.ledger ?? have.ledger,
    heldBack: frame.heldBack ?? have.heldBack,
  }
  return { kind: 'applied', picture, notices: frame.notices, receivedAt: frame.receivedAt }
}

/** As `applyRoomFrame`, for one incident: facts are appended, changed alerts replace their older selves. */
export function applyIncidentFrame(have: IncidentPicture | null, frame: Frame): Applied<IncidentPicture> {
  if (frame.kind === 'snapshot') {
    if (!('incident' in frame)) return { kind: 'repeat' }
    return { kind: 'applied', picture: { seq: frame.seq, view: frame.incident }, notices: [], receivedAt: null }
  }
  if (!('facts' in frame)) return { kind: 'repeat' }
  if (have === null) return { kind: 'gap' }
  if (frame.seq <= have.seq && frame.after !== have.seq) return { kind: 'repeat' }
  if (frame.after !== have.seq) return { kind: 'gap' }
  const known = new Set(have.view.facts.map((fact) => fact.seq))
  const view: IncidentView = {
    ...frame.incident,
    facts: [...have.view.facts, ...frame.facts.filter((fact) => !known.has(fact.seq))],
    alerts: mergeAlerts(have.view.alerts, frame.alerts, frame.gone),
  }
  return { kind: 'applied', picture: { seq: frame.seq, view }, notices: [], receivedAt: frame.receivedAt }
}

/** As `applyRoomFrame`, for the filter room: rules whose figures moved take the place of their older selves. */
export function applyFilterFrame(have: FilterPicture | null, frame: Frame): Applied<FilterPicture> {
  if (!('filter' in frame)) return { kind: 'repeat' }
  if (frame.kind === 'snapshot')
    return { kind: 'applied', picture: { seq: frame.seq, filter: frame.filter }, notices: [], receivedAt: null }
  if (have === null) return { kind: 'gap' }
  if (frame.seq <= have.seq && frame.after !== have.seq) return { kind: 'repeat' }
  if (frame.after !== have.seq) return { kind: 'gap' }
  const keyOf = ({ stage, rule }: { stage: string; rule: string }) => `${stage}\n${rule}`
  const moved = new Map(frame.filter.rules.map((rule) => [keyOf(rule), rule]))
  const rules = moved.size === 0 ? have.filter.rules : have.filter.rules.map((rule) => moved.get(keyOf(rule)) ?? rule)
  const filter = { ...frame.filter, rules, rulesInAll: have.filter.rulesInAll }
  return { kind: 'applied', picture: { seq: frame.seq, filter }, notices: [], receivedAt: null }
}

/** As `applyRoomFrame`, for the tote: people and teams that moved take the place of their older selves. */
export function applyToteFrame(have: TotePicture | null, frame: Frame): Applied<TotePicture> {
  if (!('tote' in frame)) return { kind: 'repeat' }
  const told = { notices: [], receivedAt: null }
  const { seq, tote } = frame
  if (frame.kind === 'snapshot') {
    const people = new Map(tote.people.map((person) => [person.id, person]))
    return { kind: 'applied', picture: { seq, teams: tote.teams, people }, ...told }
  }
  if (have === null) return { kind: 'gap' }
  if (seq <= have.seq && frame.after !== have.seq) return { kind: 'repeat' }
  if (frame.after !== have.seq) return { kind: 'gap' }
  const people = new Map(have.people)
  for (const person of frame.tote.people) people.set(person.id, person)
  for (const id of frame.tote.gone) people.delete(id)
  const moved = new Map(tote.teams.map((team) => [team.id, team]))
  const teams = moved.size === 0 ? have.teams : have.teams.map((team) => moved.get(team.id) ?? team)
  return { kind: 'applied', picture: { seq, teams, people }, ...told }
}

function mergeAlerts(
  have: readonly AlertView[],
  changed: readonly AlertView[],
  gone: readonly string[] = [],
): AlertView[] {
  const byId = new Map(have.map((alert) => [alert.id, alert]))
  for (const id of gone) byId.delete(id)
  for (const alert of changed) byId.set(alert.id, alert)
  return [...byId.values()]
}
