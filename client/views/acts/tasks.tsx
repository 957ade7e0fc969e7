import { useRef, useState } from 'react'
import type { TaskView } from '#shared/incident/tasks.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import { bothClocks } from '../../state/time-words.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { SelectField, TextField } from '../../widgets/controls/field.tsx'
import { Loading } from '../conditions/conditions.tsx'
import { useApp, useIncident, useMe } from '../context.ts'
import css from './acts.module.css'
import { Failure } from './failure.tsx'
import { responders, useDraft, usePeople, useSend } from './use-act.ts'

const times: readonly [string, string][] = [
  ['10', '10 min'],
  ['30', '30 min'],
  ['60', '1 h'],
  ['120', '2 h'],
  ['240', '4 h'],
  ['480', '8 h'],
  ['1440', '1 day'],
  ['4320', '3 days'],
]

/** Who does it; nobody in particular is an answer too. */
function WhoField({
  value,
  was,
  onChange,
}: {
  value: string
  was: TaskView['person']
  onChange: (id: string) => void
}) {
  const me = useMe()
  const { people, error } = usePeople()
  const who = people === null ? [] : responders(people, [])
  const others = who.filter(({ id }) => id !== me.id)
  // Somebody who cannot be chosen any more still stands there, while it is theirs.
  const gone = was !== null && was.id !== me.id && !others.some(({ id }) => id === was.id)
  return (
    <SelectField
      label="Who"
      value={value}
      error={error?.message ?? null}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">Whoever takes it</option>
      <option value={me.id}>{me.name} (you)</option>
      {gone && <option value={was.id}>{was.name}</option>}
      {others.map((one) => (
        <option key={one.id} value={one.id}>
          {one.name}
        </option>
      ))}
    </SelectField>
  )
}

/** Something that is to be done, by whom and by when. */
export function AddTaskDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const key = `add-task/${summary.id}`
  const [draft, setDraft] = useDraft(key, () => ({ text: '', person: '', due: '' }))
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLInputElement>(null)
  const text = draft.text.trim()
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Task on ${summary.id}`}
      lead="Something that must not be forgotten. The owner of the incident stays the same."
      initialFocus={field}
    >
      <FormShell
        button="Add it"
        disabled={busy || text === ''}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          const person = draft.person === '' ? {} : { person: draft.person }
          const due = draft.due === '' ? {} : { dueInMin: Number(draft.due) }
          send({ type: 'add-task', text, ...person, ...due }, `Task added to ${summary.id}.`, key)
        }}
        onCancel={act.end}
      >
        <TextField
          ref={field}
          label="What is to be done"
          value={draft.text}
          maxLength={280}
          onChange={(event) => setDraft({ ...draft, text: event.target.value })}
        />
        <div className={css.pair}>
          <WhoField value={draft.person} was={null} onChange={(person) => setDraft({ ...draft, person })} />
          <SelectField
            label="Due in"
            value={draft.due}
            onChange={(event) => setDraft({ ...draft, due: event.target.value })}
          >
            <option value="">no time</option>
            {times.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
        </div>
      </FormShell>
    </Dialog>
  )
}

/** Gives a task to somebody else, or another time. */
export function SetTaskDialog({ summary, task: id }: { summary: Summary; task: number }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  const task = view?.tasks.find((one) => one.id === id)
  return (
    <Dialog open onClose={act.end} title={`Task ${id} of ${summary.id}`} lead={task?.text ?? ''}>
      {view === null || task === undefined ? (
        <Loading what="the task" />
      ) : (
        <SetTask summary={view.summary} task={task} />
      )}
    </Dialog>
  )
}

const asItWas = 'as it was'
function SetTask({ summary, task }: { summary: IncidentView['summary']; task: TaskView }) {
  const { act } = useApp()
  const [person, setPerson] = useState(task.person?.id ?? '')
  const [due, setDue] = useState(asItWas)
  const { busy, error, send } = useSend(summary.id)
  const samePerson = person === (task.person?.id ?? '')
  return (
    <FormShell
      button="Change it"
      disabled={busy || (samePerson && due === asItWas)}
      trouble={<Failure error={error} summary={summary} />}
      onSubmit={() => {
        send(
          {
            type: 'set-task',
            task: task.id,
            state: task.state,
            ...(!samePerson && { person: person === '' ? null : person }),
            ...(due !== asItWas && { dueInMin: due === '' ? null : Number(due) }),
          },
          `Task ${task.id} of ${summary.id} is changed.`,
        )
      }}
      onCancel={act.end}
    >
      <div className={css.pair}>
        <WhoField value={person} was={task.person} onChange={setPerson} />
        <SelectField label="Due in" value={due} onChange={(event) => setDue(event.target.value)}>
          <option value={asItWas}>
            {task.dueAt === null ? 'no time, as it was' : `as it was: ${bothClocks(Date.parse(task.dueAt))}`}
          </option>
          {task.dueAt !== null && <option value="">no time</option>}
          {times.map(([value, words]) => (
            <option key={value} value={value}>
              {words} from now
            </option>
          ))}
        </SelectField>
      </div>
    </FormShell>
  )
}
