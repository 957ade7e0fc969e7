import { useRef, useState } from 'react'
import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, Trouble } from '../../../widgets/controls/field.tsx'
import { Loading } from '../../conditions/conditions.tsx'
import { useApp, useIncident } from '../../context.ts'
import { correctionOf, tooLate } from '../../incident/merged/corrections.ts'
import { useOnBoard } from '../../incident/merged/merged.tsx'
import { Failure } from '../failure.tsx'
import { useSend } from '../use-act.ts'
import { Follows } from './pair.tsx'
import { undoFollows } from './words.ts'

/** Takes a merge or a split back, after saying what comes of it. */
export function UndoDialog({ summary, seq }: { summary: Summary; seq: number }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  const [reason, setReason] = useState('')
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLTextAreaElement>(null)
  const fact = view?.facts.find((one) => one.seq === seq)
  const undo = view === null || fact === undefined ? null : correctionOf([fact], view.facts)
  const other = useOnBoard(undo?.other ?? null)
  const words = reason.trim()
  const late = undo === null ? null : undo.undoneAt !== null ? 'It is undone already.' : tooLate(undo, summary, other)
  return (
    <Dialog
      open
      onClose={act.end}
      title={undo === null ? 'Undo' : `Undo the ${undo.what} of ${undo.what === 'merge' ? undo.from : undo.to}`}
      lead={
        undo !== null && <Follows lines={undoFollows(undo, undo.to === summary.id ? summary : (other ?? undefined))} />
      }
      initialFocus={field}
    >
      {view === null ? (
        <Loading what={summary.id} />
      ) : (
        <FormShell
          button="Undo it"
          disabled={busy || undo === null || late !== null}
          trouble={late !== null ? <Trouble>{late}</Trouble> : <Failure error={error} summary={summary} />}
          onSubmit={() => {
            const done =
              undo?.what === 'split'
                ? `${undo.to} is part of ${undo.from} again.`
                : `${undo?.from} is an incident of its own again.`
            send({ type: 'undo', seq, ...(words !== '' && { reason: words }) }, done)
          }}
          onCancel={act.end}
        >
          <ReasonField
            ref={field}
            optional
            hint="What shows that it was wrong; it stands in both timelines"
            value={reason}
            onSay={setReason}
          />
        </FormShell>
      )}
    </Dialog>
  )
}
