import { useEffect, useState } from 'react'
import { z } from 'zod'
import type { Brief } from '#shared/incident/brief.ts'
import { personViewSchema } from '#shared/wire.ts'
import { utcMinute } from '../../state/time-words.ts'
import { useApp } from '../context.ts'
import css from '../incident/incident.module.css'

export { readBrief as asBrief } from '#shared/brief/differences.ts'

const trendMarks: Readonly<Record<Brief['trend'], string>> = {
  worse: 'worse ▲',
  steady: 'steady',
  better: 'better ▼',
  unknown: 'trend unknown',
}

/** A brief to be read: all of it at once. Names that the page does not know are asked for. */
export function BriefBlock({ brief, nameOf }: { brief: Brief; nameOf: (id: string) => string }) {
  const name = useNames(
    brief.actions.flatMap(({ owner }) => owner ?? []),
    nameOf,
  )
  const rows: [string, React.ReactNode][] = []
  if (brief.done.length > 0) rows.push(['Done', <Lines key="d" lines={brief.done} />])
  if (brief.ruledOut.length > 0) rows.push(['Ruled out', <Lines key="r" lines={brief.ruledOut} />])
  if (brief.hypotheses.length > 0)
    rows.push(['Suspected', <Lines key="h" lines={brief.hypotheses.map((one) => `${one.text} (${one.confidence})`)} />])
  if (brief.actions.length > 0)
    rows.push([
      'Actions',
      <ul key="a" className={css.actionsOfBrief}>
        {brief.actions.map((action) => (
          <li key={action.text}>
            <span className={action.state === 'in flight' ? css.inFlight : css.stateWord}>{action.state}</span>
            {action.irreversible && <span className={css.noReturn}>irreversible</span>}
            <span>
              {action.text}
              {action.owner !== null && <span className="dim"> · {name(action.owner)}</span>}
              {action.dueAt !== null && <span className="dim"> · by {utcMinute(Date.parse(action.dueAt))}</span>}
            </span>
          </li>
        ))}
      </ul>,
    ])
  if (brief.contingencies.length > 0)
    rows.push(['If', <Lines key="c" lines={brief.contingencies.map((one) => `${one.if} → ${one.do}`)} />])
  else if (brief.noContingencyBecause !== '') rows.push(['If', `nothing planned: ${brief.noContingencyBecause}`])
  if (brief.promises.length > 0) rows.push(['Promised', <Lines key="p" lines={brief.promises} />])
  if (brief.constraints !== '') rows.push(['Do not', brief.constraints])
  return (
    <div className={css.brief}>
      <p className={css.briefHead}>
        {trendMarks[brief.trend]} · {brief.confidence}
      </p>
      <p className={css.situation}>{brief.situation}</p>
      {rows.length > 0 && (
        <dl className={css.briefRows}>
          {rows.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

const peopleSchema = z.object({ people: z.array(personViewSchema) })

/** Names of these people: as they are known here, or else as the house calls them, asked for once. */
export function useNames(ids: readonly string[], nameOf: (id: string) => string): (id: string) => string {
  const { api } = useApp()
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const unknown = ids.some((id) => nameOf(id) === id)
  useEffect(() => {
    if (!unknown) return
    let gone = false
    void api.ask('GET', '/api/people', peopleSchema).then((answer) => {
      if (!gone && answer.ok) setNames(new Map(answer.value.people.map(({ id, name }) => [id, name])))
    })
    return () => {
      gone = true
    }
  }, [api, unknown])
  return (id) => (nameOf(id) === id ? (names.get(id) ?? id) : nameOf(id))
}
