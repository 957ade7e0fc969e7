import { useEffect, useState } from 'react'
import type { Summary } from '#shared/wire.ts'
import { leftWords } from '../../state/time-words.ts'
import { TierGlyph, tierWord } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useNow } from '../context.ts'
import type { Groups } from './groups.ts'
import css from './mine.module.css'

/** What the big button does. */
export interface ThumbAct {
  type: 'accept' | 'confirm' | 'claim'
  summary: Summary
}

/** The one thing that is most wanted of me: an answer, a sign of life, an owner for what has none. Null: nothing. */
export function thumbAct(groups: Groups, mayRespond: boolean, live = true): ThumbAct | null {
  if (!mayRespond) return null
  const [offered] = groups.offered
  // What is accepted must have been read as it is now.
  if (offered !== undefined && live) return { type: 'accept', summary: offered }
  const [first] = groups.mine
  if (first?.due?.kind === 'sign-of-life') return { type: 'confirm', summary: first.summary }
  const [unclaimed] = groups.unclaimed
  return unclaimed === undefined ? null : { type: 'claim', summary: unclaimed }
}

/** A button that changes what it does rests for so long: a thumb on its way must not meet another incident. */
const restMs = 600

/** Rule M4: one big button where the thumb is; it never takes a press that was meant for what stood there before. */
export function Thumb({ act: wanted, busy }: { act: ThumbAct; busy: boolean }) {
  // A button anew for each deed: what was pressed down on the one before is never let go on this one.
  return <ThumbButton key={`${wanted.type}/${wanted.summary.id}`} wanted={wanted} busy={busy} />
}

function ThumbButton({ wanted: { type, summary }, busy }: { wanted: ThumbAct; busy: boolean }) {
  const { act } = useApp()
  const now = useNow()
  const [rests, setRests] = useState(true)
  useEffect(() => {
    const timer = setTimeout(() => setRests(false), restMs)
    return () => clearTimeout(timer)
  }, [])
  const label =
    type === 'accept'
      ? 'Read brief and accept'
      : type === 'confirm'
        ? 'I am on it'
        : busy
          ? 'Claiming…'
          : `Claim ${summary.id}`
  const left = type === 'accept' && summary.offer !== null ? Date.parse(summary.offer.deadline) - now : null
  return (
    <div className={css.thumb}>
      <button
        type="button"
        className={type === 'accept' ? `${css.thumbButton} ${css.thumbOffer}` : css.thumbButton}
        disabled={rests || busy}
        onClick={() => act.begin(type, summary.id)}
      >
        <TierGlyph tier={summary.tier} size={30} word={false} />
        <span className={css.thumbWords}>
          <b>
            {label}
            {left !== null && <span className={css.thumbLeft}> {leftWords(Math.max(0, left))}</span>}
          </b>
          <span className={css.thumbTitle}>
            <span className="unseen">{tierWord(summary.tier)} </span>
            {type === 'claim' ? summary.title : `${summary.id} · ${summary.title}`}
          </span>
        </span>
      </button>
    </div>
  )
}
