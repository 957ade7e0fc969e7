import { useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import type { SourceView } from '#shared/wire.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { TextField } from '../../../widgets/controls/field.tsx'
import { useApp } from '../../context.ts'

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
  const field = useRef<HTMLInputElement>(null)
  async function bring(): Promise<ErrorBody | null> {
    const body = { secret: secret.trim() }
    const answer = await api.ask('POST', `/api/sources/${source.id}/secret`, freshSecretSchema, body)
    if (answer.ok) onDone()
    return answer.ok ? null : answer.error
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Signing secret of ${source.name}`}
      lead="The vendor makes it. One that was set before counts for a day longer."
      initialFocus={field}
    >
      <ActForm button="Set it" ready={secret.trim().length >= 8} act={bring} onCancel={onClose}>
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
      </ActForm>
    </Dialog>
  )
}
