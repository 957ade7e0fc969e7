import { useEffect, useRef, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type ClockDefinitionView, type ClockView, clockDefinitionsSchema } from '#shared/legal/view.ts'
import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { ReasonField, SelectField, TextField, Trouble } from '../../widgets/controls/field.tsx'
import css from '../clocks/clocks.module.css'
import { type StartDraft, type StopDraft, startKey, stopKey } from '../clocks/clocks.tsx'
import { fieldOf, instantOf, momentWords } from '../clocks/words.ts'
import { Loading } from '../conditions/conditions.tsx'
import { useApp, useIncident, useNow } from '../context.ts'
import { Failure } from './failure.tsx'
import { useDraft, useSend } from './use-act.ts'

/** A field for a moment that has been, by the clock of this machine; under it the same in UTC. */
function MomentField({ label, value, onSay }: { label: string; value: string; onSay: (value: string) => void }) {
  const now = useNow()
  const at = instantOf(value)
  return (
    <TextField
      type="datetime-local"
      label={label}
      value={value}
      max={fieldOf(now)}
      hint={at === null ? 'Your local time' : `Your local time; that is ${momentWords(at, now)}`}
      error={at !== null && at > now ? 'is in the future' : null}
      onChange={(event) => onSay(event.target.value)}
    />
  )
}

function useDefinitions() {
  const { api } = useApp()
  const [state, setState] = useState<{ all: readonly ClockDefinitionView[] | null; error: ErrorBody | null }>({
    all: null,
    error: null,
  })
  useEffect(() => {
    let gone = false
    void api.ask('GET', '/api/clocks', clockDefinitionsSchema).then((answer) => {
      if (!gone)
        setState(answer.ok ? { all: answer.value.definitions, error: null } : { all: null, error: answer.error })
    })
    return () => {
      gone = true
    }
  }, [api])
  return state
}

/** Somebody determines that a clock runs, since when and why; or that it began at another time than was said. */
export function StartClockDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  const draft = act.drafts.get(startKey(summary.id)) as StartDraft | undefined
  const runs = draft?.correct === true ? view?.clocks?.find(({ id }) => id === draft.clock) : undefined
  const close = () => {
    // A correction is of one clock; the next time something else may be meant.
    if (draft?.correct === true) act.drafts.delete(startKey(summary.id))
    act.end()
  }
  if (draft?.correct === true)
    return (
      <Dialog
        open
        onClose={close}
        title={`Correct the start of ${runs?.name ?? 'a clock'}`}
        lead="What was recorded stays in the timeline, and the correction beside it."
      >
        {runs === undefined ? (
          <Loading what="the clock" />
        ) : (
          <Correct summary={summary} clock={runs} onCancel={close} />
        )}
      </Dialog>
    )
  return (
    <Dialog
      open
      onClose={close}
      title={`Start a clock on ${summary.id}`}
      lead="You record that somebody determined this. It runs until what is due was submitted, whatever becomes of the incident."
    >
      <Start summary={summary} onCancel={close} />
    </Dialog>
  )
}

