import { Link } from 'wouter'
import type { FilterView } from '#shared/filter-room.ts'
import { outcomeMeaning, outcomes } from '#shared/outcome.ts'
import { figure, utcMoment } from '../../state/time-words.ts'
import { AgeDial, stepsOfCadence } from '../../widgets/marks/age-dial.tsx'
import { Sparkline } from '../../widgets/marks/marks.tsx'
import { useMe, useNow, useToday } from '../context.ts'
import { gapWords, sumOf } from './figures.ts'
import css from './flow.module.css'

/** Conservation in one line: what was accepted is the sum of what became of it. */
export function Sum({ view: { sum } }: { view: FilterView }) {
  const gap = gapWords(sum)
  const parts = outcomes.filter((outcome) => (sum.outcomes[outcome] ?? 0) > 0)
  return (
    <section className={css.sum} aria-label="Conservation, last hour">
      <span className="caps">Last hour</span>
      <b>{figure(sum.accepted)} accepted</b>
      <span aria-hidden="true">=</span>
      <ul className={css.parts}>
        {parts.length === 0 && <li className="dim">nothing yet</li>}
        {parts.map((outcome) => (
          <li key={outcome} title={outcomeMeaning[outcome]}>
            {figure(sum.outcomes[outcome] ?? 0)} {outcome}
          </li>
        ))}
      </ul>
      {gap === null ? (
        <span className={css.sound}>
          <svg width="13" height="11" viewBox="0 0 13 11" aria-hidden="true">
            <path d="M1 6l4 4 7-9" fill="none" stroke="currentColor" strokeWidth="2" />
          </svg>
          {sum.unplaced === null ? 'adds up; the last day is being read back' : 'adds up, each by a rule'}
        </span>
      ) : (
        <span className="late">{gap}</span>
      )}
    </section>
  )
}

/** Who sends: how fresh, how much, how much of it could not be read. */
export function Sources({ view: { sources, others } }: { view: FilterView }) {
  const now = useNow()
  const { actions } = useMe()
  const mayLook = actions.includes('source.read')
  const mayFind = actions.includes('lost.read')
  return (
    <section aria-label="Sources">
      <h2 className={css.columnHead}>
        Sources <Arrow />
      </h2>
      {sources.length === 0 && <p className="dim">None yet.</p>}
      <ul className={css.sources}>
        {sources.map(({ id, name, heardAt, cadenceMs, accepted, rejected, minutes, perMinute }) => (
          <li key={id}>
            <span className={css.sourceName}>{mayLook ? <Link href={`/sources/${id}`}>{name}</Link> : name}</span>
            <span className={css.spark}>{minutes.length > 0 && <Sparkline values={minutes} width={72} />}</span>
            <span className={css.sourceAge}>
              <AgeDial
                ageMs={heardAt === null ? null : now - Date.parse(heardAt)}
                steps={cadenceMs === null ? null : stepsOfCadence(cadenceMs)}
              />
            </span>
            <span className={css.sourceFigures} title={`${figure(accepted)} in the last hour`}>
              {figure(perMinute)} a minute
            </span>
            {rejected > 0 && (
              <span className={`${css.errors} soon`}>
                {mayFind ? (
                  <Link href={`/lost?source=${id}`}>{figure(rejected)} could not be read</Link>
                ) : (
                  `${figure(rejected)} could not be read`
                )}
              </span>
            )}
          </li>
        ))}
        {others.accepted > 0 && (
          <li title="Reports by people, what Uxbridge itself finds out, and sources that are not there any more">
            <span className={css.sourceName}>Others</span>
            <span />
            <span className="dim">reports, watch, former</span>
            <span className={css.sourceFigures}>{figure(others.accepted)} in the hour</span>
          </li>
        )}
      </ul>
    </section>
  )
}

/** What comes out: incidents, what is held back now, and what was lost. */
export function Incidents({ view }: { view: FilterView }) {
  const { sum, held, incidents, lost, policy } = view
  const today = useToday()
  const { actions } = useMe()
  const heldNow = held.silenced + held.inhibited + held.damped + held.shed
  const heldHour = sumOf({
    silenced: sum.outcomes.silenced ?? 0,
    inhibited: sum.outcomes.inhibited ?? 0,
    damped: sum.outcomes.damped ?? 0,
    shed: sum.outcomes.shed ?? 0,
  })
  const opened = sum.outcomes.opened ?? 0
  return (
    <section aria-label="Incidents">
      <h2 className={css.columnHead}>
        <Arrow /> Incidents
      </h2>
      <dl className={css.figures}>
        <Figure term="open now" value={incidents.open} href="/" />
        <Figure term="of them unowned" value={incidents.unowned} late={incidents.unowned > 0} />
        <Figure term="opened in the hour" value={opened} />
        <Figure term="joined one" value={sum.outcomes.attached ?? 0} />
        <Figure term="ended an alert" value={sum.outcomes.resolved ?? 0} />
        {opened > 0 && <Figure term="events for each opened" value={Math.round(sum.accepted / opened)} />}
      </dl>
      <h3 className={css.columnHead}>Held back</h3>
      <dl className={css.figures}>
        <Figure term="firing now" value={heldNow} />
        <Figure term="silenced" value={held.silenced} part href="/silences" />
        <Figure term="effects" value={held.inhibited} part />
        <Figure term="flapping" value={held.damped} part />
        <Figure term="of storms" value={held.shed} part />
        <Figure term="events in the hour" value={heldHour} />
      </dl>
      <h3 className={css.columnHead}>Lost property</h3>
      <dl className={css.figures}>
        <Figure term="waits to be read" value={lost} {...(actions.includes('lost.read') && { href: '/lost' })} />
      </dl>
      <p className={css.policy}>
        Policy <code>{policy.hash.slice(0, 8)}</code>
        {policy.since !== null && <> since {utcMoment(Date.parse(policy.since), today)}</>}
      </p>
    </section>
  )
}

function Figure({
  term,
  value,
  href,
  part = false,
  late = false,
}: {
  term: string
  value: number
  href?: string
  /** One of those that the figure above is the sum of. */
  part?: boolean
  late?: boolean
}) {
  return (
    <div className={part ? css.partFigure : undefined}>
      <dt>{href === undefined ? term : <Link href={href}>{term}</Link>}</dt>
      <dd className={late ? 'late' : value === 0 ? 'dimmer' : undefined}>{figure(value)}</dd>
    </div>
  )
}

function Arrow() {
  return (
    <svg width="26" height="8" viewBox="0 0 26 8" aria-hidden="true" className={css.arrow}>
      <path d="M0 4h24M21 1l3.5 3L21 7" fill="none" stroke="currentColor" />
    </svg>
  )
}
