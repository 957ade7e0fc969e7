import { useCallback, useEffect, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type SightView, sightSchema } from '#shared/incident/sight.ts'
import type { Summary } from '#shared/wire.ts'
import { actionsFor } from '../../state/actions.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { useApp, useMe } from '../context.ts'
import css from './restricted.module.css'
import { restrictedMeaning, sightLines } from './words.ts'

/** Who sees it, or would: the server resolves it. Asked again when a part in it may have changed. */
export function SightList({ summary }: { summary: Summary }) {
  const { api } = useApp()
  const me = useMe()
  const [sight, setSight] = useState<SightView | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const ask = useCallback(async () => {
    const answer = await api.ask('GET', `/api/incidents/${encodeURIComponent(summary.id)}/sight`, sightSchema)
    if (answer.ok) setSight(answer.value)
    setError(answer.ok ? null : answer.error)
  }, [api, summary.id])
  const of = `${summary.revision} ${summary.team} ${summary.paging?.step}`
  useEffect(() => {
    if (of !== '') void ask()
  }, [ask, of])
  if (sight === null)
    return error === null ? (
      <p className="dim">Looking who that is…</p>
    ) : (
      <p className="dim">
        Who that is by name cannot be asked now: {error.message}{' '}
        <Button kind="quiet" onClick={() => void ask()}>
          Ask again
        </Button>
      </p>
    )
  return (
    <dl className={css.sight}>
      {sightLines(sight, me.id).map(({ who, names }) => (
        <div key={who}>
          <dt>{who}</dt>
          <dd>{names}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Beside the incident: who sees it, and the way to open it again. */
export function WhoSees({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const me = useMe()
  const mayLift = actionsFor(summary, me).some(({ type }) => type === 'lift')
  return (
    <>
      <SightList summary={summary} />
      <p className={css.meaning}>
        {restrictedMeaning}
        {!mayLift && ' A commander can lift it.'}
      </p>
      {mayLift && (
        <Button kind="quiet" onClick={() => act.begin('lift', summary.id)}>
          Lift the restriction…
        </Button>
      )}
    </>
  )
}
