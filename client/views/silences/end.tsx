import { useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { formatMatcher } from '#shared/matchers.ts'
import type { SilenceView } from '#shared/silence.ts'
import { figure } from '../../state/time-words.ts'
import { ActForm } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField } from '../../widgets/controls/field.tsx'
import css from './silences.module.css'

/** Named in full in the dialog; of more, how many. */
const named = 8
/** What the audit keeps where one silence is ended and nobody says why. */
const unsaid = 'ended by hand'

/** Asks before silences are ended, says what follows, and for what reason: of many, one for all. */
export function EndDialog({
  ending,
  act,
  onClose,
}: {
  ending: readonly SilenceView[]
  act: (reason: string) => Promise<ErrorBody | null>
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const isOne = ending.length === 1
  return (
    <Dialog
      open
      onClose={onClose}
      title={isOne ? 'End this silence?' : `End ${ending.length} silences?`}
      lead={whatFollows(ending)}
    >
      <ActForm
        button={isOne ? 'End it now' : 'End them now'}
        danger
        ready={isOne || reason.trim() !== ''}
        act={() => act(reason.trim() === '' ? unsaid : reason.trim())}
        onCancel={onClose}
      >
        <ul className={css.ending}>
          {ending.slice(0, named).map(({ id, matchers }) => (
            <li key={id}>
              <code>{matchers.map(formatMatcher).join(', ')}</code>
            </li>
          ))}
          {ending.length > named && <li className="dim">and {ending.length - named} more</li>}
        </ul>
        <TextField
          label={isOne ? 'Why (if there is something to say)' : 'Why'}
          required={!isOne}
          autoComplete="off"
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          hint="Kept in the audit."
        />
      </ActForm>
    </Dialog>
  )
}

function whatFollows(ending: readonly SilenceView[]): string {
  const firing = ending.reduce((sum, silence) => sum + silence.firing, 0)
  const isOne = ending.length === 1
  const again = ending.filter(({ recurs }) => recurs !== null).length
  const over = again === 0 ? '' : isOne ? ' It does not come again.' : ` ${figure(again)} of them do not come again.`
  if (firing === 0) return `${isOne ? 'It holds' : 'They hold'} back nothing now.${over}`
  const what = isOne ? 'that it holds back' : 'held back'
  const alerts = firing === 1 ? `1 alert ${what} is` : `${figure(firing)} alerts ${what} are`
  return `${alerts} judged again at once, and may open incidents.${over}`
}
