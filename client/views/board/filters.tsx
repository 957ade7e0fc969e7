import type { RefObject } from 'react'
import { useStore } from 'zustand'
import { type BoardQuery, countsOf, shows, showWords, sorts, sortWords } from '../../state/filter.ts'
import { Key } from '../../widgets/marks/marks.tsx'
import { useApp, useMe } from '../context.ts'
import css from './board.module.css'

/** Which incidents, in which order. All of it stands in the address. */
export function Filters({
  query,
  onChange,
  search,
}: {
  query: BoardQuery
  onChange: (next: Partial<BoardQuery>) => void
  search: RefObject<HTMLInputElement | null>
}) {
  const { board } = useApp()
  const me = useMe()
  const incidents = useStore(board, (state) => state.incidents)
  const counts = countsOf(incidents.values(), me.id)
  return (
    <search className={css.filters}>
      <fieldset className={css.tabs}>
        <legend className="unseen">Which incidents</legend>
        {shows.map((show) => (
          <button
            key={show}
            type="button"
            className={css.tab}
            aria-pressed={query.show === show}
            onClick={() => onChange({ show })}
          >
            {showWords[show]} <span className={css.tabCount}>{counts.shows[show]}</span>
          </button>
        ))}
      </fieldset>
      <label className={css.sort}>
        <span className="unseen">Order</span>
        <select
          value={query.sort}
          onChange={(event) => onChange({ sort: sorts.find((sort) => sort === event.target.value) ?? 'rank' })}
        >
          {sorts.map((sort) => (
            <option key={sort} value={sort}>
              {sortWords[sort]}
            </option>
          ))}
        </select>
      </label>
      <label className={css.find}>
        <span className="unseen">Filter by words</span>
        <Key>/</Key>
        <input
          ref={search}
          type="search"
          placeholder="filter"
          value={query.text}
          onChange={(event) => onChange({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur()
            if (event.key === 'Escape') onChange({ text: '' })
          }}
        />
      </label>
    </search>
  )
}
