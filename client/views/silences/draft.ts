import { formatMatcher, type Matcher, parseMatcher } from '#shared/matchers.ts'
import type { AlertView } from '#shared/wire.ts'

/** How long a silence usually is: name and milliseconds. */
export const spans: readonly (readonly [name: string, ms: number])[] = [
  ['30 min', 30 * 60_000],
  ['1 h', 3_600_000],
  ['2 h', 2 * 3_600_000],
  ['4 h', 4 * 3_600_000],
  ['8 h', 8 * 3_600_000],
  ['1 d', 24 * 3_600_000],
  ['3 d', 72 * 3_600_000],
]

/** What tells this alert from others: all its labels, and its title where the sender gave no name. */
export function matchersOf({ labels, title }: Pick<AlertView, 'labels' | 'title'>): Matcher[] {
  const named = (labels.alertname ?? '') === '' ? { ...labels, alertname: title } : labels
  return Object.entries(named)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => Number(b === 'alertname') - Number(a === 'alertname') || (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, op: '=', value }))
}

/** Address of the screen with a new silence begun. */
export function silenceAddress(matchers: readonly Matcher[]): string {
  const query = new URLSearchParams(matchers.map((matcher): [string, string] => ['m', formatMatcher(matcher)]))
  query.set('new', '1')
  return `/silences?${query}`
}

/** What the address asks for: a new silence with these matchers, the change of one, or neither. Unreadable ones are left out. */
export function readAddress(
  search: string,
): { kind: 'new'; matchers: Matcher[] } | { kind: 'change'; id: string } | null {
  const query = new URLSearchParams(search)
  const id = query.get('change')
  if (id !== null) return { kind: 'change', id }
  if (!query.has('new')) return null
  return { kind: 'new', matchers: query.getAll('m').flatMap((text) => readMatchers(text) ?? []) }
}

/**
 * Reads pasted matchers: one, several with commas between them, in braces or without.
 * @returns null where it is not that
 */
export function readMatchers(text: string): Matcher[] | null {
  const inside = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? text
  const parts = inside.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []
  const matchers: Matcher[] = []
  for (const part of parts) {
    if (part.trim() === '') continue
    try {
      const { name, op, value } = parseMatcher(part)
      matchers.push({ name, op, value })
    } catch (error) {
      if (error instanceof SyntaxError) return null
      throw error
    }
  }
  return matchers.length === 0 ? null : matchers
}
