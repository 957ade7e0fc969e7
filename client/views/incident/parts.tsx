import { Suspense, useState } from 'react'
import { Link } from 'wouter'
import { isOfDrill } from '#shared/drill.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { AlertView, IncidentView, Summary } from '#shared/wire.ts'
import { dueWords } from '../../state/due-words.ts'
import { ageWords, bothClocks, figure, lapseWords, utcMinute, utcWords } from '../../state/time-words.ts'
import { HandoffChain } from '../../widgets/chain/chain.tsx'
import { Button } from '../../widgets/controls/button.tsx'
import { later } from '../../widgets/later.ts'
import { activityAt } from '../../widgets/marks/activity.ts'
import { AgeDial } from '../../widgets/marks/age-dial.tsx'
import {
  Flag,
  PhaseTrack,
  ProvisionalMark,
  provisionalWords,
  SilencedMark,
  Sparkline,
} from '../../widgets/marks/marks.tsx'
import { TierGlyph, tierWord } from '../../widgets/marks/tier-glyph.tsx'
import { useMe, useNow, useStill } from '../context.ts'
import { matchersOf, silenceAddress } from '../silences/draft.ts'
import { Held, WhyMore } from '../why/why.tsx'
import css from './incident.module.css'

const SightMark = later(() => import('../restricted/mark.tsx').then(({ SightMark }) => SightMark))

/** Number, service, team, since when. */
export function Whence({ summary }: { summary: Summary }) {
  const openedAt = Date.parse(summary.openedAt)
  return (
    <span className={css.meta}>
      {summary.id}
      {summary.service !== null && <> · {summary.service}</>} · since{' '}
      <time title={utcWords(openedAt)}>{utcMinute(openedAt)} UTC</time>
    </span>
  )
}

/** Tier, title, flags. */
export function Headline({ summary, level }: { summary: Summary; level: 1 | 2 }) {
  const open = isOpen(summary.phase)
  const Title = level === 1 ? 'h1' : 'h2'
  return (
    <div className={css.headline}>
      <TierGlyph
        tier={open ? summary.tier : summary.phase === 'merged' ? 'merged' : 'over'}
        size={level === 1 ? 48 : 38}
        word={false}
      />
      <div className={css.headText}>
        <Title className={css.title}>{summary.title}</Title>
        <p className={css.flags}>
          <b>{tierWord(summary.tier)}</b>
          {level === 1 && <Whence summary={summary} />}
          {summary.flags.map((flag) =>
            flag === 'restricted' ? (
              <Suspense key={flag} fallback={<Flag flag={flag} />}>
                <SightMark />
              </Suspense>
            ) : (
              <Flag key={flag} flag={flag} />
            ),
          )}
          {summary.silenced !== null && open && <Silenced silenced={summary.silenced} />}
          {summary.provisional && open && <Provisional openedAt={summary.openedAt} />}
        </p>
      </div>
    </div>
  )
}

/** The mark, and what it means: on the page of one incident there is room to say it. */
function Provisional({ openedAt }: { openedAt: string }) {
  const openedMs = useNow() - Date.parse(openedAt)
  return (
    <>
      <ProvisionalMark openedMs={openedMs} />
      <span className="dim" aria-hidden="true">
        {provisionalWords(openedMs)}
      </span>
    </>
  )
}

function Silenced({ silenced }: { silenced: NonNullable<Summary['silenced']> }) {
  return <SilencedMark silenced={silenced} now={useNow()} />
}

