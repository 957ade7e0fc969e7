import { isOpen } from '#shared/incident/state.ts'
import type { FactView, Summary } from '#shared/wire.ts'
import { utcMinute } from '../../../state/time-words.ts'

/** A merge, as one of the two incidents tells it. */
export interface Merge {
  /** The fact that undoes it by its number. */
  seq: number
  /** The other incident. */
  other: string
  at: number
  by: FactView['by']
  /** Of the filter; null: a person did it. */
  rule: string | null
  reason: string
  firing: number
  total: number
}

/** Where it was merged to, while it is. */
export function mergedInto(facts: readonly FactView[]): Merge | null {
  const merged = facts.findLast(({ type }) => type === 'merged')
  if (merged === undefined || undoneBy(merged, facts) !== null) return null
  const moved = facts.find(({ type, seq }) => type === 'alerts-moved-out' && seq > merged.seq)
  return mergeOf(merged, otherOf(merged), moved)
}

/** What was merged into it and has not been taken back, newest first. */
export function cameIn(facts: readonly FactView[]): Merge[] {
  return facts
    .filter((fact) => fact.type === 'alerts-moved-in' && fact.why === 'merge' && undoneBy(fact, facts) === null)
    .map((fact) => mergeOf(fact, otherOf(fact), fact))
    .reverse()
}

/** A merge or a split as a line of the timeline tells it: what undoing it would be about. */
export interface Correction {
  seq: number
  what: 'merge' | 'split'
  /** The incident besides the one whose timeline it is. */
  other: string
  /** The incident whose alerts went, and the one they went to. */
  from: string
  to: string
  /** When it was undone, epoch ms; null: it was not. */
  undoneAt: number | null
}

/**
 * @param group the facts of one line of the timeline
 * @param facts all of that timeline
 * @returns null when there is nothing in them that can be undone
 */
export function correctionOf(group: readonly FactView[], facts: readonly FactView[]): Correction | null {
  const fact = group.find(isCorrection)
  if (fact === undefined) return null
  const other = otherOf(fact)
  const out = fact.type !== 'alerts-moved-in'
  const undone = undoneBy(fact, facts)
  return {
    seq: fact.seq,
    what: fact.why === 'split' ? 'split' : 'merge',
    other,
    from: out ? fact.incidentId : other,
    to: out ? other : fact.incidentId,
    undoneAt: undone === null ? null : Date.parse(undone.at),
  }
}

/**
 * Rule MG3: whether a correction can be undone, as far as the board shows it: a merge while the incident that goes on is
 * open, a split while both are. It only shows: the server decides.
 * @param summary of the incident whose timeline it is
 * @param other as the board shows it; undefined: it is not there; null: the board is not known yet
 * @returns why it is too late, with what to do; null: it can be asked for
 */
export function tooLate(correction: Correction, summary: Summary, other: Summary | undefined | null): string | null {
  const concerned = correction.what === 'split' ? [summary.id, correction.other] : [correction.to]
  for (const id of concerned) {
    const words = overWords(id, id === summary.id ? summary : other)
    if (words !== null) return words
  }
  return null
}

function isCorrection({ type, why }: FactView): boolean {
  if (type === 'merged') return true
  return (type === 'alerts-moved-in' && why !== 'undo') || (type === 'alerts-moved-out' && why === 'split')
}

/** The later fact that took this one back. */
function undoneBy(fact: FactView, facts: readonly FactView[]): FactView | null {
  const other = otherOf(fact)
  const back = (later: FactView): boolean => {
    if (later.seq <= fact.seq) return false
    switch (fact.type) {
      case 'merged':
        return later.type === 'unmerged' && otherOf(later) === other
      case 'alerts-moved-in':
        return fact.why === 'split'
          ? later.type === 'merged' && otherOf(later) === other
          : later.type === 'alerts-moved-out' && later.why === 'undo' && otherOf(later) === other
      case 'alerts-moved-out':
        return later.type === 'alerts-moved-in' && later.why === 'merge' && otherOf(later) === other
      default:
        return false
    }
  }
  return facts.find(back) ?? null
}

function overWords(id: string, summary: Summary | undefined | null): string | null {
  if (summary === null) return null
  if (summary === undefined) return `${id} is over, or was merged itself: look at it first.`
  if (isOpen(summary.phase)) return null
  if (summary.phase === 'merged') return `${id} was merged itself: undo that first.`
  return `${id} is ${summary.phase}: reopen it to undo this.`
}

/** When and by whom a merge was done, and why: `by Ada Okafor at 01:22 UTC` */
export function mergeWords({ by, at, rule }: Merge): string {
  const who = rule === null ? by.name : `the filter, rule “${rule}”,`
  return `by ${who} at ${utcMinute(at)} UTC`
}

function mergeOf(fact: FactView, other: string, moved: FactView | undefined): Merge {
  return {
    seq: fact.seq,
    other,
    at: Date.parse(fact.at),
    by: fact.by,
    rule: typeof fact.rule === 'string' && fact.rule !== '' ? fact.rule : null,
    reason: typeof fact.reason === 'string' ? fact.reason : '',
    firing: Number(moved?.firing ?? 0),
    total: Number(moved?.total ?? 0),
  }
}

/** The other incident that a correction names. */
function otherOf(fact: FactView): string {
  const named = fact.into ?? fact.from ?? fact.to
  if (typeof named === 'object' && named !== null && 'id' in named) return String(named.id)
  return typeof named === 'string' ? named : ''
}
