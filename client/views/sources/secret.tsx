import { useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import type { SourceView } from '#shared/wire.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import css from './sources.module.css'

export const freshSecretSchema = z.object({ secret: z.string().nullable() })

/** The signing secret that the vendor made, brought here: signatures are checked with it. */
export function BringSecret({
  source,
  onClose,
  onDone,
}: {
  source: SourceView
  onClose: () => void
  onDone: () => void
}) {
  const { api } = useApp()
  const [secret, setSecret] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const field = useRef<HTMLInputElement>(null)
  async function bring(): Promise<void> {
    setBusy(true)
    const body = { secret: secret.trim() }
    const answer = await api.ask('POST', `/api/sources/${source.id}/secret`, freshSecretSchema, body)
    setBusy(false)
    if (answer.ok) onDone()
    else setError(answer.error)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Signing secret of ${source.name}`}
      lead="The vendor makes it. One that was set before counts for a day longer."
      initialFocus={field}
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          void bring()
        }}
      >
        <TextField
          ref={field}
          label="Secret, as the vendor shows it"
          type="password"
          autoComplete="off"
          required
          minLength={8}
          maxLength={1000}
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
        />
        {error !== null && <Trouble>{error.message}</Trouble>}
        <Buttons>
          <Button type="submit" kind="main" disabled={busy || secret.trim().length < 8}>
            Set it
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </Buttons>
      </form>
    </Dialog>
  )
}

/** A signing secret of ours, once. */
export function SecretShown({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Signing secret of ${name}`}
      lead="Shown once. Paste it where the sender asks for its secret; the one before counts for a day longer."
    >
      <CopyBlock label="signing secret" text={secret} />
      <Buttons>
        <Button onClick={onClose}>I have kept it</Button>
      </Buttons>
    </Dialog>
  )
}
