import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { compareBy, type SortBy } from './rank.ts'

export const shows = ['all', 'mine', 'unowned', 'grave'] as const
export type Show = (typeof shows)[number]
export const showWords: Readonly<Record<Show, string>> = {
  all: 'All',
  mine: 'Mine',
  unowned: 'Unowned',
  grave: 'Tier 1–2',
}
export const sorts = ['rank', 'newest', 'quiet'] as const satisfies readonly SortBy[]
export const sortWords: Readonly<Record<SortBy, string>> = {
  rank: 'rank',
  newest: 'newest first',
  quiet: 'longest silent first',
}

/** What the address says about the list: it can be shared, bookmarked, and survives a reload. */
export interface BoardQuery {
  show: Show
  sort: SortBy
  text: string
  /** The incident whose detail is open. */
  at: string | null
}

export function readQuery(search: string): BoardQuery {
  const params = new URLSearchParams(search)
  const show = params.get('show')
  const sort = params.get('sort')
  return {
    show: shows.find((one) => one === show) ?? 'all',
    sort: sorts.find((one) => one === sort) ?? 'rank',
    text: params.get('q') ?? '',
    at: params.get('at'),
  }
}

/** @returns the search part with its `?`, or nothing when all is as usual */
export function writeQuery(query: BoardQuery): string {
  const params = new URLSearchParams()
  if (query.show !== 'all') params.set('show', query.show)
  if (query.sort !== 'rank') params.set('sort', query.sort)
  if (query.text !== '') params.set('q', query.text)
  if (query.at !== null) params.set('at', query.at)
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** Mine: I own it, it is offered to me, or I assist. */
export function isMine(summary: Summary, me: string): boolean {
  return (
    summary.owner?.id === me ||
    (summary.offer?.eligible.includes(me) ?? false) ||
    summary.assistants.some((person) => person.id === me)
  )
}

/** As far as a card tells: I have, had, or was asked to take a part in it, so that a restriction does not hide it from me. */
export function hasPart(summary: Summary, me: string): boolean {
  const { chain, reliefAskedBy, roles = [], paging, shiftEnd } = summary
  return (
    isMine(summary, me) ||
    chain.some(({ holder }) => holder?.id === me) ||
    reliefAskedBy?.id === me ||
    roles.some(
      (role) => role.chain.some(({ holder }) => holder?.id === me) || (role.offer?.eligible.includes(me) ?? false),
    ) ||
    [...(paging?.people ?? []), ...(shiftEnd?.to ?? [])].some(({ id }) => id === me)
  )
}

export function isShown(summary: Summary, show: Show, me: string): boolean {
  switch (show) {
    case 'all':
      return true
    case 'mine':
      return isMine(summary, me)
    case 'unowned':
      return summary.owner === null && isOpen(summary.phase)
    case 'grave':
      return summary.tier !== 3 && isOpen(summary.phase)
  }
}

/** Each word must be found somewhere: number, title, service, team, people, phase, flags. */
export function matchesText(summary: Summary, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const hay = [
    summary.id,
    summary.title,
    summary.service ?? '',
    summary.team ?? '',
    summary.owner?.name ?? 'unowned',
    summary.offer?.to.name ?? '',
    summary.phase,
    summary.tier === null ? 'unclassified' : `tier ${summary.tier} t${summary.tier}`,
    ...summary.flags,
  ]
    .join(' ')
    .toLowerCase()
  return words.every((word) => hay.includes(word))
}

/** Ids of what the query shows, in its order. */
export function listOf(incidents: Iterable<Summary>, query: BoardQuery, me: string, now: number): string[] {
  const kept: Summary[] = []
  for (const summary of incidents)
    if (isShown(summary, query.show, me) && matchesText(summary, query.text)) kept.push(summary)
  return kept.sort(compareBy(query.sort, now)).map((summary) => summary.id)
}

export interface Counts {
  open: number
  unowned: number
  /** Since when the one that waits longest has been unowned. Epoch ms. */
  unownedSince: number | null
  offered: number
  /** The nearest deadline of an open offer. Epoch ms. */
  offerDueAt: number | null
  /** Open ones of exercises, which are in none of the others. */
  drills: number
  shows: Readonly<Record<Show, number>>
}

/** Figures of the strip: always of the whole board, never of what a filter leaves; an exercise counts for itself. */
export function countsOf(incidents: Iterable<Summary>, me: string): Counts {
  const counts = {
    open: 0,
    unowned: 0,
    unownedSince: null as number | null,
    offered: 0,
    offerDueAt: null as number | null,
    drills: 0,
  }
  const by: Record<Show, number> = { all: 0, mine: 0, unowned: 0, grave: 0 }
  for (const summary of incidents) {
    for (const show of shows) if (isShown(summary, show, me)) by[show]++
    if (!isOpen(summary.phase)) continue
    if (summary.drill) {
      counts.drills++
      continue
    }
    counts.open++
    if (summary.unownedSince !== null) {
      counts.unowned++
      counts.unownedSince = Math.min(counts.unownedSince ?? Number.POSITIVE_INFINITY, Date.parse(summary.unownedSince))
    }
    if (summary.offer !== null) {
      counts.offered++
      counts.offerDueAt = Math.min(counts.offerDueAt ?? Number.POSITIVE_INFINITY, Date.parse(summary.offer.deadline))
    }
  }
  return { ...counts, shows: by }
}
