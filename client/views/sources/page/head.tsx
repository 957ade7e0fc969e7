import { useState } from 'react'
import { Link } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import { outcomeMeaning } from '#shared/outcome.ts'
import { durationText } from '#shared/source.ts'
import { type SourcePage, sourceViewSchema } from '#shared/wire.ts'
import { conservationOf } from '../../../state/conservation.ts'
import { bothClocks, figure, leftWords, utcWords } from '../../../state/time-words.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { TextField } from '../../../widgets/controls/field.tsx'
import { Sparkline } from '../../../widgets/marks/marks.tsx'
import { useApp, useNow } from '../../context.ts'
import { SourceAge, SourceMarks } from '../marks.tsx'
import css from './page.module.css'

/** Name, age, rate, what became of the last hour, and what fires from it. */
export function SourceHead({
  page,
  mayManage,
  onChanged,
}: {
  page: SourcePage
  mayManage: boolean
  onChanged: () => Promise<void>
}) {
  const [renaming, setRenaming] = useState(false)
  const { source, kind, minutes, firing } = page
  const { vitals, lastHour, listening, settings } = source
  const sum = conservationOf(lastHour)
  const heardAt = vitals.heardAt === null ? null : Date.parse(vitals.heardAt)
  const most = Math.max(...minutes)
  return (
    <header className={css.head}>
      <p className="dim">
        <Link href="/sources">Sources</Link> / {kind.title}
      </p>
      <div className={css.title}>
        <h2>{source.name}</h2>
        {mayManage && <Button onClick={() => setRenaming(true)}>Rename</Button>}
        <SourceMarks source={source} />
      </div>
      <dl className={css.facts}>
        <div>
          <dt>Last heard</dt>
          <dd>
            <SourceAge source={source} />
            {heardAt !== null && (
              <time className={css.sub} dateTime={new Date(heardAt).toISOString()} title={utcWords(heardAt)}>
                {bothClocks(heardAt)}
              </time>
            )}
            {typeof settings.silentAfter === 'number' && (
              <span className={css.sub}>raises an alert when silent for {durationText(settings.silentAfter)}</span>
            )}
            {source.expectedBy !== null && source.silentSince === null && (
              <Expected by={Date.parse(source.expectedBy)} />
            )}
          </dd>
        </div>
        <div>
          <dt>Last hour, by minute</dt>
          <dd>
            <Sparkline values={minutes} width={180} height={30} />
            <span className={css.sub}>
              {figure(vitals.perMinute)} in the last full minute, at most {figure(most)}
            </span>
          </dd>
        </div>
        <div>
          <dt>What became of them</dt>
          <dd>
            <span className={css.sum}>
              <span>
                <b>{figure(sum.accepted)}</b> in
              </span>
              {sum.parts.map(({ outcome, count }) => (
                <span
                  key={outcome}
                  className={outcome === 'rejected' ? 'soon' : undefined}
                  title={outcomeMeaning[outcome]}
                >
                  {figure(count)} {outcome}
                </span>
              ))}
            </span>
            <span className={sum.missing === 0 ? css.sub : 'late'}>
              {sum.missing === 0 ? 'all accounted for' : `${figure(sum.missing)} not accounted for`}
            </span>
          </dd>
        </div>
        <div>
          <dt>Fires now</dt>
          <dd>
            <span>
              <b>{figure(firing.alerts)}</b> {firing.alerts === 1 ? 'alert' : 'alerts'}
            </span>
            {firing.incidents.length > 0 && (
              <span className={css.incidents}>
                {firing.incidents.map(({ id, title }) => (
                  <Link key={id} href={`/incident/${id}`} title={title}>
                    {id}
                  </Link>
                ))}
              </span>
            )}
          </dd>
        </div>
        {listening !== null && (
          <div>
            <dt>Its own door</dt>
            <dd className={listening.ok ? undefined : 'late'}>{listening.says}</dd>
          </div>
        )}
      </dl>
      {renaming && (
        <Rename
          source={source}
          onClose={() => setRenaming(false)}
          onDone={async () => {
            await onChanged()
            setRenaming(false)
          }}
        />
      )}
    </header>
  )
}

function Expected({ by }: { by: number }) {
  const now = useNow()
  if (by <= now) return <span className="soon">overdue</span>
  return <span className={css.sub}>expected within {leftWords(by - now)}</span>
}

function Rename({
  source,
  onClose,
  onDone,
}: {
  source: SourcePage['source']
  onClose: () => void
  onDone: () => Promise<void>
}) {
  const { api } = useApp()
  const [name, setName] = useState(source.name)
  async function rename(): Promise<ErrorBody | null> {
    const answer = await api.ask('PATCH', `/api/sources/${source.id}`, sourceViewSchema, { name: name.trim() })
    if (!answer.ok) return answer.error
    await onDone()
    return null
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Rename ${source.name}`}
      lead="Its keys, address and alerts stay as they are."
    >
      <ActForm
        button="Rename"
        ready={name.trim() !== '' && name.trim() !== source.name}
        act={rename}
        onCancel={onClose}
      >
        <TextField
          label="Name, as boards show it"
          required
          maxLength={80}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </ActForm>
    </Dialog>
  )
}
