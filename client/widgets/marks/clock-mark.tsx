import type { ClockSum } from '#shared/legal/view.ts'
import { shortLeftWords, utcWords } from '../../state/time-words.ts'
import css from './marks.module.css'

/** The nearest legal clock of an incident: its name, and how long is left of it; negative once it has passed. */
export function ClockMark({ clocks, now }: { clocks: ClockSum; now: number }) {
  const [next] = clocks.next
  if (next === undefined) return null
  const leftMs = Date.parse(next.dueAt) - now
  const tone = leftMs <= 0 ? css.passed : now >= Date.parse(next.nearAt) ? css.near : ''
  const more = clocks.running > 1 ? `; ${clocks.running} deadlines to be met` : ''
  return (
    <span
      className={`${css.flag} ${tone ?? ''}`}
      title={`${next.name}: ${next.deadline}, due ${utcWords(Date.parse(next.dueAt))}${more}`}
    >
      {next.name} {shortLeftWords(leftMs)}
      {leftMs <= 0 && <span className="unseen"> passed</span>}
    </span>
  )
}