function Start({ summary, onCancel }: { summary: Summary; onCancel: () => void }) {
  const now = useNow()
  const { all, error: unknown } = useDefinitions()
  const key = startKey(summary.id)
  const [draft, setDraft] = useDraft<StartDraft>(key, () => ({
    ...{ clock: '', correct: false, at: '', awareAt: '', reason: '' },
  }))
  const [opened] = useState(() => fieldOf(now))
  const { busy, error, send } = useSend(summary.id)
  if (unknown !== null) return <Trouble>{unknown.message}</Trouble>
  if (all === null) return <Loading what="the clocks" />
  const fits = ({ flags }: ClockDefinitionView) => flags.some((flag) => summary.flags.includes(flag))
  const offered = [...all.filter(fits), ...all.filter((one) => !fits(one))]
  const definition = offered.find(({ id }) => id === draft.clock) ?? offered[0]
  if (definition === undefined) return <p className="dim">The policy has no clock that could be started.</p>
  const at = instantOf(draft.at === '' ? opened : draft.at)
  const awareAt = instantOf(draft.awareAt)
  const isWrong = at === null || at > now || (awareAt !== null && awareAt > at)
  return (
    <FormShell
      button="Start the clock"
      disabled={busy || isWrong || draft.reason.trim() === ''}
      trouble={<Failure error={error} summary={summary} />}
      onSubmit={() => {
        if (at === null) return
        const aware = awareAt === null ? {} : { awareAt: new Date(awareAt).toISOString() }
        send(
          {
            ...{ type: 'start-clock', clock: definition.id, reason: draft.reason.trim() },
            at: new Date(at).toISOString(),
            ...(definition.awareWhen === null ? {} : aware),
          },
          `${definition.name} runs on ${summary.id}.`,
          key,
        )
      }}
      onCancel={onCancel}
    >
      <SelectField
        label="Clock"
        value={definition.id}
        onChange={(event) => setDraft({ ...draft, clock: event.target.value })}
      >
        {offered.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} · {one.title}
          </option>
        ))}
      </SelectField>
      <div className={css.suggested}>
        <p>{definition.says}</p>
        <ul className={css.rules}>
          {definition.deadlines.map(({ id, name, rule, basis }) => (
            <li key={id}>
              {name}: {rule}
              {basis === 'house' && ' (our own limit)'}
            </li>
          ))}
        </ul>
        <p className="dim">
          {definition.source}. Binds: {definition.binds}. Never legal advice.
        </p>
      </div>
      <MomentField
        label={`When ${definition.startsWhen}`}
        value={draft.at === '' ? opened : draft.at}
        onSay={(at) => setDraft({ ...draft, at })}
      />
      {definition.awareWhen !== null && (
        <MomentField
          label={`When ${definition.awareWhen} (may stay empty)`}
          value={draft.awareAt}
          onSay={(awareAt) => setDraft({ ...draft, awareAt })}
        />
      )}
      <ReasonField
        label="What was determined, by whom"
        hint="For example: the DPO found at 14:05 that rows of customers were copied"
        value={draft.reason}
        onSay={(reason) => setDraft({ ...draft, reason })}
      />
    </FormShell>
  )
}

function Correct({ summary, clock, onCancel }: { summary: Summary; clock: ClockView; onCancel: () => void }) {
  const now = useNow()
  const [at, setAt] = useState(() => fieldOf(Date.parse(clock.startedAt)))
  const [aware, setAware] = useState(() => (clock.awareAt === null ? '' : fieldOf(Date.parse(clock.awareAt))))
  const [reason, setReason] = useState('')
  const { busy, error, send } = useSend(summary.id)
  const startedAt = instantOf(at)
  const awareAt = instantOf(aware)
  return (
    <FormShell
      button="Correct it"
      disabled={busy || startedAt === null || startedAt > now || reason.trim() === ''}
      trouble={<Failure error={error} summary={summary} />}
      onSubmit={() => {
        if (startedAt === null) return
        send(
          {
            ...{ type: 'start-clock', clock: clock.id, correct: true, reason: reason.trim() },
            at: new Date(startedAt).toISOString(),
            ...(clock.awareAt !== null && awareAt !== null && { awareAt: new Date(awareAt).toISOString() }),
          },
          `The start of ${clock.name} is corrected.`,
          startKey(summary.id),
        )
      }}
      onCancel={onCancel}
    >
      <MomentField label="When it started" value={at} onSay={setAt} />
      {clock.awareAt !== null && <MomentField label="When awareness was" value={aware} onSay={setAware} />}
      <ReasonField hint="What shows that it was then" value={reason} onSay={setReason} />
    </FormShell>
  )
}

const stopWords: Readonly<
  Record<StopDraft['how'], { title: string; lead: string; button: string; label: string; hint: string; done: string }>
> = {
  submitted: {
    title: 'Record a submission',
    lead: 'You record what was submitted. What waits for it is due from then.',
    button: 'Record it',
    label: 'What was submitted, to whom',
    hint: 'With its reference, if it has one',
    done: 'The submission is recorded.',
  },
  'not-required': {
    title: 'Not required',
    lead: 'You record that somebody determined that nothing more is to be submitted. The reasons stay in the record.',
    button: 'Record it',
    label: 'Why it is not required, by whom determined',
    hint: 'For example: unlikely to result in a risk, because all of it was encrypted',
    done: 'It is recorded that it is not required.',
  },
  mistaken: {
    title: 'It was not so',
    lead: 'What was recorded stays in the timeline, and this correction beside it. The clock runs again.',
    button: 'It runs again',
    label: 'Why',
    hint: 'What shows that it was recorded by mistake',
    done: 'The clock runs again.',
  },
}

