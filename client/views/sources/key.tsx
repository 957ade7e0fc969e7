import { useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { sourceViewSchema } from '#shared/wire.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import css from './sources.module.css'

export const freshKeySchema = z.object({
  source: sourceViewSchema,
  key: z.string(),
  secret: z.string().nullable(),
  url: z.string(),
  connect: z.array(z.object({ title: z.string(), language: z.string(), text: z.string() })),
})
export type FreshKey = z.output<typeof freshKeySchema>

export function AddSource({
  kinds,
  onClose,
  onDone,
}: {
  kinds: readonly { kind: string; title: string }[]
  onClose: () => void
  onDone: (fresh: FreshKey) => void
}) {
  const { api } = useApp()
  const [kind, setKind] = useState(kinds[0]?.kind ?? '')
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const field = useRef<HTMLInputElement>(null)
  async function add(): Promise<void> {
    setBusy(true)
    const answer = await api.ask('POST', '/api/sources', freshKeySchema, { kind, name: name.trim() })
    setBusy(false)
    if (answer.ok) onDone(answer.value)
    else setError(answer.error)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a source"
      lead="A key is made for it, with a configuration to paste."
      initialFocus={field}
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
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
              <input type="radio" name="kind" checked={kind === one.kind} onChange={() => setKind(one.kind)} />{' '}
              {one.title}
            </label>
          ))}
        </fieldset>
        {error !== null && <Trouble>{error.message}</Trouble>}
        <Buttons>
          <Button type="submit" kind="main" disabled={busy || name.trim() === '' || kind === ''}>
            Make its key
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </Buttons>
      </form>
    </Dialog>
  )
}

/** The key, once, and what to paste where. */
export function KeyShown({ fresh, onClose }: { fresh: FreshKey; onClose: () => void }) {
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Key of ${fresh.source.name}`}
      lead="Shown once: only its beginning is kept in view. It can write events, and nothing else."
    >
      <CopyBlock label="key" text={fresh.key} />
      {fresh.url !== '' && <CopyBlock label="address" text={fresh.url} />}
      {fresh.secret !== null && <CopyBlock label="signing secret" text={fresh.secret} />}
      {fresh.connect.map((snippet) => (
        <CopyBlock key={snippet.title} label={snippet.title} text={snippet.text} />
      ))}
      <Buttons>
        <Button onClick={onClose}>I have kept it</Button>
      </Buttons>
    </Dialog>
  )
}
