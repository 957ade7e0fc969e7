import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import type { MaintenanceView } from '#shared/silence.ts'
import { leftWords } from '../../state/time-words.ts'
import { useNow } from '../context.ts'
import { occurrenceWords, recurrenceWords } from './recurring.ts'
import { Chips, HeldNow } from './row.tsx'
import css from './silences.module.css'
import { Times } from './times.tsx'

/** A maintenance window of the policy: as a silence, but nothing of it is changed here. */
export function WindowRow({ window, asked }: { window: MaintenanceView; asked: boolean }) {
  const { id, name, matchers, reason, place, intervals, recurs, next, state, firing } = window
  const zone = recurs?.timeZone ?? 'UTC'
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (asked) row.current?.scrollIntoView({ block: 'center' })
  }, [asked])
  return (
    <li ref={row} className={asked ? `${css.silence} ${css.asked}` : css.silence} data-id={id}>
      <span />
      <div className={css.what}>
        <Chips matchers={matchers} />
        <p>{reason}</p>
        <p className="dim">
          by the policy: maintenance window <b>{name}</b>, <code>{place}</code>.{' '}
          <Link href="/filter/policy">Change it there</Link>
        </p>
        <div className={css.recurs}>
          <p>
            <span className={css.again}>again</span>{' '}
            {recurs === null ? `in the times of ${intervals?.join(', ')}` : `${recurrenceWords(recurs)}, ${zone}`}
          </p>
          {next.length > 1 && (
            <details>
              <summary>
                Next {next.length} times{recurs === null && ', by UTC'}
              </summary>
              <Times times={next} timeZone={zone} />
            </details>
          )}
        </div>
      </div>
      <OpenSpan window={window} zone={zone} />
      <HeldNow active={state === 'active'} firing={firing} />
      <p className={css.rowWays}>
        <span className="dim">read only</span>
      </p>
    </li>
  )
}

function OpenSpan({ window: { state, startsAt, endsAt, next }, zone }: { window: MaintenanceView; zone: string }) {
  const now = useNow()
  const [first, second] = next
  const label = zone === 'UTC' ? ' UTC' : ''
  if (state === 'expired' || startsAt === null || endsAt === null || first === undefined)
    return <p className={`${css.span} dim`}>does not open again</p>
  if (state === 'pending')
    return (
      <p className={css.span}>
        <b>next in {leftWords(Math.max(0, Date.parse(startsAt) - now))}</b>
        <span className="dim">
          {occurrenceWords(first, zone, now)}
          {label}
        </span>
      </p>
    )
  return (
    <p className={css.span}>
      <b>ends in {leftWords(Math.max(0, Date.parse(endsAt) - now))}</b>
      {second !== undefined && (
        <span className="dim">
          then {occurrenceWords(second, zone, now)}
          {label}
        </span>
      )}
    </p>
  )
}