/** Somebody records a submission, or what takes its place. */
export function StopClockDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  const draft = act.drafts.get(stopKey(summary.id)) as StopDraft | undefined
  const { title, lead } = stopWords[draft?.how ?? 'submitted']
  return (
    <Dialog open onClose={act.end} title={`${title}: ${summary.id}`} lead={lead}>
      {view === null ? <Loading what="the clocks" /> : <Stop summary={summary} clocks={view.clocks ?? []} />}
    </Dialog>
  )
}

function Stop({ summary, clocks }: { summary: Summary; clocks: readonly ClockView[] }) {
  const { act } = useApp()
  const now = useNow()
  const key = stopKey(summary.id)
  const due = clocks
    .filter(({ ended, goneTo }) => ended === null && goneTo === null)
    .flatMap((clock) =>
      clock.deadlines
        .filter(({ met, dueAt }) => met === null && dueAt !== null)
        .map((deadline) => ({ clock, deadline, value: `${clock.id}/${deadline.id}` })),
    )
    .toSorted((a, b) => ((a.deadline.dueAt ?? '') < (b.deadline.dueAt ?? '') ? -1 : 1))
  const [opened] = useState(() => fieldOf(now))
  const [draft, setDraft] = useDraft<StopDraft>(key, () => ({
    ...{ clock: '', deadline: '', how: 'submitted' as const, at: '', reason: '' },
  }))
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLTextAreaElement>(null)
  const { how } = draft
  const chosen = due.find(({ value }) => value === `${draft.clock}/${draft.deadline}`) ?? due[0]
  const clock = how === 'submitted' ? chosen?.clock : clocks.find(({ id }) => id === draft.clock)
  if (clock === undefined) return <p className="dim">Nothing of it is to be submitted.</p>
  const said = instantOf(draft.at === '' ? opened : draft.at)
  const startedAt = Date.parse(clock.startedAt)
  // The field knows no seconds: what is said of the minute in which it started was not before it.
  const at = said !== null && said < startedAt && startedAt - said < 60_000 ? startedAt : said
  const deadline = how === 'submitted' ? chosen?.deadline.id : draft.deadline === '' ? undefined : draft.deadline
  const { button, label, hint, done } = stopWords[how]
  return (
    <FormShell
      button={button}
      disabled={busy || at === null || at > now || draft.reason.trim() === ''}
      trouble={<Failure error={error} summary={summary} />}
      onSubmit={() => {
        if (at === null) return
        send(
          {
            ...{ type: 'stop-clock', clock: clock.id, how, reason: draft.reason.trim() },
            ...(deadline !== undefined && { deadline }),
            at: new Date(at).toISOString(),
          },
          done,
          key,
        )
      }}
      onCancel={act.end}
    >
      {how === 'submitted' ? (
        <SelectField
          label="What"
          value={chosen?.value ?? ''}
          onChange={(event) => {
            const [clock = '', deadline = ''] = event.target.value.split('/')
            setDraft({ ...draft, clock, deadline })
          }}
        >
          {due.map((one) => (
            <option key={one.value} value={one.value}>
              {one.clock.name} · {one.deadline.name}
            </option>
          ))}
        </SelectField>
      ) : (
        <p>
          {clock.name}
          {how === 'mistaken' && <>: {clock.deadlines.find(({ id }) => id === draft.deadline)?.name ?? 'all of it'}</>}
        </p>
      )}
      {how !== 'mistaken' && (
        <MomentField
          label={how === 'submitted' ? 'When it was submitted' : 'When it was determined'}
          value={draft.at === '' ? opened : draft.at}
          onSay={(at) => setDraft({ ...draft, at })}
        />
      )}
      <ReasonField
        ref={field}
        label={label}
        hint={hint}
        value={draft.reason}
        onSay={(reason) => setDraft({ ...draft, reason })}
      />
    </FormShell>
  )
}
