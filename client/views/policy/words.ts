import type { TrialIncident, TrialResult, TrialView } from '#shared/trial.ts'
import { figure } from '../../state/time-words.ts'
import { tierWord } from '../../widgets/marks/tier-glyph.tsx'

/** `1 incident`, `1,204 incidents` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${figure(count)} ${count === 1 ? one : many}`
}

/** The difference in one sentence; the lists below it have the rest. */
export function summaryWords({ live, candidate, events, counts }: TrialResult): string {
  const opened =
    live.opened === candidate.opened
      ? `as many incidents opened (${figure(live.opened)})`
      : `${counted(candidate.opened, 'incident')} opened instead of ${figure(live.opened)}`
  const calls =
    live.calls.all === candidate.calls.all
      ? 'as many calls to people'
      : `${counted(candidate.calls.all, 'call')} to people instead of ${figure(live.calls.all)}`
  const different = Object.entries(counts).some(([name, count]) => name !== 'same' && count > 0)
  const all = `${counted(events, 'event')}: ${opened}, ${calls}.`
  return different ? all : `No difference. ${all}`
}

/** `1 h`, `24 h`, `7 d` */
export const spans = [
  { last: '1h', words: '1 h', ms: 3_600_000 },
  { last: '24h', words: '24 h', ms: 86_400_000 },
  { last: '7d', words: '7 d', ms: 604_800_000 },
] as const

export function spanWords(ms: number): string {
  const known = spans.find((span) => span.ms === ms)
  return known?.words ?? `${figure(Math.round(ms / 60_000))} min`
}

/** How far it is, 0 to 100; null while that is not known. */
export function percentOf({ progress: { done, all } }: TrialView): number | null {
  return all === 0 ? null : Math.min(100, Math.floor((done / all) * 100))
}

export function tierChange(live: TrialIncident, candidate: TrialIncident): string | null {
  if (live.tier === candidate.tier) return null
  return `${tierWord(live.tier)} → ${tierWord(candidate.tier)}`
}

/** What people did, in words: `claimed, note, phase set`. */
export function didWords(kinds: readonly string[]): string {
  const shown = kinds.slice(0, 4).map((kind) => kind.replaceAll('-', ' '))
  return kinds.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ')
}
