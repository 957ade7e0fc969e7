import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import { type TrialIncident, type TrialJudgement, type TrialResult, trialRowsShown } from '#shared/trial.ts'
import { ageWords, figure, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import css from './result.module.css'
import { counted, didWords, summaryWords, tierChange } from './words.ts'

interface Ways {
  /** Line of a rule in the text; null: it is none of these. */
  lineOf: (stage: string, rule: string) => number | null
  onGo: (line: number) => void
}

/** Rows of a list that are open at first. */
const rowsOpen = 6

/** The difference that the tried policy would have made, in words first, then what it is made of. */
export function Result({ result, ...ways }: { result: TrialResult } & Ways) {
  const { counts, hidden, shown, grouped, changed, alertsHidden, alertsShown, rules } = result
  const moved = rules.filter(({ live, candidate }) => live !== candidate)
  return (
    <div className={css.result}>
      <p className={css.summary}>{summaryWords(result)}</p>
      <Figures result={result} />
      {counts.peopleHidden > 0 && (
        <p className={css.warning}>
          <b>▲ People worked on {counted(counts.peopleHidden, 'incident')}</b> that would not have been. Look at them
          first.
        </p>
      )}
      <List title="Would not have been opened" count={counts.hidden} rows={hidden}>
        {({ incident, by, people }) => (
          <>
            <Incident incident={incident} />
            <Why by={by} {...ways} none="still told of in another incident, or not judged in this time" />
            {people.facts > 0 && <p className="soon">▲ People worked on it: {didWords(people.kinds)}</p>}
          </>
        )}
      </List>
      <List title="Would have been opened" count={counts.shown} rows={shown}>
        {({ incident, by, before }) => (
          <>
            <Incident incident={incident} />
            <Why by={by} {...ways} />
            {before[0] !== undefined && (
              <p className="dim">
                That day: {before[0].outcome} by {before[0].rule}
              </p>
            )}
          </>
        )}
      </List>
      <List title="Grouped otherwise" count={counts.merged + counts.split + counts.regrouped} rows={grouped}>
        {({ kind, live, candidate, by }) => (
          <>
            <p>
              <b>
                {kind === 'merged'
                  ? `${live.length} would have been one`
                  : kind === 'split'
                    ? `One would have been ${candidate.length}`
                    : `${live.length} would have been ${candidate.length} others`}
              </b>
            </p>
            {live.slice(0, 5).map((incident) => (
              <Incident key={incident.id ?? incident.openedAt} incident={incident} />
            ))}
            {live.length > 5 && <p className="dim">and {figure(live.length - 5)} more</p>}
            <Why by={by} {...ways} />
          </>
        )}
      </List>
      <List title="Another tier or time" count={counts.graded + counts.later} rows={changed}>
        {({ live, candidate, laterMs }) => (
          <>
            <Incident incident={live} />
            <p>
              {[
                tierChange(live, candidate),
                Math.abs(laterMs) < 1000 ? null : `${ageWords(Math.abs(laterMs))} ${laterMs < 0 ? 'earlier' : 'later'}`,
              ]
                .filter((words) => words !== null)
                .join(', ')}
            </p>
          </>
        )}
      </List>
      <List title="Alerts that nobody would have been told of" count={counts.alertsHidden} rows={alertsHidden}>
        {(alert) => <AlertRow alert={alert} {...ways} />}
      </List>
      <List title="Alerts newly told" count={counts.alertsShown} rows={alertsShown}>
        {(alert) => <AlertRow alert={alert} {...ways} />}
      </List>
      {moved.length > 0 && <RuleTable rows={moved} {...ways} />}
      <p className="dimmer">
        From {utcWords(Date.parse(result.from))} to {utcWords(Date.parse(result.until))}
        {result.warmedSince !== null &&
          Date.parse(result.warmedSince) < Date.parse(result.from) &&
          `; both began ${ageWords(Date.parse(result.from) - Date.parse(result.warmedSince))} earlier`}
        . Calls are incidents opened, and opened again.
      </p>
    </div>
  )
}

function Figures({ result: { live, candidate, counts } }: { result: TrialResult }) {
  const cells: readonly [string, number, number][] = [
    ['incidents opened', live.opened, candidate.opened],
    ['calls to people', live.calls.all, candidate.calls.all],
    ['Tier 1', live.calls.tier1, candidate.calls.tier1],
    ['Tier 2', live.calls.tier2, candidate.calls.tier2],
    ['Tier 3', live.calls.tier3, candidate.calls.tier3],
    ['unclassified', live.calls.unclassified, candidate.calls.unclassified],
  ]
  return (
    <dl className={css.figures}>
      {cells
        .filter(([, before, after], index) => index < 2 || before + after > 0)
        .map(([name, before, after]) => (
          <div key={name} className={before === after ? css.even : undefined}>
            <dt>{name}</dt>
            <dd>
              <span className="dim">{figure(before)}</span> → <b>{figure(after)}</b>
            </dd>
          </div>
        ))}
      <div className={css.even}>
        <dt>the same</dt>
        <dd>
          <b>{figure(counts.same)}</b>
        </dd>
      </div>
    </dl>
  )
}

function List<T>({
  title,
  count,
  rows,
  children,
}: {
  title: string
  count: number
  rows: readonly T[]
  children: (row: T) => ReactNode
}) {
  const [all, setAll] = useState(false)
  if (count === 0) return null
  const shown = all ? rows : rows.slice(0, rowsOpen)
  return (
    <section className={css.difference} aria-label={title}>
      <h3>
        {title} <span className="dimmer">{figure(count)}</span>
      </h3>
      <ul>
        {shown.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a result never changes its order
          <li key={index}>{children(row)}</li>
        ))}
      </ul>
      {!all && rows.length > rowsOpen && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          Show {rows.length < count ? `the first ${figure(trialRowsShown)}` : `all ${figure(rows.length)}`}
        </Button>
      )}
    </section>
  )
}

