import { type AgeStep, type AgeSteps, ageStep, defaultAgeSteps } from '#shared/clocks.ts'
import { ageWords } from '../../state/time-words.ts'
import css from './marks.module.css'

const quarters: Readonly<Record<AgeStep, number>> = { fresh: 0, ageing: 1, old: 2, lost: 3 }

/** Steps for a source that says how often it speaks: late after one and a half turns, lost after five. */
export function stepsOfCadence(cadenceMs: number): AgeSteps {
  return { ageingAfterMs: cadenceMs * 1.5, oldAfterMs: cadenceMs * 3, lostAfterMs: cadenceMs * 5 }
}

/**
 * How old information is. The dial fills by quarters, and its ring breaks when the information is lost; the words say
 * it too. Not a live region: it ticks.
 * @param steps null: no cadence is known, so the age is told and never judged
 */
export function AgeDial({
  ageMs,
  steps = defaultAgeSteps,
  size = 15,
  silent = true,
}: {
  ageMs: number | null
  steps?: AgeSteps | null
  size?: number
  /** Says `silent` in words once it is lost. */
  silent?: boolean
}) {
  if (ageMs === null) return <span className={`${css.age} ${css.never}`}>never heard</span>
  const step = steps === null ? 'fresh' : ageStep(ageMs, steps)
  const words = ageWords(ageMs)
  return (
    <span className={`${css.age} ${css[step] ?? ''}`}>
      {steps !== null && <Dial step={step} size={size} />}
      <span>
        {words}
        {step === 'lost' && silent ? ', silent' : ''}
      </span>
    </span>
  )
}

function Dial({ step, size }: { step: AgeStep; size: number }) {
  const filled = quarters[step]
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className={css.dial}>
      <circle
        cx="8"
        cy="8"
        r="6.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        opacity={step === 'fresh' ? 0.75 : 1}
        strokeDasharray={step === 'lost' ? '5.2 5.17' : undefined}
      />
      {filled > 0 && <path d={sector(filled)} fill="currentColor" />}
    </svg>
  )
}

function sector(filled: number): string {
  const ends = ['', 'M8 8V4A4 4 0 0 1 12 8z', 'M8 8V4A4 4 0 0 1 8 12z', 'M8 4a4 4 0 1 1 0 8a4 4 0 1 1 0-8z']
  return ends[filled] ?? ''
}
