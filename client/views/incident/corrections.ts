import { isOpen } from '#shared/incident/state.ts'
import type { FactView, Summary } from '#shared/wire.ts'
import { utcMinute } from '../../state/time-words.ts'

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

/** What undoing a correction is about, and why it cannot be done, if so. */
export interface Undo {
  seq: number
  what: 'merge' | 'split'
  /** The incident whose alerts went, and the one they went to. */
  from: string
  to: string
  /** Why it is too late, with what to do; null: it can be asked for. */
  tooLate: string | null
  /** When it was undone, epoch ms; null: it was not. */
  undoneAt: number | null
}

/**
 * Rule MG3: whether the correction that these facts tell can be undone, as far as the board shows it: a merge while the
 * incident that goes on is open, a split while both are. It only shows: the server decides.
 * @param group the facts of one line of the timeline
 * @param onBoard null: the board is not known yet
 */
export function undoOf(
  group: readonly FactView[],
  facts: readonly FactView[],
  summary: Summary,
  onBoard: ReadonlyMap<string, Summary> | null,
): Undo | null {
  const fact = group.find(isCorrection)
  if (fact === undefined) return null
  const other = otherOf(fact)
  const out = fact.type !== 'alerts-moved-in'
  const what = fact.why === 'split' ? 'split' : 'merge'
  const undone = undoneBy(fact, facts)
  // What must be open: the incident that goes on after a merge, both after a split.
  const concerned = what === 'split' ? [summary.id, other] : [out ? other : summary.id]
  return {
    seq: fact.seq,
    what,
    from: out ? summary.id : other,
    to: out ? other : summary.id,
    tooLate: firstOf(concerned, (id) =>
      overWords(id, id === summary.id ? summary : onBoard?.get(id), onBoard !== null),
    ),
    undoneAt: undone === null ? null : Date.parse(undone.at),
  }
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

function overWords(id: string, summary: Summary | undefined, boardIsKnown: boolean): string | null {
  if (summary === undefined) return boardIsKnown ? `${id} is over, or was merged itself: look at it first.` : null
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

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item)
    if (found !== null) return found
  }
  return null
}
