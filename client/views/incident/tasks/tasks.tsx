import type { TaskView } from '#shared/incident/tasks.ts'
import type { IncidentView } from '#shared/wire.ts'
import { actionsFor } from '../../../state/actions.ts'
import { ageWords, bothClocks, leftWords } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { Menu, type MenuEntry } from '../../../widgets/controls/menu.tsx'
import { Failure } from '../../acts/failure.tsx'
import { useSend } from '../../acts/use-act.ts'
import { useApp, useMe, useNow } from '../../context.ts'
import css from './tasks.module.css'

/** `2 open, 1 done` */
export function tasksWords(tasks: readonly TaskView[]): string {
  const count = (state: TaskView['state']) => tasks.filter((task) => task.state === state).length
  return (['open', 'done', 'dropped'] as const)
    .flatMap((state) => (count(state) > 0 ? [`${count(state)} ${state}`] : []))
    .join(', ')
}

/** Open ones first, and of those what is due first; what is done stays below, newest first. */
function inOrder(tasks: readonly TaskView[]): TaskView[] {
  const dueOf = (task: TaskView) => (task.dueAt === null ? Number.POSITIVE_INFINITY : Date.parse(task.dueAt))
  return tasks.toSorted((a, b) => {
    if ((a.state === 'open') !== (b.state === 'open')) return a.state === 'open' ? -1 : 1
    if (a.state === 'open') return dueOf(a) === dueOf(b) ? a.id - b.id : dueOf(a) - dueOf(b)
    return a.changedAt < b.changedAt ? 1 : -1
  })
}

/** What is to be done, by whom and by when. */
export function Tasks({ view }: { view: IncidentView }) {
  const { act } = useApp()
  const me = useMe()
  const { summary, tasks } = view
  const { busy, error, send } = useSend(summary.id)
  const mayAdd = actionsFor(summary, me).some(({ type }) => type === 'add-task')
  const ended = summary.phase === 'merged' || summary.phase === 'closed' || summary.phase === 'dismissed'
  const mayChange = me.actions.includes('incident.respond') && !ended
  return (
    <>
      {tasks.length === 0 && <p className="dim">None. What must not be forgotten goes here, with who and by when.</p>}
      {tasks.length > 0 && (
        <ul className={css.tasks}>
          {inOrder(tasks).map((task) => (
            <Row
              key={task.id}
              task={task}
              open={!ended}
              busy={busy}
              may={mayChange}
              set={(state, person) =>
                send(
                  { type: 'set-task', task: task.id, state, ...(person !== undefined && { person }) },
                  `Task ${task.id} of ${summary.id} ${person === me.id ? 'is yours' : state === 'open' ? 'is open again' : `is ${state}`}.`,
                )
              }
              change={() => act.begin('set-task', summary.id, task.id)}
            />
          ))}
        </ul>
      )}
      <Failure error={error} summary={summary} />
      {mayAdd && (
        <Button kind="quiet" shortcut="w" onClick={() => act.begin('add-task', summary.id)}>
          Add a task…
        </Button>
      )}
    </>
  )
}

const marks: Readonly<Record<TaskView['state'], string>> = { open: '○', done: '✓', dropped: '✕' }

function Row({
  task,
  open,
  busy,
  may,
  set,
  change,
}: {
  task: TaskView
  /** Of the incident. */
  open: boolean
  busy: boolean
  may: boolean
  set: (state: TaskView['state'], person?: string) => void
  change: () => void
}) {
  const me = useMe()
  const mine = task.person?.id === me.id
  const isOpen = task.state === 'open'
  const entries: MenuEntry[] = isOpen
    ? [
        ...(mine ? [] : [{ key: 'take', label: 'Take it', run: () => set('open', me.id) }]),
        { key: 'change', label: 'Give it to somebody, change its time…', run: change },
        { key: 'drop', label: 'Drop it', run: () => set('dropped') },
      ]
    : [{ key: 'open', label: 'Open it again', run: () => set('open') }]
  return (
    <li className={isOpen ? css.task : `${css.task} ${css.over}`}>
      <span className={css.mark} role="img" aria-label={task.state}>
        {marks[task.state]}
      </span>
      <div className={css.what}>
        <p className={css.text}>
          <span className="dimmer">{task.id}</span> {task.text}
        </p>
        <p className={css.meta}>
          <span>{task.person === null ? 'Whoever takes it' : mine ? 'You' : task.person.name}</span>
          {isOpen ? open && <Due dueAt={task.dueAt} /> : <Ended task={task} />}
        </p>
      </div>
      {may && (
        <span className={css.acts}>
          {isOpen && task.person === null && (
            <Button disabled={busy} aria-label={`Take task ${task.id}`} onClick={() => set('open', me.id)}>
              Take
            </Button>
          )}
          {isOpen && task.person !== null && (
            <Button disabled={busy} aria-label={`Task ${task.id} is done`} onClick={() => set('done')}>
              Done
            </Button>
          )}
          <Menu
            trigger={
              <Button kind="quiet" disabled={busy} aria-label={`More to do with task ${task.id}`}>
                ⋯
              </Button>
            }
            entries={
              isOpen && task.person === null
                ? [{ key: 'done', label: 'It is done', run: () => set('done') }, ...entries.slice(1)]
                : entries
            }
          />
        </span>
      )}
    </li>
  )
}

function Due({ dueAt }: { dueAt: string | null }) {
  const now = useNow()
  if (dueAt === null) return null
  const leftMs = Date.parse(dueAt) - now
  const late = leftMs <= 0
  return (
    <span className={late ? `${css.due} late` : leftMs < 5 * 60_000 ? `${css.due} soon` : css.due}>
      {late && <span aria-hidden="true">▲ </span>}
      <time dateTime={dueAt} title={bothClocks(Date.parse(dueAt))}>
        {late ? `overdue ${ageWords(-leftMs)}` : `due in ${leftWords(leftMs)}`}
      </time>
    </span>
  )
}

function Ended({ task }: { task: TaskView }) {
  const now = useNow()
  const at = Date.parse(task.changedAt)
  return (
    <time dateTime={task.changedAt} title={bothClocks(at)}>
      {task.state} {ageWords(now - at)} ago
    </time>
  )
}
