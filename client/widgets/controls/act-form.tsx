import { type ReactNode, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { Button } from './button.tsx'
import css from './controls.module.css'
import { Buttons, Dialog } from './dialog.tsx'
import { Trouble } from './field.tsx'

/** A form with what went wrong beside its fields, its button, and the way out. */
export function FormShell({
  button,
  disabled,
  danger = false,
  trouble,
  more,
  cancel = 'Cancel',
  onSubmit,
  onCancel,
  children,
}: {
  button: ReactNode
  disabled: boolean
  /** What the way out is called. */
  cancel?: string
  danger?: boolean
  /** Why it was refused; null: it was not. */
  trouble: ReactNode
  /** Other ways, between the button and Cancel. */
  more?: ReactNode
  onSubmit: () => void
  onCancel?: (() => void) | undefined
  children: ReactNode
}) {
  return (
    <form
      className={css.actForm}
      onSubmit={(event) => {
        event.preventDefault()
        if (!disabled) onSubmit()
      }}
    >
      {children}
      {trouble}
      <Buttons>
        <Button type="submit" kind={danger ? 'danger' : 'main'} disabled={disabled}>
          {button}
        </Button>
        {more}
        {onCancel !== undefined && (
          <Button kind="quiet" onClick={onCancel}>
            {cancel}
          </Button>
        )}
      </Buttons>
    </form>
  )
}

/**
 * The fields of one act with its button: busy meanwhile, and what was refused stands beside what was typed.
 * @param act null = it was done
 */
export function ActForm({
  button,
  ready = true,
  danger = false,
  act,
  onCancel,
  children,
}: {
  button: string
  ready?: boolean
  danger?: boolean
  act: () => Promise<ErrorBody | null>
  onCancel?: () => void
  children: ReactNode
}) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  async function submit(): Promise<void> {
    setBusy(true)
    setError(null)
    const refused = await act()
    setBusy(false)
    setError(refused)
  }
  return (
    <FormShell
      button={button}
      disabled={busy || !ready}
      danger={danger}
      trouble={error !== null && <Trouble>{error.message}</Trouble>}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    >
      {children}
    </FormShell>
  )
}

/** Asks before something that cannot be taken back, and says what follows from it. */
export function Ask({
  title,
  lead,
  button,
  act,
  onClose,
}: {
  title: string
  lead: ReactNode
  button: string
  act: () => Promise<ErrorBody | null>
  onClose: () => void
}) {
  return (
    <Dialog open onClose={onClose} title={title} lead={lead}>
      <ActForm button={button} danger act={act} onCancel={onClose}>
        {null}
      </ActForm>
    </Dialog>
  )
}
