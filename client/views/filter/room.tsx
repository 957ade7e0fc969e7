import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { Link, useLocation, useSearch } from 'wouter'
import type { StoreApi } from 'zustand'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, NoSources, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe, useStill } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { useListKeys } from '../use-list-keys.ts'
import {
  acts,
  type FilterRoomQuery,
  type FilterRoomState,
  filterAddress,
  followFilterRoom,
  manyRules,
  readFilterQuery,
  ruleKey,
  stagesOf,
} from './figures.ts'
import css from './filter.module.css'
import { Incidents, Sources, Sum } from './flow.tsx'
import { AlarmLoad } from './load/load.tsx'
import { RulePanel } from './panel.tsx'
import { Stages } from './stages.tsx'

const nothingYet: FilterRoomState = { view: null, refused: null }

function useFilterRoom(): FilterRoomState {
  const { link } = useApp()
  const [store, setStore] = useState<StoreApi<FilterRoomState> | null>(null)
  useEffect(() => {
    const { store, stop } = followFilterRoom(link)
    setStore(store)
    return stop
  }, [link])
  return useSyncExternalStore(
    (changed) => store?.subscribe(changed) ?? (() => {}),
    () => store?.getState() ?? nothingYet,
  )
}

/** The filter room: what comes in, what each rule of each stage does with it, and what becomes of it. */
export function FilterRoom() {
  const { view, refused } = useFilterRoom()
  const me = useMe()
  const still = useStill()
  const query = readFilterQuery(useSearch())
  const [, go] = useLocation()
  const change = (next: Partial<FilterRoomQuery>) => go(filterAddress({ ...query, ...next }), { replace: true })
  useEffect(() => {
    document.title = 'Filter room · Uxbridge'
  }, [])
  if (view === null)
    return (
      <div className={frame.page}>
        <Strip room="Filter room" />
        <div />
        <main className={css.alone}>
          {refused === null ? <Loading what="the filter room" /> : <Refused error={refused} />}
        </main>
      </div>
    )
  const open = query.stage !== null && query.rule !== null ? { stage: query.stage, rule: query.rule } : null
  const empty = view.sum.accepted === 0 && view.incidents.open === 0 && !view.rules.some(acts)
  return (
    <div className={frame.page}>
      <Strip room="Filter room" />
      <Sum view={view} />
      <main className={[css.main, open !== null && css.withPanel, still && css.still].filter(Boolean).join(' ')}>
        <div className={css.left}>
          <Sources view={view} />
        </div>
        <div className={css.middle}>
          {empty && <NoSources maySetUp={me.actions.includes('source.manage')} />}
          <Rules view={view} query={query} onChange={change} />
          <AlarmLoad />
        </div>
        {open === null ? (
          <div className={css.right}>
            <Incidents view={view} />
          </div>
        ) : (
          <RulePanel
            key={ruleKey(open)}
            {...open}
            live={view.rules.find((rule) => ruleKey(rule) === ruleKey(open))}
            onClose={() => change({ stage: null, rule: null })}
          />
        )}
      </main>
    </div>
  )
}

/** All rules, found by words, walked by keys. What is once on the screen stays there. */
function Rules({
  view,
  query,
  onChange,
}: {
  view: NonNullable<FilterRoomState['view']>
  query: FilterRoomQuery
  onChange: (next: Partial<FilterRoomQuery>) => void
}) {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set())
  const search = useRef<HTMLInputElement>(null)
  const at = query.rule === null || query.stage === null ? null : `${query.stage}\n${query.rule}`
  const stages = useMemo(() => stagesOf(view, query.text, shown), [view, query.text, shown])
  const keys = stages.flatMap(({ rules }) => rules.map(ruleKey))
  const isLong = view.rulesInAll > manyRules
  // With many rules those that act are shown; one that falls silent must not go from under the hand.
  const all = keys.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `all` says which they are
  useEffect(() => {
    if (!isLong || query.text !== '') return
    setShown((before) => (keys.every((key) => before.has(key)) ? before : new Set([...before, ...keys])))
  }, [all, isLong, query.text])
  useListKeys(
    keys,
    at,
    (key) => {
      const [stage = null, rule = null] = key?.split('\n') ?? []
      onChange({ stage, rule })
    },
    search,
  )
  const found = keys.length
  return (
    <>
      <search className={css.find}>
        <label>
          <span className="unseen">Find rules</span>
          <input
            ref={search}
            type="search"
            placeholder="Find rules ( / )"
            value={query.text}
            onChange={(event) => onChange({ text: event.target.value })}
            onKeyDown={(event) => {
              // A browser empties it at Escape; Enter opens what was found first.
              const [first] = stages.flatMap(({ rules }) => rules)
              if (event.key === 'Enter' && first !== undefined) onChange({ stage: first.stage, rule: first.rule })
              if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur()
            }}
          />
        </label>
        <span className="dim" role="status">
          {query.text !== ''
            ? `${figure(found)} of ${figure(view.rulesInAll)} rules`
            : isLong
              ? `${figure(view.rulesInAll)} rules: those that did something in 24 h are shown`
              : `${figure(view.rulesInAll)} rules`}
          {view.rules.length < view.rulesInAll && `; the first ${figure(view.rules.length)} of them are sent`}
        </span>
        <Link href="/filter/load">Alarm load</Link>
      </search>
      {found === 0 && query.text !== '' && (
        <p className={css.none}>
          No rule of that name. <Button onClick={() => onChange({ text: '' })}>Show all</Button>
        </p>
      )}
      <Stages
        stages={stages}
        at={at}
        searching={query.text !== ''}
        onOpen={({ stage, rule }) => onChange({ stage, rule })}
        onMore={(stage) => setShown((before) => new Set([...before, stage]))}
      />
    </>
  )
}
