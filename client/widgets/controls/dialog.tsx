import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode, RefObject } from 'react'
import css from './controls.module.css'

/** A question over the page. Esc and the cross close it; the focus goes in and comes back. */
export function Dialog({
  open,
  onClose,
  title,
  lead,
  wide = false,
  initialFocus,
  children,
}: {
  open: boolean
  onClose: () => void
  title: ReactNode
  lead?: ReactNode
  /** `whole`: as much of the screen as there is, for what must be seen at once. */
  wide?: boolean | 'whole'
  initialFocus?: RefObject<HTMLElement | null>
  children: ReactNode
}) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup
          className={wide === false ? css.dialog : `${css.dialog} ${wide === 'whole' ? css.whole : css.wide}`}
          {...(initialFocus && { initialFocus })}
        >
          <div className={css.dialogHead}>
            <Base.Title className={css.dialogTitle}>{title}</Base.Title>
          </div>
          {lead !== undefined && (
            <Base.Description className={css.lead} render={<div />}>
              {lead}
            </Base.Description>
          )}
          {children}
          {/* Last in order, so that the focus goes to what the dialog is about. */}
          <Base.Close className={css.cross} aria-label="Close">
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
              <path d="m2 2 10 10M12 2 2 12" stroke="currentColor" strokeWidth="1.6" />
            </svg>
          </Base.Close>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** The row of buttons under a dialog or form. The wanted one comes first for the thumb and the tab key. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={css.buttons}>{children}</div>
}
