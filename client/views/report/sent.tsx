import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { bothClocks, localMinute } from '../../state/time-words.ts'
import { useIncident, useSummary } from '../context.ts'
import type { Sent } from './draft.ts'
import css from './report.module.css'
import { stateInWords } from './state-words.ts'

/** What was sent from this tab, newest first, each with how it stands now. */
export function SentReports({ sent }: { sent: readonly Sent[] }) {
  const section = useRef<HTMLElement>(null)
  const newest = sent[0]?.answer.id
  const seen = useRef(newest)
  // What became of it is what somebody who has just sent a report looks for; the form below it is empty again.
  useEffect(() => {
    if (newest === seen.current) return
    seen.current = newest
    section.current?.focus()
    section.current?.scrollIntoView({ block: 'nearest' })
  }, [newest])
  if (sent.length === 0) return null
  return (
    <section className={css.sent} aria-label="Sent from here" ref={section} tabIndex={-1}>
      <h2 className="caps">Sent from here</h2>
      <ul>
        {sent.map((each) => (
          <li key={each.answer.id}>
            <p>
              <b>{each.title}</b>{' '}
              <time className="dim" dateTime={new Date(each.at).toISOString()} title={bothClocks(each.at)}>
                {localMinute(each.at)}
              </time>
            </p>
            <p>{each.answer.says}</p>
            {each.answer.incidentId !== null && <Standing id={each.answer.incidentId} />}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** How its incident stands, live. */
function Standing({ id }: { id: string }) {
  const onBoard = useSummary(id)
  const { view, refused } = useIncident(id)
  const summary = view?.summary ?? onBoard
  return (
    <p>
      <Link href={`/incident/${id}`} className={css.way}>
        {id}
      </Link>{' '}
      <span role="status">
        {summary !== undefined ? stateInWords(summary) : refused === null ? 'Asking how it stands…' : refused.message}
      </span>
    </p>
  )
}
