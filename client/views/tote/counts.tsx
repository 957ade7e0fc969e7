import { readinessStates, readinessWords } from '#shared/readiness.ts'
import { ReadinessGlyph } from '../../widgets/marks/readiness.tsx'
import css from './counts.module.css'
import type { Counts } from './follow.ts'
import { countWords } from './words.ts'

/** How many of a team are in each state: a shape and a number each; whoever is released is not counted here. */
export function CountMarks({ counts }: { counts: Counts }) {
  return (
    <span className={css.counts} title={countWords(counts)}>
      {readinessStates
        .filter((state) => state !== 'released' && counts[state] > 0)
        .map((state) => (
          <span key={state} className={css[state]}>
            <ReadinessGlyph state={state} size={11} />
            {counts[state]}
            <span className="unseen"> {readinessWords[state].label}, </span>
          </span>
        ))}
    </span>
  )
}

/** Nobody of the team could be asked. */
export function UnreadyMark() {
  return (
    <b className={css.unready} title="A rotation answers for it, and nobody is ready, on call or available">
      UNREADY
    </b>
  )
}
