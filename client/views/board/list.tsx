import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useMedia } from '../context.ts'
import css from './board.module.css'
import { Card } from './card.tsx'

const rowPx = { wide: 66, narrow: 134 }
/** Rows kept beyond either edge, so that a quick scroll does not meet blanks. */
const spare = 8

/**
 * The list. Only the rows near the screen are in the page, so that a thousand incidents cost what thirty do; every
 * row has the same height, so that where each one stands is known without looking.
 */
export function IncidentList({
  ids,
  selected,
  onPick,
  onHand,
  onHandLeft,
}: {
  ids: readonly string[]
  selected: string | null
  onPick: (id: string) => void
  onHand: (id: string | null) => void
  onHandLeft: () => void
}) {
  const narrow = useMedia('(max-width: 700px)')
  const row = narrow ? rowPx.narrow : rowPx.wide
  const scroller = useRef<HTMLDivElement>(null)
  const [span, setSpan] = useState({ from: 0, to: 30 })

  const look = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    const from = Math.max(0, Math.floor(box.scrollTop / row) - spare)
    const to = Math.ceil((box.scrollTop + box.clientHeight) / row) + spare
    setSpan((before) => (before.from === from && before.to === to ? before : { from, to }))
  }, [row])

  useLayoutEffect(look, [look])
  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const observer = new ResizeObserver(look)
    observer.observe(box)
    return () => observer.disconnect()
  }, [look])

  const at = selected === null ? -1 : ids.indexOf(selected)
  const shownAt = useRef<string | null>(null)
  useLayoutEffect(() => {
    const box = scroller.current
    // Followed when the selection moves, not when the row does: that would be a jump.
    if (box === null || at === -1 || shownAt.current === selected) return
    shownAt.current = selected
    if (at * row < box.scrollTop) box.scrollTop = at * row
    else if ((at + 1) * row > box.scrollTop + box.clientHeight) box.scrollTop = (at + 1) * row - box.clientHeight
    look()
  }, [at, row, selected, look])

  const seen = ids.slice(span.from, span.to)
  return (
    <div className={css.scroller} ref={scroller} onScroll={look} style={{ '--row': `${row}px` } as React.CSSProperties}>
      <ol
        aria-label="Incidents, most urgent first"
        style={{ paddingTop: span.from * row, height: ids.length * row }}
        onPointerMove={(event) => event.pointerType === 'mouse' && onHand(idUnder(event.target))}
        onPointerLeave={onHandLeft}
        onFocus={(event) => onHand(idUnder(event.target))}
        onBlur={onHandLeft}
      >
        {seen.map((id, index) => (
          <Card key={id} id={id} selected={id === selected} place={span.from + index} of={ids.length} onPick={onPick} />
        ))}
      </ol>
    </div>
  )
}

function idUnder(target: EventTarget): string | null {
  return target instanceof Element ? (target.closest('[data-id]')?.getAttribute('data-id') ?? null) : null
}
