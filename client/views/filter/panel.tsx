import { useCallback, useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import {
  type DecisionView,
  type HeldAlert,
  type RuleFigures,
  type RuleView,
  ruleViewSchema,
  stageMeaning,
} from '#shared/filter-room.ts'
import { ageWords, bothClocks, figure, utcMoment, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { Loading } from '../conditions/conditions.tsx'
import { useApp, useMe, useMedia, useNow } from '../context.ts'
import { Why } from '../why/why.tsx'
import { outcomeWords } from './figures.ts'
import css from './panel.module.css'
import { Ago } from './stages.tsx'

const everyMs = 10_000
/** A rule that moves is asked for again, but not more often than that. */
const movedMs = 1500

/** One rule, beside the list: who made it, its text, what it holds back now, and what it decided before. */
export function RulePanel({
  stage,
  rule,
  live,
  onClose,
}: {
  stage: string
  rule: string
  /** Its figures as they are told; undefined for one that is in no list any more. */
  live: RuleFigures | undefined
  onClose: () => void
}) {
  const path = `/api/filter/rules/${encodeURIComponent(stage)}/${encodeURIComponent(rule)}`
  const { view, error, older, more, busy } = useRule(path, live)
  const head = useRef<HTMLHeadingElement>(null)
  // Where the list makes room for it, whoever listens or types goes on here.
  const alone = useMedia('(max-width: 1000px)')
  const isKnown = view !== null
  useEffect(() => {
    if (alone && isKnown) head.current?.focus()
  }, [alone, isKnown])
  const name = live?.name ?? view?.figures.name ?? rule
  return (
    <aside className={css.panel} aria-label={`Rule ${name}`}>
      <div className={css.panelHead}>
        <div>
          <p className="caps">{stage}</p>
          <h2 ref={head} tabIndex={-1}>
            {name}
          </h2>
        </div>
        <Button kind="quiet" shortcut="Esc" onClick={onClose}>
          Close
        </Button>
      </div>
      {view === null ? (
        error === null ? (
          <Loading what="this rule" />
        ) : (
          <Trouble>{error.message}</Trouble>
        )
      ) : (
        <>
          {error !== null && (
            <p className="soon" role="status">
              Not renewed since: {error.message}
            </p>
          )}
          <About view={view} figures={live ?? view.figures} />
          <Behind view={view} />
          <Before view={view} older={older} busy={busy} onMore={more} />
        </>
      )}
    </aside>
  )
}

/** The rule as it is now, and the older pages of its decisions that were asked for. */
function useRule(path: string, live: RuleFigures | undefined) {
  const { api } = useApp()
  const [view, setView] = useState<RuleView | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [older, setOlder] = useState<{ decisions: DecisionView[]; next: number | null } | null>(null)
  const [busy, setBusy] = useState(false)
  const load = useCallback(async () => {
    const answer = await api.ask('GET', path, ruleViewSchema)
    if (answer.ok) setView(answer.value)
    setError(answer.ok ? null : answer.error)
  }, [api, path])
  useEffect(() => {
    void load()
    const timer = setInterval(() => void load(), everyMs)
    return () => clearInterval(timer)
  }, [load])
  const mark = live === undefined ? '' : `${live.lastAt} ${live.holds} ${live.marks}`
  const seen = useRef(mark)
  useEffect(() => {
    if (seen.current === mark) return
    seen.current = mark
    const timer = setTimeout(() => void load(), movedMs)
    return () => clearTimeout(timer)
  }, [mark, load])
  async function more(): Promise<void> {
    const before = older === null ? view?.next : older.next
    if (before == null) return
    setBusy(true)
    const answer = await api.ask('GET', `${path}?before=${before}`, ruleViewSchema)
    setBusy(false)
    setError(answer.ok ? null : answer.error)
    if (!answer.ok) return
    // What came newer meanwhile moves the first page; nothing between it and the older ones may be lost.
    const kept = older?.decisions ?? view?.decisions ?? []
    setOlder({ decisions: [...kept, ...answer.value.decisions], next: answer.value.next })
  }
  return { view, error, older, more, busy }
}

function About({ view, figures }: { view: RuleView; figures: RuleFigures }) {
  const { actions } = useMe()
  const { author, text, line } = view
  const { stage, rule } = figures
  const hour = outcomeWords(figures.outcomes)
  return (
    <>
      <dl className={css.facts}>
        <dt>Made by</dt>
        <dd>{authorWords(author)}</dd>
        <dt>The stage</dt>
        <dd>{stageMeaning[stage] ?? stage}</dd>
        <dt>Last hour</dt>
        <dd>
          {hour === '' && figures.passed === 0 ? 'nothing' : hour}
          {figures.passed > 0 &&
            `${hour === '' ? '' : ', '}${figure(figures.passed)} called an incident, and handed on`}
          {figures.again > 0 && <>; {figure(figures.again)} judged again</>}
        </dd>
        {figures.day !== null && (
          <>
            <dt>24 hours</dt>
            <dd>
              {figures.day === 0 ? 'nothing' : `${figure(figures.day)} ${figures.day === 1 ? 'event' : 'events'}`}
            </dd>
          </>
        )}
        {figures.lastAt !== null && (
          <>
            <dt>Acted last</dt>
            <dd>
              <Ago at={Date.parse(figures.lastAt)} />
            </dd>
          </>
        )}
      </dl>
      {text !== null && (
        <figure className={css.text}>
          <figcaption className="caps">
            {author.kind === 'silence'
              ? 'What it matches'
              : line === null
                ? 'Built in: as it would be written'
                : `In the policy, line ${line}`}
          </figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>
            <code>{text}</code>
          </pre>
        </figure>
      )}
      <p className={css.ways}>
        {author.kind === 'silence' && (
          <Link href={`/silences?change=${encodeURIComponent(rule)}`}>Change or end it</Link>
        )}
        {author.kind === 'policy' && actions.includes('policy.read') && (
          <Link href={`/filter/policy?stage=${encodeURIComponent(stage)}&rule=${encodeURIComponent(rule)}`}>
            Edit it, and try it on the past
          </Link>
        )}
      </p>
    </>
  )
}

function authorWords({ kind, by, since, until, policy }: RuleView['author']): string {
  const at = (instant: string) => utcWords(Date.parse(instant)).slice(0, 16)
  switch (kind) {
    case 'policy':
      return `the policy, version ${(policy ?? '').slice(0, 8)}${since === null ? '' : `, active since ${at(since)} UTC`}`
    case 'silence':
      return `${by ?? 'somebody'}${since === null ? '' : `, from ${at(since)}`}${until === null ? '' : ` to ${at(until)}`} UTC`
    case 'built-in':
      return 'built in; it cannot be changed'
    case 'former':
      return 'an older policy, or a silence that is forgotten: it is not in force any more'
  }
}

/** Firing alerts behind it, now. */
function Behind({ view: { alerts, holds, marks, figures } }: { view: RuleView }) {
  const [open, setOpen] = useState<string | null>(null)
  const canHold = ['silence', 'inhibit', 'damp', 'shed'].includes(figures.stage)
  if (!canHold) return null
  return (
    <section aria-label="Holds back now">
      <h3>
        Holds back now: {figure(holds)}
        {marks > 0 && <span className="dim"> · marks {figure(marks)} in incidents</span>}
      </h3>
      {alerts.length === 0 && <p className="dim">No alert fires behind it.</p>}
      <ul className={css.behind}>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <button
              type="button"
              className={css.alert}
              aria-expanded={open === alert.id}
              onClick={() => setOpen(open === alert.id ? null : alert.id)}
            >
              <span className={css.alertTitle}>{alert.title}</span>
              <AlertAbout alert={alert} />
            </button>
            {open === alert.id && (
              <div className={css.alertWhy}>
                <Why alertId={alert.id} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {holds + marks > alerts.length && (
        <p className="dim">
          The newest {figure(alerts.length)} of {figure(holds + marks)}.
        </p>
      )}
    </section>
  )
}

function AlertAbout({ alert }: { alert: HeldAlert }) {
  const now = useNow()
  const { severity, source, service, startsAt, until, held, incidentId } = alert
  return (
    <span className={css.about}>
      <span>{severity}</span>
      {service !== null && <span>{service}</span>}
      <span>{source.name}</span>
      <span title={bothClocks(Date.parse(startsAt))}>fires for {ageWords(now - Date.parse(startsAt))}</span>
      {until !== null && <span>until {utcMoment(Date.parse(until), now)}</span>}
      {!held && <span>in {incidentId ?? 'an incident'}</span>}
    </span>
  )
}

/** What it decided, newest first, page by page. */
function Before({
  view,
  older,
  busy,
  onMore,
}: {
  view: RuleView
  older: { decisions: DecisionView[]; next: number | null } | null
  busy: boolean
  onMore: () => void
}) {
  const known = new Set<number>()
  const decisions = [...view.decisions, ...(older?.decisions ?? [])]
    .filter(({ n }) => !known.has(n) && known.add(n))
    .sort((a, b) => b.n - a.n)
  const next = older === null ? view.next : older.next
  const isCounted = view.figures.day === null
  return (
    <section aria-label="What it decided">
      <h3>What it decided</h3>
      {isCounted ? (
        <p className="dim">So ordinary that only the count is kept.</p>
      ) : (
        decisions.length === 0 && (
          <p className="dim">
            {view.figures.passed > 0
              ? 'What it hands on is decided by the rules of correlate, which name it in their reasons.'
              : 'Nothing that is kept.'}
          </p>
        )
      )}
      <ol className={css.decisions}>
        {decisions.map((decision) => (
          <li key={decision.n}>
            <p className={css.about}>
              <time dateTime={decision.at} title={bothClocks(Date.parse(decision.at))}>
                {utcWords(Date.parse(decision.at))}
              </time>
              <b>{decision.again ? `judged again: ${decision.outcome}` : decision.outcome}</b>
              {decision.incident !== null && (
                <Link href={`/incident/${decision.incident.id}`}>{decision.incident.id}</Link>
              )}
            </p>
            {decision.alert !== null && (
              <p className={css.alertTitle}>{decision.alert.title ?? 'an alert that is forgotten'}</p>
            )}
            <p className="dim">{decision.reason}</p>
          </li>
        ))}
      </ol>
      {next !== null && (
        <Button disabled={busy} onClick={onMore}>
          {busy ? 'Asking…' : 'Show older ones'}
        </Button>
      )}
    </section>
  )
}
