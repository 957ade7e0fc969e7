import { memo } from 'react'
import type { BesideTote, ReadinessView } from '#shared/readiness.ts'
import { bothClocks, leftWords, utcMoment } from '../../state/time-words.ts'
import { useMe, useNow } from '../context.ts'
import { CountMarks, UnreadyMark } from './counts.tsx'
import { byState, type TeamView } from './follow.ts'
import { LoadBar } from './load.tsx'
import { PersonRow, PhoneMark } from './person.tsx'
import css from './tote.module.css'
import { withHeld } from './words.ts'

/** What is told beside the rows, to those whom it concerns; null: not yet. */
export type Beside = BesideTote | null

interface Said {
  beside: Beside
  people: ReadonlyMap<string, ReadinessView>
  onSay: ((person: string) => void) | null
  /** All names are shown: they were searched for. */
  unfold: boolean
}

interface TeamParts extends Said {
  view: TeamView
}

/** One team: how many could be asked, who answers the phone, when that changes, and its people. Painted when one of these moves. */
export const Team = memo(TeamCard, (before, after) => {
  const { view: a, people: had, ...others } = before
  const { view: b, people: have } = after
  const named = [b.team.answers, ...(b.team.next?.to ?? [])]
  return (
    a.team === b.team &&
    a.people.length === b.people.length &&
    a.people.every((person, place) => person === b.people[place]) &&
    named.every((id) => id === null || had.get(id)?.name === have.get(id)?.name) &&
    others.beside === after.beside &&
    others.onSay === after.onSay &&
    others.unfold === after.unfold
  )
})

function TeamCard({ view, beside, people, onSay, unfold }: TeamParts) {
  const { team, counts, unready } = view
  const load = beside?.load.find(({ kind, id }) => kind === 'team' && id === team.id)
  const phone = beside?.phones[team.id]
  const answers = team.answers === null ? null : (people.get(team.answers)?.name ?? null)
  return (
    <section className={unready ? `${css.team} ${css.unready}` : css.team} aria-label={team.name} data-team={team.id}>
      <header className={css.teamHead}>
        <h2 title={team.name}>{team.name}</h2>
        {unready && <UnreadyMark />}
        <CountMarks counts={counts} />
      </header>
      {(answers !== null || phone !== undefined || load !== undefined) && (
        <p className={css.reach}>
          {(answers !== null || phone !== undefined) && (
            <span>
              <PhoneMark /> {answers ?? 'nobody'}
              {phone !== undefined && <> · {phone}</>}
            </span>
          )}
          {load !== undefined && <LoadBar load={load} />}
        </p>
      )}
      {team.gap !== null && <Gap gap={team.gap} />}
      <People people={view.people} answers={team.answers} beside={beside} onSay={onSay} unfold={unfold} />
      {team.next !== null && <Next next={team.next} people={people} />}
      {!team.rota && <p className={css.next}>No rotation answers for it</p>}
    </section>
  )
}

function Next({ next, people }: Pick<Said, 'people'> & { next: NonNullable<TeamView['team']['next']> }) {
  const now = useNow()
  const at = Date.parse(next.at)
  const names = next.to.map((id) => people.get(id)?.name ?? id).join(', ')
  return (
    <p className={css.next} title={bothClocks(at)}>
      In {leftWords(at - now)} ({utcMoment(at, now)}): {names === '' ? <b className="soon">nobody</b> : names}
    </p>
  )
}

function Gap({ gap }: { gap: NonNullable<TeamView['team']['gap']> }) {
  const now = useNow()
  const from = Date.parse(gap.from)
  const until = utcMoment(Date.parse(gap.to), now)
  return (
    <p className={css.gap}>
      <b>Gap</b> in {gap.rotation}: nobody answers {from <= now ? 'now, ' : `from ${utcMoment(from, now)} `}until{' '}
      {until}
    </p>
  )
}

/** Rows for those who are at work; those who are released are named in one line. */
export function People({
  people,
  answers,
  beside,
  onSay,
  unfold,
}: Pick<Said, 'beside' | 'onSay' | 'unfold'> & { people: readonly ReadinessView[]; answers: string | null }) {
  const me = useMe()
  const isQuiet = ({ id, state, said, holds }: ReadinessView) =>
    state === 'released' && said === undefined && holds === undefined && id !== answers && id !== me.id
  const sorted = byState(people.map((view) => withHeld(view, beside?.holds[view.id])))
  const quiet = sorted.filter(isQuiet)
  return (
    <>
      <ul className={css.people}>
        {sorted
          .filter((view) => !isQuiet(view))
          .map((view) => (
            <PersonRow
              key={view.id}
              view={view}
              answers={view.id === answers}
              note={beside?.notes[view.id]}
              load={beside?.load.find(({ kind, id }) => kind === 'person' && id === view.id)}
              onSay={onSay === null ? null : () => onSay(view.id)}
            />
          ))}
      </ul>
      {quiet.length > mostNamed && !unfold ? (
        <details className={css.quiet}>
          <summary>{quiet.length} released</summary>
          <Names people={quiet} onSay={onSay} />
        </details>
      ) : (
        quiet.length > 0 && (
          <p className={css.quiet}>
            <span className="caps">Released</span> <Names people={quiet} onSay={onSay} />
          </p>
        )
      )}
    </>
  )
}

/** More names than that wait behind their number. */
const mostNamed = 4

function Names({ people, onSay }: Pick<Said, 'onSay'> & { people: readonly ReadinessView[] }) {
  return people.map(({ id, name }, index) => (
    <span key={id} data-person={id}>
      {index > 0 && ', '}
      {onSay === null ? (
        name
      ) : (
        <button type="button" className={css.quietName} title="Correct it" onClick={() => onSay(id)}>
          {name}
        </button>
      )}
    </span>
  ))
}
