import { useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { unifiedPatch } from '#shared/line-diff.ts'
import type { PolicyTextView } from '#shared/trial.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { ReasonField, Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { Differences } from './differences.tsx'
import type { Draft } from './draft.ts'
import css from './policy.module.css'

const savedSchema = z.object({ hash: z.string() })

/** Makes the text active, with a reason; or, where it cannot be written from here, shows what to do with it. */
export function Save({
  file,
  draft,
  mayChange,
  tried,
  onClose,
  onRefused,
  onSaved,
}: {
  file: PolicyTextView
  draft: Draft
  mayChange: boolean
  /** This very text was tried on the past. */
  tried: boolean
  onClose: () => void
  onRefused: () => Promise<void>
  onSaved: () => Promise<void>
}) {
  const { api, announcer } = useApp()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  if (!mayChange || !file.writable || error?.code === 'policy-unwritable')
    return <ByHand file={file} draft={draft} mayChange={mayChange} why={error?.message ?? null} onClose={onClose} />

  async function save(): Promise<void> {
    setBusy(true)
    const { text, base: from } = draft
    const answer = await api.ask('PUT', '/api/policy/text', savedSchema, { text, from, reason: reason.trim() })
    setBusy(false)
    if (!answer.ok) {
      setError(answer.error)
      // The newer file stands on the screen as a conflict.
      if (answer.error.code === 'policy-changed') await onRefused()
      return
    }
    announcer.say({ tone: 'done', text: 'The policy is written and active.', incidentId: null, offers: [] })
    await onSaved()
    onClose()
  }
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Make it active"
      lead={`${file.file} is written, and what comes from now on is judged by it. What happened stays as it is.`}
      initialFocus={field}
    >
      <form
        className={css.saving}
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy && reason.trim() !== '') void save()
        }}
      >
        <Differences before={draft.baseText} after={draft.text} />
        {!tried && (
          <p className={css.untried}>
            <b>△ Not tried.</b> This text was not tried on the past as it stands.
          </p>
        )}
        <ReasonField ref={field} label="Why" hint="Kept in the audit with your name" value={reason} onSay={setReason} />
        {error !== null && <Trouble>{error.message}</Trouble>}
        <Buttons>
          <Button type="submit" kind="main" disabled={busy || reason.trim() === ''}>
            Write and make active
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </Buttons>
      </form>
    </Dialog>
  )
}

function ByHand({
  file,
  draft,
  mayChange,
  why,
  onClose,
}: {
  file: PolicyTextView
  draft: Draft
  mayChange: boolean
  why: string | null
  onClose: () => void
}) {
  const isFile = file.file !== null
  const lead = !isFile
    ? 'There is no policy file yet. Save this text as one where the server runs, set POLICY_FILE to it, and start again.'
    : !mayChange
      ? 'An administrator makes a policy active: pass this patch on. It becomes active as soon as the file changes.'
      : (why ??
        'It cannot be written from here. Apply this patch where the file is kept; it becomes active when the file changes.')
  return (
    <Dialog open wide onClose={onClose} title={isFile ? 'As a patch' : 'As a file'} lead={lead}>
      <CopyBlock
        label={isFile ? `Patch of ${file.file}` : 'policy.yaml'}
        text={isFile ? unifiedPatch(file.file ?? '', draft.baseText, draft.text) : draft.text}
      />
      <Buttons>
        <Button kind="quiet" onClick={onClose}>
          Close
        </Button>
      </Buttons>
    </Dialog>
  )
}