/** The three axes and what ages: phase, owner, news, what is due. */
export function Axes({ summary }: { summary: Summary }) {
  const now = useNow()
  const me = useMe()
  const due = dueWords(summary, now)
  const open = isOpen(summary.phase)
  return (
    <dl className={css.axes}>
      <div>
        <dt>Phase</dt>
        <dd>
          <PhaseTrack phase={summary.phase} />
        </dd>
      </div>
      <div>
        <dt>Owner</dt>
        <dd>
          {summary.owner === null ? (
            open ? (
              <b className="late">
                UNOWNED {summary.unownedSince !== null && lapseWords(now - Date.parse(summary.unownedSince))}
              </b>
            ) : (
              'nobody'
            )
          ) : (
            <b>{summary.owner.id === me.id ? 'You' : summary.owner.name}</b>
          )}
        </dd>
      </div>
      <div>
        <dt>Last heard</dt>
        <dd>
          <AgeDial ageMs={now - Date.parse(summary.heardAt)} {...(!open && { steps: null })} />
        </dd>
      </div>
      <div>
        <dt>Alerts</dt>
        <dd className={css.load}>
          <span title={`${figure(summary.events)} events`}>
            {summary.alerts.total === 0
              ? 'none'
              : `${figure(summary.alerts.firing)} of ${figure(summary.alerts.total)} fire`}
          </span>
          <Sparkline values={activityAt(summary, now)} width={46} height={14} />
        </dd>
      </div>
      <div>
        <dt>Due</dt>
        <dd className={due.tone === 'late' ? 'late' : due.tone === 'soon' ? 'soon' : undefined}>
          {due.text === '' ? 'nothing promised' : due.text}
        </dd>
      </div>
    </dl>
  )
}

const KeptBriefs = later(() => import('../brief/kept.tsx').then(({ KeptBriefs }) => KeptBriefs))

/** The chain, large, with its sum in words below. */
export function ChainBlock({ summary }: { summary: Summary }) {
  const now = useNow()
  const me = useMe()
  const still = useStill()
  const [opened, setOpened] = useState<{ hop: number | null } | null>(null)
  const unownedMs =
    summary.unownedMs + (summary.unownedSince === null ? 0 : Math.max(0, now - Date.parse(summary.unownedSince)))
  const { offer, owner } = summary
  return (
    <section className={css.chainBlock} aria-label="Hand-offs">
      <HandoffChain
        summary={summary}
        now={now}
        me={me.id}
        size="large"
        focusable
        still={still}
        onOpen={(hop) => setOpened({ hop })}
      />
      {opened !== null && (
        <Suspense fallback={null}>
          <KeptBriefs incidentId={summary.id} hop={opened.hop} onClose={() => setOpened(null)} />
        </Suspense>
      )}
      <p className="dim">
        {summary.handovers === 1 ? '1 hand-over' : `${summary.handovers} hand-overs`}, unowned {lapseWords(unownedMs)}{' '}
        in all.
        {offer !== null && (
          <>
            {' '}
            {offer.eligible.includes(me.id) ? 'Offered to you' : `Offered to ${offer.to.name}`} until{' '}
            {bothClocks(Date.parse(offer.deadline))};{' '}
            {owner === null
              ? 'nobody owns it until then.'
              : `${owner.id === me.id ? 'you own' : `${owner.name} owns`} it until it is accepted.`}
          </>
        )}
        {summary.reliefAskedBy !== null && <> {summary.reliefAskedBy.name} asks for relief.</>}{' '}
        <button type="button" className={css.asLink} onClick={() => setOpened({ hop: null })}>
          Briefs of each hop
        </button>
      </p>
    </section>
  )
}

export { asBrief, BriefBlock } from '../brief/block.tsx'

/** Names of people as far as the incident knows them. */
export function namesIn(view: IncidentView): (id: string) => string {
  const names = new Map<string, string>()
  for (const hop of view.summary.chain) if (hop.holder !== null) names.set(hop.holder.id, hop.holder.name)
  for (const person of view.summary.assistants) names.set(person.id, person.name)
  for (const { person } of view.tasks) if (person !== null) names.set(person.id, person.name)
  for (const fact of view.facts) names.set(fact.by.id, fact.by.name)
  return (id) => names.get(id) ?? id
}

const alertsAtFirst = 6

