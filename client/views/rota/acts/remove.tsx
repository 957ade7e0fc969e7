import { useState } from 'react'
import { nothing } from '../../../link/api.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField } from '../../../widgets/controls/field.tsx'
import { rangeIn } from '../zone.ts'
import type { FormProps } from './forms.tsx'

/** Takes an override back: one to come goes, one that is on ends now. */
export function RemoveForm({ id, known, onClose, send }: FormProps & { id: string }) {
  const { view, names, here, now } = known
  const [reason, setReason] = useState('')
  const override = view.overrides.find((one) => one.id === id)
  if (override === undefined) return null
  const from = Date.parse(override.from)
  const isOn = from <= now
  const stretch = rangeIn(from, Date.parse(override.to), here, now)
  return (
    <Dialog
      open
      onClose={onClose}
      title={isOn ? 'End this override now?' : 'Remove this override?'}
      lead={`${names.person(override.person)} for ${names.rotation(override.rotation)}, ${stretch}. Then it is again of whose turn it is.`}
    >
      <ActForm
        button={isOn ? 'End it now' : 'Remove it'}
        danger
        act={() => {
          const said = reason.trim() === '' ? '' : `?${new URLSearchParams({ reason: reason.trim() })}`
          return send(
            'DELETE',
            `/api/rota/overrides/${id}${said}`,
            nothing,
            undefined,
            'It is again of whose turn it is.',
          )
        }}
        onCancel={onClose}
      >
        <ReasonField optional value={reason} onSay={setReason} />
      </ActForm>
    </Dialog>
  )
}
