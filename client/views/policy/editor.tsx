import { type RefObject, useImperativeHandle, useMemo, useRef, useState } from 'react'
import type { PolicyCheck } from '#shared/trial.ts'
import css from './policy.module.css'

export interface EditorHandle {
  /** Puts the cursor on a line, from 1, and the line into view. */
  goTo(line: number): void
}

/** As in the style sheet; lines do not wrap, so that a line of text is a line on the screen. */
const lineHeight = 20
const above = 10

/** The text with the numbers of its lines; lines that are wrong are marked by shape and say why. */
export function Editor({
  text,
  problems,
  readOnly,
  label,
  ref,
  onChange,
}: {
  text: string
  problems: PolicyCheck['problems']
  readOnly: boolean
  label: string
  ref: RefObject<EditorHandle | null>
  onChange: (text: string) => void
}) {
  const area = useRef<HTMLTextAreaElement>(null)
  const [scrolled, setScrolled] = useState(0)
  const lines = useMemo(() => text.split('\n').length, [text])
  const numbers = useMemo(() => Array.from({ length: lines }, (_, index) => index + 1).join('\n'), [lines])
  const wrong = useMemo(() => {
    const found = new Map<number, string[]>()
    for (const { line, path, message } of problems)
      if (line !== null) found.set(line, [...(found.get(line) ?? []), path === '' ? message : `${path}: ${message}`])
    return found
  }, [problems])
  useImperativeHandle(ref, () => ({
    goTo(line) {
      const field = area.current
      if (field === null) return
      const start = text.split('\n', line - 1).reduce((sum, each) => sum + each.length + 1, 0)
      const end = text.indexOf('\n', start)
      field.focus()
      field.setSelectionRange(start, end === -1 ? text.length : end)
      field.scrollTop = Math.max(0, (line - 4) * lineHeight)
      setScrolled(field.scrollTop)
    },
  }))
  return (
    <div className={css.editor}>
      <div className={css.gutter} aria-hidden="true">
        <pre style={{ translate: `0 ${above - scrolled}px` }}>{numbers}</pre>
        {[...wrong].map(([line, messages]) => (
          <i
            key={line}
            className={css.wrong}
            style={{ top: above + (line - 1) * lineHeight - scrolled }}
            title={messages.join('\n')}
          />
        ))}
      </div>
      <textarea
        ref={area}
        className={css.text}
        aria-label={label}
        aria-invalid={problems.length > 0}
        value={text}
        readOnly={readOnly}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        onChange={(event) => onChange(event.target.value)}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      />
    </div>
  )
}
