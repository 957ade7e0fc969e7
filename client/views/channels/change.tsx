import { useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type ChannelKindView, type ChannelView, channelViewSchema } from '#shared/notify/channels.ts'
import { ActForm } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { type Draft, draftOf, faultsIn, readDraft } from '../sources/settings/draft.ts'
import { SettingInput } from '../sources/settings/input.tsx'

/** Another name or address. What is secret is not shown, and stays unless it is replaced. */
export function ChangeChannel({
  channel,
  kind,
  onClose,
  onDone,
}: {
  channel: ChannelView
  kind: ChannelKindView
  onClose: () => void
  onDone: () => Promise<void>
}) {
  const { api } = useApp()
  const [name, setName] = useState(channel.name)
  const [draft, setDraft] = useState<Draft>({})
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const changed = kind.settings.filter((one) => draft[one.name] != null)
  const renamed = name.trim() !== channel.name

  async function change(): Promise<ErrorBody | null> {
    const { values, faults } = readDraft(changed, draft)
    setFaults(faults)
    if (Object.keys(faults).length > 0) return { code: 'fields-invalid', message: 'Correct what is marked above.' }
    const answer = await api.ask('PATCH', `/api/channels/${channel.id}`, channelViewSchema, {
      ...(renamed && { name: name.trim() }),
      ...(changed.length > 0 && { settings: values }),
    })
    if (answer.ok) await onDone()
    else setFaults(faultsIn(answer.error))
    return answer.ok ? null : answer.error
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Name and settings of ${channel.name}`}
      lead={`Policies go on naming it channel:${channel.id}. Send a test when it is changed.`}
    >
      <ActForm
        button="Save"
        ready={name.trim() !== '' && (renamed || changed.length > 0)}
        act={change}
        onCancel={onClose}
      >
        <TextField
          label="Name, as the timeline shows it"
          required
          maxLength={80}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {kind.settings.map((one) => (
          <SettingInput
            key={one.name}
            field={one}
            value={draft[one.name] === undefined ? draftOf(one, channel.settings[one.name]) : (draft[one.name] ?? null)}
            hasSecret={channel.secretSettings.includes(one.name)}
            error={faults[one.name] ?? null}
            onChange={(value) => setDraft({ ...draft, [one.name]: value })}
          />
        ))}
      </ActForm>
    </Dialog>
  )
}
