import { type RefObject, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Summary } from '#shared/wire.ts'
import { TierGlyph, tierWord } from '../../../widgets/marks/tier-glyph.tsx'
import { useApp } from '../../context.ts'
import { likelyTargets } from './likely.ts'
import css from './merge.module.css'

const most = 8

/** Chooses the other incident: the likely ones first, any by its number, title or service. */
export function TargetPicker({
  of,
  field,
  onPick,
}: {
  of: Summary
  field: RefObject<HTMLInputElement | null>
  onPick: (id: string) => void
}) {
  const { board } = useApp()
  const incidents = useStore(board, (state) => state.incidents)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  // The order is that of the moment when the words were typed: a row never moves under the hand. New ones come last.
  const first = useMemo(
    () => likelyTargets(of, board.getState().incidents.values(), text).map(({ summary }) => summary.id),
    [of, board, text],
  )
  const now = new Map(likelyTargets(of, incidents.values(), text).map((one) => [one.summary.id, one]))
  const found = [...new Set([...first, ...now.keys()])].flatMap((id) => now.get(id) ?? [])
  const shown = found.slice(0, most)
  const place = Math.max(0, Math.min(at, shown.length - 1))
  return (
    <div className={css.picker}>
      <label className={css.pickLabel} htmlFor="merge-find">
        Into which one
      </label>
      <input
        id="merge-find"
        ref={field}
        className={css.find}
        role="combobox"
        aria-expanded="true"
        aria-controls="merge-found"
        aria-activedescendant={shown[place] === undefined ? undefined : `merge-found-${place}`}
        placeholder="number, title, service, owner"
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(shown.length - 1, place + 1))
          else if (event.key === 'ArrowUp') setAt(Math.max(0, place - 1))
          else if (event.key === 'Enter') {
            const chosen = shown[place]
            if (chosen !== undefined) onPick(chosen.summary.id)
          } else return
          event.preventDefault()
        }}
      />
      <div className={css.found} id="merge-found" role="listbox" aria-label="Open incidents, the likeliest first">
        {shown.length === 0 && (
          <p className="dim">
            {text.trim() === ''
              ? 'No other incident is open. There is nothing to merge with.'
              : 'No open incident has these words.'}
          </p>
        )}
        {shown.map(({ summary, because }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above moves and chooses by keyboard
          // biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
          <div
            key={summary.id}
            id={`merge-found-${index}`}
            role="option"
            aria-selected={index === place}
            className={css.option}
            onClick={() => onPick(summary.id)}
            onPointerMove={() => setAt(index)}
          >
            <TierGlyph tier={summary.tier} size={24} word={false} />
            <span className={css.optionText}>
              <b>{summary.title}</b>
              <span className="dim">
                <span className="unseen">{tierWord(summary.tier)}, </span>
                {summary.id} · {summary.service ?? 'no service'} · {summary.owner?.name ?? 'unowned'}
                {summary.flags.includes('restricted') && ' · restricted'}
              </span>
            </span>
            <span className={css.because}>{because.join(', ')}</span>
          </div>
        ))}
      </div>
      {found.length > shown.length && (
        <p className="dimmer">{found.length - shown.length} more are open: type a word of the one you want.</p>
      )}
    </div>
  )
}
