import { partNames } from '#shared/brief/differences.ts'
import { type Draft, type DraftList, shapeOf } from '#shared/brief/draft.ts'
import type { Suggestion } from '#shared/brief/prefill.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { Key } from '../../../widgets/marks/marks.tsx'
import css from './brief.module.css'
import { settle } from './document.ts'
import type { DraftSession } from './session.ts'

/** What is new of the incident and not in the draft. One key keeps or drops one; nothing changes what was typed by itself. */
export function Suggestions({
  session,
  draft,
  suggestions,
  kept,
  nameOf,
}: {
  session: DraftSession
  draft: Draft
  suggestions: readonly Suggestion[]
  /** Whether a brief was ever kept. */
  kept: boolean
  nameOf: (id: string) => string
}) {
  if (suggestions.length === 0) return null
  const answer = (suggestion: Suggestion, keep: boolean) =>
    settle(session.doc, suggestion, keep, () => crypto.randomUUID())
  return (
    <section className={css.suggestions} aria-label="Suggested from the incident">
      <p className={css.suggestHead}>
        <b>{suggestions.length === 1 ? 'One thing is new' : `${suggestions.length} things are new`}</b>{' '}
        <span className="dim">
          since {kept ? 'the last brief' : 'this was begun'}: <Key>k</Key> keeps, <Key>d</Key> drops
        </span>
      </p>
      <ul>
        {suggestions.map((suggestion) => {
          const full = suggestion.kind === 'add' && isFull(draft, suggestion.list)
          return (
            <li
              key={suggestion.key}
              className={css.suggestion}
              onKeyDown={(event) => {
                if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== 'k' && event.key !== 'd')) return
                event.preventDefault()
                if (event.key === 'k' && full) return
                const next = event.currentTarget.nextElementSibling ?? event.currentTarget.previousElementSibling
                answer(suggestion, event.key === 'k')
                next?.querySelector('button')?.focus()
              }}
            >
              <span>
                <span className="dim">{partOf(suggestion)} </span>
                {wordsOf(suggestion, draft, nameOf)} <span className="dimmer">({suggestion.because})</span>
                {full && <span className="soon"> The list is full: remove one first.</span>}
              </span>
              <Button disabled={full} onClick={() => answer(suggestion, true)}>
                {suggestion.kind === 'remove' ? 'Remove it' : 'Keep'}
              </Button>
              <Button kind="quiet" onClick={() => answer(suggestion, false)}>
                {suggestion.kind === 'remove' ? 'Leave it' : 'Drop'}
              </Button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

const isFull = (draft: Draft, list: DraftList): boolean => draft.rows[list].length >= shapeOf(list).most

function partOf(suggestion: Suggestion): string {
  if (suggestion.kind === 'situation') return 'Situation:'
  if (suggestion.kind === 'trend') return 'Trend:'
  return `${partNames[suggestion.list]}:`
}

function wordsOf(suggestion: Suggestion, draft: Draft, nameOf: (id: string) => string): string {
  switch (suggestion.kind) {
    case 'situation':
      return suggestion.text
    case 'trend':
      return `${draft.trend} → ${suggestion.trend}`
    case 'add':
      return String(suggestion.parts.text ?? '')
    case 'remove':
      return `without “${suggestion.text}”`
    case 'change': {
      const row = draft.rows[suggestion.list].find(({ id }) => id === suggestion.row)
      const said = Object.entries(suggestion.parts).map(([name, value]) => {
        if (name === 'text') return String(value)
        if (name === 'owner') return value === null ? 'whoever takes it' : `for ${nameOf(String(value))}`
        if (name === 'dueAt') return value === null ? 'no time' : `by ${String(value).slice(11, 16)} UTC`
        return String(value)
      })
      return 'text' in suggestion.parts ? said.join(', ') : `“${row?.texts.text ?? ''}” → ${said.join(', ')}`
    }
  }
}
