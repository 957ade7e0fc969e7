import { useCallback, useEffect, useState } from 'react'
import { Link } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import { type SimilarAnswer, type SimilarView, similarAnswerSchema } from '#shared/similar.ts'
import type { IncidentView } from '#shared/wire.ts'
import { bothClocks, utcMoment } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { useApp, useToday } from '../../context.ts'
import css from './similar.module.css'
import { endWords, whyWords } from './words.ts'

/** A storm of alerts asks again for its first ones only: more of them make no other incident. */
const alertsThatMatter = 10

/** What happened before that is like this: why, and how it ended. Asked for when what it is compared by has changed. */
export function Similar({ view }: { view: IncidentView }) {
  const { api } = useApp()
  const { summary, alerts } = view
  const [answer, setAnswer] = useState<SimilarAnswer | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const ask = useCallback(async () => {
    const got = await api.ask('GET', `/api/incidents/${summary.id}/similar`, similarAnswerSchema)
    if (got.ok) setAnswer(got.value)
    setError(got.ok ? null : got.error)
  }, [api, summary.id])
  const by = [summary.title, summary.service, summary.phase, Math.min(alerts.length, alertsThatMatter)].join('\n')
  useEffect(() => {
    if (by !== '') void ask()
  }, [ask, by])
  if (error !== null && answer === null)
    return (
      <>
        <p className="dim">Cannot be asked now: {error.message}</p>
        <Button kind="quiet" onClick={() => void ask()}>
          Ask again
        </Button>
      </>
    )
  if (answer === null) return <p className="dim">Looking…</p>
  if (answer.similar.length === 0)
    return (
      <p className="dim">
        {answer.known === 0
          ? 'None: nothing has ended yet that it could be compared with.'
          : `None of the ${answer.known === 1 ? 'one incident that has' : `${answer.known} that have`} ended is like it.`}
      </p>
    )
  return (
    <ul className={css.list}>
      {answer.similar.map((one) => (
        <One key={one.id} one={one} />
      ))}
    </ul>
  )
}

function One({ one }: { one: SimilarView }) {
  const today = useToday()
  const endedAt = Date.parse(one.endedAt)
  return (
    <li>
      <p className={css.title}>
        <Link href={`/incident/${one.id}`}>
          <span className={css.id}>{one.id}</span> {one.title}
        </Link>
        <time className="dim" dateTime={one.endedAt} title={bothClocks(endedAt)}>
          {utcMoment(endedAt, today)}
        </time>
      </p>
      <p className={css.end}>{endWords(one)}</p>
      {one.words !== null && (
        <p className={css.words}>
          {one.words.kind === 'update' && <span className="dimmer">last update: </span>}
          {one.words.text}
        </p>
      )}
      <p className={css.why}>
        <span className="unseen">Why: </span>
        {whyWords(one.why)}
      </p>
    </li>
  )
}
