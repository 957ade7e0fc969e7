import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react'
import type * as Y from 'yjs'
import type { DraftPerson } from '#shared/brief/line.ts'
import controls from '../../../widgets/controls/controls.module.css'
import css from './brief.module.css'
import { applyEdit, editBetween, placeAfter } from './document.ts'
import type { DraftSession } from './session.ts'

/**
 * A field that several people type in. The element is the page's own: what others type is put into it round the caret and the
 * selection, and never while letters are being composed.
 */
export function SharedText({
  session,
  text,
  field,
  label,
  showLabel = false,
  value,
  limit,
  rows = 1,
  placeholder,
  people,
  focus = false,
  onEnter,
  onEmptyBack,
}: {
  session: DraftSession
  text: Y.Text
  /** Where the cursor is, as the others are told. */
  field: string
  label: string
  showLabel?: boolean
  /** As the draft reads; what counts the letters. */
  value: string
  limit: number
  rows?: number
  placeholder?: string
  people: readonly DraftPerson[]
  /** The cursor goes here once it is there. */
  focus?: boolean
  /** Enter in a field of one line; without, and with Ctrl anywhere, it sends the form. */
  onEnter?: () => void
  /** Backspace in an empty field. */
  onEmptyBack?: (() => void) | undefined
}) {
  const id = useId()
  const element = useRef<HTMLTextAreaElement>(null)
  /** What the document says that the element shows. */
  const shown = useRef('')
  const release = useRef<(() => void) | null>(null)

  function read(): void {
    const field = element.current
    if (field === null) return
    applyEdit(text, editBetween(shown.current, field.value, field.selectionEnd))
    shown.current = text.toString()
  }
  function endComposing(): void {
    if (release.current === null) return
    read()
    const free = release.current
    release.current = null
    free()
  }

  useLayoutEffect(() => {
    const field = element.current
    if (field === null) return
    const show = (next: string) => {
      if (field.value !== next) field.value = next
      shown.current = next
    }
    show(text.toString())
    const changed = (event: Y.YTextEvent) => {
      const next = text.toString()
      if (field.value === next) {
        shown.current = next
        return
      }
      const { selectionStart, selectionEnd, selectionDirection } = field
      const delta = event.delta as { retain?: number; insert?: unknown; delete?: number }[]
      show(next)
      if (document.activeElement === field)
        field.setSelectionRange(placeAfter(selectionStart, delta), placeAfter(selectionEnd, delta), selectionDirection)
    }
    text.observe(changed)
    return () => text.unobserve(changed)
  }, [text])

  useEffect(() => {
    const field = element.current
    if (field === null) return
    // The browser's own undo would bring back what others have changed since.
    const own = (event: InputEvent) => {
      if (event.inputType !== 'historyUndo' && event.inputType !== 'historyRedo') return
      event.preventDefault()
      if (event.inputType === 'historyUndo') session.undo.undo()
      else session.undo.redo()
    }
    field.addEventListener('beforeinput', own)
    return () => {
      field.removeEventListener('beforeinput', own)
      release.current?.()
      release.current = null
    }
  }, [session])

  useEffect(() => {
    if (focus) element.current?.focus()
  }, [focus])

  const others = people.filter((person) => person.field === field)
  const left = limit - value.trim().length
  const counts = left <= limit * 0.25
  return (
    <div className={others.length > 0 ? `${css.text} ${css.shared}` : css.text}>
      {(showLabel || others.length > 0) && (
        <span className={css.labelRow}>
          {showLabel && <label htmlFor={id}>{label}</label>}
          <Here people={others} />
          {showLabel && counts && <Left left={left} />}
        </span>
      )}
      <textarea
        id={id}
        ref={element}
        className={`${controls.input} ${css.area}`}
        rows={rows}
        maxLength={limit}
        placeholder={placeholder}
        aria-invalid={left < 0}
        {...(!showLabel && { 'aria-label': label })}
        aria-describedby={`${id}-left`}
        onInput={(event) => {
          if (!(event.nativeEvent as InputEvent).isComposing) read()
        }}
        onCompositionStart={() => {
          // What is composed is one thing to take back, however fast it follows what was typed before.
          session.undo.stopCapturing()
          release.current ??= session.hold()
        }}
        onCompositionEnd={endComposing}
        onFocus={() => session.at(field)}
        onBlur={() => {
          endComposing()
          session.at(null)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z') {
            event.preventDefault()
            if (event.shiftKey) session.undo.redo()
            else session.undo.undo()
          } else if (event.key === 'Enter' && !event.shiftKey && (rows === 1 || event.ctrlKey || event.metaKey)) {
            event.preventDefault()
            if (onEnter === undefined || event.ctrlKey || event.metaKey) event.currentTarget.form?.requestSubmit()
            else onEnter()
          } else if (event.key === 'Backspace' && onEmptyBack !== undefined && event.currentTarget.value === '') {
            event.preventDefault()
            onEmptyBack()
          }
        }}
      />
      <span id={`${id}-left`} className={showLabel || !counts ? 'unseen' : css.rowLeft}>
        {counts ? <Left left={left} /> : null}
      </span>
    </div>
  )
}

function Left({ left }: { left: number }): ReactNode {
  return left < 0 ? <b className="late">{-left} over</b> : <span className="dimmer">{left} left</span>
}

/** Who else has the cursor here. */
export function Here({ people }: { people: readonly DraftPerson[] }) {
  if (people.length === 0) return null
  return <span className={css.here}>{people.map(({ name }) => name).join(', ')}</span>
}
