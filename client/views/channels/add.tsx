import { useRef, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type ChannelKindView, channelIdOf } from '#shared/notify/channels.ts'
import { ActForm } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { type Draft, draftOf, faultsIn, readDraft } from '../sources/settings/draft.ts'
import { SettingInput } from '../sources/settings/input.tsx'
import css from './channels.module.css'
import { type FreshSecret, freshSecretSchema } from './secret.tsx'

/** What it is, what policies call it, and where it leads. */
export function AddChannel({
  kinds,
  id: given,
  onClose,
  onDone,
}: {
  kinds: readonly ChannelKindView[]
  /** As the policy names it already; empty where it does not. */
  id: string
  onClose: () => void
  onDone: (fresh: FreshSecret) => Promise<void>
}) {
  const { api } = useApp()
  const [kind, setKind] = useState(kinds[0]?.kind)
  const [name, setName] = useState(given)
  const [typedId, setTypedId] = useState(given)
  const [draft, setDraft] = useState<Draft>({})
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const field = useRef<HTMLInputElement>(null)
  const chosen = kinds.find((one) => one.kind === kind)
  const fields = chosen?.settings ?? []
  const id = typedId === '' ? channelIdOf(name) : typedId

  async function add(): Promise<ErrorBody | null> {
    const typed = Object.fromEntries(fields.map((one) => [one.name, draft[one.name] ?? draftOf(one, undefined)]))
    const { values, faults } = readDraft(fields, typed)
    setFaults(faults)
    if (Object.keys(faults).length > 0) return { code: 'fields-invalid', message: 'Correct what is marked above.' }
    const body = { kind, name: name.trim(), id, settings: values }
    const answer = await api.ask('POST', '/api/channels', freshSecretSchema, body)
    if (answer.ok) await onDone(answer.value)
    else setFaults(faultsIn(answer.error))
    return answer.ok ? null : answer.error
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a channel"
      lead="Many read it, so its messages only lead to the incident; they carry no button that acts."
      initialFocus={field}
    >
      <ActForm
        button="Add it"
        ready={name.trim() !== '' && kind !== undefined && id !== ''}
        act={add}
        onCancel={onClose}
      >
        <fieldset className={css.kinds}>
          <legend>It leads to</legend>
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
        {chosen !== undefined && (
          <p className="dim">
            {chosen.says} {chosen.signs && 'The secret is shown once, when it is added.'}
          </p>
        )}
        {chosen?.ready != null && <p className="soon">{chosen.ready} It can be added now and used then.</p>}
        <TextField
          ref={field}
          label="Name, as the timeline shows it"
          required
          maxLength={80}
          autoComplete="off"
          placeholder="for example: Ops chat"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Id, as policies name it"
          hint={
            id === ''
              ? 'Small letters, digits and hyphens. It stays as it is.'
              : `A step of an escalation writes channel:${id}. It stays as it is.`
          }
          error={faults.id ?? null}
          maxLength={40}
          autoComplete="off"
          placeholder={channelIdOf(name)}
          value={typedId}
          onChange={(event) => setTypedId(event.target.value.trim())}
        />
        {fields.map((one) => (
          <SettingInput
            key={`${kind}/${one.name}`}
            field={one}
            value={draft[one.name] ?? draftOf(one, undefined)}
            hasSecret={false}
            error={faults[one.name] ?? null}
            onChange={(value) => setDraft({ ...draft, [one.name]: value })}
          />
        ))}
      </ActForm>
    </Dialog>
  )
}
