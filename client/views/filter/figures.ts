import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import type { AlertWhy, FilterView, Marks, RuleFigures } from '#shared/filter-room.ts'
import { type Outcome, outcomes } from '#shared/outcome.ts'
import type { AlertView } from '#shared/wire.ts'
import type { Link } from '../../link/link.ts'
import { figure, utcMoment } from '../../state/time-words.ts'

export interface FilterRoomState {
  view: FilterView | null
  refused: ErrorBody | null
}

/** The filter room, followed through the link while somebody looks at it. */
export function followFilterRoom(link: Link): { store: StoreApi<FilterRoomState>; stop: () => void } {
  const store = createStore<FilterRoomState>(() => ({ view: null, refused: null }))
  const stop = link.watch('filter', {
    changed(picture) {
      if ('filter' in picture) store.setState({ view: picture.filter, refused: null })
    },
    refused: (refused) => store.setState({ refused }),
  })
  return { store, stop }
}

/** What the address says: which rule is open, and by which words rules are found. */
export interface FilterRoomQuery {
  stage: string | null
  rule: string | null
  text: string
}

export function readFilterQuery(search: string): FilterRoomQuery {
  const params = new URLSearchParams(search)
  const rule = params.get('rule')
  const stage = params.get('stage')
  const whole = rule !== null && stage !== null
  return { stage: whole ? stage : null, rule: whole ? rule : null, text: params.get('q') ?? '' }
}

/** @returns path and search */
export function filterAddress({ stage, rule, text }: Partial<FilterRoomQuery>): string {
  const params = new URLSearchParams()
  if (stage != null && rule != null) {
    params.set('stage', stage)
    params.set('rule', rule)
  }
  if (text !== undefined && text !== '') params.set('q', text)
  const words = params.toString()
  return words === '' ? '/filter' : `/filter?${words}`
}

export const ruleKey = ({ stage, rule }: { stage: string; rule: string }): string => `${stage}\n${rule}`

/** More rules than that are not shown all at once: those that act are, the others at a press or by their name. */
export const manyRules = 200

/** Whether it did anything in the last day, or holds something back. */
export function acts({ outcomes, passed, again, holds, marks, lastAt }: RuleFigures): boolean {
  return holds > 0 || marks > 0 || passed > 0 || again > 0 || lastAt !== null || Object.keys(outcomes).length > 0
}

