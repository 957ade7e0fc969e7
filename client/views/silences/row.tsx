import { formatMatcher, type Matcher } from '#shared/matchers.ts'
import type { SilenceView } from '#shared/silence.ts'
import { ageWords, bothClocks, figure, leftWords, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { useNow } from '../context.ts'
import { spans } from './draft.ts'
import { occurrenceWords, recurrenceWords } from './recurring.ts'
import css from './silences.module.css'
import { Times } from './times.tsx'

/** What ends so soon is asked about: whether it is to go on. */
export const soonMs = 30 * 60_000

/** It ends soon, and does not come again. */
export function isAboutToEnd({ state, endsAt, recurs }: SilenceView, now: number): boolean {
  const comesAgain = recurs !== null && recurs.next.length > 1
  return state === 'active' && !comesAgain && Date.parse(endsAt) - now <= soonMs
}

/** One silence: what it matches, whose it is and why, when it ends, and what it holds back now. */
export function SilenceRow({
  silence,
  chosen,
  fault,
  onChoose,
  onExtend,
  onChange,
  onEnd,
}: {
  silence: SilenceView
  /** Null: it cannot be chosen, because it has ended or this person may not end it. */
  chosen: boolean | null
  /** Why it was not ended; null: nobody tried. */
  fault: string | null
  onChoose: (on: boolean) => void
  /** Null: this person may only look. */
  onExtend: ((ms: number) => void) | null
  onChange: (() => void) | null
  onEnd: (() => void) | null
}) {
  const { id, state, matchers, createdBy, by, comment, firing, updatedAt, recurs } = silence
  const name = matchers.map(formatMatcher).join(', ')
  const now = useNow()
  return (
    <li className={css.silence} data-id={id}>
      <span className={css.choose}>
        {chosen !== null && (
          <input
            type="checkbox"
            aria-label={`Choose ${name}`}
            checked={chosen}
            onChange={(event) => onChoose(event.target.checked)}
          />
        )}
      </span>
      <div className={css.what}>
        <Chips matchers={matchers} />
        <p>{comment === '' ? <span className="dimmer">no reason given</span> : comment}</p>
        <p className="dim">
          by {createdBy === '' ? by.name : createdBy}
          <span title={utcWords(Date.parse(updatedAt))}>, changed {ageWords(now - Date.parse(updatedAt))} ago</span>
          {createdBy !== '' && createdBy !== by.name && <> through {by.name}</>}
        </p>
        {recurs !== null && <Recurs recurs={recurs} ended={state === 'expired'} />}
        {fault !== null && (
          <p className={css.fault} role="alert">
            Not ended: {fault}
          </p>
        )}
      </div>
      <Span silence={silence} />
      <HeldNow active={state === 'active'} firing={firing} />
      <div className={css.rowWays}>
        {onExtend !== null && isAboutToEnd(silence, now) && (
          <Button kind="main" aria-label={`+1 h for ${name}`} onClick={() => onExtend(3_600_000)}>
            +1 h
          </Button>
        )}
        {onExtend !== null && state === 'active' && (
          <Menu
            trigger={<Button aria-label={`Extend ${name}`}>Extend</Button>}
            entries={spans.map(([words, ms]) => ({ key: words, label: `by ${words}`, run: () => onExtend(ms) }))}
          />
        )}
        {onChange !== null && (
          <Button aria-label={`${state === 'expired' ? 'Silence again' : 'Change'} ${name}`} onClick={onChange}>
            {state === 'expired' ? 'Again' : 'Change'}
          </Button>
        )}
        {onEnd !== null && state !== 'expired' && (
          <Button aria-label={`End ${name}`} onClick={onEnd}>
            End
          </Button>
        )}
      </div>
    </li>
  )
}

/** What it matches, one after another. */
export function Chips({ matchers }: { matchers: readonly Matcher[] }) {
  return (
    <p className={css.chips}>
      {matchers.map((matcher) => (
        <code key={formatMatcher(matcher)}>{formatMatcher(matcher)}</code>
      ))}
    </p>
  )
}

/** Alerts that it holds back or marks; nothing while it is not in force. */
export function HeldNow({ active, firing }: { active: boolean; firing: number }) {
  return (
    <p className={css.held}>
      {active && (
        <>
          <b>{figure(firing)}</b> <span className="dim">silenced now</span>
        </>
      )}
    </p>
  )
}

function Recurs({ recurs, ended }: { recurs: NonNullable<SilenceView['recurs']>; ended: boolean }) {
  const { next, timeZone, until } = recurs
  return (
    <div className={css.recurs}>
      <p>
        <span className={css.again}>again</span> {recurrenceWords(recurs)}, {timeZone}
        {!ended && (
          <span className="dim">
            , until <time dateTime={until}>{utcWords(Date.parse(until)).slice(0, 10)}</time>
          </span>
        )}
      </p>
      {next.length > 1 && (
        <details>
          <summary>Next {next.length} times</summary>
          <Times times={next} timeZone={timeZone} />
        </details>
      )}
    </div>
  )
}

/** The day is said where it is another one. */
export function instantWords(at: number, now: number): string {
  return utcWords(at).slice(0, 10) === utcWords(now).slice(0, 10) ? bothClocks(at) : utcWords(at)
}

function Span({ silence }: { silence: SilenceView }) {
  const now = useNow()
  const { state, startsAt, endsAt, recurs } = silence
  const start = Date.parse(startsAt)
  const end = Date.parse(endsAt)
  switch (state) {
    case 'active':
      return (
        <p className={css.span}>
          <b className={isAboutToEnd(silence, now) ? 'soon' : undefined}>ends in {leftWords(Math.max(0, end - now))}</b>
          <time className="dim" dateTime={endsAt}>
            {instantWords(end, now)}
          </time>
          {recurs?.next[1] !== undefined && (
            <span className="dim">then {occurrenceWords(recurs.next[1], recurs.timeZone, now)}</span>
          )}
        </p>
      )
    case 'pending':
      return (
        <p className={css.span}>
          <b>
            {recurs === null ? 'starts' : 'next'} in {leftWords(Math.max(0, start - now))}
          </b>
          <time className="dim" dateTime={startsAt}>
            {recurs === null ? instantWords(start, now) : occurrenceWords({ startsAt, endsAt }, recurs.timeZone, now)}
          </time>
          {recurs === null && <span className="dim">for {ageWords(end - start)}</span>}
        </p>
      )
    case 'expired':
      return (
        <p className={css.span}>
          <span className="dim">ended {ageWords(now - end)} ago</span>
          <time className="dim" dateTime={endsAt}>
            {instantWords(end, now)}
          </time>
        </p>
      )
  }
}
