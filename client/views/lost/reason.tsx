import { useRef, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { ReasonField, Trouble } from '../../widgets/controls/field.tsx'

/** Asks why, in words, before something is done. The reason is kept in the audit. */
export function Reason({
  title,
  lead,
  button,
  danger = false,
  onGiven,
  onClose,
}: {
  title: string
  lead: string
  button: string
  danger?: boolean
  /** @returns what went wrong; null when it is done, which closes the question */
  onGiven: (reason: string) => Promise<ErrorBody | null>
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const words = reason.trim()
  async function give(): Promise<void> {
    setBusy(true)
    const refused = await onGiven(words)
    setBusy(false)
    setError(refused)
    if (refused === null) onClose()
  }
  return (
    <Dialog open onClose={onClose} title={title} lead={lead} initialFocus={field}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (words.length >= 3 && !busy) void give()
        }}
        style={{ display: 'grid', gap: 14 }}
      >
        <ReasonField ref={field} hint="Kept in the audit with your name" value={reason} onSay={setReason} />
        {error !== null && <Trouble>{error.message}</Trouble>}
        <Buttons>
          <Button type="submit" kind={danger ? 'danger' : 'main'} disabled={busy || words.length < 3}>
            {button}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </Buttons>
      </form>
    </Dialog>
  )
}
