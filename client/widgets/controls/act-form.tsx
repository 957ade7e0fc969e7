import { type ReactNode, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { Button } from './button.tsx'
import css from './controls.module.css'
import { Buttons, Dialog } from './dialog.tsx'
import { Trouble } from './field.tsx'

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
    <form
      className={css.actForm}
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy && ready) void submit()
      }}
    >
      {children}
      {error !== null && <Trouble>{error.message}</Trouble>}
      <Buttons>
        <Button type="submit" kind={danger ? 'danger' : 'main'} disabled={busy || !ready}>
          {button}
        </Button>
        {onCancel !== undefined && (
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </Buttons>
    </form>
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
