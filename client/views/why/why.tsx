import { useState } from 'react'
import { Link } from 'wouter'
import { type AlertWhy, alertWhySchema, type DecisionView, pathOf, stageMeaning } from '#shared/filter-room.ts'
import { outcomeMeaning } from '#shared/outcome.ts'
import type { AlertView } from '#shared/wire.ts'
import { ageWords, bothClocks, utcMinute, utcWords } from '../../state/time-words.ts'
import { Trouble } from '../../widgets/controls/field.tsx'
import { useAsked, useNow, useToday } from '../context.ts'
import { filterAddress, heldSentence, markLines, whyLead } from '../filter/figures.ts'
import css from './why.module.css'

/** What holds it back, in words; nothing where nothing does. */
export function Held({ alert }: { alert: Pick<AlertView, 'status' | 'silence' | 'inhibited' | 'damped' | 'shed'> }) {
  const today = useToday()
  const words = alert.status === 'firing' ? heldSentence(alert, today) : null
  return words === null ? null : <p className={css.held}>{words}.</p>
}

/** Opened by a hand: what is decided about each alert is asked of the server only then. */
export function WhyMore({ alertId, title = 'The whole way, stage by stage' }: { alertId: string; title?: string }) {
  const [open, setOpen] = useState(false)
  return (
    <details className={css.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && <Why alertId={alertId} />}
    </details>
  )
}

/** Why an alert is where it is: what marks it, the way through the stages, and every decision about it. */
export function Why({ alertId }: { alertId: string }) {
  const { value, error } = useAsked(`/api/alerts/${encodeURIComponent(alertId)}/why`, alertWhySchema)
  if (value === null) return error === null ? <p className="dim">Asking…</p> : <Trouble>{error.message}</Trouble>
  return (
    <div className={css.why}>
      {error !== null && (
        <p className="soon" role="status">
          Not renewed since: {error.message}
        </p>
      )}
      <p>{whyLead(value)}</p>
      <Marks why={value} />
      <Decisions why={value} />
    </div>
  )
}

function Marks({ why: { marks } }: { why: AlertWhy }) {
  const today = useToday()
  const lines = marks === null ? [] : markLines(marks, today)
  if (lines.length === 0) return null
  return (
    <ul className={css.marks} aria-label="What marks it now">
      {lines.map(({ key, words, href }) => (
        <li key={key}>
          {words}. {href !== null && <Link href={href}>The rule</Link>}
        </li>
      ))}
    </ul>
  )
}

/** Oldest first; the way of the chosen one is drawn, of the newest at first. */
function Decisions({ why: { decisions, stages, older } }: { why: AlertWhy }) {
  const [chosen, choose] = useState<number | null>(null)
  const shown = decisions.find(({ n }) => n === chosen) ?? decisions.at(-1)
  if (shown === undefined) return <p className="dim">Nothing was decided about it yet.</p>
  return (
    <>
      <Path stages={stages} decision={shown} />
      {older && <p className="dim">There are older decisions; these are the newest {decisions.length}.</p>}
      <ol className={css.decisions} aria-label="What was decided about it, oldest first">
        {decisions.map((decision) => (
          <li key={decision.n}>
            <button
              type="button"
              className={css.decision}
              aria-pressed={decision === shown}
              onClick={() => choose(decision.n)}
            >
              <When at={decision.at} />
              <span>
                <b>{decision.again ? `judged again: ${decision.outcome}` : decision.outcome}</b> by {decision.stage}
              </span>
            </button>
            <p className={css.reason}>
              {decision.reason}. <Link href={filterAddress(decision)}>The rule</Link>
            </p>
          </li>
        ))}
      </ol>
    </>
  )
}

function When({ at }: { at: string }) {
  const now = useNow()
  const instant = Date.parse(at)
  return (
    <time dateTime={at} title={`${utcWords(instant)}, ${bothClocks(instant)}`}>
      {utcMinute(instant)} <span className="dimmer">{ageWords(now - instant)} ago</span>
    </time>
  )
}

const marks = { passed: '✓', decided: '●', 'not reached': '·', skipped: '–' } as const
const stateWords = {
  passed: 'passed',
  decided: 'decided here',
  'not reached': 'not reached',
  skipped: 'not asked again',
} as const

/** The stages in their order: passed, decided here, not reached. */
export function Path({ stages, decision }: { stages: readonly string[]; decision: DecisionView }) {
  return (
    <ol className={css.path} aria-label={`The way to "${outcomeMeaning[decision.outcome]}"`}>
      {pathOf(stages, decision).map(({ stage, state }) => (
        <li key={stage} className={css[state.replaceAll(' ', '-')]} title={`${stage}: ${stageMeaning[stage] ?? ''}`}>
          <span aria-hidden="true">{marks[state]}</span> {stage}
          <span className="unseen">, {stateWords[state]}</span>
        </li>
      ))}
    </ol>
  )
}
