import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { matchesText } from '../../../state/filter.ts'
import { ageWords } from '../../../state/time-words.ts'

/** Another incident that this one may belong with, and what speaks for it. */
export interface Likely {
  summary: Summary
  /** In words, the strongest first; empty: nothing but that it is open. */
  because: readonly string[]
}

const minuteMs = 60_000
/** Troubles of one cause are told of within minutes of each other. */
const nearMs = 10 * minuteMs
const farMs = 60 * minuteMs

/**
 * Rule MG1: which open incidents this one may be merged with, the likeliest first: of the same service, of the same team,
 * opened near it in time. What is an exercise is never proposed for what is real, nor the reverse. It only proposes.
 * @param text words that must all be found in it; with none, every open incident is listed
 */
export function likelyTargets(of: Summary, incidents: Iterable<Summary>, text: string): Likely[] {
  const found: (Likely & { weight: number; apartMs: number })[] = []
  for (const summary of incidents) {
    if (summary.id === of.id || !isOpen(summary.phase) || summary.drill !== of.drill) continue
    if (!matchesText(summary, text)) continue
    found.push({ summary, ...likeness(of, summary) })
  }
  return found
    .sort((a, b) => b.weight - a.weight || a.apartMs - b.apartMs || (a.summary.id < b.summary.id ? -1 : 1))
    .map(({ summary, because }) => ({ summary, because }))
}

function likeness(of: Summary, other: Summary): { weight: number; apartMs: number; because: string[] } {
  const because: string[] = []
  let weight = 0
  if (of.service !== null && of.service === other.service) {
    weight += 4
    because.push('same service')
  } else if (of.team !== null && of.team === other.team) {
    weight += 1
    because.push('same team')
  }
  const laterMs = Date.parse(other.openedAt) - Date.parse(of.openedAt)
  const apartMs = Math.abs(laterMs)
  if (apartMs <= farMs) {
    weight += apartMs <= nearMs ? 3 : 1
    because.push(
      apartMs < minuteMs
        ? 'opened at the same time'
        : `opened ${ageWords(apartMs)} ${laterMs < 0 ? 'before' : 'after'}`,
    )
  }
  return { weight, apartMs, because }
}

/**
 * Rule MG2: of several to be made one, the one that is proposed to stay: owned before unowned, then the graver, then the
 * older. So nobody loses what they hold, and the longest record goes on.
 * @returns its id
 * @throws RangeError for none
 */
export function proposedToStay(several: readonly Summary[]): string {
  const [first] = several.toSorted(
    (a, b) =>
      Number(a.owner === null) - Number(b.owner === null) ||
      (a.tier ?? 1) - (b.tier ?? 1) ||
      Date.parse(a.openedAt) - Date.parse(b.openedAt) ||
      (a.id < b.id ? -1 : 1),
  )
  if (first === undefined) throw new RangeError('of no incidents none can stay')
  return first.id
}
