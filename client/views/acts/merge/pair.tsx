import type { RefObject } from 'react'
import type { Summary } from '#shared/wire.ts'
import { alertsWords } from '../../../state/fact-words.ts'
import { ageWords, utcMinute, utcWords } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { Flag, ProvisionalMark } from '../../../widgets/marks/marks.tsx'
import { TierGlyph, tierWord } from '../../../widgets/marks/tier-glyph.tsx'
import { useMe, useNow } from '../../context.ts'
import css from './merge.module.css'

/** Both incidents side by side, with the way the alerts go. */
export function Pair({
  ends,
  stays,
  onTurn,
  ref,
}: {
  ends: Summary
  stays: Summary
  onTurn: () => void
  ref: RefObject<HTMLDivElement | null>
}) {
  return (
    <div className={css.pair} ref={ref} tabIndex={-1}>
      <Side summary={ends} what="Ends, merged" faint />
      <div className={css.way}>
        <svg viewBox="0 0 34 20" aria-hidden="true">
          <path d="M2 7h17V2l13 8-13 8v-5H2z" fill="currentColor" />
        </svg>
        <Button onClick={onTurn} aria-label="Turn round: the other one ends">
          Turn round
        </Button>
      </div>
      <Side summary={stays} what="Goes on" />
    </div>
  )
}

function Side({ summary, what, faint = false }: { summary: Summary; what: string; faint?: boolean }) {
  const now = useNow()
  const me = useMe()
  const openedAt = Date.parse(summary.openedAt)
  return (
    <section className={faint ? `${css.side} ${css.faint}` : css.side} aria-label={`${what}: ${summary.id}`}>
      <p className="caps">{what}</p>
      <div className={css.sideHead}>
        <TierGlyph tier={summary.tier} size={28} word={false} />
        <p>
          <b>{summary.title}</b>
        </p>
      </div>
      <dl>
        <div>
          <dt>Number</dt>
          <dd>
            {summary.id}, {tierWord(summary.tier)} {summary.flags.includes('restricted') && <Flag flag="restricted" />}
          </dd>
        </div>
        <div>
          <dt>Service</dt>
          <dd>{summary.service ?? 'none'}</dd>
        </div>
        <div>
          <dt>Owner</dt>
          <dd>
            {summary.owner === null ? (
              <span className="late">unowned</span>
            ) : summary.owner.id === me.id ? (
              'you'
            ) : (
              summary.owner.name
            )}
          </dd>
        </div>
        <div>
          <dt>Opened</dt>
          <dd>
            <time title={utcWords(openedAt)}>{utcMinute(openedAt)} UTC</time>, {ageWords(now - openedAt)} ago
            {summary.provisional && (
              <>
                {' '}
                <ProvisionalMark openedMs={now - openedAt} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Phase</dt>
          <dd>{summary.phase}</dd>
        </div>
        <div>
          <dt>Alerts</dt>
          <dd>{alertsWords(summary.alerts)}</dd>
        </div>
      </dl>
    </section>
  )
}

/** What will follow, one line each. */
export function Follows({ lines }: { lines: readonly string[] }) {
  return (
    <ul className={css.follows} aria-label="What follows">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}
