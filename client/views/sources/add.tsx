import { useRef, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import type { SettingField } from '#shared/source.ts'
import type { SourceKindView } from '#shared/wire.ts'
import { ActForm } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { type FreshKey, freshKeySchema } from './key.tsx'
import { type Draft, draftOf, faultsIn, readDraft } from './settings/draft.ts'
import { SettingInput } from './settings/input.tsx'
import css from './sources.module.css'

/** A name, how it sends, and what its kind cannot do without. */
export function AddSource({
  kinds,
  onClose,
  onDone,
}: {
  kinds: readonly SourceKindView[]
  onClose: () => void
  onDone: (fresh: FreshKey) => void
}) {
  const { api } = useApp()
  const [kind, setKind] = useState(kinds[0]?.kind ?? '')
  const [name, setName] = useState('')
  const [draft, setDraft] = useState<Draft>({})
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const field = useRef<HTMLInputElement>(null)
  const chosen = kinds.find((one) => one.kind === kind)
  const settings = chosen?.settings ?? []
  const required = settings.filter((setting) => setting.required === true)
  const others = settings.filter((setting) => setting.required !== true)
  async function add(): Promise<ErrorBody | null> {
    const { values, faults } = readDraft(settings, draft)
    setFaults(faults)
    if (Object.keys(faults).length > 0) return { code: 'fields-invalid', message: 'Correct what is marked above.' }
    const body = { kind, name: name.trim(), ...(settings.length > 0 && { settings: values }) }
    const answer = await api.ask('POST', '/api/sources', freshKeySchema, body)
    if (answer.ok) onDone(answer.value)
    else setFaults(faultsIn(answer.error))
    return answer.ok ? null : answer.error
  }
  const input = (setting: SettingField) => (
    <SettingInput
      key={`${kind}/${setting.name}`}
      field={setting}
      value={draft[setting.name] ?? draftOf(setting, undefined)}
      hasSecret={false}
      error={faults[setting.name] ?? null}
      onChange={(value) => setDraft({ ...draft, [setting.name]: value })}
    />
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a source"
      lead="A key is made for it, with a configuration to paste."
      initialFocus={field}
    >
      <ActForm button="Make its key" ready={name.trim() !== '' && kind !== ''} act={add} onCancel={onClose}>
        <TextField
          ref={field}
          label="Name, as boards show it"
          required
          maxLength={80}
          autoComplete="off"
          placeholder="for example: prometheus eu-west"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className={css.kinds}>
          <legend>It sends as</legend>
          {kinds.map((one) => (
            <label key={one.kind}>
              <input
                type="radio"
                name="kind"
                checked={kind === one.kind}
                onChange={() => {
                  setKind(one.kind)
                  setDraft({})
                  setFaults({})
                }}
              />{' '}
              {one.title}
            </label>
          ))}
        </fieldset>
        {required.map(input)}
        {others.length > 0 && (
          // A kind with a door of its own does nothing until that is set.
          <details key={kind} className={css.more} open={chosen?.doors.length === 0}>
            <summary>Its settings; they can wait for its page</summary>
            <div>{others.map(input)}</div>
          </details>
        )}
      </ActForm>
    </Dialog>
  )
}
