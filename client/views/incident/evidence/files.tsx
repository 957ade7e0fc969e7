import { useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { upload } from '../../../link/upload.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Trouble } from '../../../widgets/controls/field.tsx'
import { useApp } from '../../context.ts'
import { sizeWords } from '../../lost/raw.ts'
import { NoteField, type TabProps } from './add.tsx'
import css from './evidence.module.css'
import { draftKey, type StagedFile } from './staged.ts'
import { refusalOf } from './words.ts'

const addedSchema = z.looseObject({ evidence: z.number() })
/** What the chooser proposes; the server judges by the bytes. */
const proposed = 'image/*,.txt,.log,.json,.har,.csv,.pdf,.zip,.gz,text/*,application/json'

/** Chooses, shows what waits, and sends one after the other. */
export function AddFiles({
  summary,
  draft,
  set,
  take,
  over,
}: TabProps & { take: (files: readonly File[]) => void; over: boolean }) {
  const { act, announcer } = useApp()
  const chooser = useRef<HTMLInputElement>(null)
  const [sending, setSending] = useState<{ key: string; share: number } | null>(null)
  const [refused, setRefused] = useState<ReadonlyMap<string, ErrorBody>>(new Map())
  const breaking = useRef<AbortController | null>(null)
  const { files } = draft
  // Whoever closes the dialog breaks off what is on its way; what has not gone out waits in the draft.
  useEffect(() => () => breaking.current?.abort(), [])

  async function send(): Promise<void> {
    const controller = new AbortController()
    breaking.current = controller
    let left = files
    const told = new Map<string, ErrorBody>()
    const added: number[] = []
    for (const { key, name, content } of files) {
      if (refusalOf(content) !== null) continue
      setSending({ key, share: 0 })
      const note = draft.note.trim()
      const answer = await upload({
        path: `/api/incidents/${summary.id}/evidence`,
        content,
        headers: {
          'x-evidence-name': encodeURIComponent(name),
          'idempotency-key': `upload-${key}`,
          ...(note !== '' && { 'x-evidence-note': encodeURIComponent(note) }),
        },
        schema: addedSchema,
        onProgress: (share) => setSending({ key, share }),
        signal: controller.signal,
      })
      if (answer.ok) {
        left = left.filter((file) => file.key !== key)
        added.push(answer.value.evidence)
      } else told.set(key, answer.error)
      if (controller.signal.aborted) break
    }
    if (added.length > 0) {
      const words = added.length === 1 ? `Evidence ${added[0]} is` : `Evidence ${added.join(', ')} are`
      announcer.say({ tone: 'done', text: `${words} added to ${summary.id}.`, incidentId: summary.id, offers: [] })
    }
    if (left.length === 0) {
      act.drafts.delete(draftKey(summary.id))
      act.end()
      return
    }
    setSending(null)
    setRefused(told)
    set({ ...draft, files: left })
  }

  const change = (key: string, file: StagedFile | null) =>
    set({ ...draft, files: files.flatMap((one) => (one.key === key ? (file ?? []) : one)) })
  const ready = files.filter(({ content }) => refusalOf(content) === null).length
  return (
    <FormShell
      button={ready > 1 ? `Add ${ready} files` : 'Add the file'}
      disabled={sending !== null || ready === 0}
      trouble={null}
      more={sending !== null && <Button onClick={() => breaking.current?.abort()}>Break it off</Button>}
      onSubmit={() => void send()}
      onCancel={sending === null ? act.end : undefined}
    >
      <div className={over ? `${css.drop} ${css.over}` : css.drop}>
        <input
          ref={chooser}
          type="file"
          multiple
          accept={proposed}
          className="unseen"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            take([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
        <Button
          kind={files.length === 0 ? 'main' : 'plain'}
          disabled={sending !== null}
          onClick={() => chooser.current?.click()}
        >
          Choose {files.length === 0 ? 'files' : 'more'}…
        </Button>
        <p className="dim">
          {over
            ? 'Let go to add them'
            : 'or drop them here, or paste a picture. Up to 25 MiB each: images, text, logs, JSON, HAR, CSV, PDF, zip, gzip.'}
        </p>
      </div>
      {files.length > 0 && (
        <ul className={css.staged} aria-label="Files to be added">
          {files.map((file) => (
            <Staged
              key={file.key}
              file={file}
              share={sending?.key === file.key ? sending.share : null}
              error={refusalOf(file.content) ?? refused.get(file.key)?.message ?? null}
              busy={sending !== null}
              change={(next) => change(file.key, next)}
            />
          ))}
        </ul>
      )}
      {files.length > 0 && <NoteField draft={draft} set={set} />}
    </FormShell>
  )
}

function Staged({
  file,
  share,
  error,
  busy,
  change,
}: {
  file: StagedFile
  /** How much of it is sent; null: it is not on its way. */
  share: number | null
  error: string | null
  busy: boolean
  change: (file: StagedFile | null) => void
}) {
  return (
    <li>
      <div className={css.stagedLine}>
        <input
          className={css.name}
          value={file.name}
          maxLength={120}
          disabled={busy}
          aria-label="Name of the file"
          onChange={(event) => change({ ...file, name: event.target.value })}
        />
        <span className="dim">{sizeWords(file.content.size)}</span>
        <Button kind="quiet" disabled={busy} aria-label={`Leave ${file.name} out`} onClick={() => change(null)}>
          ✕
        </Button>
      </div>
      {share !== null && (
        <div className={css.progress}>
          <progress value={share} max={1} aria-label={`${file.name} is on its way`} />
          <span>{share < 1 ? `${Math.floor(share * 100)}\u00a0%` : 'being kept…'}</span>
        </div>
      )}
      {error !== null && share === null && <Trouble>{error}</Trouble>}
    </li>
  )
}
