import { Link } from 'wouter'
import type { Answerer } from '#shared/catalogue.ts'
import { bothClocks } from '../../state/time-words.ts'
import { useToday } from '../context.ts'
import css from './catalogue.module.css'
import { untilWords } from './words.ts'

/** Who answers now, the first to be asked first; where nobody does, a shape and the word. */
export function Answers({ answers, hasTeam }: { answers: readonly Answerer[]; hasTeam: boolean }) {
  const today = useToday()
  const [first, ...others] = answers
  if (first === undefined)
    return (
      <span className={css.nobody}>
        <svg width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">
          <rect
            x="1"
            y="1"
            width="9"
            height="9"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeDasharray="2.6 2"
          />
        </svg>{' '}
        {hasTeam ? 'nobody on call' : 'nobody: no team'}
      </span>
    )
  return (
    <>
      <span>{first.person.name}</span>
      {others.length > 0 && <span className="dim">, then {others.map(({ person }) => person.name).join(', ')}</span>}
      {first.until !== null && (
        <span className={css.until} title={bothClocks(Date.parse(first.until))}>
          {untilWords(first, today)}
        </span>
      )}
    </>
  )
}

/** The same in full, one below the other, with the rotation that says so. */
export function AnswersInFull({ answers, hasTeam }: { answers: readonly Answerer[]; hasTeam: boolean }) {
  const today = useToday()
  if (answers.length === 0) return <Answers answers={answers} hasTeam={hasTeam} />
  return (
    <ol className={css.answers}>
      {answers.map((one, place) => (
        <li key={one.person.id}>
          <b>{one.person.name}</b>{' '}
          <span className="dim">
            {place === 0 ? 'first' : 'then'}
            {one.rotation !== null && (
              <>
                , by <Link href={`/rota?rotation=${encodeURIComponent(one.rotation)}`}>{one.rotation}</Link>
              </>
            )}
            {one.until !== null && `, ${untilWords(one, today)}`}
          </span>
        </li>
      ))}
    </ol>
  )
}
