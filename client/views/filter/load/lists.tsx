import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { type AlarmLoad, verdictWords } from '#shared/alarm-load.ts'
import { ageWords, bothClocks, figure, utcMinute, utcWords } from '../../../state/time-words.ts'
import { useNow } from '../../context.ts'
import css from './load.module.css'
import { VerdictMark } from './tiles.tsx'
import { barWords, hoursOf, valueWords } from './words.ts'

/** What rings most: the place to begin when there is too much. */
export function Top({ load }: { load: AlarmLoad }) {
  const widest = load.top[0]?.share ?? 1
  return (
    <section className={css.list} aria-label="Most frequent alarms">
      <h2 className="caps">Most frequent{load.kinds > load.top.length ? ` · 10 of ${figure(load.kinds)}` : ''}</h2>
      {load.top.length === 0 ? (
        <p className="dim">Nothing rang in this time.</p>
      ) : (
        <ol className={css.rows}>
          {load.top.map(({ what, rule, count, share }) => (
            <li key={what} className={css.top}>
              <span className={css.what}>
                {what}
                {rule !== '' && <small className="dimmer">by “{rule}”</small>}
              </span>
              <span className={css.share} aria-hidden="true">
                <i style={{ width: `${(share / widest) * 100}%` }} />
              </span>
              <span className={css.count}>
                {figure(count)} <small className="dimmer">{(share * 100).toFixed(0)} %</small>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** Everybody side by side, as far as one may see: who has too much. */
export function Lines({ load, onChoose }: { load: AlarmLoad; onChoose: (line: AlarmLoad['lines'][number]) => void }) {
  if (load.lines.length === 0) return null
  return (
    <section className={css.list} aria-label="By team and person">
      <h2 className="caps">By team and person</h2>
      <div className={css.beside}>
        <table className={`${css.table} ${css.lines}`}>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Last 10 min</th>
              <th scope="col">Last hour</th>
              <th scope="col">Average in 10 min</th>
              <th scope="col">Worst 10 min</th>
              <th scope="col">In all</th>
              <th scope="col">Against the benchmark</th>
            </tr>
          </thead>
          <tbody>
            {load.lines.map((line) => (
              <tr key={`${line.kind}:${line.id}`}>
                <th scope="row">
                  {line.kind === 'nobody' ? (
                    line.name
                  ) : (
                    <button type="button" className={css.choose} onClick={() => onChoose(line)}>
                      {line.name}
                    </button>
                  )}
                  {line.kind === 'team' && <small className="dimmer"> team</small>}
                </th>
                <td>{figure(line.lastTenMinutes)}</td>
                <td>{figure(line.lastHour)}</td>
                <td>{valueWords({ id: 'per-10-min', value: line.average })}</td>
                <td>{figure(line.worst)}</td>
                <td>{figure(line.all)}</td>
                <td className={line.verdict === 'beyond' ? css.lineBeyond : css.lineVerdict}>
                  <VerdictMark verdict={line.verdict} /> {verdictWords[line.verdict]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** What fires and ends over and over. */
export function Chattering({ load }: { load: AlarmLoad }) {
  const { chattering, chatteringInAll } = load
  return (
    <section className={css.list} aria-label="Chattering alerts">
      <h2 className="caps">
        Chattering · {figure(chatteringInAll)}
        {chatteringInAll > chattering.length ? `, the newest ${chattering.length}` : ''}
      </h2>
      {chattering.length === 0 ? (
        <p className="dim">No alert fired three times within a minute, and none is damped.</p>
      ) : (
        <Long rows={chattering}>
          {({ alertId, title, incidentId, at, times, damped }) => (
            <li key={alertId} className={css.row}>
              <Where title={title} incidentId={incidentId} />
              <small className="dimmer" title={bothClocks(Date.parse(at))}>
                {damped ? 'damped now' : `last at ${barWords(Date.parse(at), load.span)} UTC`}
                {times > 1 ? `, ${figure(times)} times` : ''}
              </small>
            </li>
          )}
        </Long>
      )}
    </section>
  )
}

/** What has been firing for longer than a day before people: nobody looks at it any more. */
export function Standing({ load }: { load: AlarmLoad }) {
  const now = useNow()
  const { standing, standingInAll } = load
  return (
    <section className={css.list} aria-label="Standing alerts">
      <h2 className="caps">
        Standing over 24 h · {figure(standingInAll)}
        {standingInAll > standing.length ? `, the oldest ${standing.length}` : ''}
      </h2>
      {standing.length === 0 ? (
        <p className="dim">No alert of an incident has been firing for longer than a day.</p>
      ) : (
        <Long rows={standing}>
          {({ alertId, title, incidentId, since }) => (
            <li key={alertId} className={css.row}>
              <Where title={title} incidentId={incidentId} />
              <small className="dimmer" title={utcWords(Date.parse(since))}>
                {ageWords(now - Date.parse(since))}
              </small>
            </li>
          )}
        </Long>
      )}
    </section>
  )
}

/** The first ten; the others when they are wanted. */
function Long<T>({ rows, children }: { rows: readonly T[]; children: (row: T) => ReactNode }) {
  const first = 10
  return (
    <>
      <ul className={css.rows}>{rows.slice(0, first).map(children)}</ul>
      {rows.length > first && (
        <details className={css.details}>
          <summary>{figure(rows.length - first)} more</summary>
          <ul className={css.rows}>{rows.slice(first).map(children)}</ul>
        </details>
      )}
    </>
  )
}

function Where({ title, incidentId }: { title: string; incidentId: string | null }) {
  return (
    <span className={css.what}>
      {title}
      {incidentId !== null && (
        <small>
          <Link href={`/incident/${incidentId}`}>{incidentId}</Link>
        </small>
      )}
    </span>
  )
}

/** The chart as a table, hour by hour. */
export function HourTable({ load }: { load: AlarmLoad }) {
  return (
    <details className={css.details}>
      <summary>The chart as a table, by the hour</summary>
      <div className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">Hour (UTC)</th>
              <th scope="col">Alarms</th>
              <th scope="col">Worst ten minutes</th>
              <th scope="col">Flood</th>
            </tr>
          </thead>
          <tbody>
            {hoursOf(load).map(({ at, count, worst, flood }) => (
              <tr key={at}>
                <th scope="row">
                  {new Date(at).toISOString().slice(0, 10)} {utcMinute(at)}
                </th>
                <td>{figure(count)}</td>
                <td>{figure(worst)}</td>
                <td>{flood ? 'yes' : 'no'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
