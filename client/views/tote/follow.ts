import { useEffect, useState, useSyncExternalStore } from 'react'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import {
  isUnready,
  type ReadinessState,
  type ReadinessView,
  readinessStates,
  type ToteTeam,
} from '#shared/readiness.ts'
import type { Link } from '../../link/link.ts'
import { useApp } from '../context.ts'

export interface ToteState {
  /** Null until the first whole picture. */
  teams: readonly ToteTeam[] | null
  /** A row keeps its identity while it is unchanged. */
  people: ReadonlyMap<string, ReadinessView>
  refused: ErrorBody | null
}

const nothingYet: ToteState = { teams: null, people: new Map(), refused: null }

/** The tote, followed through the link while somebody looks at it. */
export function followTote(link: Link): { store: StoreApi<ToteState>; stop: () => void } {
  const store = createStore<ToteState>(() => nothingYet)
  const stop = link.watch('tote', {
    changed(picture) {
      if ('people' in picture) store.setState({ teams: picture.teams, people: picture.people, refused: null })
    },
    refused: (refused) => store.setState({ refused }),
  })
  return { store, stop }
}

/** The tote, while the component is there. Those who ask for it together share one room. */
export function useTote(): ToteState {
  const { link } = useApp()
  const [store, setStore] = useState<StoreApi<ToteState> | null>(null)
  useEffect(() => {
    const { store, stop } = followTote(link)
    setStore(store)
    return stop
  }, [link])
  return useSyncExternalStore(
    (changed) => store?.subscribe(changed) ?? (() => {}),
    () => store?.getState() ?? nothingYet,
  )
}

export type Counts = Readonly<Record<ReadinessState, number>>

export function countsOf(people: Iterable<ReadinessView>): Counts {
  const counts: Record<ReadinessState, number> = {
    ready: 0,
    'on-call': 0,
    available: 0,
    engaged: 0,
    recovering: 0,
    released: 0,
  }
  for (const { state } of people) counts[state]++
  return counts
}

export interface TeamView {
  team: ToteTeam
  people: readonly ReadinessView[]
  counts: Counts
  /** Nobody of it could be asked, though rotations answer for it. */
  unready: boolean
}

/** Teams with their people, in the order of the policy. */
export function teamsOf({ teams, people }: Pick<ToteState, 'teams' | 'people'>): TeamView[] {
  return (teams ?? []).map((team) => {
    const own = team.people.flatMap((id) => people.get(id) ?? [])
    return {
      team,
      people: own,
      counts: countsOf(own),
      unready: isUnready(team, own),
    }
  })
}

/** The first so many, unready teams before the others; both in the order of the policy. Where all have room, nothing moves. */
export function urgentFirst(all: readonly TeamView[], most: number): TeamView[] {
  const sorted = all.length <= most ? [...all] : all.toSorted((a, b) => Number(b.unready) - Number(a.unready))
  return sorted.slice(0, most)
}

/** Whoever is in no team, by name. */
export function withoutTeam({ teams, people }: Pick<ToteState, 'teams' | 'people'>): ReadinessView[] {
  const placed = new Set(teams?.flatMap((team) => team.people))
  return [...people.values()].filter(({ id }) => !placed.has(id)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

const place = (state: ReadinessState): number => readinessStates.indexOf(state)

/** Whom to look at first; those in one state stay in the order in which they are asked. */
export function byState(people: readonly ReadinessView[]): ReadinessView[] {
  return people.toSorted((a, b) => place(a.state) - place(b.state))
}

/** What the address says: which states are shown, and by which words people are found. */
export interface ToteQuery {
  show: ReadinessState | 'all' | 'unready'
  text: string
}

export function readToteQuery(search: string): ToteQuery {
  const params = new URLSearchParams(search)
  const show = params.get('show')
  const known = [...readinessStates, 'unready'] as const
  return { show: known.find((one) => one === show) ?? 'all', text: params.get('q') ?? '' }
}

/** @returns path and search */
export function toteAddress({ show, text }: ToteQuery): string {
  const params = new URLSearchParams()
  if (show !== 'all') params.set('show', show)
  if (text !== '') params.set('q', text)
  const words = params.toString()
  return words === '' ? '/tote' : `/tote?${words}`
}

/** What of the teams the query shows: a team that is named is shown whole, else those of its people who fit. */
export function shownTeams(all: readonly TeamView[], { show, text }: ToteQuery): TeamView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (hay: string) => words.every((word) => hay.toLowerCase().includes(word))
  return all.flatMap((view): TeamView[] => {
    const { team, people, unready } = view
    if (show === 'unready' && !unready) return []
    const isNamed = fits(`${team.name} ${team.id}`)
    const found = people.filter(
      ({ name, state }) =>
        (isNamed || fits(`${team.name} ${name}`)) && (show === 'all' || show === 'unready' || state === show),
    )
    return found.length > 0 || (isNamed && (show === 'all' || show === 'unready')) ? [{ ...view, people: found }] : []
  })
}
