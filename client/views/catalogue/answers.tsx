import { Link } from 'wouter'
import type { Answerer, ServiceView, TeamCard } from '#shared/catalogue.ts'
import { bothClocks } from '../../state/time-words.ts'
import { useToday } from '../context.ts'
import css from './catalogue.module.css'
import { untilWords } from './words.ts'

/** Why nobody might answer: no team, a team that takes no turns, or turns of which none is on. */
type Wanted = 'no team' | 'no rotation' | 'on call'

export function askedOf(service: Pick<ServiceView, 'team'>, team: TeamCard | undefined): Wanted {
  if (service.team === null || team === undefined) return 'no team'
  return team.rotations.length === 0 ? 'no rotation' : 'on call'
}

/** Who answers now, the first to be asked first; where somebody should and nobody does, a shape and the word. */
export function Answers({ answers, asked }: { answers: readonly Answerer[]; asked: Wanted }) {
  const today = useToday()
  const [first, ...others] = answers
  if (first === undefined && asked !== 'on call') return <span className="dimmer">{asked}</span>
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
        nobody on call
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
export function AnswersInFull({ answers, asked }: { answers: readonly Answerer[]; asked: Wanted }) {
  const today = useToday()
  if (answers.length === 0) return <Answers answers={answers} asked={asked} />
  return (
    <ol className={css.answers}>
      {answers.map((one, place) => (
        <li key={one.person.id}>
          <b>{one.person.name}</b>{' '}
          <span className="dim">
            {place === 0 ? 'first' : 'then'}
            {one.rotation !== null && (
              <>
                , by <Link href={`/rota?rotation=${encodeURIComponent(one.rotation.id)}`}>{one.rotation.name}</Link>
              </>
            )}
            {one.until !== null && `, ${untilWords(one, today)}`}
          </span>
        </li>
      ))}
    </ol>
  )
}
