import { useRef, useState } from 'react'
import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { ReasonField, SelectField, TextArea } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { Failure } from './failure.tsx'
import { responders, useDraft, usePeople, useSend } from './use-act.ts'

export function NoteDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const key = `note/${summary.id}`
  const [text, setText] = useDraft(key, () => '')
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLTextAreaElement>(null)
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Note on ${summary.id}`}
      lead="For the timeline: what was seen, tried, decided."
      initialFocus={field}
    >
      <FormShell
        button="Note it"
        disabled={busy || text.trim() === ''}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          send({ type: 'note', text: text.trim() }, `Noted on ${summary.id}.`, key)
        }}
        onCancel={act.end}
      >
        <TextArea
          ref={field}
          label="Note"
          rows={5}
          value={text}
          maxLength={4000}
          onChange={(event) => setText(event.target.value)}
        />
      </FormShell>
    </Dialog>
  )
}

const promises: readonly [string, string][] = [
  ['', 'as the tier’s policy says'],
  ['10', '10 min'],
  ['15', '15 min'],
  ['30', '30 min'],
  ['60', '1 h'],
  ['120', '2 h'],
  ['240', '4 h'],
  ['480', '8 h'],
]

export function UpdateDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const key = `update/${summary.id}`
  const [draft, setDraft] = useDraft(key, () => ({ text: '', next: '' }))
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLTextAreaElement>(null)
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Update on ${summary.id}`}
      lead="What is known, what is being done. Plain words: people outside the team read it."
      initialFocus={field}
    >
      <FormShell
        button="Report"
        disabled={busy || draft.text.trim() === ''}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          const nextInMin = draft.next === '' ? {} : { nextInMin: Number(draft.next) }
          send({ type: 'update', text: draft.text.trim(), ...nextInMin }, `Reported on ${summary.id}.`, key)
        }}
        onCancel={act.end}
      >
        <TextArea
          ref={field}
          label="Situation"
          rows={4}
          value={draft.text}
          maxLength={2000}
          onChange={(event) => setDraft({ ...draft, text: event.target.value })}
        />
        <SelectField
          label="Next update in"
          value={draft.next}
          onChange={(event) => setDraft({ ...draft, next: event.target.value })}
        >
          {promises.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
      </FormShell>
    </Dialog>
  )
}

export function EscalateDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { people, error: peopleError } = usePeople()
  const [person, setPerson] = useState('')
  const [reason, setReason] = useState('')
  const { busy, error, send } = useSend(summary.id)
  const who = people === null ? [] : responders(people, [summary.owner?.id])
  const name = who.find((one) => one.id === person)?.name ?? 'the commanders'
  const words = reason.trim()
  return (
    <Dialog open onClose={act.end} title={`Escalate ${summary.id}`} lead="Adds people. The owner stays the same.">
      <FormShell
        button={<>Escalate to {name}</>}
        disabled={busy}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          send(
            { type: 'escalate', ...(person !== '' && { person }), ...(words !== '' && { reason: words }) },
            `${summary.id} is escalated to ${name}.`,
          )
        }}
        onCancel={act.end}
      >
        <SelectField
          label="To"
          value={person}
          error={peopleError?.message ?? null}
          onChange={(event) => setPerson(event.target.value)}
        >
          <option value="">The commanders</option>
          {who.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </SelectField>
        <ReasonField label="What is needed" value={reason} onSay={setReason} />
      </FormShell>
    </Dialog>
  )
}
