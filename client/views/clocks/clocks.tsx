import type { ClockView } from '#shared/legal/view.ts'
import type { IncidentView } from '#shared/wire.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { useApp, useMe, useNow } from '../context.ts'
import css from './clocks.module.css'
import { clocksWords, type DeadlineView, momentWords, type Standing, standingOf, standingWords } from './words.ts'

/** What a form of a clock begins with. */
export interface StopDraft {
  clock: string
  deadline: string
  how: 'submitted' | 'not-required' | 'mistaken'
  at: string
  reason: string
}
export interface StartDraft {
  clock: string
  /** It runs already, and this corrects when it started. */
  correct: boolean
  at: string
  awareAt: string
  reason: string
}
export const stopKey = (incidentId: string): string => `stop-clock/${incidentId}`
export const startKey = (incidentId: string): string => `start-clock/${incidentId}`

/** Legal and agreed clocks of an incident: what must be submitted until when, what was, and by whose word. */
export function Clocks({ view }: { view: IncidentView }) {
  const { act } = useApp()
  const me = useMe()
  const { summary, clocks = [] } = view
  const may = me.actions.includes('clock.manage') && summary.phase !== 'merged'
  const stop = (draft: Omit<StopDraft, 'at' | 'reason'>) => {
    act.drafts.set(stopKey(summary.id), { ...draft, at: '', reason: '' })
    act.begin('stop-clock', summary.id)
  }
  const start = (clock: ClockView | null) => {
    if (clock !== null)
      act.drafts.set(startKey(summary.id), { clock: clock.id, correct: true, at: '', awareAt: '', reason: '' })
    act.begin('start-clock', summary.id)
  }
  return (
    <>
      {clocks.length === 0 && (
        <p className={summary.flags.includes('personal-data') ? undefined : 'dim'}>
          {summary.flags.includes('personal-data')
            ? 'Personal data is affected, and no clock runs. Whether one must is for people to determine.'
            : 'None runs.'}
        </p>
      )}
      {clocks.map((clock) => (
        <OneClock key={clock.id} clock={clock} may={may} stop={stop} correct={() => start(clock)} />
      ))}
      {may && (
        <Button kind="quiet" onClick={() => start(null)}>
          Start a clock…
        </Button>
      )}
      <p className={css.note}>What people determined and recorded, counted from there. Never legal advice.</p>
    </>
  )
}

/** Beside the heading: how many are to be met. */
export function ClocksNote({ clocks }: { clocks: readonly ClockView[] }) {
  return <span className="dim">{clocksWords(clocks, useNow())}</span>
}

function OneClock({
  clock,
  may,
  stop,
  correct,
}: {
  clock: ClockView
  may: boolean
  stop: (draft: Omit<StopDraft, 'at' | 'reason'>) => void
  correct: () => void
}) {
  const now = useNow()
  const runs = clock.ended === null && clock.goneTo === null && clock.deadlines.some(({ met }) => met === null)
  const entries = [
    ...(runs
      ? [
          { key: 'correct', label: 'Correct its start…', run: correct },
          {
            key: 'not-required',
            label: 'Not required…',
            run: () => stop({ clock: clock.id, deadline: '', how: 'not-required' }),
          },
        ]
      : []),
    ...(clock.ended === null
      ? []
      : [
          {
            key: 'required',
            label: 'Required after all…',
            run: () => stop({ clock: clock.id, deadline: '', how: 'mistaken' }),
          },
        ]),
    ...clock.deadlines
      .filter(({ met }) => met !== null && clock.goneTo === null && clock.ended === null)
      .map((deadline) => ({
        key: `mistaken/${deadline.id}`,
        label: `“${deadline.name}” was not submitted…`,
        run: () => stop({ clock: clock.id, deadline: deadline.id, how: 'mistaken' }),
      })),
  ]
  return (
    <article className={css.clock} aria-label={clock.name}>
      <header className={css.head}>
        <h3>{clock.name}</h3>
        <p className="dim">
          since {momentWords(Date.parse(clock.startedAt), now)}
          {clock.corrections > 0 && <b> · corrected</b>}
          {clock.cameFrom !== null && <> · came with {clock.cameFrom}</>}
        </p>
        {may && entries.length > 0 && (
          <Menu
            trigger={
              <Button kind="quiet" aria-label={`More to do with ${clock.name}`}>
                More
              </Button>
            }
            entries={entries}
          />
        )}
      </header>
      <ul className={css.deadlines}>
        {clock.deadlines.map((deadline) => (
          <Row
            key={deadline.id}
            clock={clock}
            deadline={deadline}
            now={now}
            record={
              may && runs && deadline.met === null && deadline.dueAt !== null
                ? () => stop({ clock: clock.id, deadline: deadline.id, how: 'submitted' })
                : null
            }
          />
        ))}
      </ul>
      {clock.ended !== null && (
        <p className={css.said}>
          Found not to be required by {clock.ended.by.name}, {momentWords(Date.parse(clock.ended.at), now)}:{' '}
          {clock.ended.reason}
        </p>
      )}
      <details className={css.source}>
        <summary>{clock.source}</summary>
        <p>{clock.says}</p>
        <p className="dim">
          Started by {clock.by.name}, {momentWords(Date.parse(clock.notedAt), now)}: {clock.reason}
        </p>
        {clock.awareAt !== null && <p className="dim">Aware since {momentWords(Date.parse(clock.awareAt), now)}</p>}
      </details>
    </article>
  )
}

const marks: Readonly<Record<Standing, string>> = {
  ...{ waiting: '·', running: '○', near: '◐', passed: '!', met: '✓', late: '✓', 'not-required': '–', gone: '→' },
}

function Row({
  clock,
  deadline,
  now,
  record,
}: {
  clock: ClockView
  deadline: DeadlineView
  now: number
  record: (() => void) | null
}) {
  const standing = standingOf(clock, deadline, now)
  return (
    <li className={`${css.row} ${css[standing] ?? ''}`}>
      <span className={css.mark} aria-hidden="true">
        {marks[standing]}
      </span>
      <div className={css.what}>
        <p>{deadline.name}</p>
        <p
          className={css.when}
          title={`${deadline.rule}${deadline.basis === 'house' ? '; the time is the house’s own' : ''}`}
        >
          {standingWords(clock, deadline, now)}
          {deadline.met !== null && (
            <>
              {' '}
              by {deadline.met.by.name}
              {deadline.met.reason !== '' && <>: {deadline.met.reason}</>}
            </>
          )}
          {deadline.basis === 'house' && standing !== 'met' && <> · our own limit</>}
        </p>
      </div>
      {record !== null && (
        <Button onClick={record} aria-label={`Record the submission: ${deadline.name}`}>
          Record
        </Button>
      )}
    </li>
  )
}
