import { type FormEvent, useRef, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import {
  extents,
  felt,
  type Report,
  type ReportAnswer,
  type ReportField,
  type ReportForm,
  reportAnswerSchema,
  reportFaults,
  reportFields,
} from '#shared/report.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons } from '../../widgets/controls/dialog.tsx'
import { SelectField, TextArea, TextField, Trouble } from '../../widgets/controls/field.tsx'
import { useApp, useLink } from '../context.ts'
import { Choice } from './choice.tsx'
import { type Draft, isEmpty, localInput, reportOf } from './draft.ts'
import { Needed } from './needed.tsx'
import css from './report.module.css'

type Faults = Readonly<Record<string, string>>

/** The form itself. What is missing is said at its field, by the same rules that the server refuses by. */
export function FormOfReport({
  rules,
  draft,
  kept,
  onChange,
  onSent,
}: {
  rules: ReportForm
  draft: Draft
  /** False: this browser keeps no drafts. */
  kept: boolean
  onChange: (draft: Draft) => void
  onSent: (answer: ReportAnswer, report: Report) => void
}) {
  const { api, link } = useApp()
  const form = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [faults, setFaults] = useState<Faults>({})
  const [refused, setRefused] = useState<ErrorBody | null>(null)
  const down = useLink(({ state }) => state.kind === 'stale')
  const set = (part: Partial<Draft>) => {
    onChange({ ...draft, ...part })
    setFaults((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in part))))
  }
  const words = (name: Exclude<keyof Draft, 'felt' | 'affected'>) => ({
    value: draft[name],
    error: faults[name] ?? null,
    'data-field': name,
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
  })
  const asks = (name: ReportField) => ({
    label: (
      <>
        {reportFields[name].label}
        {rules.required.includes(name) && <Needed />}
      </>
    ),
    hint: rules.required.includes(name) ? reportFields[name].why : undefined,
  })
  const chooses = (name: 'felt' | 'affected') => ({
    name,
    label: reportFields[name].label,
    why: reportFields[name].why,
    needed: rules.required.includes(name),
    error: faults[name] ?? null,
  })

  function show(found: readonly { path: string; message: string }[]): void {
    const all: Record<string, string> = {}
    for (const { path, message } of found) all[path.split('.', 1)[0] ?? ''] ??= message
    setFaults(all)
    // The first of them in reading order, once it is marked.
    requestAnimationFrame(() => {
      const first = [...(form.current?.querySelectorAll<HTMLElement>('[data-field]') ?? [])].find(
        ({ dataset }) => dataset.field !== undefined && dataset.field in all,
      )
      const target = first instanceof HTMLFieldSetElement ? first.querySelector('input') : first
      target?.focus()
    })
  }

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    setRefused(null)
    const { report, faults: wrong } = reportOf(draft)
    const policy = { required: rules.required, services_only: rules.servicesOnly }
    const found = [...wrong, ...reportFaults(report, policy, rules.services, link.serverNow())]
    if (found.length > 0) return show(found)
    setBusy(true)
    const answer = await api.ask('POST', '/api/reports', reportAnswerSchema, report)
    setBusy(false)
    if (answer.ok) return onSent(answer.value, report)
    setRefused(answer.error)
    const fields = answer.error.details?.fields
    if (Array.isArray(fields)) show(fields)
  }

  return (
    <form
      ref={form}
      className={css.form}
      noValidate
      onSubmit={(event) => void send(event)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit()
      }}
    >
      {down && (
        <p className={css.note} role="status">
          <b>The server cannot be reached just now.</b> Write on: your text is kept here, also if you reload. Send it
          when the mark at the top says live.
        </p>
      )}
      {!kept && (
        <p className={css.note} role="status">
          <b>This browser keeps no drafts.</b> Do not reload the page before the report is sent.
        </p>
      )}
      <TextField
        label={
          <>
            What is wrong
            <Needed />
          </>
        }
        hint="In one line, as you would say it on the telephone."
        maxLength={200}
        autoComplete="off"
        {...words('title')}
      />
      <Choice {...chooses('felt')} options={felt} value={draft.felt} onChange={(value) => set({ felt: value })} />
      <Choice
        {...chooses('affected')}
        options={extents}
        value={draft.affected}
        onChange={(value) => set({ affected: value })}
      />
      <TextField maxLength={300} autoComplete="off" {...asks('who')} {...words('who')} />
      <div className={css.withButton}>
        <TextField type="datetime-local" {...asks('since')} {...words('since')} />
        <Button onClick={() => set({ since: localInput(link.serverNow()) })}>Just now</Button>
      </div>
      <div className={css.pair}>
        {rules.servicesOnly ? (
          <SelectField {...asks('service')} {...words('service')}>
            <option value="">Not known</option>
            {rules.services.map((service) => (
              <option key={service}>{service}</option>
            ))}
          </SelectField>
        ) : (
          <TextField
            maxLength={80}
            list="report-services"
            autoComplete="off"
            {...asks('service')}
            {...words('service')}
          />
        )}
        <TextField
          maxLength={40}
          list="report-environments"
          autoComplete="off"
          {...asks('environment')}
          {...words('environment')}
        />
      </div>
      <datalist id="report-services">
        {rules.services.map((service) => (
          <option key={service} value={service} />
        ))}
      </datalist>
      <datalist id="report-environments">
        {['production', 'staging', 'test'].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextField maxLength={200} autoComplete="off" {...asks('place')} {...words('place')} />
      <TextArea rows={4} maxLength={4000} {...asks('details')} {...words('details')} />
      <TextArea
        rows={3}
        maxLength={4000}
        {...asks('evidence')}
        {...words('evidence')}
        hint={`${asks('evidence').hint ?? ''} An error message, word for word.`.trim()}
      />
      <TextArea label="Links to evidence" rows={2} hint="One a line, beginning with https://" {...words('links')} />
      <TextField
        maxLength={300}
        {...asks('contact')}
        {...words('contact')}
        hint={`${asks('contact').hint ?? ''} Those who work on it see this.`.trim()}
      />
      {refused !== null && (
        <Trouble>
          <p>
            <b>Not sent.</b> {refused.message}
          </p>
          <p>Your text is still here, also if you reload.</p>
        </Trouble>
      )}
      {Object.keys(faults).length > 0 && refused === null && (
        <Trouble>
          <p>Not sent yet: {Object.keys(faults).length === 1 ? 'one field lacks' : 'some fields lack'} something.</p>
        </Trouble>
      )}
      <Buttons>
        <Button type="submit" kind="main" shortcut="Ctrl ↵" disabled={busy}>
          {busy ? 'Sending…' : 'Send the report'}
        </Button>
        {!isEmpty(draft) && (
          <Button kind="quiet" disabled={busy} onClick={() => onChange({ ...draft, ...blank })}>
            Empty the form
          </Button>
        )}
      </Buttons>
    </form>
  )
}

const blank: Omit<Draft, 'id'> = {
  ...{ title: '', details: '', felt: null, affected: null, who: '', since: '', service: '', environment: '' },
  ...{ place: '', evidence: '', links: '', contact: '' },
}
