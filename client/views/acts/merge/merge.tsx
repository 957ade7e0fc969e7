import { useEffect, useRef } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Buttons, Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, Trouble } from '../../../widgets/controls/field.tsx'
import { useApp, useMedia, useSummary } from '../../context.ts'
import { useDraft, useSend } from '../use-act.ts'
import { Follows, Pair } from './pair.tsx'
import { TargetPicker } from './target.tsx'
import { mergeFollows } from './words.ts'

/** One incident becomes part of another: choose which, see both, say why. */
export function MergeDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const key = `merge/${summary.id}`
  const [draft, setDraft] = useDraft(key, () => ({ other: null as string | null, turned: false, reason: '' }))
  const other = useSummary(draft.other)
  const [ends, stays] = draft.turned ? [other, summary] : [summary, other]
  const { busy, error, send } = useSend(ends?.id ?? summary.id)
  const find = useRef<HTMLInputElement>(null)
  const why = useRef<HTMLTextAreaElement>(null)
  const both = other !== undefined
  const pair = useRef<HTMLDivElement>(null)
  const narrow = useMedia('(max-width: 700px)')
  useEffect(() => {
    // On a phone the field would bring its keyboard, and both incidents would be out of sight.
    if (both) (narrow ? pair : why).current?.focus()
    else find.current?.focus()
  }, [both, narrow])
  const gone = draft.other !== null && other === undefined
  return (
    <Dialog
      open
      wide
      onClose={act.end}
      title={`Merge ${summary.id}`}
      lead="For two incidents that are one: the alerts come together, and one person owns them."
      initialFocus={find}
    >
      <FormShell
        button={ends === undefined || stays === undefined ? 'Choose an incident' : `Merge ${ends.id} into ${stays.id}`}
        disabled={busy || ends === undefined || stays === undefined}
        trouble={<Refusal error={error} onEscalate={() => act.begin('escalate', summary.id)} />}
        more={
          other !== undefined && (
            <Button kind="quiet" onClick={() => setDraft({ ...draft, other: null, turned: false })}>
              Choose another
            </Button>
          )
        }
        onSubmit={() => {
          if (ends === undefined || stays === undefined) return
          const reason = draft.reason.trim()
          const command = { type: 'merge' as const, into: stays.id, ...(reason !== '' && { reason }) }
          send(command, `${ends.id} is merged into ${stays.id}.`, key)
        }}
        onCancel={act.end}
      >
        {gone && (
          <Trouble>
            {draft.other} has left the board meanwhile: it is over, or was merged itself. Choose another one.
          </Trouble>
        )}
        {ends === undefined || stays === undefined ? (
          <TargetPicker of={summary} field={find} onPick={(id) => setDraft({ ...draft, other: id })} />
        ) : (
          <>
            <Pair ref={pair} ends={ends} stays={stays} onTurn={() => setDraft({ ...draft, turned: !draft.turned })} />
            <Follows lines={mergeFollows(ends, stays)} />
            <ReasonField
              ref={why}
              optional
              hint="What shows that they are one; it stands in both timelines"
              value={draft.reason}
              onSay={(reason) => setDraft({ ...draft, reason })}
            />
          </>
        )}
      </FormShell>
    </Dialog>
  )
}

/** Why it was refused; whoever may not do it can bring in those who may. */
function Refusal({ error, onEscalate }: { error: ErrorBody | null; onEscalate: () => void }) {
  if (error === null) return null
  return (
    <Trouble>
      <p>{error.message}</p>
      {error.code === 'not-owner' && (
        <Buttons>
          <Button onClick={onEscalate}>Escalate to a commander</Button>
        </Buttons>
      )}
    </Trouble>
  )
}
