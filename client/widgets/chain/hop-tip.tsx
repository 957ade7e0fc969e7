import { Tooltip } from '@base-ui/react/tooltip'
import type { HopView } from '#shared/wire.ts'
import { ageWords, bothClocks } from '../../state/time-words.ts'
import css from './chain.module.css'
import { beganWords } from './pieces.ts'

interface Told {
  hop: HopView
  now: number
}
const tip = Tooltip.createHandle<Told>()

/** One stretch of the chain that tells, on hover or focus, how it began and what was said. */
export function HopTip({
  hop,
  now,
  focusable,
  className,
  width,
  label,
}: {
  hop: HopView
  now: number
  focusable: boolean
  className: string
  width: number
  label: string
}) {
  return (
    <Tooltip.Trigger
      handle={tip}
      payload={{ hop, now }}
      delay={120}
      render={focusable ? <button type="button" aria-label={hopWords({ hop, now })} /> : <span />}
      className={className}
      style={{ width }}
    >
      <span className={css.label}>{label}</span>
    </Tooltip.Trigger>
  )
}

function hopWords({ hop, now }: Told): string {
  const held = ageWords((hop.to === null ? now : Date.parse(hop.to)) - Date.parse(hop.from))
  return `${hop.holder?.name ?? 'Unowned'}, ${held}, ${beganWords(hop)} at ${bothClocks(Date.parse(hop.from))}`
}

/** The one tip of all chains on a page; mounted once. */
export function HopTips() {
  return (
    <Tooltip.Root handle={tip}>
      {({ payload }) => (
        <Tooltip.Portal>
          <Tooltip.Positioner sideOffset={6} className={css.tipPlace}>
            <Tooltip.Popup className={css.tip}>{payload !== undefined && <TipBody {...payload} />}</Tooltip.Popup>
          </Tooltip.Positioner>
        </Tooltip.Portal>
      )}
    </Tooltip.Root>
  )
}

function TipBody({ hop, now }: Told) {
  const held = ageWords((hop.to === null ? now : Date.parse(hop.to)) - Date.parse(hop.from))
  return (
    <>
      <p className={css.tipHead}>
        <b>{hop.holder?.name ?? 'Nobody'}</b> {hop.to === null ? 'for' : 'held it'} {held}
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
