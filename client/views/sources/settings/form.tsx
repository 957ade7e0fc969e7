import { useEffect, useRef, useState } from 'react'
import { type Severity, severities } from '#shared/event.ts'
import type { SettingField } from '#shared/source.ts'
import { type SourcePage, sourceViewSchema } from '#shared/wire.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { Buttons } from '../../../widgets/controls/dialog.tsx'
import { SelectField, Trouble } from '../../../widgets/controls/field.tsx'
import { useApp } from '../../context.ts'
import css from '../page/page.module.css'
import { type Draft, draftOf, faultsIn, readDraft, type Typed } from './draft.ts'
import { SettingInput } from './input.tsx'

/** Name of the default severity among the drafts; no setting can be called so. */
const severityKey = '#severity'

/** The declared settings as one form. What was typed and not saved outlives the page. */
export function SettingsForm({
  page: { source, kind, commonSettings },
  mayManage,
  onSaved,
}: {
  page: SourcePage
  mayManage: boolean
  onSaved: () => Promise<void>
}) {
  const { api, act, announcer } = useApp()
  const key = `settings/${source.id}`
  const [draft, setDraftState] = useState<Draft>(() => (act.drafts.get(key) as Draft | undefined) ?? {})
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const [error, setError] = useState<string | null>(null)
  const [saved, setSaved] = useState('')
  const [busy, setBusy] = useState(false)
  const fields = [...kind.settings, ...commonSettings]
  const now = (field: SettingField) => draftOf(field, source.settings[field.name])
  const changed = fields.filter(({ name }) => draft[name] !== undefined)
  const severity = draft[severityKey] ?? source.defaultSeverity ?? ''
  const severityChanged = draft[severityKey] !== undefined
  const dirty = changed.length > 0 || severityChanged

  function setDraft(next: Draft): void {
    setSaved('')
    if (Object.keys(next).length === 0) act.drafts.delete(key)
    else act.drafts.set(key, next)
    setDraftState(next)
  }
  function type(name: string, value: Typed, before: Typed): void {
    const { [name]: _, ...others } = draft
    setDraft(value === before ? others : { ...others, [name]: value })
  }

  const unsaved = useRef({ dirty, name: source.name })
  unsaved.current = { dirty, name: source.name }
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => unsaved.current.dirty && event.preventDefault()
    window.addEventListener('beforeunload', onLeave)
    return () => {
      window.removeEventListener('beforeunload', onLeave)
      const { dirty, name } = unsaved.current
      if (dirty)
        announcer.say({
          tone: 'news',
          text: `Settings of ${name} were changed and not saved. They are kept on its page until you save them.`,
          incidentId: null,
          offers: [],
        })
    }
  }, [announcer])

  async function save(): Promise<void> {
    const read = readDraft(changed, draft)
    setFaults(read.faults)
    if (Object.keys(read.faults).length > 0) return setError('Correct what is marked above; nothing was saved.')
    setBusy(true)
    const answer = await api.ask('PATCH', `/api/sources/${source.id}`, sourceViewSchema, {
      ...(changed.length > 0 && { settings: read.values }),
      ...(severityChanged && { defaultSeverity: severity === '' ? null : severity }),
    })
    setBusy(false)
    if (!answer.ok) {
      setFaults(faultsIn(answer.error))
      return setError(answer.error.message)
    }
    const names = [...(severityChanged ? ['Default severity'] : []), ...changed.map(({ label }) => label)]
    setError(null)
    await onSaved()
    setDraft({})
    setSaved(`Saved: ${names.join(', ')}.`)
  }

  const input = (field: SettingField) => (
    <SettingInput
      key={field.name}
      field={field}
      value={draft[field.name] === undefined ? now(field) : (draft[field.name] ?? null)}
      hasSecret={source.secretSettings.includes(field.name)}
      error={faults[field.name] ?? null}
      disabled={!mayManage}
      onChange={(value) => type(field.name, value, now(field))}
    />
  )
  return (
    <form
      className={css.settings}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {kind.settings.map(input)}
      <SelectField
        label="Severity where it says none"
        hint="For events without a word on how severe they are."
        value={typeof severity === 'string' ? severity : ''}
        disabled={!mayManage}
        onChange={(event) => type(severityKey, event.target.value as Severity | '', source.defaultSeverity ?? '')}
      >
        <option value="">as its kind is read</option>
        {severities.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </SelectField>
      {commonSettings.map(input)}
      {error !== null && <Trouble>{error}</Trouble>}
      <div className={css.saveRow}>
        {mayManage && (
          <Buttons>
            <Button type="submit" kind="main" disabled={busy || !dirty}>
              Save
            </Button>
            {dirty && (
              <Button
                kind="quiet"
                onClick={() => {
                  setDraft({})
                  setFaults({})
                  setError(null)
                }}
              >
                Undo changes
              </Button>
            )}
          </Buttons>
        )}
        <span role="status" className={dirty ? 'soon' : 'dim'}>
          {dirty ? `${changed.length + Number(severityChanged)} not saved yet` : saved}
        </span>
      </div>
    </form>
  )
}
