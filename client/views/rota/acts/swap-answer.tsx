import { useState } from 'react'
import { type SwapView, swapViewSchema } from '#shared/duty/view.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField } from '../../../widgets/controls/field.tsx'
import { clashWords, offeredWords, swapFollows } from '../words.ts'
import { rangeIn } from '../zone.ts'
import css from './acts.module.css'
import type { FormProps } from './forms.tsx'

const words = {
  accept: { title: 'Take this shift?', button: 'Take it', said: 'It is yours now.' },
  decline: { title: 'Decline this shift?', button: 'Decline', said: 'Declined.' },
  withdraw: { title: 'Withdraw this offer?', button: 'Withdraw', said: 'Withdrawn; the shift stays yours.' },
} as const

/** Accepts, declines or withdraws a swap, and says what follows. */
export function AnswerForm({
  swap,
  how,
  known,
  onClose,
  send,
}: FormProps & { swap: SwapView; how: 'accept' | 'decline' | 'withdraw' }) {
  const { names, teams, view, here, now } = known
  const [reason, setReason] = useState('')
  const { title, button, said } = words[how]
  const stretch = `${names.rotation(swap.rotation)}, ${rangeIn(Date.parse(swap.from), Date.parse(swap.to), here, now)}`
  const clashing = swap.clashes.filter(({ person }) => person === view.me)
  return (
    <Dialog open onClose={onClose} title={title}>
      <ActForm
        button={button}
        danger={how === 'withdraw'}
        act={() =>
          send(
            'POST',
            `/api/rota/swaps/${swap.id}/${how}`,
            swapViewSchema,
            reason.trim() === '' ? {} : { reason: reason.trim() },
            said,
          )
        }
        onCancel={onClose}
      >
        {how === 'accept' ? (
          <>
            {swapFollows(swap, view.me ?? '', names, { here, now, me: view.me }).map((one) => (
              <p key={one}>{one}</p>
            ))}
            {clashWords(clashing, names, view.me).map((words) => (
              <p key={words} className={css.fault}>
                {words} You can take it; it is a double booking then.
              </p>
            ))}
          </>
        ) : how === 'decline' ? (
          <>
            <p>
              {stretch}. It stays with {names.person(swap.person)}, who sees what you say.
            </p>
            <ReasonField optional value={reason} onSay={setReason} />
          </>
        ) : (
          <>
            <p>
              {stretch}, offered to {offeredWords(swap, names, teams)}.
            </p>
            <ReasonField optional value={reason} onSay={setReason} />
          </>
        )}
      </ActForm>
    </Dialog>
  )
}
