import { useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type ChannelView, channelViewSchema } from '#shared/notify/channels.ts'
import { nothing } from '../../link/api.ts'
import { ActForm, Ask } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { type FreshSecret, freshSecretSchema } from './secret.tsx'

interface Question {
  channel: ChannelView
  onClose: () => void
}
const namedWords = ({ namedBy }: ChannelView): string =>
  namedBy.length === 0 ? '' : ` It is named by ${namedBy.join(', ')}: what is sent there meanwhile reaches nobody.`

/** From now on nothing is sent, until somebody says otherwise. */
export function PauseChannel({ channel, onClose, onDone }: Question & { onDone: () => Promise<void> }) {
  const { api } = useApp()
  const [why, setWhy] = useState('')
  async function pause(): Promise<ErrorBody | null> {
    const body = { paused: true, why: why.trim() }
    const answer = await api.ask('PATCH', `/api/channels/${channel.id}`, channelViewSchema, body)
    if (answer.ok) await onDone()
    return answer.ok ? null : answer.error
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Pause ${channel.name}?`}
      lead={`Nothing is sent there until somebody lets it send again.${namedWords(channel)}`}
    >
      <ActForm button="Pause it" act={pause} onCancel={onClose}>
        <TextField
          label="Why (may stay empty)"
          hint="Shown to whoever looks at it."
          maxLength={300}
          autoComplete="off"
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
      </ActForm>
    </Dialog>
  )
}

/** A second secret, so that the other side can change over without losing a message. */
export function RotateSecret({
  channel,
  onClose,
  onDone,
}: Question & { onDone: (fresh: FreshSecret) => Promise<void> }) {
  const { api } = useApp()
  async function rotate(): Promise<ErrorBody | null> {
    const answer = await api.ask('POST', `/api/channels/${channel.id}/rotate`, freshSecretSchema, {})
    if (answer.ok) await onDone(answer.value)
    return answer.ok ? null : answer.error
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`New signing secret for ${channel.name}?`}
      lead="For a day messages are signed with the new one and the one before, so the other side can change over meanwhile. Any older one ends now."
    >
      <ActForm button="Make a new one" act={rotate} onCancel={onClose}>
        {null}
      </ActForm>
    </Dialog>
  )
}

/** It and its secrets are gone then. */
export function RemoveChannel({ channel, onClose, onDone }: Question & { onDone: () => Promise<void> }) {
  const { api } = useApp()
  async function remove(): Promise<ErrorBody | null> {
    const answer = await api.ask('DELETE', `/api/channels/${channel.id}`, nothing)
    if (answer.ok) await onDone()
    return answer.ok ? null : answer.error
  }
  return (
    <Ask
      title={`Remove ${channel.name}?`}
      lead={`Its address and secrets are gone then; what timelines say of it stays.${namedWords(channel)}`}
      button="Remove it"
      act={remove}
      onClose={onClose}
    />
  )
}
