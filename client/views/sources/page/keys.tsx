import { useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { type SourceView, sourceViewSchema } from '#shared/wire.ts'
import { ageWords, utcWords } from '../../../state/time-words.ts'
import { Ask } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { useApp, useNow } from '../../context.ts'
import { livingKeys } from '../marks.tsx'
import css from './page.module.css'

const revokedSchema = z.object({ source: sourceViewSchema.nullable() })
type Asking = { key: SourceView['keys'][number] } | 'all'

/** The keys of a source: what each is called by, when it was used, and how to end it. */
export function Keys({
  source,
  ownDoor,
  mayManage,
  onChanged,
}: {
  source: SourceView
  /** It comes by a door that asks for no key. */
  ownDoor: boolean
  mayManage: boolean
  onChanged: () => Promise<void>
}) {
  const { api } = useApp()
  const now = useNow()
  const [asking, setAsking] = useState<Asking | null>(null)
  const living = livingKeys(source, now)
  const ended = source.keys.length - living.length
  async function revoke(what: Asking): Promise<ErrorBody | null> {
    const body = what === 'all' ? {} : { key: what.key.id }
    const answer = await api.ask('POST', `/api/sources/${source.id}/revoke`, revokedSchema, body)
    if (!answer.ok) return answer.error
    await onChanged()
    setAsking(null)
    return null
  }
  return (
    <>
      {ownDoor && (
        <p className="dim">
          Its door asks for no key. It is open while one of these is valid; revoking all of them closes it.
        </p>
      )}
      {living.length === 0 && (
        <p className="late">
          {ownDoor ? 'No valid key: its door is closed.' : 'No valid key: nothing can come in with one.'}
        </p>
      )}
      <ul className={css.keys}>
        {living.map((key) => (
          <li key={key.id}>
            <code>{key.prefix}…</code>
            <span className="dim" title={`made ${utcWords(Date.parse(key.createdAt))}`}>
              {key.lastUsedAt === null ? 'never used' : `used ${ageWords(now - Date.parse(key.lastUsedAt))} ago`}
              {key.endsAt != null && <>, ends in {ageWords(Date.parse(key.endsAt) - now)}</>}
            </span>
            {mayManage && (
              <Button aria-label={`Revoke ${key.prefix}`} onClick={() => setAsking({ key })}>
                Revoke
              </Button>
            )}
          </li>
        ))}
      </ul>
      {ended > 0 && (
        <p className="dimmer">
          {ended} {ended === 1 ? 'key has' : 'keys have'} ended.
        </p>
      )}
      {mayManage && living.length > 0 && (
        <Button kind="danger" onClick={() => setAsking('all')}>
          Revoke all
        </Button>
      )}
      {asking !== null && (
        <Ask
          title={asking === 'all' ? `Revoke all keys of ${source.name}?` : `Revoke the key ${asking.key.prefix}…?`}
          lead={asking === 'all' ? allEnds(source) : oneEnds(living.length)}
          button={asking === 'all' ? 'Revoke all, at once' : 'Revoke it, at once'}
          act={() => revoke(asking)}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  )
}

function allEnds({ secretSetAt }: SourceView): string {
  const ends = secretSetAt === null ? 'Its keys end' : 'Its keys and its signing secret end'
  return `${ends} at once: whatever still sends with them is refused, and this source is silent until it has a new key. What came in before stays.`
}

function oneEnds(living: number): string {
  return living > 1
    ? 'Whatever still sends with it is refused from now on. The other key goes on working.'
    : 'It is the only one: whatever sends with it is refused, and this source is silent until it has a new key.'
}
