import { useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import { isOpen } from '#shared/incident/state.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import { actionsFor } from '../../state/actions.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { isTyping } from '../board/keys.ts'
import { Clocks, ClocksNote } from '../clocks/clocks.tsx'
import { Loading, Refused, RestrictedNow } from '../conditions/conditions.tsx'
import { useApp, useIncident, useMe, useMedia, useStill, useSummary } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { WhoSees } from '../restricted/sight.tsx'
import { OriginMore } from '../why/origin.tsx'
import { ActionBar } from './action-bar.tsx'
import { Evidence } from './evidence/evidence.tsx'
import { evidenceWords } from './evidence/words.ts'
import { LeadTime } from './lead/lead-time.tsx'
import { CameIn, hasCameIn, MergedBanner } from './merged/merged.tsx'
import css from './page.module.css'
import { Alerts, Axes, asBrief, BriefBlock, ChainBlock, Headline, Links, namesIn } from './parts.tsx'
import { People } from './people/people.tsx'
import { Demands } from './phase/demands.tsx'
import { Similar } from './similar/similar.tsx'
import { Tasks, tasksWords } from './tasks/tasks.tsx'
import { Timeline } from './timeline.tsx'

/** One incident: what is known, who has it, what happened, and what I can do. */
export function IncidentPage({ id }: { id: string }) {
  const fromBoard = useSummary(id)
  const { view, refused, hidden } = useIncident(id)
  const still = useStill()
  const narrow = useMedia('(max-width: 700px)')
  const [, go] = useLocation()
  const summary = view?.summary ?? fromBoard
  useIncidentKeys(id, summary)
  useEffect(() => {
    // Nothing of what is hidden stays, not even in the title of a tab.
    document.title = summary !== undefined ? `${id} ${summary.title}` : hidden ? 'Uxbridge' : id
  }, [id, summary, hidden])
  return (
    <div className={frame.page}>
      <Strip room={id} />
      <nav className={css.crumbs} aria-label="Where this is">
        <Link href="/">← Operations room</Link>
      </nav>
      <main className={still ? `${css.page} ${css.still}` : css.page}>
        {summary === undefined ? (
          hidden ? (
            <RestrictedNow />
          ) : refused === null ? (
            <Loading what={id} />
          ) : (
            <Refused error={refused} />
          )
        ) : (
          <>
            <header className={css.pageHead}>
              {view !== null && <MergedBanner view={view} onGo={(into) => go(`/incident/${into}`)} />}
              <Headline summary={summary} level={1} />
              <ActionBar summary={summary} near={narrow ? 2 : 6} sticky />
              <Axes summary={summary} />
              <ChainBlock summary={summary} />
            </header>
            {view === null ? <Loading what={id} /> : <Columns view={view} />}
          </>
        )}
      </main>
    </div>
  )
}

function Columns({ view }: { view: IncidentView }) {
  const { summary } = view
  const offered = view.offerBrief !== null
  const brief = view.offerBrief ?? view.brief
  return (
    <div className={css.columns}>
      <section className={css.left}>
        <h2 className="caps">Timeline</h2>
        <Timeline view={view} />
      </section>
      <div className={css.right}>
        {view.lastUpdate !== null && (
          <section>
            <h2 className="caps">Last update, {view.lastUpdate.by.name}</h2>
            <p className={css.update}>{view.lastUpdate.text}</p>
          </section>
        )}
        {isOpen(summary.phase) && (
          <section>
            <h2 className="caps">
              {summary.phase} <span className="dim">asks for</span>
            </h2>
            <Demands view={view} phase={summary.phase} />
          </section>
        )}
        <section>
          <h2 className="caps">{offered ? 'Brief as offered' : 'Brief'}</h2>
          {brief === null ? (
            <p className="dim">
              {view.description === ''
                ? 'None yet. The first hand-off writes one; “Revise brief” starts it now.'
                : view.description}
            </p>
          ) : (
            <BriefBlock brief={asBrief(brief)} nameOf={namesIn(view)} />
          )}
        </section>
        <section>
          <h2 className="caps">
            Tasks <span className="dim">{tasksWords(view.tasks)}</span>
          </h2>
          <Tasks view={view} />
        </section>
        <section>
          <h2 className="caps">
            Clocks <ClocksNote clocks={view.clocks ?? []} />
          </h2>
          <Clocks view={view} />
        </section>
        <section>
          <h2 className="caps">
            Evidence <span className="dim">{evidenceWords(view.evidence)}</span>
          </h2>
          <Evidence view={view} />
        </section>
        {hasCameIn(view) && (
          <section>
            <h2 className="caps">Merged into it</h2>
            <CameIn view={view} />
          </section>
        )}
        <section>
          <h2 className="caps">
            Alerts <span className="dim">{summary.alerts.firing} firing</span>
          </h2>
          <Alerts alerts={view.alerts} merged={summary.phase === 'merged'} />
          <SplitWay summary={summary} />
          <OriginMore incidentId={summary.id} />
        </section>
        <section>
          <h2 className="caps">Similar past incidents</h2>
          <Similar view={view} />
        </section>
        {summary.flags.includes('restricted') && (
          <section>
            <h2 className="caps">Who sees this</h2>
            <WhoSees summary={summary} />
          </section>
        )}
        <section>
          <h2 className="caps">People and roles</h2>
          <People summary={summary} />
        </section>
        <section>
          <h2 className="caps">Lead time</h2>
          <LeadTime summary={summary} />
        </section>
        {(view.runbook !== null || view.alerts.some((alert) => alert.links.length > 0)) && (
          <section>
            <h2 className="caps">Links</h2>
            <Links links={linksOf(view)} />
          </section>
        )}
      </div>
    </div>
  )
}

/** Where the alerts are, there they can be told apart. */
function SplitWay({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const me = useMe()
  if (!actionsFor(summary, me).some(({ type }) => type === 'split')) return null
  return (
    <Button kind="quiet" onClick={() => act.begin('split', summary.id)}>
      Split some of them off…
    </Button>
  )
}

function linksOf(view: IncidentView): { href: string; text: string }[] {
  const links = new Map<string, string>()
  if (view.runbook !== null) links.set(view.runbook, 'Runbook')
  for (const alert of view.alerts)
    for (const link of alert.links)
      if (links.size < 12) links.set(link.href, links.get(link.href) ?? (link.text === '' ? alert.title : link.text))
  return [...links].map(([href, text]) => ({ href, text }))
}

function useIncidentKeys(id: string, summary: Parameters<typeof actionsFor>[0] | undefined): void {
  const { act } = useApp()
  const me = useMe()
  const [, go] = useLocation()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const { doing, help, palette } = act.store.getState()
      if (doing !== null || help || palette) return
      const action = summary === undefined ? undefined : actionsFor(summary, me).find(({ key }) => key === event.key)
      if (event.key === 'Escape') go(`/?at=${id}`)
      else if (action !== undefined) act.begin(action.type, id)
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [act, me, go, id, summary])
}
