import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { ageWords, countWords, leftWords } from './time-words.ts'

export interface DueWords {
  text: string
  tone: 'plain' | 'soon' | 'late' | 'calm'
}

const soonMs = 2 * 60_000

/** The one thing about an incident that is due next, or overdue, in a few words. */
export function dueWords(summary: Summary, now: number): DueWords {
  if (!isOpen(summary.phase)) {
    const since = summary.resolvedAt === null ? '' : ` ${ageWords(now - Date.parse(summary.resolvedAt))} ago`
    return { text: `${summary.phase}${since}`, tone: 'calm' }
  }
  if (summary.ownerSilentSince !== null)
    return { text: `owner silent ${ageWords(now - Date.parse(summary.ownerSilentSince))}`, tone: 'late' }
  const updateInMs = summary.nextUpdateDueAt === null ? null : Date.parse(summary.nextUpdateDueAt) - now
  if (updateInMs !== null && updateInMs <= 0) return { text: `update late ${countWords(-updateInMs)}`, tone: 'late' }
  if (summary.reliefAskedBy !== null) return { text: `${summary.reliefAskedBy.name} asks for relief`, tone: 'soon' }
  if (summary.tier === null) return { text: 'to be classified', tone: 'soon' }
  if (summary.suggestResolve) return { text: 'all alerts ended', tone: 'calm' }
  if (updateInMs === null) return { text: '', tone: 'plain' }
  return { text: `update in ${leftWords(updateInMs)}`, tone: updateInMs < soonMs ? 'soon' : 'plain' }
}
