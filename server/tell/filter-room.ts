import type { FilterChange, FilterView, RuleFigures } from '#shared/filter-room.ts'
import type { Frame } from '#shared/wire.ts'

/** Figures of the filter room: told as they move, at most once in so long. */
export const filterEveryMs = 1000

export interface FilterTelling {
  /** The whole as it is now; those who watch already are told before what moved. */
  open(): Frame
  /** Tells what moved, if it is time. */
  figures(): void
  close(): void
  seq(): number
}

/** The room `filter`: a snapshot, then the rules whose figures moved. When rules come or go, the whole again. */
export function makeFilterTelling(parts: {
  view: () => FilterView
  now: () => number
  /** To everybody in the room. */
  send: (frame: Frame) => void
}): FilterTelling {
  const { view, now, send } = parts
  const place = () => ({ room: 'filter' as const, toldAt: new Date(now()).toISOString() })
  // A restart must never give out a seq that an earlier run gave out for something else.
  let seq = now() * 1000
  let told: { view: FilterView; marks: Map<string, string>; flow: string } | null = null
  let at = Number.NEGATIVE_INFINITY

  /** Brings those who watch up to date. */
  function move(): FilterView {
    const next = view()
    at = now()
    const marks = new Map(next.rules.map((rule) => [keyOf(rule), markOf(rule)]))
    const { rules, rulesInAll: _, ...flow } = next
    const words = JSON.stringify({ ...flow, at: null })
    const before = told
    told = { view: next, marks, flow: words }
    if (before === null) return next
    if (!sameRules(before.view, next)) {
      seq++
      send({ ...place(), kind: 'snapshot', seq, filter: next })
      return next
    }
    const changed = rules.filter((rule) => before.marks.get(keyOf(rule)) !== marks.get(keyOf(rule)))
    if (changed.length === 0 && before.flow === words) return next
    const filter: FilterChange = { ...flow, rules: changed }
    send({ ...place(), kind: 'delta', after: seq, seq: ++seq, filter })
    return next
  }

  return {
    open: () => ({ ...place(), filter: move(), kind: 'snapshot', seq }),
    figures() {
      // Also when the clock was set back since.
      const elapsed = now() - at
      if (told !== null && (elapsed < 0 || elapsed >= filterEveryMs)) move()
    },
    close() {
      told = null
    },
    seq: () => seq,
  }
}

const keyOf = ({ stage, rule }: RuleFigures) => `${stage}\n${rule}`

function markOf({ name, origin, outcomes, minutes, day, passed, again, holds, marks, lastAt }: RuleFigures): string {
  // Rules that did nothing of late are most of them, and are quickly told apart.
  const hour = minutes.length === 0 ? '' : `${minutes.join()} ${JSON.stringify(outcomes)}`
  return `${name} ${origin} ${day} ${passed} ${again} ${holds} ${marks} ${lastAt} ${hour}`
}

function sameRules(before: FilterView, next: FilterView): boolean {
  return (
    before.rules.length === next.rules.length &&
    before.rulesInAll === next.rulesInAll &&
    before.rules.every((rule, index) => {
      const other = next.rules[index]
      return other !== undefined && rule.stage === other.stage && rule.rule === other.rule
    })
  )
}
