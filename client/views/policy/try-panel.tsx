import { useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { type TrialView, trialViewSchema } from '#shared/trial.ts'
import { figure, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { useApp, useMe } from '../context.ts'
import css from './policy.module.css'
import { percentOf, spans, spanWords } from './words.ts'

const runningSchema = z.object({ running: trialViewSchema.nullable() })
const place = 'uxbridge.policy.trial'
/** How often a trial that runs is asked how far it is, in milliseconds. */
const askedEveryMs = 500

/** Tries the text on the kept log: how far back, how far it is, and how it ended. */
export function TryPanel({
  text,
  ready,
  invalid,
  outdated,
  trial,
  onTrial,
}: {
  text: string
  /** The text is valid as it stands. */
  ready: boolean
  /** It is wrong, and why stands beside it. */
  invalid: boolean
  /** The trial is of another text than stands here now. */
  outdated: boolean
  trial: TrialView | null
  onTrial: (trial: TrialView | null) => void
}) {
  const { api } = useApp()
  const [last, setLast] = useState<(typeof spans)[number]['last']>('24h')
  const [error, setError] = useState<ErrorBody | null>(null)
  const [asking, setAsking] = useState(false)
  const mine = useMyTrial(trial, onTrial)
  const running = trial?.state === 'running'

  async function begin(): Promise<void> {
    setAsking(true)
    setError(null)
    const answer = await api.ask('POST', '/api/policy/try', trialViewSchema, { text, last })
    setAsking(false)
    if (answer.ok) mine(answer.value)
    else setError(answer.error)
  }
  async function cancel(id: string): Promise<void> {
    const answer = await api.ask('DELETE', `/api/policy/try/${id}`, trialViewSchema)
    if (!answer.ok) setError(answer.error)
    else {
      setError(null)
      onTrial(answer.value)
    }
  }
  const other = error?.code === 'trial-running' ? error.details?.id : undefined
  return (
    <div className={css.trying}>
      <h2>Try on the past</h2>
      <p className="dim">
        What came in is judged again by this text, and beside it by the policies of the day. Nothing that is live
        changes or waits.
      </p>
      <div className={css.tryWays}>
        <fieldset className={css.spans} disabled={running}>
          <legend className="unseen">How far back</legend>
          {spans.map((span) => (
            <label key={span.last}>
              <input type="radio" name="last" checked={last === span.last} onChange={() => setLast(span.last)} />
              <span>{span.words}</span>
            </label>
          ))}
        </fieldset>
        {running ? (
          <Button kind="danger" onClick={() => void cancel(trial.id)}>
            Cancel
          </Button>
        ) : (
          <Button kind="main" disabled={!ready || asking} onClick={() => void begin()}>
            Try it
          </Button>
        )}
      </div>
      {invalid && !running && <p className="dim">Mend the text first: only a valid one can be tried.</p>}
      {error !== null && (
        <Trouble>
          <p>{error.message}</p>
          {typeof other === 'string' && <Button onClick={() => void cancel(other)}>Cancel that one</Button>}
        </Trouble>
      )}
      {trial !== null && <HowFar trial={trial} outdated={outdated} />}
    </div>
  )
}

function HowFar({ trial, outdated }: { trial: TrialView; outdated: boolean }) {
  const { state, progress, message, startedAt, endedAt } = trial
  const me = useMe()
  const percent = percentOf(trial)
  const took = endedAt === null ? null : Math.max(0.1, (Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
  return (
    <div className={css.howFar} role="status">
      {state === 'running' && (
        <>
          <progress max={100} {...(percent === null ? {} : { value: percent })} aria-label="Progress" />
          <p className="dim">
            {percent === null
              ? 'Starting…'
              : `${percent} %: ${figure(progress.done)} of ${figure(progress.all)} entries`}
            {trial.by.id !== me.id && `, by ${trial.by.name}`}
            {progress.at !== null && `, at ${utcWords(Date.parse(progress.at))}`}
          </p>
        </>
      )}
      {state === 'cancelled' && <p>◇ {message ?? 'Cancelled.'} Nothing was kept.</p>}
      {state === 'failed' && (
        <>
          <p>
            <b className="late">✕ Failed.</b> {message}
          </p>
          <p className="dim">Nothing that is live was touched. Try a shorter time, or try it again.</p>
        </>
      )}
      {state === 'done' && (
        <p className="dim">
          The last {spanWords(trial.lastMs)}, {figure(trial.result?.entries ?? 0)} entries in {took?.toFixed(1)} s.
          {outdated && <b className="soon"> △ Of an earlier text: it was changed since.</b>}
        </p>
      )}
    </div>
  )
}

/** Follows a trial to its end; after going elsewhere and coming back too, and one of somebody else's that runs is shown. */
function useMyTrial(trial: TrialView | null, onTrial: (trial: TrialView | null) => void): (begun: TrialView) => void {
  const { api } = useApp()
  const latest = useRef(onTrial)
  latest.current = onTrial
  useEffect(() => {
    let over = false
    const find = async () => {
      const id = sessionStorage.getItem(place)
      const own = id === null ? null : await api.ask('GET', `/api/policy/try/${id}`, trialViewSchema)
      if (own?.ok) return own.value
      const any = await api.ask('GET', '/api/policy/try', runningSchema)
      return any.ok ? any.value.running : null
    }
    void find().then((found) => {
      if (!over && found !== null) latest.current(found)
    })
    return () => {
      over = true
    }
  }, [api])
  const running = trial?.state === 'running' ? trial.id : null
  useEffect(() => {
    if (running === null) return
    const timer = setInterval(async () => {
      const answer = await api.ask('GET', `/api/policy/try/${running}`, trialViewSchema)
      if (answer.ok) latest.current(answer.value)
      else if (answer.error.code === 'not-found') latest.current(null)
    }, askedEveryMs)
    return () => clearInterval(timer)
  }, [api, running])
  return (begun) => {
    sessionStorage.setItem(place, begun.id)
    onTrial(begun)
  }
}
