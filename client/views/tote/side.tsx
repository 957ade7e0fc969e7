import { Link } from 'wouter'
import board from '../board/board.module.css'
import css from './counts.module.css'
import { CountMarks, UnreadyMark } from './counts.tsx'
import { teamsOf, urgentFirst, useTote } from './follow.ts'

/** So many teams beside the board; the others are a press away. */
const most = 8

/** Beside the board: of each team how many could be asked. */
export function ToteSide() {
  const tote = useTote()
  if (tote.teams === null) return null
  const all = teamsOf(tote)
  const teams = urgentFirst(all, most)
  const unready = all.filter((view) => view.unready).length
  const rest = all.length - teams.length
  return (
    <section aria-label="Tote">
      <h2 className="caps">
        <Link href="/tote" className={css.heading}>
          Tote
        </Link>
      </h2>
      {all.length === 0 && (
        <p className="dimmer">
          No teams yet: <Link href="/tote">how to add one</Link>
        </p>
      )}
      <ul>
        {teams.map(({ team, counts, unready }) => (
          <li key={team.id} className={board.row} data-tote={team.id}>
            <Link href={`/tote?q=${encodeURIComponent(team.name)}`}>{team.name}</Link>
            {unready ? <UnreadyMark /> : <CountMarks counts={counts} />}
          </li>
        ))}
        {rest > 0 && (
          <li className={board.row}>
            <Link href={unready > teams.length ? '/tote?show=unready' : '/tote'} className="dim">
              +{rest} more{unready > teams.length && `, ${unready} unready in all`}
            </Link>
          </li>
        )}
      </ul>
    </section>
  )
}
