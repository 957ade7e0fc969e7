import { Tooltip } from '@base-ui/react/tooltip'
import { useState } from 'react'
import { Flag } from '../../widgets/marks/marks.tsx'
import css from './restricted.module.css'
import { restrictedMeaning } from './words.ts'

/** The mark in the head of an incident: under the pointer, the focus or a finger it says what it means. */
export function SightMark() {
  const [open, setOpen] = useState(false)
  return (
    <Tooltip.Root open={open} onOpenChange={setOpen}>
      <Tooltip.Trigger
        delay={120}
        closeOnClick={false}
        className={css.mark}
        aria-label={`Restricted. ${restrictedMeaning}`}
        onClick={() => setOpen(true)}
      >
        <Flag flag="restricted" />
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner side="bottom" sideOffset={6} align="start" className={css.tipPlace}>
          <Tooltip.Popup className={css.tip}>{restrictedMeaning}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
