import { memo, useMemo } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { unnamedIncident } from '#shared/incident/restricted.ts'
import type { FactView, IncidentView, Summary } from '#shared/wire.ts'
import { alertsWords } from '../../../state/fact-words.ts'
import { utcMinute } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { useApp, useMe, useSummary } from '../../context.ts'
import { cameIn, correctionOf, type Merge, mergedInto, mergeWords, tooLate } from './corrections.ts'
import { useLast } from './last-of.ts'
import css from './merged.module.css'

/** An incident that is part of another says so, and leads there. */
export function MergedBanner({ view, onGo }: { view: IncidentView; onGo: (id: string) => void }) {
  const merge = mergedInto(view.facts)
  // What is not there for whoever reads leads nowhere.
  const isNamed = merge !== null && merge.other !== unnamedIncident
  const last = useLast(isNamed ? merge.other : null)
  const other = useSummary(last)
  if (merge === null) return null
  return (
    <section className={css.banner} aria-label="Merged">
      <MergeShape />
      <div>
        <p className={css.bannerLine}>
          Merged into <OtherLink id={merge.other} />
          {last !== null && last !== merge.other && (
            <>
              , which is part of <OtherLink id={last} /> now
            </>
          )}
          {other !== undefined && <>: {other.title}</>}
        </p>
        <p className="dim">
          {mergeWords(merge)}
          {merge.total > 0 && `, with ${alertsWords(merge)}`}
          {merge.reason !== '' && `: ${merge.reason}`}
        </p>
      </div>
      <div className={css.ways}>
        {last !== null && (
          <Button kind="main" onClick={() => onGo(last)}>
            Go to {last}
          </Button>
        )}
        <UndoButton group={factsAt(view, merge)} view={view} />
      </div>
    </section>
  )
}

/** What was merged into this one: each can be looked at, and taken back. */
export function CameIn({ view }: { view: IncidentView }) {
  const merges = useMemo(() => cameIn(view.facts), [view.facts])
  return (
    <ul className={css.came}>
      {merges.map((merge) => (
        <li key={merge.seq}>
          <MergeShape />
          <div>
            <p>
              <OtherLink id={merge.other} />, {alertsWords(merge)}
            </p>
            <p className="dim">
              merged {mergeWords(merge)}
              {merge.reason !== '' && `: ${merge.reason}`}
            </p>
          </div>
          <UndoButton group={factsAt(view, merge)} view={view} />
        </li>
      ))}
    </ul>
  )
}

export function hasCameIn(view: IncidentView): boolean {
  return cameIn(view.facts).length > 0
}

/** Takes back what these facts tell; where it cannot be, says why instead of doing nothing. */
export const UndoButton = memo(function UndoButton({
  group,
  view,
}: {
  group: readonly FactView[]
  view: IncidentView
}) {
  const { act } = useApp()
  const me = useMe()
  const { facts, summary } = view
  const undo = useMemo(() => correctionOf(group, facts), [group, facts])
  const other = useOnBoard(undo?.other ?? null)
  if (undo === null) return null
  if (undo.undoneAt !== null) return <span className={css.undone}>undone at {utcMinute(undo.undoneAt)} UTC</span>
  const late = tooLate(undo, summary, other)
  if (!me.actions.includes('incident.respond')) return null
  return (
    <span className={css.undo}>
      <Button
        disabled={late !== null}
        aria-label={`Undo the ${undo.what} of ${undo.what === 'merge' ? undo.from : undo.to}`}
        onClick={() => act.begin('undo', view.summary.id, undo.seq)}
      >
        Undo
      </Button>
      {late !== null && <span className="dim">{late}</span>}
    </span>
  )
})

/** As the board shows it; undefined: it is not there; null: the board is not known yet. */
export function useOnBoard(id: string | null): Summary | undefined | null {
  const { board } = useApp()
  return useStore(board, (state) => (state.seq === null ? null : id === null ? undefined : state.incidents.get(id)))
}

/** Words with the number of another incident as a link to it. */
export function WithLink({ words, about }: { words: string; about: string | null }) {
  const at = about === null || about === '' ? -1 : words.indexOf(about)
  if (about === null || at === -1) return words
  return (
    <>
      {words.slice(0, at)}
      <OtherLink id={about} />
      {words.slice(at + about.length)}
    </>
  )
}

function OtherLink({ id }: { id: string }) {
  // What is not there for whoever reads has no number, and leads nowhere.
  if (id === unnamedIncident) return id
  return <Link href={`/incident/${id}`}>{id}</Link>
}

/** Two tracks that become one. */
export function MergeShape() {
  return (
    <svg className={css.shape} viewBox="0 0 18 14" aria-hidden="true">
      <path
        d="M1 2.5h3.5L9 7m-8 4.5h3.5L9 7m0 0h7m-3-3 3.2 3L13 10"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
    </svg>
  )
}

function factsAt(view: IncidentView, merge: Merge): FactView[] {
  return view.facts.filter(({ seq }) => seq === merge.seq)
}