/** Each word must be found in the name, the stage or where the rule comes from. */
export function matchesRule(rule: RuleFigures, text: string): boolean {
  const hay = `${rule.name} ${rule.rule} ${rule.stage} ${rule.origin}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word))
}

export interface StageView {
  name: string
  /** Events of the last hour that came so far. */
  reached: number
  decided: number
  again: number
  rules: RuleFigures[]
  /** Rules that are not shown, because there are too many. */
  quiet: number
}

/**
 * The stages with their rules, in their order; it never depends on figures.
 * @param shown keys of rules that stay shown although there are many: what is once on the screen does not go
 */
export function stagesOf(view: FilterView, text: string, shown: ReadonlySet<string>): StageView[] {
  const many = view.rulesInAll > manyRules && text === ''
  let left = view.sum.accepted
  return view.stages.map(({ name, outcomes: counts, again }) => {
    const reached = left
    const decided = sumOf(counts)
    left -= decided
    const own = view.rules.filter((rule) => rule.stage === name && (text === '' || matchesRule(rule, text)))
    const isShown = (rule: RuleFigures) =>
      rule.origin === 'built-in' || acts(rule) || shown.has(ruleKey(rule)) || shown.has(name)
    const rules = many ? own.filter(isShown) : own
    return { name, reached, decided, again, rules, quiet: own.length - rules.length }
  })
}

export function sumOf(counts: Partial<Record<Outcome, number>>): number {
  return outcomes.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0)
}

/** `12 opened, 40 attached` */
export function outcomeWords(counts: Partial<Record<Outcome, number>>): string {
  return outcomes
    .filter((outcome) => (counts[outcome] ?? 0) > 0)
    .map((outcome) => `${figure(counts[outcome] ?? 0)} ${outcome}`)
    .join(', ')
}

/** What is not accounted for, in words; null when all is. Rule FR2 on screen: computed from the counts, never claimed. */
export function gapWords({ accepted, outcomes: counts, unplaced }: FilterView['sum']): string | null {
  const missing = accepted - sumOf(counts)
  if (missing > 0) return `${figure(missing)} accepted, but without an outcome`
  if (missing < 0) return `${figure(-missing)} outcomes too many`
  if (unplaced !== null && unplaced > 0) return `${figure(unplaced)} outcomes that no rule accounts for`
  return null
}

/**
 * What holds a firing alert back, in words: by which rule, until when. Null: nothing does.
 * @param now epoch ms: times of another day are told with their day
 */
export function heldSentence(
  alert: Pick<AlertView, 'silence' | 'inhibited' | 'damped' | 'shed'>,
  now: number,
): string | null {
  const { silence, inhibited, damped, shed } = alert
  const until = (at: string) => utcMoment(Date.parse(at), now)
  if (silence !== null)
    return `silenced by ${silence.createdBy === '' ? 'somebody' : silence.createdBy} until ${until(silence.endsAt)}`
  if (inhibited !== null) return `an effect of a known cause by rule “${inhibited.rule}”: let go when the cause ends`
  if (damped !== null) return `damped by rule “${damped.rule}”: let go at ${until(damped.until)} if it is calm`
  return shed === null ? null : `one of a storm by rule “${shed.rule}”: let go when the storm is over`
}

/** A link to what holds it back, and the words. */
export interface MarkLine {
  key: string
  words: string
  href: string | null
}

/** The same with all that is known: one line for each that marks it. */
export function markLines(marks: Marks, now: number, refires: number | null = null): MarkLine[] {
  const moment = (at: string) => utcMoment(Date.parse(at), now)
  const lines: MarkLine[] = marks.silences.map(({ id, createdBy, comment, endsAt }) => ({
    key: id,
    words: `silenced by ${createdBy === '' ? 'somebody' : createdBy} until ${moment(endsAt)}${comment === '' ? '' : `: ${comment}`}`,
    href: filterAddress({ stage: 'silence', rule: id }),
  }))
  const { windows, inhibited, flaps, storm } = marks
  for (const rule of windows)
    lines.push({
      key: `window ${rule}`,
      words: `in maintenance window “${rule}” of the policy`,
      href: filterAddress({ stage: 'silence', rule }),
    })
  if (inhibited !== null)
    lines.push({
      key: 'inhibited',
      words: `an effect of ${inhibited.title === null ? 'another alert' : `“${inhibited.title}”`}${inhibited.incidentId === null ? '' : ` (${inhibited.incidentId})`} by rule “${inhibited.rule}”; let go when that ends`,
      href: filterAddress({ stage: 'inhibit', rule: inhibited.rule }),
    })
  if (flaps !== null) {
    const times = refires ?? flaps.refires
    const fired = times === 1 ? 'fired again once' : `fired again ${figure(times)} times`
    lines.push({
      key: 'flaps',
      words:
        flaps.until === null
          ? `${fired}; ${flaps.penalty} counts against it by rule “${flaps.rule}”, which does not hold it back yet`
          : `damped by “${flaps.rule}”: ${fired}, ${flaps.penalty} counts against it, let go at ${moment(flaps.until)} if calm`,
      href: filterAddress({ stage: 'damp', rule: flaps.rule }),
    })
  }
  if (storm !== null)
    lines.push({
      key: 'storm',
      words: `one of a storm since ${moment(storm.since)} by rule “${storm.rule}”: ${figure(storm.shed)} shed of ${figure(storm.kinds)} ${storm.kinds === 1 ? 'kind' : 'kinds'}; let go when it is over`,
      href: filterAddress({ stage: 'shed', rule: storm.rule }),
    })
  return lines
}

/** Why it is where it is, in one sentence. */
export function whyLead({ alert, marks }: Pick<AlertWhy, 'alert' | 'marks'>): string {
  if (alert === null) return 'This alert has been forgotten; what was decided about it is kept.'
  if (alert.status === 'resolved') return 'It has ended.'
  if (marks?.held != null) return 'It fires and is held back: nobody is told of it.'
  return alert.incidentId === null
    ? 'It fires, and is below the definition of an incident.'
    : `It fires and is in ${alert.incidentId}.`
}
