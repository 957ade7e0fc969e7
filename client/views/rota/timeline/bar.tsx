import { type CSSProperties, createContext, memo, useContext } from 'react'
import type { RotationView, ShiftView, TroubleView } from '#shared/duty/view.ts'
import { measureText } from '../../../widgets/chain/measure.ts'
import type { Begin, Known } from '../known.ts'
import { byWords, shiftWords } from '../words.ts'
import { dayStart, rangeIn } from '../zone.ts'
import { initials, labelFor, placeOf, type Span, spanOf } from './layout.ts'
import { ByMark } from './marks.tsx'
import css from './timeline.module.css'

/** Of the part where time runs, px: what a bar may say depends on it. */
export const Width = createContext(0)
/** Border, padding and the space to the next bar. */
const aroundPx = 18
const markPx = 18
/** So much less padding has a bar with letters only. */
const tightPx = 9

export const styleOf = ({ left, width }: { left: number; width: number }): CSSProperties => ({
  left: `${left * 100}%`,
  width: `${width * 100}%`,
})

/** Bold, because one's own are. */
export const textPx = (text: string): number => measureText(text, true, 13)

/** One stop of the tab key for each lane: what is on now, or at the beginning. The arrows go on from there. */
function isFirstStop(span: Span, now: number, window: Span): boolean {
  const at = now >= window.from && now < window.to ? now : window.from
  return span.from <= at && span.to > at
}

interface BarProps {
  span: Span
  shift: ShiftView
  known: Known
  window: Span
  begin: Begin
}

/** A shift as a bar, which says all of itself to whoever listens. */
export function Bar({ span, shift, known, window, begin }: BarProps) {
  const { rotations, here, now, view } = known
  const width = useContext(Width)
  const place = placeOf(span, window)
  const rotation = rotations.get(shift.rotation)
  if (place === null || rotation === undefined) return null
  return (
    <DrawnBar
      left={place.left}
      width={place.width}
      room={place.width * width}
      shift={shift}
      rotation={rotation}
      name={known.names.person(shift.person)}
      mine={shift.person === view.me}
      over={span.to <= now}
      stop={isFirstStop(span, now, window)}
      here={here}
      today={dayStart(now, here)}
      begin={begin}
    />
  )
}

/** There may be thousands, and a minute changes two of them: only those are painted anew. */
const DrawnBar = memo(function DrawnBar({
  left,
  width,
  room,
  shift,
  rotation,
  name,
  mine,
  over,
  stop,
  here,
  today,
  begin,
}: {
  left: number
  width: number
  /** px */
  room: number
  shift: ShiftView
  rotation: RotationView
  name: string
  mine: boolean
  over: boolean
  stop: boolean
  here: string
  /** Start of this day: words depend on the day only. */
  today: number
  begin: Begin
}) {
  const names = { person: () => name, rotation: () => rotation.name }
  const words = shiftWords(shift, names, { here, there: rotation.timeZone, now: today, layers: rotation.layers })
  const why = byWords[shift.by]
  const inner = room - aroundPx - (why === null ? 0 : markPx)
  const letters = initials(name)
  const label = labelFor(name, inner, textPx) || (textPx(letters) <= inner + tightPx ? letters : '')
  const withWhy = why !== null && label === name && textPx(`${name} ${why}`) <= inner
  const kinds = [css.bar, css[shift.by], mine && css.mine, over && css.over, inner < textPx(letters) && css.tight]
  return (
    <li style={styleOf({ left, width })} title={words}>
      <button
        type="button"
        data-bar
        tabIndex={stop ? 0 : -1}
        className={kinds.filter(Boolean).join(' ')}
        aria-label={words}
        onClick={() => begin({ kind: 'shift', shift })}
      >
        {(label !== '' || room > 24) && <ByMark by={shift.by} />}
        <span aria-hidden="true">
          {label}
          {withWhy && <span className={css.why}> {why}</span>}
        </span>
      </button>
    </li>
  )
})

/** Where somebody should answer and nobody does; pressed, somebody is put in. */
export function Gap({
  gap,
  rotation,
  known: { here, now },
  window,
  begin,
}: {
  gap: TroubleView
  rotation: RotationView
  known: Known
  window: Span
  begin: Begin
}) {
  const span = spanOf(gap)
  const width = useContext(Width)
  const place = placeOf(span, window)
  if (place === null) return null
  const words = `Nobody answers for ${rotation.name}, ${rangeIn(span.from, span.to, here, now)}`
  const mayFill = span.to > now && rotation.mayOverride !== 'nobody'
  const room = place.width * width - aroundPx
  const inside = <span aria-hidden="true">{textPx('nobody') <= room ? 'nobody' : textPx('✕') <= room ? '✕' : ''}</span>
  if (!mayFill)
    return (
      <li style={styleOf(place)}>
        <span className={`${css.bar} ${css.gap}`} title={words}>
          <span className="unseen">{words}</span>
          {inside}
        </span>
      </li>
    )
  const from = Math.max(span.from, now)
  return (
    <li style={styleOf(place)} title={words}>
      <button
        type="button"
        data-bar
        tabIndex={isFirstStop(span, now, window) ? 0 : -1}
        className={`${css.bar} ${css.gap}`}
        aria-label={`${words}. Put somebody in.`}
        onClick={() => begin({ kind: 'override', rotation: rotation.id, layer: null, from, to: span.to })}
      >
        {inside}
      </button>
    </li>
  )
}
