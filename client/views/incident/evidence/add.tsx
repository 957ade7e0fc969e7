import { isLink } from '#shared/evidence.ts'
import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { SelectField, TextField } from '../../../widgets/controls/field.tsx'
import { Failure } from '../../acts/failure.tsx'
import { useDraft, useSend } from '../../acts/use-act.ts'
import { Loading } from '../../conditions/conditions.tsx'
import { useApp, useIncident, useMe } from '../../context.ts'
import css from './evidence.module.css'
import { AddFiles } from './files.tsx'
import { type Draft, draftKey, emptyDraft, stage, useFilesFromOutside } from './staged.ts'

const tabs: readonly [Draft['tab'], string][] = [
  ['file', 'Files'],
  ['link', 'Link'],
  ['payload', 'Request of an alert'],
]

/** Adds files, a link, or the request that an alert came with. */
export function AddEvidenceDialog({ summary }: { summary: Summary }) {
  const { act, link } = useApp()
  const [draft, setDraft] = useDraft<Draft>(draftKey(summary.id), () => emptyDraft)
  const take = (files: readonly File[]) => setDraft(stage(draft, files, new Date(link.serverNow())))
  const over = useFilesFromOutside(take)
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Evidence on ${summary.id}`}
      lead="What is added stays in the record, under your name. It can be withdrawn with a reason, and never changed."
    >
      <fieldset className={css.tabs}>
        <legend className="unseen">What it is</legend>
        {tabs.map(([tab, words]) => (
          <label key={tab} className={draft.tab === tab ? css.tabOn : css.tab}>
            <input
              type="radio"
              name="kind"
              className="unseen"
              checked={draft.tab === tab}
              onChange={() => setDraft({ ...draft, tab })}
            />
            {words}
          </label>
        ))}
      </fieldset>
      {draft.tab === 'file' && <AddFiles summary={summary} draft={draft} set={setDraft} take={take} over={over} />}
      {draft.tab === 'link' && <AddLink summary={summary} draft={draft} set={setDraft} />}
      {draft.tab === 'payload' && <AddPayload summary={summary} draft={draft} set={setDraft} />}
    </Dialog>
  )
}

export interface TabProps {
  summary: Summary
  draft: Draft
  set: (draft: Draft) => void
}

export function NoteField({ draft, set }: Pick<TabProps, 'draft' | 'set'>) {
  return (
    <TextField
      label="What it shows (may stay empty)"
      value={draft.note}
      maxLength={500}
      onChange={(event) => set({ ...draft, note: event.target.value })}
    />
  )
}

const noted = (note: string) => (note.trim() === '' ? {} : { note: note.trim() })

function AddLink({ summary, draft, set }: TabProps) {
  const { act } = useApp()
  const { busy, error, send } = useSend(summary.id)
  const url = draft.url.trim()
  const wrong = url !== '' && !isLink(url)
  return (
    <FormShell
      button="Add the link"
      disabled={busy || url === '' || wrong}
      trouble={<Failure error={error} summary={null} />}
      onSubmit={() => {
        const name = draft.name.trim() === '' ? {} : { name: draft.name.trim() }
        send(
          { type: 'add-evidence', kind: 'link', url, ...name, ...noted(draft.note) },
          `The link is evidence of ${summary.id}.`,
          draftKey(summary.id),
        )
      }}
      onCancel={act.end}
    >
      <TextField
        label="Address"
        type="url"
        inputMode="url"
        placeholder="https://"
        value={draft.url}
        maxLength={2000}
        error={wrong ? 'A full address that begins with https:// or http://, without a password in it.' : null}
        hint="It is kept as it is, and never opened by the server."
        onChange={(event) => set({ ...draft, url: event.target.value })}
      />
      <TextField
        label="What it is called (may stay empty)"
        value={draft.name}
        maxLength={200}
        onChange={(event) => set({ ...draft, name: event.target.value })}
      />
      <NoteField draft={draft} set={set} />
    </FormShell>
  )
}

function AddPayload({ summary, draft, set }: TabProps) {
  const { act } = useApp()
  const mayVerbatim = useMe().actions.includes('lost.bytes')
  const { view } = useIncident(summary.id)
  const { busy, error, send } = useSend(summary.id)
  if (view === null) return <Loading what="its alerts" />
  const { alerts } = view
  if (alerts.length === 0)
    return (
      <p className="dim">
        It has no alerts whose requests could be kept. A person declared it, or they are elsewhere now.
      </p>
    )
  const chosen = alerts.some(({ id }) => id === draft.alert) ? draft.alert : (alerts[0]?.id ?? '')
  return (
    <FormShell
      button="Keep the request"
      disabled={busy || chosen === ''}
      trouble={<Failure error={error} summary={null} />}
      onSubmit={() => {
        const verbatim = draft.verbatim && mayVerbatim ? { verbatim: true } : {}
        send(
          { type: 'add-evidence', kind: 'payload', alert: chosen, ...verbatim, ...noted(draft.note) },
          `The request is evidence of ${summary.id}.`,
          draftKey(summary.id),
        )
      }}
      onCancel={act.end}
    >
      <SelectField
        label="Alert"
        value={chosen}
        hint="The request that it first came with is kept with the incident, longer than the log keeps it."
        onChange={(event) => set({ ...draft, alert: event.target.value })}
      >
        {alerts.map((alert) => (
          <option key={alert.id} value={alert.id}>
            {alert.title} ({alert.source.name}
            {alert.status === 'firing' ? '' : ', ended'})
          </option>
        ))}
      </SelectField>
      {mayVerbatim && (
        <label className={css.check}>
          <input
            type="checkbox"
            checked={draft.verbatim}
            onChange={(event) => set({ ...draft, verbatim: event.target.checked })}
          />
          As it came. Without this, e-mail addresses, keys and what else the policy says are masked in it. Only those
          who may read raw requests can read it then.
        </label>
      )}
      <NoteField draft={draft} set={set} />
    </FormShell>
  )
}
