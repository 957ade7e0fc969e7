import { useCallback, useEffect, useState } from 'react'
import { Link } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import { channelWords } from '#shared/notify/told.ts'
import { type ReachView, reachViewSchema } from '#shared/notify/view.ts'
import { ageWords, utcMinute } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useNow } from '../context.ts'
import css from './notify.module.css'
import { wayNames } from './words.ts'

/** For commanders: whom a page would reach now, and what became of what was sent. */
export function Reach() {
  const { api } = useApp()
  const now = useNow()
  const [view, setView] = useState<ReachView | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [at, setAt] = useState(0)
  const load = useCallback(async () => {
    const answer = await api.ask('GET', '/api/notify/reach', reachViewSchema)
    if (!answer.ok) return setError(answer.error)
    setView(answer.value)
    setError(null)
    setAt(Date.now())
  }, [api])
  useEffect(() => {
    void load()
  }, [load])
  if (error !== null) return <Refused error={error} />
  if (view === null) return <Loading what="who can be reached" />
  const { people, recent } = view
  const nobody = people.filter(({ set }) => set.length === 0)
  return (
    <section className={css.part} aria-labelledby="reach">
      <div className={css.head}>
        <h2 id="reach">Who can be reached</h2>
        <span className="dim">{now - at < 60_000 ? 'as of now' : `as of ${ageWords(now - at)} ago`}</span>
        <Button onClick={() => void load()}>Look again</Button>
      </div>
      {nobody.length > 0 && (
        <Trouble>
          <p>
            <b>
              {nobody.length === people.length
                ? 'A page reaches nobody'
                : `A page does not reach ${nobody.length} of ${people.length} responders`}
            </b>
            : no way to them is set up. {nobody.map(({ person }) => person.name).join(', ')}.
          </p>
        </Trouble>
      )}
      <table className={css.table}>
        <thead>
          <tr>
            <th>Responder</th>
            <th>A page for Tier 2 now</th>
            <th>Tier 1 or an offer now</th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ person, now: at, set, urgent }) => (
            <tr key={person.id}>
              <th scope="row">{person.name}</th>
              <td>
                {set.length === 0 ? (
                  <b className="late">no way is set up</b>
                ) : at.length === 0 ? (
                  <span className="soon">waits: quiet, or not chosen</span>
                ) : (
                  at.map((kind) => wayNames[kind]).join(', ')
                )}
              </td>
              <td>{urgent ? 'reached' : <b className="late">not reached</b>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>What was told</h3>
      <p className="dim">
        {view.waiting} waiting, {view.sending} being sent or tried again
        {view.heldBack > 0 && `; ${view.heldBack} of exercises held back`}
      </p>
      {recent.length > 0 && (
        <table className={css.table}>
          <thead>
            <tr>
              <th>When</th>
              <th>Incident</th>
              <th>Whom</th>
              <th>What became of it</th>
            </tr>
          </thead>
          <tbody>
            {recent.slice(0, 30).map((one) => (
              <tr key={`${one.at}${one.incidentId}${one.person?.id}${one.channel}${one.outcome}${one.reason}`}>
                <td className={css.short}>{utcMinute(Date.parse(one.at))} UTC</td>
                <td className={css.short}>
                  {one.incidentId === null ? (
                    <Link href="/rota">a shift</Link>
                  ) : (
                    <Link href={`/incident/${one.incidentId}`}>{one.incidentId}</Link>
                  )}
                </td>
                <td>
                  {[one.person?.name, channelWords(one.channel)]
                    .filter((part) => part !== undefined && part !== '')
                    .join(one.channel === 'none' ? ': ' : ' ')}
                </td>
                <td>
                  <span className={one.outcome === 'given-up' ? 'late' : one.outcome === 'failed' ? 'soon' : undefined}>
                    {outcomes[one.outcome]}
                  </span>
                  {one.detail !== '' && <span className="dim">: {one.detail}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const outcomes: Readonly<Record<ReachView['recent'][number]['outcome'], string>> = {
  delivered: 'delivered',
  failed: 'failed, tried again',
  'given-up': 'given up',
  dropped: 'not sent',
  'held-back': 'held back',
}
