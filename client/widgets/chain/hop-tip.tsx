import { Tooltip } from '@base-ui/react/tooltip'
import type { HopView } from '#shared/wire.ts'
import { ageWords, bothClocks } from '../../state/time-words.ts'
import css from './chain.module.css'
import { beganWords } from './pieces.ts'
import type { Pointed } from './tip.tsx'

/** Tells how a stretch of the chain began and what was said. Esc closes it; the pointer may rest on it. */
export function HopTip({
  pointed,
  onClose,
  onEnter,
  onLeave,
}: {
  pointed: Pointed | null
  onClose: () => void
  onEnter: () => void
  onLeave: () => void
}) {
  return (
    <Tooltip.Root open={pointed !== null} onOpenChange={(open) => !open && onClose()}>
      <Tooltip.Portal>
        <Tooltip.Positioner anchor={pointed?.anchor ?? null} sideOffset={6} className={css.tipPlace}>
          <Tooltip.Popup className={css.tip} onPointerEnter={onEnter} onPointerLeave={onLeave}>
            {pointed !== null && <TipBody hop={pointed.hop} />}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

function TipBody({ hop }: { hop: HopView }) {
  const lastedMs = hop.to === null ? null : Date.parse(hop.to) - Date.parse(hop.from)
  return (
    <>
      <p className={css.tipHead}>
        <b>{hop.holder?.name ?? 'Nobody'}</b> {lastedMs === null ? 'until now' : `held it ${ageWords(lastedMs)}`}
      </p>
      <p className={css.tipDim}>
        {beganWords(hop)} {bothClocks(Date.parse(hop.from))}
      </p>
      {hop.readBack !== null && <p className={css.quote}>“{hop.readBack}”</p>}
      {hop.situation !== null && (
        <p>
          <span className={css.tipDim}>Situation then </span>
          {hop.situation}
        </p>
      )}
      {hop.reason !== null && (
        <p>
          <span className={css.tipDim}>Reason </span>
          {hop.reason}
        </p>
      )}
    </>
  )
}
