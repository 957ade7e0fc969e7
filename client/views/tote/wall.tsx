import { useLayoutEffect, useRef, useState } from 'react'
import css from './counts.module.css'
import { CountMarks, UnreadyMark } from './counts.tsx'
import { teamsOf, useTote } from './follow.ts'

/** The line of the wall that says how ready the teams are: those that fit, unready ones first, and how many more. */
export function WallTote() {
  const tote = useTote()
  const line = useRef<HTMLUListElement>(null)
  const [fitting, setFitting] = useState(0)
  const all = teamsOf(tote)
  const teams = all.toSorted((a, b) => Number(b.unready) - Number(a.unready))
  const unready = all.filter((view) => view.unready).length
  // What wraps to a second line is not shown: it is counted instead.
  useLayoutEffect(() => {
    const list = line.current
    if (list === null) return
    const measure = () => {
      const items = [...list.children] as HTMLElement[]
      const top = items[0]?.offsetTop
      setFitting(items.filter(({ offsetTop }) => offsetTop === top).length)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(list)
    return () => observer.disconnect()
  })
  if (all.length === 0) return null
  const rest = teams.length - fitting
  const hidden = unready - Math.min(unready, fitting)
  return (
    <section className={css.wall} aria-label="Tote">
      <ul ref={line}>
        {teams.map(({ team, counts, unready, people }, place) => (
          <li key={team.id} aria-hidden={place >= fitting}>
            <span className={css.wallName}>{team.name}</span>
            {unready ? (
              <UnreadyMark />
            ) : people.every(({ state }) => state === 'released') ? (
              <span className="dimmer">released</span>
            ) : (
              <CountMarks counts={counts} />
            )}
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <span className={css.wallMore}>
          +{rest} more{hidden > 0 && `, ${hidden} unready`}
        </span>
      )}
    </section>
  )
}
