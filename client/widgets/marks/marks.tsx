import type { Flag as FlagName, Phase } from '#shared/incident/state.ts'
import { ageWords, leftWords, utcWords } from '../../state/time-words.ts'
import css from './marks.module.css'

const track = ['triage', 'investigating', 'containing', 'fixing', 'restoring', 'resolved'] as const

/** Where in its life it is: done, now, to come; and the word. */
export function PhaseTrack({ phase, word = true }: { phase: Phase; word?: boolean }) {
  const at = track.indexOf(phase as (typeof track)[number])
  const over = phase === 'review' || phase === 'closed'
  return (
    <span className={css.phase}>
      <span className={css.track} aria-hidden="true">
        {track.map((step, index) => (
          <i key={step} className={over || index < at ? css.done : index === at ? css.here : undefined} />
        ))}
      </span>
      <span className={word ? css.phaseWord : 'unseen'}>{phase}</span>
    </span>
  )
}

/** Events per minute, oldest first. A drawing beside figures; it has no words of its own. */
export function Sparkline({
  values,
  width = 44,
  height = 16,
}: {
  values: readonly number[]
  width?: number
  height?: number
}) {
  const most = Math.max(1, ...values)
  const step = width / Math.max(1, values.length - 1)
  const y = (value: number) => (height - 1.5 - (value / most) * (height - 3)).toFixed(1)
  const points = values.length === 1 ? [values[0] ?? 0, values[0] ?? 0] : values
  const line = points.map((value, index) => `${(index * (values.length === 1 ? width : step)).toFixed(1)},${y(value)}`)
  return (
    <svg width={width} height={height} aria-hidden="true" className={css.spark}>
      {points.length > 1 && (
        <polyline points={line.join(' ')} fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinejoin="round" />
      )}
    </svg>
  )
}

const flagWords: Readonly<Record<FlagName, string>> = {
  security: 'security',
  'personal-data': 'personal data',
  customers: 'customers',
  restricted: 'restricted',
  drill: 'DRILL',
}
export function flagWord(flag: FlagName): string {
  return flagWords[flag]
}

export function Flag({ flag }: { flag: FlagName }) {
  if (flag === 'restricted')
    return (
      <span className={`${css.flag} ${css.restricted}`}>
        <svg viewBox="0 0 12 14" aria-hidden="true">
          <path d="M3.2 6V4.2a2.8 2.8 0 0 1 5.6 0V6" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <rect x="1.4" y="6" width="9.2" height="7" fill="currentColor" />
        </svg>
        {flagWords[flag]}
      </span>
    )
  return <span className={flag === 'drill' ? `${css.flag} ${css.drill}` : css.flag}>{flagWords[flag]}</span>
}

/** All of it is held back by hand: by whom and for how long yet. */
export function SilencedMark({
  silenced: { until, by },
  now,
}: {
  silenced: { until: string; by: string }
  now: number
}) {
  const at = Date.parse(until)
  return (
    <span className={css.flag} title={`Until ${utcWords(at)}`}>
      silenced by {by === '' ? 'somebody' : by}, {leftWords(Math.max(0, at - now))}
    </span>
  )
}

/** What provisional means, for those who meet the mark. */
export function provisionalWords(openedMs: number): string {
  return `opened by the filter ${ageWords(openedMs)} ago; nobody has looked at it yet; it may still be merged`
}

/** Opened by the filter, looked at by nobody: an arrow that is not drawn in yet, and the word. */
export function ProvisionalMark({ openedMs }: { openedMs: number }) {
  const words = provisionalWords(openedMs)
  return (
    <span className={css.provisional} title={`Provisional: ${words}`}>
      <svg viewBox="0 0 16 12" aria-hidden="true">
        <path
          d="M1 3.6h7.2V.9L15 6l-6.8 5.1V8.4H1z"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
          strokeDasharray="2.6 1.7"
        />
      </svg>
      provisional
      <span className="unseen">: {words}</span>
    </span>
  )
}

/** A key of the keyboard. */
export function Key({ children }: { children: string }) {
  return <kbd className={css.key}>{children}</kbd>
}