/** Alerts, firing first, each with why it is here. */
export function Alerts({
  alerts,
  few = alertsAtFirst,
  merged = false,
}: {
  alerts: readonly AlertView[]
  few?: number
  /** They are in another incident now. */
  merged?: boolean
}) {
  const [all, setAll] = useState(false)
  const sorted = alerts.toSorted(
    (a, b) => Number(a.status === 'resolved') - Number(b.status === 'resolved') || (a.startsAt < b.startsAt ? 1 : -1),
  )
  const seen = all ? sorted : sorted.slice(0, few)
  if (alerts.length === 0)
    return (
      <p className="dim">
        {merged
          ? 'None any more: they are in the incident that it is part of.'
          : 'None: it was declared by hand, or its alerts have been forgotten.'}
      </p>
    )
  return (
    <>
      <ul className={css.alerts}>
        {seen.map((alert) => (
          <Alert key={alert.id} alert={alert} />
        ))}
      </ul>
      {sorted.length > seen.length && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          {sorted.length - seen.length} more
        </Button>
      )}
    </>
  )
}

/** Why it is held back, if it is. */
function heldWords({ silence, inhibited, damped, shed }: AlertView): string {
  if (silence !== null) return 'silenced, '
  if (inhibited !== null) return 'an effect of a known cause, '
  if (damped !== null) return 'flapping, '
  return shed === null ? '' : 'part of a storm, '
}

function Alert({ alert }: { alert: AlertView }) {
  const now = useNow()
  const maySilence = useMe().actions.includes('silence.manage')
  const startedAt = Date.parse(alert.startsAt)
  const labels = Object.entries(alert.labels)
  return (
    <li className={alert.status === 'resolved' ? css.ended : undefined}>
      <details>
        <summary>
          <span className={css.alertMark} aria-hidden="true">
            {alert.status === 'firing' ? '●' : '○'}
          </span>
          <span className={css.alertTitle}>{alert.title}</span>
          <span className="dim">
            {alert.status === 'firing' && heldWords(alert)}
            {alert.status === 'firing' ? ageWords(now - startedAt) : 'ended'}
          </span>
        </summary>
        <div className={css.alertBody}>
          {alert.description !== '' && <p>{alert.description}</p>}
          <p className="dim">
            <b>Why here:</b> {alert.why}. From {alert.source.name},{' '}
            {alert.severityRaw === '' ? alert.severity : alert.severityRaw}, {figure(alert.events)}{' '}
            {alert.events === 1 ? 'event' : 'events'}, last heard {ageWords(now - Date.parse(alert.heardAt))} ago.
            {alert.endsAt !== null && (
              <>
                {' '}
                Ended {bothClocks(Date.parse(alert.endsAt))}
                {alert.endAssumed ? ' (assumed: it fell silent)' : ''}.
              </>
            )}
            {alert.acknowledgedAt !== null && <> Acknowledged over there.</>}
          </p>
          {labels.length > 0 && (
            <p className={css.labels}>
              {labels.map(([name, value]) => (
                <code key={name}>
                  {name}={value}
                </code>
              ))}
            </p>
          )}
          <Links links={alert.links} />
          {alert.silence === null && <Held alert={alert} />}
          <WhyMore alertId={alert.id} title="Why here, stage by stage" />
          {alert.silence !== null ? (
            <p>
              <b>Silenced</b> by {alert.silence.createdBy === '' ? 'somebody' : alert.silence.createdBy} until{' '}
              <time title={utcWords(Date.parse(alert.silence.endsAt))}>
                {bothClocks(Date.parse(alert.silence.endsAt))}
              </time>
              : {alert.silence.comment === '' ? 'no reason given' : alert.silence.comment}{' '}
              <Link href={`/silences?change=${alert.silence.id}`}>Look at it</Link>
            </p>
          ) : isOfDrill(alert.source.id) ? (
            <p className="dim">Of an exercise: silences do not reach it.</p>
          ) : (
            maySilence &&
            alert.status === 'firing' && (
              <p>
                <Link href={silenceAddress(matchersOf(alert))}>Silence this…</Link>
              </p>
            )
          )}
        </div>
      </details>
    </li>
  )
}

export function Links({ links }: { links: readonly { href: string; text: string }[] }) {
  if (links.length === 0) return null
  return (
    <ul className={css.links}>
      {links.map((link) => (
        <li key={link.href}>
          <a href={link.href} target="_blank" rel="noreferrer noopener">
            {link.text === '' ? link.href : link.text}
          </a>
        </li>
      ))}
    </ul>
  )
}
