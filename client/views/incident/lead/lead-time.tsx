import { useEffect, useId, useState } from 'react'
import { leadTimeSchema } from '#shared/lead-time.ts'
import type { Summary } from '#shared/wire.ts'
import { bothClocks } from '../../../state/time-words.ts'
import { useAsked } from '../../context.ts'
import css from './lead-time.module.css'
import { type LeadLine, leadLines } from './lead-words.ts'

/** The five numbers that decide how long an incident takes. What was counted opens under the number that is asked. */
export function LeadTime({ summary }: { summary: Summary }) {
  const { value, error, again } = useAsked(`/api/incidents/${summary.id}/lead-time`, leadTimeSchema)
  const { revision } = summary
  // What a person has just done shows at once, not with the next question; a storm of alerts asks no more often.
  useEffect(() => {
    if (revision > 0) void again()
  }, [again, revision])
  if (value === null)
    return <p className="dim">{error === null ? 'Counting…' : `Cannot be counted now: ${error.message}`}</p>
  return (
    <>
      <ul className={css.lines}>
        {leadLines(value).map((line) => (
          <Line key={line.key} line={line} />
        ))}
      </ul>
      <p className={css.asOf}>
        As of <time dateTime={value.at}>{bothClocks(Date.parse(value.at))}</time>. Only time in which it was open
        counts.
      </p>
    </>
  )
}

function Line({ line }: { line: LeadLine }) {
  const id = useId()
  const [open, setOpen] = useState(false)
  return (
    <li className={css.line}>
      <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <span className={css.term}>{line.term}</span>
        <span className={css.figure}>
          {line.warns && (
            <span className={css.mark} role="img" aria-label="worth a look">
              ▲
            </span>
          )}
          {line.figure}
        </span>
        <span className={css.more}>{line.more}</span>
        <span className={css.how} aria-hidden="true">
          {open ? '−' : '+'}
        </span>
      </button>
      <ul id={id} className={css.counted} hidden={!open}>
        {line.counted.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </li>
  )
}
