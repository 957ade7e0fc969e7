import { Suspense, useCallback, useEffect, useMemo, useRef } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useStore } from 'zustand'
import { isOpen } from '#shared/incident/state.ts'
import { type BoardQuery, readQuery, writeQuery } from '../../state/filter.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { later } from '../../widgets/later.ts'
import { Key } from '../../widgets/marks/marks.tsx'
import { AllQuiet, Loading, NoSources, NothingMatches, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe, useMedia, useStill } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import css from './board.module.css'
import { Filters } from './filters.tsx'
import { FlowLine } from './flow-line.tsx'
import { useBoardKeys } from './keys.ts'
import { IncidentList } from './list.tsx'
import { Side } from './side.tsx'
import { useOrder } from './use-order.ts'

export const Detail = later(() => import('../incident/detail.tsx').then(({ Detail }) => Detail))

/** The commander's board: what is happening, who has it, what nobody holds, what is about to be late. */
export function Board() {
  const { board } = useApp()
  const known = useStore(board, (state) => state.seq !== null)
  const refused = useStore(board, (state) => state.refused)
  const still = useStill()
  return (
    <div className={frame.page}>
      <Strip room="Operations room" />
      <FlowLine />
      <main className={still ? `${css.main} ${css.still}` : css.main}>
        {refused !== null && !known ? <Refused error={refused} /> : known ? <Picture /> : <Loading what="the board" />}
      </main>
    </div>
  )
}

function Picture() {
  const { board } = useApp()
  const me = useMe()
  const searchText = useSearch()
  const query = useMemo(() => readQuery(searchText), [searchText])
  const [, go] = useLocation()
  const wide = useMedia('(min-width: 1200px)')
  const search = useRef<HTMLInputElement>(null)
  const { shown, touched, left } = useOrder(query)
  const total = useStore(board, (state) => state.incidents.size)
  const sources = useStore(board, (state) => state.sources)

  const change = useCallback(
    (next: Partial<BoardQuery>) => go(`/${writeQuery({ ...query, ...next })}`, { replace: true }),
    [go, query],
  )
  const pick = useCallback((id: string) => (wide ? change({ at: id }) : go(`/incident/${id}`)), [wide, change, go])
  useBoardKeys({
    ids: shown,
    at: query.at,
    onMove: (at) => change({ at }),
    onOpen: (id) => go(`/incident/${id}`),
    onLeave: () => change({ at: null }),
    search,
  })

  useEffect(() => {
    document.title = 'Uxbridge'
  }, [])

  const withDetail = wide && query.at !== null
  const nothingEver = total === 0 && sources.every((source) => source.heardAt === null)
  return (
    <>
      <section className={css.listSide} aria-label="Incidents">
        <Filters query={query} onChange={change} search={search} />
        {nothingEver ? (
          <NoSources maySetUp={me.actions.includes('source.manage')} />
        ) : total === 0 ? (
          <AllQuiet />
        ) : shown.length === 0 ? (
          <NothingMatches hidden={total} onClear={() => change({ show: 'all', text: '' })} />
        ) : (
          <IncidentList ids={shown} selected={query.at} onPick={pick} onHand={touched} onHandLeft={left} />
        )}
        <Chosen />
      </section>
      {withDetail && query.at !== null && (
        <section className={css.detail} aria-label={`Detail of ${query.at}`}>
          <Suspense fallback={<Loading what={query.at} />}>
            <Detail id={query.at} onGo={pick} onClose={() => change({ at: null })} />
          </Suspense>
        </section>
      )}
      <Side />
    </>
  )
}

/** What to do with the chosen ones; the keys, while there are none. */
function Chosen() {
  const { act, board } = useApp()
  const chosen = useStore(act.store, (state) => state.chosen)
  const incidents = useStore(board, (state) => state.incidents)
  const open = [...chosen].filter((id) => isOpen(incidents.get(id)?.phase ?? 'closed'))
  if (open.length === 0) return <KeyLine />
  return (
    <section className={css.chosen} aria-label="Chosen incidents">
      <b>{open.length === 1 ? '1 chosen' : `${open.length} chosen`}</b>
      <Button kind="main" shortcut="m" disabled={open.length < 2} onClick={() => act.begin('merge-several', null)}>
        Merge into one
      </Button>
      <Button kind="quiet" onClick={() => act.choose(null, false)}>
        Choose none
      </Button>
      {open.length === 1 && (
        <span className="dim">
          <Key>x</Key> chooses another
        </span>
      )}
    </section>
  )
}

function KeyLine() {
  return (
    <footer className={css.keys} aria-hidden="true">
      <span>
        <Key>j</Key> <Key>k</Key> move
      </span>
      <span>
        <Key>↵</Key> open
      </span>
      <span>
        <Key>c</Key> claim
      </span>
      <span>
        <Key>o</Key> hand off
      </span>
      <span>
        <Key>a</Key> accept
      </span>
      <span>
        <Key>u</Key> update
      </span>
      <span>
        <Key>e</Key> escalate
      </span>
      <span>
        <Key>?</Key> all keys
      </span>
    </footer>
  )
}
