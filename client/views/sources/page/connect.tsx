import { useState } from 'react'
import type { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import type { SourcePage } from '#shared/wire.ts'
import { nothing } from '../../../link/api.ts'
import { ageWords } from '../../../state/time-words.ts'
import { Ask } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { CopyBlock } from '../../../widgets/controls/copy.tsx'
import { Trouble } from '../../../widgets/controls/field.tsx'
import { useApp, useNow } from '../../context.ts'
import { freshKeySchema } from '../key.tsx'
import css from './page.module.css'
import { BringSecret, freshSecretSchema } from './secret.tsx'

/** As the kinds write it where they do not know the secret. */
const secretPlace = '<the signing secret of this source>'

/** What to paste where. The key is known only while it is fresh: until then a placeholder stands for it. */
export function Connect({
  page: { source, kind, url, connect, keyPlace },
  mayManage,
  onChanged,
}: {
  page: SourcePage
  mayManage: boolean
  onChanged: () => Promise<void>
}) {
  const { api } = useApp()
  const now = useNow()
  const [key, setKey] = useState<string | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const [asking, setAsking] = useState<'bring' | 'end' | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const filled = (text: string) =>
    text.replaceAll(keyPlace, key ?? keyPlace).replaceAll(secretPlace, secret ?? secretPlace)
  const needsKey = connect.some(({ text }) => text.includes(keyPlace))

  async function make<T>(what: 'rotate' | 'secret', schema: z.ZodType<T>, keep: (made: T) => void): Promise<void> {
    setBusy(true)
    const answer = await api.ask('POST', `/api/sources/${source.id}/${what}`, schema, {})
    setBusy(false)
    setError(answer.ok ? null : answer.error)
    if (answer.ok) keep(answer.value)
    await onChanged()
  }
  const newKey = () => make('rotate', freshKeySchema, (made) => setKey(made.key))
  const newSecret = () => make('secret', freshSecretSchema, (made) => setSecret(made.secret))
  async function endSecret(): Promise<ErrorBody | null> {
    const answer = await api.ask('DELETE', `/api/sources/${source.id}/secret`, nothing)
    if (!answer.ok) return answer.error
    setSecret(null)
    await onChanged()
    setAsking(null)
    return null
  }

  return (
    <div className={css.connect}>
      {key === null ? (
        needsKey && (
          <p className="dim">
            A key is shown only when it is made: <code>{keyPlace}</code> stands where it belongs.
          </p>
        )
      ) : (
        <>
          <p>
            <b>This key is shown once.</b> It stands in everything below; the one before works a day longer.
          </p>
          <CopyBlock label="key" text={key} />
        </>
      )}
      {secret !== null && (
        <>
          <p>
            <b>This signing secret is shown once.</b> The one before counts a day longer.
          </p>
          <CopyBlock label="signing secret" text={secret} />
        </>
      )}
      {mayManage && (
        <div className={css.ways}>
          {(kind.doors.length > 0 || source.keys.every(({ revokedAt }) => revokedAt !== null)) && (
            <Button kind={key === null && needsKey ? 'main' : 'plain'} disabled={busy} onClick={() => void newKey()}>
              New key
            </Button>
          )}
          {kind.signs === 'ours' && (
            <Button disabled={busy} onClick={() => void newSecret()}>
              New signing secret
            </Button>
          )}
          {kind.signs === 'theirs' && (
            <Button disabled={busy} onClick={() => setAsking('bring')}>
              Set the vendor’s signing secret
            </Button>
          )}
          {kind.signs !== null && source.secretSetAt !== null && (
            <Button kind="danger" disabled={busy} onClick={() => setAsking('end')}>
              End signing secret
            </Button>
          )}
          {kind.signs !== null && (
            <span className="dim">
              {source.secretSetAt === null
                ? 'No signing secret: only its key is asked for.'
                : `Signing secret set ${ageWords(now - Date.parse(source.secretSetAt))} ago.`}
            </span>
          )}
        </div>
      )}
      {error !== null && <Trouble>{error.message}</Trouble>}
      {url !== '' && <CopyBlock label="address" text={filled(url)} />}
      {connect.map((snippet) => (
        <CopyBlock key={snippet.title} label={snippet.title} text={filled(snippet.text)} />
      ))}
      {asking === 'bring' && (
        <BringSecret
          source={source}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null)
            void onChanged()
          }}
        />
      )}
      {asking === 'end' && (
        <Ask
          title={`End the signing secret of ${source.name}?`}
          lead="Whatever it signs with it is refused from now on. Its keys go on working."
          button="End it, at once"
          act={endSecret}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  )
}
