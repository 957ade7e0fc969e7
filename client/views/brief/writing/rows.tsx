import { type ReactNode, useState } from 'react'
import { partNames } from '#shared/brief/differences.ts'
import { type Draft, type DraftList, type DraftRow, rowsThatCount, shapeOf } from '#shared/brief/draft.ts'
import type { DraftPerson } from '#shared/brief/line.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import css from './brief.module.css'
import { addRow, removeRow, textOfRow } from './document.ts'
import type { DraftSession } from './session.ts'
import { SharedText } from './shared-text.tsx'

/** A list of a brief: rows that anybody may type in, at most as many as one screen has room for. */
export function Rows({
  session,
  draft,
  list,
  people,
  labels,
  hint,
  more,
  children,
}: {
  session: DraftSession
  draft: Draft
  list: DraftList
  people: readonly DraftPerson[]
  /** What each part of a row is called; the first part stands first. */
  labels: Readonly<Record<string, string>>
  /** What belongs here, shown while it is empty. */
  hint: string
  /** What else a row has, behind its words. */
  more?: (row: DraftRow) => ReactNode
  children?: ReactNode
}) {
  const rows = draft.rows[list]
  const { most, texts } = shapeOf(list)
  const count = rowsThatCount(rows).length
  const [fresh, setFresh] = useState<string | null>(null)
  const names = Object.entries(texts)
  const full = rows.length >= most

  function add(): void {
    const blank = rows.find((row) => Object.values(row.texts).every((words) => words === ''))
    if (blank === undefined && full) return
    const id = blank?.id ?? crypto.randomUUID()
    if (blank === undefined) addRow(session.doc, list, id)
    setFresh(id)
  }
  function remove(row: DraftRow): void {
    const before = rows[rows.indexOf(row) - 1]
    removeRow(session.doc, list, row.id)
    setFresh(before?.id ?? null)
  }

  return (
    <fieldset className={css.list}>
      <legend>
        {partNames[list]}{' '}
        <span className={count > most ? 'late' : 'dimmer'}>
          {count} of {most}
        </span>
      </legend>
      {rows.length === 0 && <p className="dimmer">{hint}</p>}
      {rows.map((row, index) => (
        <div className={css.row} key={row.id}>
          {names.map(([name, limit], place) => {
            const text = textOfRow(session.doc, list, row.id, name)
            return text === undefined ? null : (
              <SharedText
                key={name}
                session={session}
                text={text}
                field={names.length === 1 ? row.id : `${row.id}/${name}`}
                label={`${labels[name]} ${index + 1}`}
                value={row.texts[name] ?? ''}
                limit={limit}
                people={people}
                {...(names.length > 1 && { placeholder: labels[name] ?? '' })}
                focus={fresh === row.id && place === 0}
                onEnter={add}
                onEmptyBack={
                  place === 0 && Object.values(row.texts).every((words) => words === '') ? () => remove(row) : undefined
                }
              />
            )
          })}
          {more?.(row)}
          <button
            type="button"
            className={css.remove}
            aria-label={`Remove ${index + 1} of ${partNames[list]}`}
            onClick={() => remove(row)}
          >
            ✕
          </button>
        </div>
      ))}
      {children}
      {!full && (
        <Button kind="quiet" className={css.add} aria-label={`Add to ${partNames[list]}`} onClick={add}>
          + Add
        </Button>
      )}
    </fieldset>
  )
}
