import { Link } from 'wouter'
import { Clocks } from '../clocks/clocks.tsx'
import { Loading, Refused, RestrictedNow } from '../conditions/conditions.tsx'
import { useIncident, useSummary } from '../context.ts'
import { ActionBar } from './action-bar.tsx'
import css from './incident.module.css'
import { CameIn, hasCameIn, MergedBanner } from './merged/merged.tsx'
import { Alerts, Axes, asBrief, BriefBlock, ChainBlock, Headline, namesIn, Whence } from './parts.tsx'
import { Tasks } from './tasks/tasks.tsx'
import { Timeline } from './timeline.tsx'

/** The incident beside the list: enough to decide, without leaving the board. */
export function Detail({
  id,
  onGo,
  onClose,
}: {
  id: string
  /** To another incident. */
  onGo: (id: string) => void
  onClose: () => void
}) {
  const summary = useSummary(id)
  const { view, refused, hidden } = useIncident(id)
  const shown = summary ?? view?.summary
  if (shown === undefined && hidden) return <RestrictedNow />
  if (shown === undefined) return refused === null ? <Loading what={id} /> : <Refused error={refused} />
  const brief = view?.offerBrief ?? view?.brief ?? null
  return (
    <div className={css.panel}>
      <div className={css.panelTop}>
        <Whence summary={shown} />
        <Link href={`/incident/${id}`} className={css.openPage ?? ''}>
          Open page
        </Link>
        <button type="button" className={css.close} onClick={onClose} aria-label="Close the detail">
          ✕
        </button>
      </div>
      {view !== null && <MergedBanner view={view} onGo={onGo} />}
      <Headline summary={shown} level={2} />
      <ActionBar summary={shown} />
      <Axes summary={shown} />
      <ChainBlock summary={shown} />
      {view === null ? (
        <Loading what={id} />
      ) : (
        <>
          {view.lastUpdate !== null && (
            <section>
              <h3 className="caps">Last update, {view.lastUpdate.by.name}</h3>
              <p>{view.lastUpdate.text}</p>
            </section>
          )}
          {brief !== null && (
            <section>
              <h3 className="caps">Brief</h3>
              <BriefBlock brief={asBrief(brief)} nameOf={namesIn(view)} />
            </section>
          )}
          {(view.clocks ?? []).length > 0 && (
            <section>
              <h3 className="caps">Clocks</h3>
              <Clocks view={view} />
            </section>
          )}
          {view.tasks.length > 0 && (
            <section>
              <h3 className="caps">Tasks</h3>
              <Tasks view={view} />
            </section>
          )}
          {hasCameIn(view) && (
            <section>
              <h3 className="caps">Merged into it</h3>
              <CameIn view={view} />
            </section>
          )}
          <section>
            <h3 className="caps">Alerts</h3>
            <Alerts alerts={view.alerts} few={4} merged={shown.phase === 'merged'} />
          </section>
          <section>
            <h3 className="caps">Timeline</h3>
            <Timeline view={view} />
          </section>
        </>
      )}
    </div>
  )
}