function Incident({ incident: { id, title, tier, openedAt, alerts } }: { incident: TrialIncident }) {
  return (
    <p className={css.incident}>
      <TierGlyph tier={tier} size={18} />
      {id === null ? <span className="dimmer">new</span> : <Link href={`/incident/${id}`}>{id}</Link>}
      <span className={css.title}>{title}</span>
      <span className="dimmer">
        {counted(alerts, 'alert')}, {utcWords(Date.parse(openedAt)).slice(5, 16)}
      </span>
    </p>
  )
}

/** The rule that did it: leads to its line, and says why in words. */
function Why({ by, lineOf, onGo, none }: { by: readonly TrialJudgement[]; none?: string } & Ways) {
  const [first] = by
  if (first === undefined) return none === undefined ? null : <p className="dim">{none}</p>
  return (
    <p className={css.why}>
      <RuleName stage={first.stage} rule={first.rule} lineOf={lineOf} onGo={onGo} />
      {by.length > 1 && <span className="dimmer"> and {counted(by.length - 1, 'other rule')}</span>}{' '}
      <span className="dim">{first.reason}</span>
    </p>
  )
}

function RuleName({ stage, rule, lineOf, onGo }: { stage: string; rule: string } & Ways) {
  const line = lineOf(stage, rule)
  const words = `${stage}: ${rule}`
  if (line === null) return <span className={css.rule}>{words}</span>
  return (
    <button type="button" className={css.rule} title={`Line ${line}`} onClick={() => onGo(line)}>
      {words}
    </button>
  )
}

function AlertRow({ alert, ...ways }: { alert: TrialResult['alertsHidden'][number] } & Ways) {
  const { title, severity, source, incident, by } = alert
  return (
    <>
      <p className={css.incident}>
        <span className="dimmer">{severity}</span>
        <span className={css.title}>{title}</span>
        <span className="dimmer">{source.name}</span>
        {incident !== null && <Link href={`/incident/${incident}`}>{incident}</Link>}
      </p>
      <Why by={by === null ? [] : [by]} {...ways} />
    </>
  )
}

function RuleTable({ rows, ...ways }: { rows: TrialResult['rules'] } & Ways) {
  return (
    <section className={css.difference} aria-label="Decisions by rule">
      <h3>Decisions by rule, where they differ</h3>
      <table className={css.table}>
        <thead>
          <tr>
            <th>Stage and rule</th>
            <th>that day</th>
            <th>with this</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 12).map(({ stage, rule, live, candidate }) => (
            <tr key={`${stage} ${rule}`}>
              <td>
                <RuleName stage={stage} rule={rule} {...ways} />
              </td>
              <td>{figure(live)}</td>
              <td>
                <b>{figure(candidate)}</b>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
