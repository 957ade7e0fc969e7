import { type HeldView, type ReadinessState, type ReadinessView, readinessWords } from '#shared/readiness.ts'
import { ageWords, bothClocks, leftWords, utcMoment } from '../../state/time-words.ts'

const minuteMs = 60_000
const nbsp = '\u00a0'

/** `Ready`, `On call`, …; `Available` with its minutes: `In 20 min`. */
export function stateWord({ state, until }: Pick<ReadinessView, 'state' | 'until'>, now: number): string {
  if (state !== 'available' || until === null) return readinessWords[state].label
  return `In${nbsp}${minutesWords(Date.parse(until) - now)}`
}

/** Our clock turns once a second, so that it may be so far behind the one who said it. */
const behindMs = 1500

/** Whole minutes, rounded up, so that it is never said to be sooner: `20 min`, `1 h 5 min`. */
function minutesWords(ms: number): string {
  return ageWords(Math.max(1, Math.ceil((ms - behindMs) / minuteMs)) * minuteMs)
}

/** Since when, or how long yet: what is worth knowing of the state. Empty where nothing is. */
export function spellWords({ state, since, until, said }: ReadinessView, now: number): string {
  const left = until === null ? null : leftWords(Math.max(0, Date.parse(until) - now))
  if (state === 'available') return ''
  if (state === 'engaged' && said === undefined) return since === null ? '' : ageWords(now - Date.parse(since))
  if (left === null) return ''
  return state === 'recovering' ? `${left} left` : `for ${left}`
}

/** The same with instants, for titles and screen readers. */
export function spellTitle(view: ReadinessView, now: number): string {
  const { state, since, until, said, shift } = view
  const parts: string[] = [readinessWords[state].means]
  if (since !== null) parts.push(`since ${bothClocks(Date.parse(since))}`)
  if (until !== null) parts.push(`until ${bothClocks(Date.parse(until))}`)
  if (shift !== undefined) parts.push(`on shift in ${shift.rotation}`)
  if (said !== undefined) parts.push(saidWords(view, now))
  return parts.join('; ')
}

/** Who said it, and what would be told without it: `says so until 14:30 UTC; without that ready`. */
export function saidWords({ said, derived }: ReadinessView, now: number): string {
  if (said === undefined) return ''
  const who = said.by === undefined ? 'says so' : `${said.by.name} says so`
  const otherwise = derived === undefined ? '' : `; without that ${readinessWords[derived.state].label.toLowerCase()}`
  return `${who} until ${utcMoment(Date.parse(said.until), now)}${otherwise}`
}

/** `3 ready, 1 engaged`: those that there are; `nobody` for none. */
export function countWords(counts: Readonly<Record<ReadinessState, number>>): string {
  const parts = (Object.entries(counts) as [ReadinessState, number][])
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${readinessWords[state].label.toLowerCase()}`)
  return parts.length === 0 ? 'nobody' : parts.join(', ')
}

/** What an offer should know of whoever it goes to: `Engaged, 22 min`, `Ready, for 3 h`. */
export function readinessLine(view: ReadinessView, now: number): string {
  const more = spellWords(view, now)
  const held = view.holds?.filter(({ kind }) => kind === 'owns').length ?? 0
  const holds = held === 0 ? '' : `, owns ${held}`
  return `${stateWord(view, now)}${more === '' ? '' : `, ${more}`}${holds}`
}

/** A row with what somebody holds in restricted incidents, for whoever may see these: the room itself has none of it. */
export function withHeld(view: ReadinessView, more: readonly HeldView[] | undefined): ReadinessView {
  return more === undefined ? view : { ...view, holds: [...(view.holds ?? []), ...more] }
}
