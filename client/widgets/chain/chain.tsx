import type { Summary } from '#shared/wire.ts'
import { ageWords, bothClocks } from '../../state/time-words.ts'
import css from './chain.module.css'
import { layoutChain, type Placed, pressable } from './layout.ts'
import { measureText } from './measure.ts'
import { beganWords, chainText, type Piece, piecesOf, warningText } from './pieces.ts'
import { useTip } from './tip.tsx'
import { useWidth } from './use-width.ts'

/**
 * The hand-off chain: who held it and how long, where nobody did, to whom it is offered, where it was torn away.
 * Hover (or focus, where `focusable`) tells what was said at each hop.
 */
export function HandoffChain({
  summary,
  now,
  me = null,
  size = 'card',
  focusable = false,
  still = false,
  onOpen,
}: {
  summary: Pick<Summary, 'chain' | 'offer' | 'handovers'>
  now: number
  me?: string | null
  size?: 'card' | 'large'
  focusable?: boolean
  /** No motion: the picture is not live. */
  still?: boolean
  /** A stretch was pressed, where `focusable`: its place in the chain, from 0. */
  onOpen?: (hop: number) => void
}) {
  const [ref, width] = useWidth<HTMLDivElement>(320)
  const fontPx = size === 'large' ? 12.5 : 11
  const pieces = piecesOf(summary, now, me)
  const measure = (text: string, bold: boolean) => measureText(text, bold, fontPx)
  const placed = layoutChain(pieces, width, measure, focusable ? pressable : undefined)
  const warning = warningText(summary)
  return (
    <div className={size === 'large' ? `${css.chain} ${css.large}` : css.chain}>
      <div className={css.hops} ref={ref} aria-hidden={focusable ? undefined : true}>
        {placed.map((one) => (
          <Stretch
            key={one.piece.key}
            placed={one}
            focusable={focusable}
            now={now}
            still={still}
            {...(onOpen !== undefined && {
              onOpen: () => {
                if (one.piece.hop !== null) onOpen(summary.chain.indexOf(one.piece.hop))
              },
            })}
          />
        ))}
      </div>
      {summary.handovers > 0 && (
        <span
          className={warning === null ? css.count : `${css.count} ${css.warn}`}
          title={`${summary.handovers} hand-overs${warning === null ? '' : `: ${warning}`}`}
          aria-hidden
        >
          {warning !== null && <Warning />}
          {summary.handovers}×
        </span>
      )}
      <span className="unseen">{chainText(summary, now)}</span>
    </div>
  )
}

function Stretch({
  placed,
  focusable,
  now,
  still,
  onOpen,
}: {
  placed: Placed
  focusable: boolean
  now: number
  still: boolean
  onOpen?: () => void
}) {
  const { piece, label, width } = placed
  const names = [css.hop, css[piece.kind]]
  if (piece.now) names.push(css.now)
  if (piece.now && piece.kind !== 'held' && !still) names.push(css.calls)
  const { hop } = piece
  const tip = useTip()
  const pointing =
    hop === null
      ? {}
      : {
          onPointerEnter: (event: { currentTarget: Element }) => tip.show({ hop, anchor: event.currentTarget }),
          onPointerLeave: tip.hide,
        }
  const words = <span className={css.label}>{label}</span>
  return (
    <>
      {piece.forced && <Broken />}
      {/* Too many for this width: the list of their briefs beside the chain says the same of each. */}
      {hop !== null && focusable && width >= pressable - 0.5 ? (
        <button
          type="button"
          className={names.join(' ')}
          style={{ width }}
          aria-label={stretchWords(piece, label, now)}
          {...pointing}
          onFocus={(event) => tip.show({ hop, anchor: event.currentTarget })}
          onBlur={tip.hide}
          onClick={onOpen}
        >
          {words}
        </button>
      ) : (
        <span className={names.join(' ')} style={{ width }} {...pointing}>
          {words}
        </span>
      )}
    </>
  )
}

/** With the words it shows: who speaks to their computer calls it by what they see. */
function stretchWords({ hop, heldMs }: Piece, label: string, now: number): string {
  if (hop === null) return 'offered'
  const from = Date.parse(hop.from)
  const lasts = hop.to === null ? `, for ${ageWords(now - from)} now` : `, ${ageWords(heldMs)}`
  const said = hop.readBack === null ? '' : `. Read back: ${hop.readBack}`
  const words = `${hop.holder?.name ?? 'Unowned'}${lasts}, ${beganWords(hop)} at ${bothClocks(from)}${said}`
  return words.includes(label) ? words : `${words}, shown as ${label}`
}

/** A torn link: it was taken, not given. */
function Broken() {
  return (
    <svg className={css.broken} width="12" height="20" viewBox="0 0 12 20" aria-hidden="true">
      <path d="M3 0 8 6 3.5 11 9 20" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  )
}

function Warning() {
  return (
    <svg width="11" height="11" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M6 .8 11.6 11H.4z" fill="currentColor" />
      <path d="M6 4.4v3.2M6 8.8v1" stroke="var(--ground)" strokeWidth="1.4" />
    </svg>
  )
}
