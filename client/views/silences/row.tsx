import { formatMatcher } from '#shared/matchers.ts'
import type { SilenceView } from '#shared/silence.ts'
import { ageWords, bothClocks, figure, leftWords, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { useNow } from '../context.ts'
import { spans } from './draft.ts'
import css from './silences.module.css'

/** One silence: what it matches, whose it is and why, when it ends, and what it holds back now. */
export function SilenceRow({
  silence,
  chosen,
  onChoose,
  onExtend,
  onChange,
  onEnd,
}: {
  silence: SilenceView
  /** Null: it cannot be chosen, because it has ended or this person may not end it. */
  chosen: boolean | null
  onChoose: (on: boolean) => void
  /** Null: this person may only look. */
  onExtend: ((ms: number) => void) | null
  onChange: (() => void) | null
  onEnd: (() => void) | null
}) {
  const { id, state, matchers, createdBy, by, comment, firing, updatedAt } = silence
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
        <p className={css.chips}>
          {matchers.map((matcher) => (
            <code key={formatMatcher(matcher)}>{formatMatcher(matcher)}</code>
          ))}
        </p>
        <p>{comment === '' ? <span className="dimmer">no reason given</span> : comment}</p>
        <p className="dim">
          by {createdBy === '' ? by.name : createdBy}
          <span title={utcWords(Date.parse(updatedAt))}>, changed {ageWords(now - Date.parse(updatedAt))} ago</span>
          {createdBy !== '' && createdBy !== by.name && <> through {by.name}</>}
        </p>
      </div>
      <Span silence={silence} />
      <p className={css.held}>
        {state === 'active' ? (
          <>
            <b>{figure(firing)}</b> <span className="dim">silenced now</span>
          </>
        ) : null}
      </p>
      <div className={css.rowWays}>
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

function Span({ silence: { state, startsAt, endsAt } }: { silence: SilenceView }) {
  const now = useNow()
  const start = Date.parse(startsAt)
  const end = Date.parse(endsAt)
  const day = (at: number) => (utcWords(at).slice(0, 10) === utcWords(now).slice(0, 10) ? bothClocks(at) : utcWords(at))
  switch (state) {
    case 'active':
      return (
        <p className={css.span}>
          <b className={end - now < 10 * 60_000 ? 'soon' : undefined}>ends in {leftWords(Math.max(0, end - now))}</b>
          <time className="dim" dateTime={endsAt}>
            {day(end)}
          </time>
        </p>
      )
    case 'pending':
      return (
        <p className={css.span}>
          <b>starts in {leftWords(Math.max(0, start - now))}</b>
          <time className="dim" dateTime={startsAt}>
            {day(start)}
          </time>
          <span className="dim">for {ageWords(end - start)}</span>
        </p>
      )
    case 'expired':
      return (
        <p className={css.span}>
          <span className="dim">ended {ageWords(now - end)} ago</span>
          <time className="dim" dateTime={endsAt}>
            {day(end)}
          </time>
        </p>
      )
  }
}
